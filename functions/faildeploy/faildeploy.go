// Package faildeploy is the step that writes down that a deploy failed, and
// frees the sandbox for the next one.
package faildeploy

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// Store is what the step reads and writes.
type Store interface {
	sandbox.ReleaseStore
	ListReleases(ctx context.Context, ref sandbox.Ref, page sandbox.Page) ([]sandbox.Release, sandbox.Cursor, error)
}

// Step ends deploys that failed.
type Step struct {
	store  Store
	prefix string
	now    func() time.Time
}

// New returns the step; prefix is what the installation's repositories' names
// begin with.
func New(store Store, prefix string, now func() time.Time) *Step {
	return &Step{store: store, prefix: prefix, now: now}
}

// recent is how many releases are looked through, the newest first, for the
// one that a deploy has just begun.
const recent = 100

// Handle ends the release that the execution began, if its own machine has not
// ended it, and otherwise notes in the sandbox's stream that the push could not
// be deployed. What the execution had learnt is lost by now: the records tell.
func (s *Step) Handle(ctx context.Context, in events.FailDeploy) (events.Recorded, error) {
	detail := in.Flow.Detail
	name, ok := sandbox.NameOfRepository(s.prefix, detail.RepositoryName)
	if !ok {
		return events.Recorded{}, nil
	}
	box, err := s.store.Get(ctx, name)
	if errors.Is(err, sandbox.ErrNotFound) {
		return events.Recorded{Phase: string(sandbox.PhaseDeleted)}, nil
	}
	if err != nil {
		return events.Recorded{}, fmt.Errorf("read sandbox %s: %w", name, err)
	}
	recorded := events.Recorded{Phase: string(box.Phase)}
	failure := cmp.Or(in.Flow.Error, &events.Failure{Error: "Unclassified", Cause: "the deploy failed without a reason"}).Readable()
	releases, _, err := s.store.ListReleases(ctx, box.Ref(), sandbox.Page{Limit: recent})
	if err != nil {
		return events.Recorded{}, fmt.Errorf("releases of sandbox %s: %w", name, err)
	}
	for _, r := range releases {
		if r.Deploy != in.Execution {
			continue
		}
		if r.Status == sandbox.ReleaseRunning {
			r.Status, r.EndedAt, r.Failure = sandbox.ReleaseFailed, s.now().UTC(), failure
		}
		return recorded, sandbox.EndRelease(ctx, s.store, box.Ref(), r)
	}
	_, err = s.store.Update(ctx, box.Ref(), func(box *sandbox.Sandbox) ([]sandbox.Event, error) {
		return []sandbox.Event{{
			At: s.now().UTC(), Type: sandbox.EventImage, Phase: box.Phase, Resource: detail.ImageDigest, Failure: failure,
			Message: fmt.Sprintf("image %s could not be deployed (%s); it is tried again when missed pushes are looked for",
				sandbox.ShortImage(detail.ImageDigest, detail.ImageTag), failure.Error),
		}}, nil
	})
	if err != nil && !errors.Is(err, sandbox.ErrNotFound) {
		return events.Recorded{}, fmt.Errorf("note a failed deploy of sandbox %s: %w", name, err)
	}
	return recorded, nil
}
