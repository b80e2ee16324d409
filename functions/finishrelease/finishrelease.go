// Package finishrelease is the step that ends a release: with its manifest
// when it is live, with the reason when it failed, and with the lock free for
// the next one either way.
package finishrelease

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/metric"
	"github.com/mayfly-dev/mayfly/release"
	"github.com/mayfly-dev/mayfly/release/s3store"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// Name is the step's name.
const Name = "finishrelease"

// S3 is what the step needs of S3.
type S3 interface {
	s3store.Getter
	s3store.Putter
	s3store.Lister
	s3store.VersionLister
	DeleteObject(context.Context, *s3.DeleteObjectInput, ...func(*s3.Options)) (*s3.DeleteObjectOutput, error)
}

// Store is what the step needs of the store.
type Store interface {
	sandbox.ReleaseStore
	AddDuration(ctx context.Context, what string, took time.Duration, at time.Time) error
}

// Step ends releases.
type Step struct {
	s3      S3
	store   Store
	uploads string
	now     func() time.Time
}

// New returns the step. Manifests are kept in the bucket uploads.
func New(client S3, store Store, uploads string, now func() time.Time) *Step {
	return &Step{s3: client, store: store, uploads: uploads, now: now}
}

// Handle ends the flow's release. It may be run again at any moment, and it
// works on a sandbox that is being deleted, or that is gone.
func (s *Step) Handle(ctx context.Context, in events.FinishRelease) (events.Recorded, error) {
	ref := sandbox.RefOf(in.Flow.Sandbox)
	id := in.Flow.Release.ID
	r, err := s.store.GetRelease(ctx, ref, id)
	known := err == nil
	if err != nil && !errors.Is(err, sandbox.ErrNotFound) {
		return events.Recorded{}, fmt.Errorf("read release %s: %w", id, err)
	}
	switch {
	case !known:
		// The sandbox went away with its releases; what is in S3 goes below.
	case r.Status != sandbox.ReleaseRunning:
		err = sandbox.EndRelease(ctx, s.store, ref, r)
	case in.Live:
		err = s.live(ctx, ref, in.Flow, r)
	default:
		err = s.failed(ctx, ref, in.Flow.Error, r)
	}
	if known && err != nil {
		return events.Recorded{}, fmt.Errorf("finish release %s: %w", id, err)
	}
	if err := s.clean(ctx, ref.ID, in.Flow.Release); err != nil {
		return events.Recorded{}, fmt.Errorf("clean up after release %s: %w", id, err)
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

// live writes the manifest and then the record that names it.
func (s *Step) live(ctx context.Context, ref sandbox.Ref, flow events.ReleaseFlow, r sandbox.Release) error {
	if flow.Plan == nil {
		return fmt.Errorf("release %s has no plan", r.ID)
	}
	plan, err := s3store.GetPlan(ctx, s.s3, flow.Plan.Bucket, flow.Plan.Key)
	if err != nil {
		return err
	}
	if err := s.complete(ctx, &plan); err != nil {
		return err
	}
	manifest := manifestOf(&plan)
	if err := s3store.PutManifest(ctx, s.s3, s.uploads, manifest); err != nil {
		return err
	}
	r.Status, r.EndedAt = sandbox.ReleaseLive, s.now().UTC()
	r.Files, r.Bytes = plan.Totals()
	r.Written, r.Removed = manifest.Written, manifest.Removed
	r.ManifestBucket, r.ManifestKey = s.uploads, release.ManifestKey(ref.ID, r.ID)
	if err := sandbox.EndRelease(ctx, s.store, ref, r); err != nil {
		return err
	}
	if r.CreatedAt.IsZero() {
		return nil
	}
	if err := s.store.AddDuration(ctx, sandbox.DurationRelease, r.EndedAt.Sub(r.CreatedAt), r.EndedAt); err != nil {
		return fmt.Errorf("remember how long it took: %w", err)
	}
	metric.Took(ctx, metric.ReleaseDuration, r.EndedAt.Sub(r.CreatedAt))
	return nil
}

// failed writes the reason into the record. A manifest may be there already,
// of a try to end it live; no record will name it.
func (s *Step) failed(ctx context.Context, ref sandbox.Ref, failure *events.Failure, r sandbox.Release) error {
	if err := s.remove(ctx, s.uploads, release.ManifestKey(ref.ID, r.ID)); err != nil {
		return err
	}
	r.Status, r.EndedAt, r.Failure = sandbox.ReleaseFailed, s.now().UTC(), reason(failure)
	return sandbox.EndRelease(ctx, s.store, ref, r)
}

// clean deletes what was kept while the release was under way, its archive
// included.
func (s *Step) clean(ctx context.Context, sandboxID string, r events.Release) error {
	for object, err := range s3store.List(ctx, s.s3, s.uploads, release.WorkPrefix(sandboxID, r.ID)) {
		if err != nil {
			return err
		}
		if err := s.remove(ctx, s.uploads, object.Key); err != nil {
			return err
		}
	}
	if r.Source.Kind != events.SourceUpload {
		return nil
	}
	return s.remove(ctx, r.Source.Bucket, r.Source.Key)
}

func (s *Step) remove(ctx context.Context, bucket, key string) error {
	if _, err := s.s3.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &bucket, Key: &key}); err != nil {
		return fmt.Errorf("delete s3://%s/%s: %w", bucket, key, err)
	}
	return nil
}

// reason is why a release failed, as people read it.
func reason(failure *events.Failure) *events.Failure {
	if failure == nil {
		return &events.Failure{Error: "Unclassified", Cause: "the release failed without a reason"}
	}
	return failure.Readable()
}
