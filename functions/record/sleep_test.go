package record_test

import (
	"testing"
	"time"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/functions/record"
	"github.com/mayfly-dev/mayfly/sandbox"
	"github.com/mayfly-dev/mayfly/steptest"
)

func TestHowSleepAndWakingEnd(t *testing.T) {
	const falling = "no request since Monday"
	for name, tc := range map[string]struct {
		outcome events.Outcome
		phase   sandbox.Phase
		reason  string // that of the sleep under way
		want    sandbox.Phase
		asleep  bool
		failed  bool
		message string
		fails   string
	}{
		"asleep":                     {events.OutcomeAsleep, sandbox.PhaseUpdating, falling, sandbox.PhaseSleeping, true, false, "asleep; its content is kept, and it wakes when asked to (mayfly wake docs)", ""},
		"not asleep":                 {events.OutcomeSleepFailed, sandbox.PhaseUpdating, falling, sandbox.PhaseSleeping, true, true, "it may not sleep wholly: AccessDenied", ""},
		"awake":                      {events.OutcomeAwake, sandbox.PhaseUpdating, "", sandbox.PhaseReady, false, false, "awake at docs", ""},
		"not awake":                  {events.OutcomeWakeFailed, sandbox.PhaseUpdating, "", sandbox.PhaseSleeping, true, true, "it could not be woken: AccessDenied", ""},
		"asleep, but deleted":        {events.OutcomeAsleep, sandbox.PhaseDeleting, falling, sandbox.PhaseDeleting, true, true, "", "SandboxDeleting"},
		"awake, but deleted":         {events.OutcomeAwake, sandbox.PhaseDeleting, "", sandbox.PhaseDeleting, true, true, "", "SandboxDeleting"},
		"not asleep, and deleted":    {events.OutcomeSleepFailed, sandbox.PhaseDeleting, falling, sandbox.PhaseDeleting, true, true, "", ""},
		"not awake, and deleted":     {events.OutcomeWakeFailed, sandbox.PhaseDeleting, "", sandbox.PhaseDeleting, true, true, "", ""},
		"asleep, told of too late":   {events.OutcomeAsleep, sandbox.PhaseUpdating, "", sandbox.PhaseUpdating, true, true, "", ""},
		"awake, told of too late":    {events.OutcomeAwake, sandbox.PhaseUpdating, falling, sandbox.PhaseUpdating, true, true, "", ""},
		"no sleep, told of too late": {events.OutcomeSleepFailed, sandbox.PhaseReady, "", sandbox.PhaseReady, true, true, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			clock := &steptest.Clock{}
			of := steptest.New(clock.Now())
			of.Phase, of.SleepReason, of.Failure, of.FailedNights = tc.phase, tc.reason, &events.Failure{Error: "AccessDenied"}, 2
			of.AsleepSince = steptest.Start
			store := steptest.NewStore(clock.Now, of)
			in := events.Record{Outcome: tc.outcome, Flow: events.Flow{Sandbox: of.Event(), Error: of.Failure}}
			for run := range 2 { // the same again changes nothing
				clock.Passed = time.Duration(run+1) * time.Hour
				_, err := record.New(store, clock.Now).Handle(t.Context(), in)
				steptest.WantError(t, err, tc.fails)
			}
			after, err := store.Get(t.Context(), "docs")
			steptest.WantError(t, err, "")
			if after.Phase != tc.want || after.AsleepSince.IsZero() == tc.asleep || (after.Failure != nil) != tc.failed {
				t.Errorf("it is %s, asleep since %s, failed: %v", after.Phase, after.AsleepSince, after.Failure)
			}
			if tc.message != "" && tc.outcome != events.OutcomeWakeFailed && tc.asleep && !after.AsleepSince.Equal(steptest.Start.Add(time.Hour)) {
				t.Errorf("asleep since %s", after.AsleepSince)
			}
			if forgiven := tc.message != "" && tc.outcome == events.OutcomeAsleep; forgiven != (after.FailedNights == 0) {
				t.Errorf("%d failed nights", after.FailedNights)
			}
			if log := store.Log(); (tc.message == "") != (len(log) == 0) || len(log) > 0 && (len(log) != 1 || log[0].Message != tc.message || log[0].Phase != tc.want) {
				t.Errorf("events %+v", log)
			}
		})
	}
}
