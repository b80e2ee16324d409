package main

import (
	"strings"
	"testing"
)

// TestPeopleAreToldOfNotices: those of the stage alone, as one line each, and of
// the kinds that are wanted.
func TestPeopleAreToldOfNotices(t *testing.T) {
	for name, test := range map[string]struct {
		made  *template
		kinds string
	}{
		"all kinds": {of(t), `["Sandbox Warned","Mayfly Budget","Mayfly Night"]`},
		"some":      {of(t, "notifyOf", "nights, budgets"), `["Mayfly Night","Mayfly Budget"]`},
	} {
		t.Run(name, func(t *testing.T) {
			for _, rule := range test.made.all("AWS::Events::Rule") {
				if rule.at("Name") != "mayfly-dev-notices" {
					continue
				}
				want := `{"account":[{"Ref":"AWS::AccountId"}],"detail":{"stage":["dev"]},"detail-type":` + test.kinds + `,"source":["mayfly"]}`
				if got := text(rule.at("EventPattern")); got != want {
					t.Errorf("the rule is for %s, not %s", got, want)
				}
				if rule.at("Targets", 0, "InputPath") != "$.detail.message" || !strings.Contains(text(rule.at("Targets", 0, "Arn")), "Notifications") {
					t.Errorf("its target is %s", text(rule.at("Targets")))
				}
				if policy := text(test.made.one(t, "AWS::SNS::TopicPolicy").at("PolicyDocument")); !strings.Contains(policy, `"events.amazonaws.com"`) {
					t.Errorf("EventBridge may not publish: %s", policy)
				}
				return
			}
			t.Error("there is no such rule")
		})
	}
}
