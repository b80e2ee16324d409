package begindeploy_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/sandbox"
	"github.com/mayfly-dev/mayfly/steptest"
)

func asleep(s *sandbox.Sandbox) {
	s.Phase, s.AsleepSince, s.SleepReason, s.Attempt = sandbox.PhaseSleeping, steptest.Start, "nobody came", 4
	s.Resources = map[sandbox.Kind]sandbox.Resource{sandbox.KindDistribution: {Kind: sandbox.KindDistribution, ID: "E1", Status: sandbox.StatusMade}}
}

func TestAPushWakesWhatSleeps(t *testing.T) {
	w := newWorld(asleep)
	first := w.run(t, "1", 10, "")
	again := w.run(t, "1", 10, "") // the reply was lost, and nothing started
	if first.Verdict != events.VerdictAsleep || first.Wake == nil || !cmp.Equal(again, first) {
		t.Fatalf("begun %+v, then %+v", first, again)
	}
	if first.Wake.Name != "wake-abcdefgh23-5" || first.Wake.Flow.Sandbox.ID != w.of.ID || first.Wake.Flow.Made.Distribution.ID != "E1" {
		t.Errorf("woken by %+v", first.Wake)
	}
	record, err := w.store.Get(t.Context(), "docs")
	steptest.WantError(t, err, "")
	if record.Phase != sandbox.PhaseUpdating || record.SleepReason != "" || record.Attempt != 5 {
		t.Errorf("the record is %+v", record)
	}

	// Awake, it is released to.
	_, err = w.store.Update(t.Context(), w.of.Ref(), func(s *sandbox.Sandbox) ([]sandbox.Event, error) { s.Phase = sandbox.PhaseReady; return nil, nil })
	steptest.WantError(t, err, "")
	if got := w.run(t, "1", 10, ""); got.Verdict != events.VerdictDeploy || got.Wake != nil {
		t.Errorf("awake: %+v", got)
	}
}

func TestWhoeverElseWakesItIsWaitedFor(t *testing.T) {
	w := newWorld(asleep)
	begun := w.run(t, "1", 10, "")
	of := w.of.Event()
	_, err := w.step.Handle(t.Context(), events.BeginDeploy{Execution: execution, Flow: events.DeployFlow{
		Resolved: &events.Resolved{Sandbox: &of}, Elsewhere: &events.Failure{Error: "StepFunctions.ExecutionAlreadyExistsException"},
		Verified: &events.Verified{Image: events.Image{Repository: "docs", Digest: "sha256:1", PushedAt: steptest.Start}},
	}})
	steptest.WantError(t, err, "WrongPhase")

	// A change under way is none that wakes it, and nothing else is woken.
	for _, alter := range []func(*sandbox.Sandbox){
		func(s *sandbox.Sandbox) {
			s.Phase, s.Execution = sandbox.PhaseUpdating, "arn:aws:states:us-east-1:000000000000:execution:mayfly-update:update-abcdefgh23-4"
		},
		func(s *sandbox.Sandbox) { s.Phase, s.SleepReason = sandbox.PhaseUpdating, "nobody came" },
		func(s *sandbox.Sandbox) { s.Phase = sandbox.PhaseProvisioning },
	} {
		newWorld(alter).run(t, "1", 10, "WrongPhase")
	}
	w = newWorld(asleep)
	w.store.LoseReply("Update") // that of the push
	w.run(t, "1", 10, "NetworkError")
	if again := w.run(t, "1", 10, ""); !cmp.Equal(again.Wake.Name, begun.Wake.Name) {
		t.Errorf("begun %+v", again)
	}
}
