package record_test

import (
	"testing"
	"time"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/functions/record"
	"github.com/mayfly-dev/mayfly/sandbox"
	"github.com/mayfly-dev/mayfly/steptest"
)

func TestHowFlowsEnd(t *testing.T) {
	why := &events.Failure{Error: "TooManyDistributions", Cause: "quota"}
	tests := []struct {
		name    string
		phase   sandbox.Phase
		ready   time.Time
		outcome events.Outcome
		want    sandbox.Phase
		failed  bool
		message string
		fails   string
		took    string
	}{
		{"a provision", sandbox.PhaseProvisioning, time.Time{}, events.OutcomeReady, sandbox.PhaseReady, false, "ready at d1.cloudfront.net", "", sandbox.DurationProvision},
		{"an update", sandbox.PhaseUpdating, steptest.Start, events.OutcomeReady, sandbox.PhaseReady, false, "ready at d1.cloudfront.net", "", sandbox.DurationUpdate},
		{"a failed update", sandbox.PhaseUpdating, steptest.Start, events.OutcomeUpdateFailed, sandbox.PhaseReady, true, "the update failed: TooManyDistributions", "", ""},
		{"a failed teardown", sandbox.PhaseDeleting, steptest.Start, events.OutcomeLeftBehind, sandbox.PhaseFailed, true,
			"could not be removed whole (TooManyDistributions); left behind: bucket b1, distribution E1, perhaps originAccessIdentity ", "", ""},
		{"a provision whose undoing did not begin", sandbox.PhaseProvisioning, time.Time{}, events.OutcomeLeftBehind, sandbox.PhaseFailed, true,
			"could not be removed whole (TooManyDistributions); left behind: bucket b1, distribution E1, perhaps originAccessIdentity ", "", ""},
		{"a teardown that another one has finished", sandbox.PhaseReady, steptest.Start, events.OutcomeLeftBehind, sandbox.PhaseReady, false, "", "", ""},
		{"a provision that a teardown has overtaken", sandbox.PhaseDeleting, time.Time{}, events.OutcomeReady, sandbox.PhaseDeleting, false, "", "SandboxDeleting", ""},
		{"an update that a teardown has overtaken", sandbox.PhaseDeleting, steptest.Start, events.OutcomeUpdateFailed, sandbox.PhaseDeleting, false, "", "", ""},
		{"no outcome that there is", sandbox.PhaseUpdating, steptest.Start, "sideways", sandbox.PhaseUpdating, false, "", "Unclassified", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			clock := &steptest.Clock{}
			of := steptest.New(clock.Now())
			of.Phase, of.ReadyAt, of.Step, of.Failure = tt.phase, tt.ready, "somestep", nil
			if tt.outcome == events.OutcomeReady {
				of.Failure = &events.Failure{Error: "earlier"}
			}
			of.Resources = map[sandbox.Kind]sandbox.Resource{
				sandbox.KindBucket:       {Kind: sandbox.KindBucket, ID: "b1", Status: sandbox.StatusMade},
				sandbox.KindVersioning:   {Kind: sandbox.KindVersioning, ID: "b1", Status: sandbox.StatusMade},
				sandbox.KindOAI:          {Kind: sandbox.KindOAI, Status: sandbox.StatusIntended},
				sandbox.KindDistribution: {Kind: sandbox.KindDistribution, ID: "E1", DomainName: "d1.cloudfront.net", Status: sandbox.StatusMade},
			}
			store := steptest.NewStore(clock.Now, of)
			step := record.New(store, clock.Now)
			in := events.Record{Outcome: tt.outcome, Flow: events.Flow{
				Sandbox: of.Event(), Error: why, Made: events.Made{Distribution: &events.Distribution{ID: "E1", ChangedAt: steptest.Start}},
			}}
			for run := range 2 { // the same again changes nothing
				clock.Passed = time.Duration(run+3) * time.Minute
				_, err := step.Handle(t.Context(), in)
				steptest.WantError(t, err, tt.fails)
			}
			after, err := store.Get(t.Context(), "docs")
			steptest.WantError(t, err, "")
			if after.Phase != tt.want || (tt.fails == "" && tt.message != "" && after.Step != "") {
				t.Errorf("phase %s, step %q", after.Phase, after.Step)
			}
			if tt.failed && (after.Failure == nil || *after.Failure != *why || after.FailedStep != "somestep") {
				t.Errorf("failure %v in step %q", after.Failure, after.FailedStep)
			}
			if tt.outcome == events.OutcomeReady && tt.want == sandbox.PhaseReady && after.Failure != nil {
				t.Errorf("still has failure %v", after.Failure)
			}
			if tt.took == sandbox.DurationProvision && !after.ReadyAt.Equal(steptest.Start.Add(3*time.Minute)) {
				t.Errorf("ready at %v", after.ReadyAt)
			}
			log := store.Log()
			if (tt.message == "") != (len(log) == 0) || (len(log) > 0 && (len(log) != 1 || log[0].Message != tt.message || log[0].Phase != tt.want || !log[0].At.Equal(steptest.Start.Add(3*time.Minute)))) {
				t.Errorf("events %+v", log)
			}
			for _, what := range []string{sandbox.DurationProvision, sandbox.DurationUpdate} {
				took, err := store.Durations(t.Context(), what)
				steptest.WantError(t, err, "")
				if (what == tt.took) != (len(took) == 1 && took[0] == 3*time.Minute) {
					t.Errorf("%s took %v", what, took)
				}
			}
		})
	}
}

func TestASandboxThatIsGone(t *testing.T) {
	for outcome, want := range map[events.Outcome]string{
		events.OutcomeReady: "Unclassified", events.OutcomeUpdateFailed: "", events.OutcomeLeftBehind: "",
		events.OutcomeAsleep: "", events.OutcomeSleepFailed: "", events.OutcomeAwake: "", events.OutcomeWakeFailed: "",
	} {
		clock := &steptest.Clock{}
		of := steptest.New(clock.Now())
		_, err := record.New(steptest.NewStore(clock.Now), clock.Now).Handle(t.Context(), events.Record{Outcome: outcome, Flow: events.Flow{Sandbox: of.Event()}})
		steptest.WantError(t, err, want)
	}
}
