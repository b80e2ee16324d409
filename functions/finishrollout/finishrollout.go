// Package finishrollout is the step that ends a release to a service: as live,
// or as failed with the reason, and with the lock free for the next one either
// way. What the release made is in its record already.
package finishrollout

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// Store is what the step needs of the store.
type Store interface {
	sandbox.ReleaseStore
	AddDuration(ctx context.Context, what string, took time.Duration, at time.Time) error
}

// Step ends releases to services.
type Step struct {
	store Store
	now   func() time.Time
}

// New returns the step.
func New(store Store, now func() time.Time) *Step { return &Step{store: store, now: now} }

// Handle ends the flow's release. It may be run again at any moment, and it
// works on a sandbox that is being deleted, or that is gone.
func (s *Step) Handle(ctx context.Context, in events.FinishRollout) (events.Recorded, error) {
	ref, id := sandbox.RefOf(in.Flow.Sandbox), in.Flow.Release.ID
	r, err := s.store.GetRelease(ctx, ref, id)
	if err != nil && !errors.Is(err, sandbox.ErrNotFound) {
		return events.Recorded{}, fmt.Errorf("read release %s: %w", id, err)
	}
	if err == nil {
		if err := s.end(ctx, ref, r, in); err != nil {
			return events.Recorded{}, fmt.Errorf("finish release %s: %w", id, err)
		}
	}
	box, err := s.store.Get(ctx, ref.Name)
	if errors.Is(err, sandbox.ErrNotFound) || err == nil && box.ID != ref.ID {
		return events.Recorded{Phase: string(sandbox.PhaseDeleted)}, nil
	}
	if err != nil {
		return events.Recorded{}, fmt.Errorf("read sandbox %s: %w", ref.Name, err)
	}
	return events.Recorded{Phase: string(box.Phase)}, nil
}

func (s *Step) end(ctx context.Context, ref sandbox.Ref, r sandbox.Release, in events.FinishRollout) error {
	if r.Status != sandbox.ReleaseRunning {
		return sandbox.EndRelease(ctx, s.store, ref, r) // an earlier try may have died before the lock
	}
	r.Status, r.EndedAt = sandbox.ReleaseLive, s.now().UTC()
	if !in.Live {
		r.Status = sandbox.ReleaseFailed
		r.Failure = cmp.Or(in.Flow.Error, &events.Failure{Error: "Unclassified", Cause: "the release failed without a reason"}).Readable()
	}
	if err := sandbox.EndRelease(ctx, s.store, ref, r); err != nil {
		return err
	}
	if !in.Live || r.CreatedAt.IsZero() {
		return nil
	}
	if err := s.store.AddDuration(ctx, r.DurationName(), r.EndedAt.Sub(r.CreatedAt), r.EndedAt); err != nil {
		return fmt.Errorf("remember how long it took: %w", err)
	}
	return nil
}
