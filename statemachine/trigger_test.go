package statemachine_test

import (
	"encoding/json"
	"testing"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/local/bus/pattern"
	"github.com/mayfly-dev/mayfly/sandbox"
	"github.com/mayfly-dev/mayfly/statemachine"
)

// TestTheRuleForPushes: what starts the deploy machine, with a prefix as on AWS
// and without one as on one machine.
func TestTheRuleForPushes(t *testing.T) {
	for _, c := range []struct {
		name, repository, tag string
		change                func(*events.ECRImageEvent)
		prefixed, all         bool
	}{
		{"a push", "mayfly-dev/docs", "v1", nil, true, true},
		{"a push to another installation", "mayfly-prod/docs", "v1", nil, false, true},
		{"a push of Mayfly's own tag", "mayfly-dev/docs", sandbox.LiveTag, nil, false, false},
		{"a part of an image", "mayfly-dev/docs", "", nil, false, false},
		{"a DELETE", "mayfly-dev/docs", "v1", func(e *events.ECRImageEvent) { e.Detail.ActionType = events.ECRDelete }, true, true},
		{"a push that failed", "mayfly-dev/docs", "v1", func(e *events.ECRImageEvent) { e.Detail.Result = events.ECRFailure }, true, true},
		{"a scan", "mayfly-dev/docs", "v1", func(e *events.ECRImageEvent) { e.DetailType = "ECR Image Scan" }, false, false},
		{"another's event", "mayfly-dev/docs", "v1", func(e *events.ECRImageEvent) { e.Source = "my.app" }, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			event := events.ECRImageEvent{DetailType: events.ECRImageAction, Source: events.SourceECR, Detail: events.ECRImageDetail{
				Result: events.ECRSuccess, ActionType: events.ECRPush, RepositoryName: c.repository, ImageTag: c.tag,
			}}
			if c.change != nil {
				c.change(&event)
			}
			text, err := json.Marshal(event)
			if err != nil {
				t.Fatal(err)
			}
			for prefix, want := range map[string]bool{"mayfly-dev/": c.prefixed, "": c.all} {
				rule, err := statemachine.DeployPattern(prefix).JSON()
				if err != nil {
					t.Fatal(err)
				}
				parsed, err := pattern.Compile([]byte(rule))
				if err != nil {
					t.Fatal(err)
				}
				if matched := parsed.Match(text); matched != want {
					t.Errorf("%s matches: %v", rule, matched)
				}
			}
		})
	}
}
