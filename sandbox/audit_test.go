package sandbox_test

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/sandbox"
)

func TestTheAuditSaysWhatWasDone(t *testing.T) {
	now := time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	made := sandbox.Sandbox{
		ID: "aaaaaaaaaa", Name: "hello", Owner: "ada", Phase: sandbox.PhaseReady, LiveRelease: "r-1", Execution: "arn:provision",
		Spec: sandbox.Defaults(events.Spec{}), AskedBy: sandbox.Actor{Principal: "ada", Address: "192.0.2.1"},
	}
	for name, test := range map[string]struct {
		as            string // without one, a flow does it
		from          func(*sandbox.Sandbox)
		change        func(*sandbox.Sandbox)
		action        string // without one, there is no entry
		before, after map[string]string
		by, trigger   string
	}{
		"a step begins":       {change: func(s *sandbox.Sandbox) { s.Step = "createbucket" }},
		"something is made":   {change: func(s *sandbox.Sandbox) { s.Resources = map[sandbox.Kind]sandbox.Resource{"bucket": {ID: "b"}} }},
		"a flow is restarted": {as: "bea", change: func(s *sandbox.Sandbox) { s.Attempt++; s.Execution = "arn:2" }},
		"another owner": {as: "op", change: func(s *sandbox.Sandbox) { s.Owner = "bea" }, action: "update",
			before: map[string]string{"owner": "ada"}, after: map[string]string{"owner": "bea"}, by: "op"},
		"a list in the spec": {as: "ada", change: func(s *sandbox.Sandbox) { s.Spec.Deploy.Tags = []string{"v*", "!x"} }, action: "update",
			before: map[string]string{}, after: map[string]string{"spec.deploy.tags": `["v*","!x"]`}, by: "ada"},
		"an end": {as: "ada", change: func(s *sandbox.Sandbox) { s.ExpiresAt = now }, action: "update", before: map[string]string{}, after: map[string]string{"expiresAt": "2026-11-27T12:00:00Z"}, by: "ada"},
		"it is deleted": {as: "ada", change: func(s *sandbox.Sandbox) { s.DeleteRequested, s.Phase = true, sandbox.PhaseDeleting }, action: "delete",
			before: map[string]string{"phase": "ready"}, after: map[string]string{"phase": "deleting", "deleteRequested": "true"}, by: "ada"},
		"a flow fails": {change: func(s *sandbox.Sandbox) {
			s.Phase, s.Failure = sandbox.PhaseFailed, &events.Failure{Error: "States.Timeout", Cause: "content that is nobody's business"}
		}, action: "phase", before: map[string]string{"phase": "ready"}, after: map[string]string{"phase": "failed", "failure": "States.Timeout"}, by: "ada", trigger: "arn:provision"},
		"a release begins": {as: "bea", change: func(s *sandbox.Sandbox) { s.ActiveRelease, s.Phase = "r-2", sandbox.PhaseUpdating }, action: "release",
			before: map[string]string{"phase": "ready"}, after: map[string]string{"phase": "updating", "release": "r-2"}, by: "bea"},
		"it is live": {from: func(s *sandbox.Sandbox) { s.ActiveRelease = "r-2" }, change: func(s *sandbox.Sandbox) {
			s.ActiveRelease, s.LiveRelease, s.LiveImage = "", "r-2", events.Image{Repository: "hello", Digest: "sha256:1", Tag: "v1"}
		}, action: "live", before: map[string]string{"release": "r-2", "liveRelease": "r-1"}, after: map[string]string{"liveRelease": "r-2", "liveImage": "hello@sha256:1"}, by: "ada", trigger: "arn:provision"},
		"it failed": {from: func(s *sandbox.Sandbox) { s.ActiveRelease = "r-2" }, change: func(s *sandbox.Sandbox) { s.ActiveRelease = "" }, action: "release failed",
			before: map[string]string{"release": "r-2"}, after: map[string]string{}, by: "ada", trigger: "arn:provision"},
		"nobody is known": {from: func(s *sandbox.Sandbox) { s.AskedBy = sandbox.Actor{} }, change: func(s *sandbox.Sandbox) { s.Phase = sandbox.PhaseUpdating }, action: "phase",
			before: map[string]string{"phase": "ready"}, after: map[string]string{"phase": "updating"}, by: "mayfly", trigger: "arn:provision"},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, s := context.Background(), made
			if test.as != "" {
				ctx = sandbox.As(ctx, sandbox.Actor{Principal: test.as})
			}
			if test.from != nil {
				test.from(&s)
			}
			w, written, err := s.Changed(ctx, func(s *sandbox.Sandbox) ([]sandbox.Event, error) { test.change(s); return nil, nil }, now)
			if err != nil || !written {
				t.Fatalf("written %v, %v", written, err)
			}
			if test.action == "" {
				if len(w.Audit) != 0 {
					t.Errorf("the audit tells %+v", w.Audit)
				}
				return
			}
			if len(w.Audit) != 1 {
				t.Fatalf("%d entries", len(w.Audit))
			}
			entry := w.Audit[0]
			if entry.Action != test.action || entry.Principal != test.by || entry.Trigger != test.trigger || entry.Address != "" {
				t.Errorf("%s by %s, %s, %s", entry.Action, entry.Principal, entry.Trigger, entry.Address)
			}
			if diff := cmp.Diff([]map[string]string{test.before, test.after}, []map[string]string{entry.Before, entry.After}); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			if at, err := sandbox.AuditTime(entry.ID); err != nil || !at.Equal(now) {
				t.Errorf("the time of %s is %s, %v", entry.ID, at, err)
			}
		})
	}
}

// TestTheFlowIsOfWhoeverAskedForIt: who asks for a deletion is who the teardown
// is of, and who merely changes something is not.
func TestTheFlowIsOfWhoeverAskedForIt(t *testing.T) {
	s := sandbox.Sandbox{ID: "aaaaaaaaaa", Name: "hello", Owner: "ada", AskedBy: sandbox.Actor{Principal: "ada"}, Execution: "arn:1"}
	for _, step := range []struct {
		as     string
		change func(*sandbox.Sandbox)
		want   string
	}{
		{"bea", func(s *sandbox.Sandbox) { s.Owner = "bea" }, "ada"},
		{"kim", func(s *sandbox.Sandbox) { s.Execution = "arn:2" }, "kim"},
		{"op", func(s *sandbox.Sandbox) { s.DeleteRequested = true }, "op"},
	} {
		w, _, err := s.Changed(sandbox.As(t.Context(), sandbox.Actor{Principal: step.as}), func(s *sandbox.Sandbox) ([]sandbox.Event, error) { step.change(s); return nil, nil }, time.Now())
		if s = w.Sandbox; err != nil || s.AskedBy.Principal != step.want {
			t.Errorf("after %s: asked by %s, %v", step.as, s.AskedBy.Principal, err)
		}
	}
	entry, err := s.Removed(t.Context(), time.Now())
	if err != nil || entry.Principal != "op" || entry.Trigger != "arn:2" || !slices.Contains(slices.Collect(maps.Keys(entry.Before)), "owner") {
		t.Errorf("%+v, %v", entry, err)
	}
	if _, err := sandbox.AuditTime("short"); err == nil {
		t.Error("an id without a time has one")
	}
}

func TestAUserAgentIsCut(t *testing.T) {
	if got := sandbox.UserAgent("docker/28"); got != "docker/28" {
		t.Errorf("got %q", got)
	}
	if got := sandbox.UserAgent(strings.Repeat("x", 199) + "é"); got != strings.Repeat("x", 199) {
		t.Errorf("got %q", got)
	}
}
