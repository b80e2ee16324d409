// Package record is the step that writes down how a flow ended: the sandbox is
// ready, asleep or awake, could not be changed, or could not be removed whole. That nothing is
// left of a sandbox is step forget's to write.
package record

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/metric"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// Store is where the step writes.
type Store interface {
	sandbox.Updater
	AddDuration(ctx context.Context, what string, took time.Duration, at time.Time) error
}

// Step writes how flows end.
type Step struct {
	store Store
	now   func() time.Time
}

// New returns the step.
func New(store Store, now func() time.Time) *Step { return &Step{store: store, now: now} }

// Handle writes the outcome. Each outcome is one conditional write, and the
// same one again changes nothing. A sandbox that is being deleted never
// becomes ready: its flow gets a *sandbox.DeletingError.
func (s *Step) Handle(ctx context.Context, in events.Record) (events.Recorded, error) {
	ending := ending{flow: in.Flow, now: s.now().UTC()}
	write := map[events.Outcome]func(*sandbox.Sandbox) (sandbox.Event, error){
		events.OutcomeReady:        ending.ready,
		events.OutcomeUpdateFailed: ending.updateFailed,
		events.OutcomeLeftBehind:   ending.leftBehind,
		events.OutcomeAsleep:       ending.asleep,
		events.OutcomeSleepFailed:  ending.sleepFailed,
		events.OutcomeAwake:        ending.awake,
		events.OutcomeWakeFailed:   ending.wakeFailed,
	}[in.Outcome]
	if write == nil {
		return events.Recorded{}, fmt.Errorf("record sandbox %s: no such outcome: %q", in.Flow.Sandbox.Name, in.Outcome)
	}
	after, err := s.store.Update(ctx, sandbox.RefOf(in.Flow.Sandbox), func(record *sandbox.Sandbox) ([]sandbox.Event, error) {
		ending.took = nil
		event, err := write(record)
		if err != nil || event.Message == "" {
			return nil, err
		}
		event.At, event.Phase = ending.now, record.Phase
		return []sandbox.Event{event}, nil
	})
	if errors.Is(err, sandbox.ErrNotFound) && in.Outcome != events.OutcomeReady {
		// Another teardown has removed the sandbox: there is nothing to write.
		return events.Recorded{Phase: string(sandbox.PhaseDeleted)}, nil
	}
	if err != nil {
		return events.Recorded{}, fmt.Errorf("record that sandbox %s is %s: %w", in.Flow.Sandbox.Name, in.Outcome, err)
	}
	for what, took := range ending.took {
		if err := s.store.AddDuration(ctx, what, took, ending.now); err != nil {
			return events.Recorded{}, fmt.Errorf("remember how long a %s took: %w", what, err)
		}
		metric.Took(ctx, map[string]metric.Name{
			sandbox.DurationProvision: metric.ProvisionDuration, sandbox.DurationUpdate: metric.UpdateDuration,
		}[what], took)
	}
	return events.Recorded{Phase: string(after.Phase)}, nil
}
