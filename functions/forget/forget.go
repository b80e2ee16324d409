// Package forget is the last step of a teardown that left nothing: it removes
// the sandbox's record, or keeps it as failed for its owner to read why.
package forget

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/metric"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// Store is where the step reads what happened, and writes.
type Store interface {
	sandbox.Updater
	Events(ctx context.Context, ref sandbox.Ref, after int64, limit int) ([]sandbox.Event, error)
	AddDuration(ctx context.Context, what string, took time.Duration, at time.Time) error
	Remove(ctx context.Context, ref sandbox.Ref) error
}

// Step forgets sandboxes.
type Step struct {
	store Store
	now   func() time.Time
}

// New returns the step.
func New(store Store, now func() time.Time) *Step { return &Step{store: store, now: now} }

// Handle removes the record, or leaves it in phase failed with nothing in its
// ledger. When somebody asked for the deletion it removes the record even if
// the flow would keep it: a provision that is overtaken by its deletion undoes
// itself like any that failed. The same again changes nothing.
func (s *Step) Handle(ctx context.Context, in events.Flow) (events.Recorded, error) {
	ref := sandbox.RefOf(in.Sandbox)
	if in.Orphan {
		// The flow is about what no record has: one that is there tells why its
		// sandbox failed, and goes on doing so.
		return events.Recorded{Phase: string(sandbox.PhaseFailed)}, s.rest(ctx, ref)
	}
	if in.Keep == events.KeepFailed {
		kept, err := s.keep(ctx, ref, in.Error)
		if err != nil || kept {
			return events.Recorded{Phase: string(sandbox.PhaseFailed)}, err
		}
	}
	if err := s.remember(ctx, ref); err != nil {
		return events.Recorded{}, err
	}
	if err := s.store.Remove(ctx, ref); err != nil {
		return events.Recorded{}, fmt.Errorf("remove the record of sandbox %s: %w", ref.Name, err)
	}
	return events.Recorded{Phase: string(sandbox.PhaseDeleted)}, nil
}

// rest notes that no step is under way any more for a sandbox that failed.
func (s *Step) rest(ctx context.Context, ref sandbox.Ref) error {
	_, err := s.store.Update(ctx, ref, func(record *sandbox.Sandbox) ([]sandbox.Event, error) {
		if record.Phase == sandbox.PhaseFailed {
			record.Step, record.StepSince = "", time.Time{}
		}
		return nil, nil
	})
	if err != nil && !errors.Is(err, sandbox.ErrNotFound) {
		return fmt.Errorf("end the teardown of what was left of sandbox %s: %w", ref.Name, err)
	}
	return nil
}

// keep makes the sandbox a failed one, unless it is to go or gone.
func (s *Step) keep(ctx context.Context, ref sandbox.Ref, why *events.Failure) (kept bool, err error) {
	_, err = s.store.Update(ctx, ref, func(record *sandbox.Sandbox) ([]sandbox.Event, error) {
		if kept = !record.DeleteRequested; !kept || record.Phase == sandbox.PhaseFailed && len(record.Resources) == 0 {
			return nil, nil
		}
		// FailedStep is where the flow that is undone failed: the begin of the
		// teardown has set it, and the steps since say nothing of it.
		if why != nil {
			record.Failure = why
		}
		record.Phase, record.Resources = sandbox.PhaseFailed, nil
		record.Step, record.StepSince = "", time.Time{}
		message := "failed; all that was made is gone again"
		if record.Failure != nil {
			message = fmt.Sprintf("failed (%s); all that was made is gone again", record.Failure.Error)
		}
		return []sandbox.Event{{At: s.now().UTC(), Type: sandbox.EventPhase, Phase: record.Phase, Message: message, Failure: record.Failure}}, nil
	})
	if err != nil && !errors.Is(err, sandbox.ErrNotFound) {
		return false, fmt.Errorf("keep sandbox %s as failed: %w", ref.Name, err)
	}
	return kept, nil
}

// remember notes how long the teardown took, from the last time that the
// sandbox entered phase deleting. Its events go with the record, so a second
// run finds none and notes nothing.
func (s *Step) remember(ctx context.Context, ref sandbox.Ref) error {
	const page = 100
	var began time.Time
	for after := int64(0); ; {
		log, err := s.store.Events(ctx, ref, after, page)
		if err != nil && !errors.Is(err, sandbox.ErrNotFound) {
			return fmt.Errorf("read the events of sandbox %s: %w", ref.Name, err)
		}
		for _, event := range log {
			switch {
			case event.Phase != sandbox.PhaseDeleting:
				began = time.Time{}
			case began.IsZero():
				began = event.At
			}
			after = event.Seq
		}
		if len(log) < page {
			break
		}
	}
	if began.IsZero() {
		return nil
	}
	now := s.now().UTC()
	if err := s.store.AddDuration(ctx, sandbox.DurationTeardown, now.Sub(began), now); err != nil {
		return fmt.Errorf("remember how long a teardown took: %w", err)
	}
	metric.Took(ctx, metric.TeardownDuration, now.Sub(began))
	return nil
}
