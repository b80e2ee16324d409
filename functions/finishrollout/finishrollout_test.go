package finishrollout_test

import (
	"testing"
	"time"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/functions/finishrollout"
	"github.com/mayfly-dev/mayfly/sandbox"
	"github.com/mayfly-dev/mayfly/steptest"
)

// begun is a sandbox whose release of a Lambda function is under way.
func begun(t *testing.T) (*steptest.Store, *finishrollout.Step, events.RolloutFlow) {
	t.Helper()
	clock := &steptest.Clock{Passed: time.Hour}
	box := steptest.New(steptest.Start)
	box.Phase = sandbox.PhaseReady
	box.Spec = sandbox.Defaults(events.Spec{Deploy: events.DeploySpec{Target: events.TargetLambda, Lambda: &events.LambdaTarget{Function: "docs"}}})
	store := steptest.NewStore(clock.Now, box)
	r := sandbox.Release{ID: "r-1", CreatedAt: steptest.Start, Rollout: sandbox.RolloutTo(box.Spec.Deploy), Image: events.Image{Repository: "docs", Digest: "sha256:1"}}
	r.Rollout.Lambda.Version = "3"
	steptest.WantError(t, sandbox.BeginRelease(t.Context(), store, box.Ref(), r), "")
	return store, finishrollout.New(store, clock.Now), events.RolloutFlow{Sandbox: box.Event(), Release: r.Event()}
}

func TestAReleaseToAServiceEnds(t *testing.T) {
	for name, c := range map[string]struct {
		in      events.FinishRollout
		status  sandbox.ReleaseStatus
		failure string
		live    string
	}{
		"live":                {events.FinishRollout{Live: true}, sandbox.ReleaseLive, "", "r-1"},
		"failed":              {events.FinishRollout{Flow: events.RolloutFlow{Error: &events.Failure{Error: "RolloutFailed", Cause: `{"errorMessage":"tasks failed to start"}`}}}, sandbox.ReleaseFailed, "tasks failed to start", ""},
		"failed with nothing": {events.FinishRollout{}, sandbox.ReleaseFailed, "the release failed without a reason", ""},
	} {
		t.Run(name, func(t *testing.T) {
			store, step, flow := begun(t)
			flow.Error, c.in.Flow = c.in.Flow.Error, flow
			c.in.Flow.Error = flow.Error
			for range 2 { // the second time, its reply was lost
				out, err := step.Handle(t.Context(), c.in)
				steptest.WantError(t, err, "")
				if out.Phase != string(sandbox.PhaseReady) {
					t.Errorf("phase %s", out.Phase)
				}
			}
			r, err := store.GetRelease(t.Context(), sandbox.Ref{}, "r-1")
			steptest.WantError(t, err, "")
			box, err := store.Get(t.Context(), "docs")
			steptest.WantError(t, err, "")
			if r.Status != c.status || box.LiveRelease != c.live || box.ActiveRelease != "" || (c.failure != "") != (r.Failure != nil) || r.Failure != nil && r.Failure.Cause != c.failure {
				t.Errorf("the release is %+v, %+v; the sandbox %+v", r, r.Failure, box)
			}
			durations, _ := store.Durations(t.Context(), "rollout-lambda")
			if want := map[bool]int{true: 1}[c.in.Live]; len(durations) != want {
				t.Errorf("%d durations", len(durations))
			}
			log := store.Log()
			if last := log[len(log)-1].Message; c.in.Live && last != "release r-1 is live: lambda:docs/live is version 3" {
				t.Errorf("the last line is %q", last)
			}
		})
	}
}

func TestAnEndThatDiedIsEndedAgain(t *testing.T) {
	for _, operation := range []string{"GetRelease", "PutRelease", "Update", "AddDuration", "Get"} {
		store, step, flow := begun(t)
		store.Fail(operation, steptest.Refusal("ThrottlingException"))
		_, err := step.Handle(t.Context(), events.FinishRollout{Live: true, Flow: flow})
		steptest.WantError(t, err, "ThrottlingException")
		if _, err = step.Handle(t.Context(), events.FinishRollout{Live: true, Flow: flow}); err != nil {
			t.Errorf("%s: %v", operation, err)
		}
		if box, err := store.Get(t.Context(), "docs"); err != nil || box.LiveRelease != "r-1" || box.ActiveRelease != "" {
			t.Errorf("after %s failed: %+v, %v", operation, box, err)
		}
	}
}

func TestASandboxThatIsGoneIsNoError(t *testing.T) {
	store, step, flow := begun(t)
	steptest.WantError(t, store.Remove(t.Context(), sandbox.RefOf(flow.Sandbox)), "")
	out, err := step.Handle(t.Context(), events.FinishRollout{Live: true, Flow: flow})
	steptest.WantError(t, err, "")
	if out.Phase != string(sandbox.PhaseDeleted) {
		t.Errorf("phase %s", out.Phase)
	}
}
