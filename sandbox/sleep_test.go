package sandbox_test

import (
	"strings"
	"testing"
	"time"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/sandbox"
	"github.com/mayfly-dev/mayfly/steptest"
)

const (
	sleeper = "arn:aws:states:us-east-1:000000000000:stateMachine:mayfly-sleep"
	waker   = "arn:aws:states:us-east-1:000000000000:stateMachine:mayfly-wake"
)

func TestWhoMayFallAsleepAndWake(t *testing.T) {
	now := steptest.Start
	begun := func(action string) string { return ":execution:mayfly-" + action + ":" + action + "-abcdefgh23-3" }
	for name, tc := range map[string]struct {
		set         func(*sandbox.Sandbox)
		sleep, wake string // the end of the execution, "" for nothing, or "!" and an error
	}{
		"ready":              {func(s *sandbox.Sandbox) { s.Phase = sandbox.PhaseReady }, begun("sleep"), ""},
		"asleep":             {func(s *sandbox.Sandbox) { s.Phase, s.AsleepSince = sandbox.PhaseSleeping, now.Add(-time.Hour) }, "", begun("wake")},
		"asleep since later": {func(s *sandbox.Sandbox) { s.Phase, s.AsleepSince = sandbox.PhaseSleeping, now.Add(time.Hour) }, begun("sleep"), begun("wake")},
		"not wholly asleep":  {func(s *sandbox.Sandbox) { s.Phase, s.Failure = sandbox.PhaseSleeping, &events.Failure{} }, begun("sleep"), begun("wake")},
		"falling asleep":     {func(s *sandbox.Sandbox) { s.Phase, s.SleepReason = sandbox.PhaseUpdating, "idle" }, "", "!WrongPhase"},
		"its sleep has died": {func(s *sandbox.Sandbox) {
			s.Phase, s.SleepReason, s.UpdatedAt = sandbox.PhaseUpdating, "idle", now.Add(-sandbox.Silent)
		}, begun("sleep"), "!WrongPhase"},
		"updating":            {func(s *sandbox.Sandbox) { s.Phase = sandbox.PhaseUpdating }, "!WrongPhase", ""},
		"its update has died": {func(s *sandbox.Sandbox) { s.Phase, s.UpdatedAt = sandbox.PhaseUpdating, now.Add(-sandbox.Silent) }, begun("sleep"), ""},
		"a release under way": {func(s *sandbox.Sandbox) { s.Phase, s.ActiveRelease = sandbox.PhaseUpdating, "r-1" }, "!ReleaseUnderway", ""},
		"provisioning":        {func(*sandbox.Sandbox) {}, "!WrongPhase", "!WrongPhase"},
		"failed":              {func(s *sandbox.Sandbox) { s.Phase = sandbox.PhaseFailed }, "!WrongPhase", "!WrongPhase"},
		"deleting":            {func(s *sandbox.Sandbox) { s.Phase = sandbox.PhaseDeleting }, "!SandboxDeleting", "!SandboxDeleting"},
	} {
		t.Run(name, func(t *testing.T) {
			for want, begin := range map[*string]func(*sandbox.Sandbox) ([]sandbox.Event, error){
				&tc.sleep: func(s *sandbox.Sandbox) ([]sandbox.Event, error) { return s.BeginSleep(sleeper, "", now) },
				&tc.wake:  func(s *sandbox.Sandbox) ([]sandbox.Event, error) { return s.BeginWake(waker, now) },
			} {
				s := steptest.New(now.Add(-100 * time.Hour))
				s.UpdatedAt, s.Attempt = now.Add(-time.Minute), 2
				tc.set(&s)
				before := s
				log, err := begin(&s)
				if refused, ok := strings.CutPrefix(*want, "!"); ok {
					steptest.WantError(t, err, refused)
					continue
				}
				steptest.WantError(t, err, "")
				if (*want != "") != (len(log) == 1) || !strings.HasSuffix(s.Execution, *want) {
					t.Errorf("begun %q with %+v", s.Execution, log)
				}
				if *want == "" && (s.Phase != before.Phase || s.Attempt != before.Attempt) {
					t.Errorf("it is %s", s.Phase)
				}
				if *want != "" && (s.Phase != sandbox.PhaseUpdating || s.FallingAsleep() != (want == &tc.sleep) || s.SleepFlow().Execution != s.Execution) {
					t.Errorf("it is %s, %q", s.Phase, s.SleepReason)
				}
			}
		})
	}
}
