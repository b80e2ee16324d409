package forget_test

import (
	"errors"
	"testing"
	"time"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/functions/forget"
	"github.com/mayfly-dev/mayfly/sandbox"
	"github.com/mayfly-dev/mayfly/steptest"
)

func setUp(t *testing.T) (*steptest.Clock, *steptest.Store, events.Flow) {
	t.Helper()
	clock := &steptest.Clock{}
	of := steptest.New(clock.Now())
	store := steptest.NewStore(clock.Now, of)
	// More events than a page; the last run of phase deleting is what counts.
	ledger := store.Ledger()
	enter := func(phase sandbox.Phase) {
		if err := ledger.Enter(t.Context(), sandbox.RefOf(of.Event()), phase, "so be it", nil); err != nil {
			t.Fatal(err)
		}
	}
	enter(sandbox.PhaseDeleting)
	enter(sandbox.PhaseFailed)
	for range 150 {
		if err := ledger.Progress(t.Context(), sandbox.RefOf(of.Event()), "somestep", "on it goes"); err != nil {
			t.Fatal(err)
		}
	}
	clock.Passed = time.Hour
	enter(sandbox.PhaseDeleting)
	clock.Passed += 4 * time.Minute
	return clock, store, events.Flow{Sandbox: of.Event()}
}

func TestTheRecordIsRemoved(t *testing.T) {
	clock, store, flow := setUp(t)
	store.LoseReply("Remove")
	step := forget.New(store, clock.Now)
	_, err := step.Handle(t.Context(), flow)
	steptest.WantError(t, err, "NetworkError")
	got, err := step.Handle(t.Context(), flow)
	steptest.WantError(t, err, "")
	if got.Phase != string(sandbox.PhaseDeleted) {
		t.Errorf("returned %+v", got)
	}
	if _, err := store.Get(t.Context(), "docs"); !errors.Is(err, sandbox.ErrNotFound) {
		t.Fatalf("the record is there: %v", err)
	}
	took, err := store.Durations(t.Context(), sandbox.DurationTeardown)
	steptest.WantError(t, err, "")
	if len(took) == 0 || took[0] != 4*time.Minute {
		t.Errorf("remembers %v", took)
	}
}

func TestTheRecordIsKeptAsFailed(t *testing.T) {
	clock, store, flow := setUp(t)
	_, err := store.Update(t.Context(), sandbox.RefOf(flow.Sandbox), func(s *sandbox.Sandbox) ([]sandbox.Event, error) {
		s.FailedStep, s.Step = "createdistribution", "deleteoai"
		s.Resources = map[sandbox.Kind]sandbox.Resource{sandbox.KindOAI: {Kind: sandbox.KindOAI}}
		return nil, nil
	})
	steptest.WantError(t, err, "")
	flow.Keep, flow.Error = events.KeepFailed, &events.Failure{Error: "TooManyDistributions", Cause: "quota"}
	before := len(store.Log())
	for range 2 {
		got, err := forget.New(store, clock.Now).Handle(t.Context(), flow)
		steptest.WantError(t, err, "")
		if got.Phase != string(sandbox.PhaseFailed) {
			t.Errorf("returned %+v", got)
		}
	}
	record, err := store.Get(t.Context(), "docs")
	steptest.WantError(t, err, "")
	if record.Phase != sandbox.PhaseFailed || len(record.Resources) != 0 || record.FailedStep != "createdistribution" || record.Step != "" || *record.Failure != *flow.Error {
		t.Errorf("record %+v", record)
	}
	if len(store.Log()) != before+1 {
		t.Errorf("%d events", len(store.Log())-before)
	}
}

func TestADeletionThatWasAskedForRemovesTheRecordOfAFailure(t *testing.T) {
	clock, store, flow := setUp(t)
	_, err := store.Update(t.Context(), sandbox.RefOf(flow.Sandbox), func(s *sandbox.Sandbox) ([]sandbox.Event, error) {
		s.DeleteRequested = true
		return nil, nil
	})
	steptest.WantError(t, err, "")
	flow.Keep, flow.Error = events.KeepFailed, &events.Failure{Error: "SandboxDeleting"}
	got, err := forget.New(store, clock.Now).Handle(t.Context(), flow)
	steptest.WantError(t, err, "")
	if _, err := store.Get(t.Context(), "docs"); got.Phase != string(sandbox.PhaseDeleted) || !errors.Is(err, sandbox.ErrNotFound) {
		t.Fatalf("returned %+v; the record: %v", got, err)
	}
}

func TestASandboxThatIsGoneIsNoError(t *testing.T) {
	clock := &steptest.Clock{}
	of := steptest.New(clock.Now())
	for _, keep := range []events.Keep{events.KeepNothing, events.KeepFailed} {
		got, err := forget.New(steptest.NewStore(clock.Now), clock.Now).Handle(t.Context(), events.Flow{Sandbox: of.Event(), Keep: keep})
		steptest.WantError(t, err, "")
		if got.Phase != string(sandbox.PhaseDeleted) {
			t.Errorf("returned %+v", got)
		}
	}
}
