package sandbox

import (
	"context"
	"fmt"
	"time"

	"github.com/mayfly-dev/mayfly/events"
)

// executionEnded is the failure of a release whose execution ended without
// writing how: it was stopped, or failed in a way that no Catch catches.
const executionEnded = "ExecutionEnded"

// EndAbandoned ends the release with an id, whose execution has ended as Step
// Functions says by status: as it was written to have ended, or, where nothing
// was, as failed. It gives the lock back that would be held for ever.
func EndAbandoned(ctx context.Context, store ReleaseStore, ref Ref, id, status string, now time.Time) error {
	return endAbandoned(ctx, store, ref, id, now, executionEnded, fmt.Sprintf("its execution ended as %s without writing how", status))
}

// EndUnstarted ends the release with an id that has the lock and whose
// execution was never started, as whoever was to do so has ended. The same
// release may begin again.
func EndUnstarted(ctx context.Context, store ReleaseStore, ref Ref, id string, now time.Time) error {
	return endAbandoned(ctx, store, ref, id, now, releaseRefused, "its execution was never started")
}

func endAbandoned(ctx context.Context, store ReleaseStore, ref Ref, id string, now time.Time, failure, cause string) error {
	// Read after it was known that nobody writes it any more.
	r, err := store.GetRelease(ctx, ref, id)
	if err != nil {
		return fmt.Errorf("read release %s of sandbox %s: %w", id, ref.Name, err)
	}
	if r.Status == ReleaseRunning {
		r.Status, r.EndedAt, r.Failure = ReleaseFailed, now.UTC(), &events.Failure{Error: failure, Cause: cause}
	}
	return EndRelease(ctx, store, ref, r)
}
