package begindeploy_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/functions/begindeploy"
	"github.com/mayfly-dev/mayfly/sandbox"
	"github.com/mayfly-dev/mayfly/steptest"
)

const (
	machine   = "arn:aws:states:us-east-1:000000000000:stateMachine:mayfly-release"
	waker     = "arn:aws:states:us-east-1:000000000000:stateMachine:mayfly-wake"
	rollout   = "arn:aws:states:us-east-1:000000000000:stateMachine:mayfly-rollout"
	execution = "arn:aws:states:us-east-1:000000000000:execution:mayfly-deploy:e1"
)

type world struct {
	of    sandbox.Sandbox
	store *steptest.Store
	step  *begindeploy.Step
}

func newWorld(alter func(*sandbox.Sandbox)) *world {
	clock := &steptest.Clock{Passed: time.Hour}
	w := &world{of: steptest.New(clock.Now())}
	w.of.Phase = sandbox.PhaseReady
	alter(&w.of)
	w.store = steptest.NewStore(clock.Now, w.of)
	w.step = begindeploy.New(w.store, begindeploy.Machines{Release: machine, Rollout: rollout, Wake: waker}, clock.Now)
	return w
}

func (w *world) run(t *testing.T, digit string, millis int, want string) events.Begun {
	t.Helper()
	of := w.of.Event()
	got, err := w.step.Handle(t.Context(), events.BeginDeploy{Execution: execution, Flow: events.DeployFlow{
		Resolved: &events.Resolved{Sandbox: &of},
		Verified: &events.Verified{Image: events.Image{
			Repository: "docs", Digest: "sha256:" + strings.Repeat(digit, 64), Tag: "v" + digit,
			PushedAt: steptest.Start.Add(time.Duration(millis) * time.Millisecond),
		}},
	}})
	steptest.WantError(t, err, want)
	return got
}

func TestAPushBecomesARelease(t *testing.T) {
	w := newWorld(func(*sandbox.Sandbox) {})
	first := w.run(t, "1", 10, "")
	again := w.run(t, "1", 10, "") // a lost reply
	if first.Verdict != events.VerdictDeploy || first.Flow == nil || again.Flow == nil || !cmp.Equal(again, first) {
		t.Fatalf("begun %+v, then %+v", first, again)
	}
	r, err := w.store.GetRelease(t.Context(), w.of.Ref(), first.Flow.Release.ID)
	steptest.WantError(t, err, "")
	if want := "arn:aws:states:us-east-1:000000000000:execution:mayfly-release:release-" + r.ID; r.Execution != want || r.Deploy != execution || !r.Pushed() || r.CreatedAt != steptest.Start.Add(time.Hour) {
		t.Errorf("the release is %+v", r)
	}
	source := first.Flow.Release.Source
	if source.Kind != events.SourceImage || source.Repository != "docs" || source.Digest != r.Image.Digest || source.Tag != "v1" || first.Flow.Release.Image != r.Image {
		t.Errorf("the flow carries %+v", first.Flow.Release)
	}
	record, err := w.store.Get(t.Context(), "docs")
	if err != nil || record.ActiveRelease != r.ID || record.Phase != sandbox.PhaseUpdating {
		t.Errorf("%v: the record is %+v", err, record)
	}

	w.run(t, "2", 20, "ReleaseUnderway")
	w.run(t, "3", 30, "ReleaseUnderway")
	r.Status, r.EndedAt = sandbox.ReleaseLive, r.CreatedAt
	steptest.WantError(t, sandbox.EndRelease(t.Context(), w.store, w.of.Ref(), r), "")
	for digit, want := range map[string]events.Verdict{"1": events.VerdictDeployed, "2": events.VerdictSuperseded} {
		if got := w.run(t, digit, int(digit[0]-'0')*10, ""); got.Verdict != want || got.Reason == "" || got.Flow != nil {
			t.Errorf("%s: %+v, want %s", digit, got, want)
		}
	}
	if got := w.run(t, "3", 30, ""); got.Verdict != events.VerdictDeploy {
		t.Errorf("the newest: %+v", got)
	}
}

func TestAPushToAServiceBecomesARollout(t *testing.T) {
	w := newWorld(func(s *sandbox.Sandbox) {
		s.Spec.Delivery = events.DeliveryNone
		s.Spec.Deploy = events.DeploySpec{Target: events.TargetECS, ECS: &events.ECSTarget{Cluster: "staging", Service: "docs"}}
	})
	begun := w.run(t, "1", 10, "")
	if begun.Verdict != events.VerdictDeploy || begun.Flow.Release.Rollout == nil {
		t.Fatalf("begun %+v", begun)
	}
	r, err := w.store.GetRelease(t.Context(), w.of.Ref(), begun.Flow.Release.ID)
	steptest.WantError(t, err, "")
	if want := "arn:aws:states:us-east-1:000000000000:execution:mayfly-rollout:rollout-" + r.ID; r.Execution != want || r.Destination() != "ecs:staging/docs" {
		t.Errorf("the release is %+v", r)
	}
}

func TestASandboxThatTakesNoReleaseIsWaitedForOrLeftAlone(t *testing.T) {
	w := newWorld(func(s *sandbox.Sandbox) { s.Phase = sandbox.PhaseProvisioning })
	w.run(t, "1", 10, "WrongPhase")
	for _, phase := range []sandbox.Phase{sandbox.PhaseDeleting, sandbox.PhaseFailed} {
		w = newWorld(func(s *sandbox.Sandbox) { s.Phase = phase })
		if got := w.run(t, "1", 10, ""); got.Verdict != events.VerdictDeleting {
			t.Errorf("%s: %+v", phase, got)
		}
	}
	steptest.WantError(t, w.store.Remove(t.Context(), w.of.Ref()), "")
	if got := w.run(t, "1", 10, ""); got.Verdict != events.VerdictDeleting {
		t.Errorf("gone: %+v", got)
	}
}

func TestRefusalsKeepTheirNames(t *testing.T) {
	for _, operation := range []string{"GetRelease", "Update", "PutRelease"} {
		w := newWorld(func(*sandbox.Sandbox) {})
		w.store.Fail(operation, steptest.Refusal("ThrottlingException"))
		w.run(t, "1", 10, "ThrottlingException")
		if got := w.run(t, "1", 10, ""); got.Verdict != events.VerdictDeploy {
			t.Errorf("%s: %+v", operation, got)
		}
	}
	_, err := newWorld(func(*sandbox.Sandbox) {}).step.Handle(t.Context(), events.BeginDeploy{})
	steptest.WantError(t, err, "Unclassified")
}
