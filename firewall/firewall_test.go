package firewall_test

import (
	"regexp"
	"testing"

	"github.com/mayfly-dev/mayfly/cost"
	"github.com/mayfly-dev/mayfly/firewall"
)

// TestTheRulesAreAsWAFWantsThem: names and priorities once each, a group's own
// actions, and what the limits of names and descriptions are.
func TestTheRulesAreAsWAFWantsThem(t *testing.T) {
	names, priorities := map[string]bool{}, map[int32]bool{}
	for _, r := range firewall.Rules() {
		if names[*r.Name] || priorities[r.Priority] {
			t.Errorf("%s, priority %d: twice", *r.Name, r.Priority)
		}
		names[*r.Name], priorities[r.Priority] = true, true
		if group := r.Statement.ManagedRuleGroupStatement; group != nil && (r.OverrideAction == nil || r.Action != nil || *group.VendorName != "AWS") ||
			group == nil && (r.OverrideAction != nil || r.Action == nil) {
			t.Errorf("%s: action %+v, override %+v", *r.Name, r.Action, r.OverrideAction)
		}
		if !r.VisibilityConfig.CloudWatchMetricsEnabled || r.VisibilityConfig.SampledRequestsEnabled || *r.VisibilityConfig.MetricName != *r.Name {
			t.Errorf("%s: visibility %+v", *r.Name, r.VisibilityConfig)
		}
	}
	if len(names) != cost.FirewallRules {
		t.Errorf("%d rules; docs/waf.md and the estimates have the price of %d", len(names), cost.FirewallRules)
	}
	if !regexp.MustCompile(`^[\w+=:#@/\-,.][\w+=:#@/\-,.\s]+[\w+=:#@/\-,.]$`).MatchString(firewall.Description("dev")) || firewall.Name("dev") != "mayfly-dev" {
		t.Errorf("%q is called %q", firewall.Name("dev"), firewall.Description("dev"))
	}
	if a, b := firewall.Description("dev"), firewall.Description("prod"); a == b {
		t.Errorf("two stages have %q", a)
	}
}
