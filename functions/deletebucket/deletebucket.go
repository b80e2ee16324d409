// Package deletebucket is the step that deletes a sandbox's empty bucket.
package deletebucket

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/mayfly-dev/mayfly/awserr"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/find"
	"github.com/mayfly-dev/mayfly/find/buckets"
	"github.com/mayfly-dev/mayfly/sandbox"
)

const step = "deletebucket"

// Client is what the step needs of S3.
type Client interface {
	buckets.TagReader
	DeleteBucket(context.Context, *s3.DeleteBucketInput, ...func(*s3.Options)) (*s3.DeleteBucketOutput, error)
}

// Ledger is what the step writes down.
type Ledger interface {
	Gone(ctx context.Context, ref sandbox.Ref, step string, kind sandbox.Kind) error
}

// Store is where the step reads the ledger.
type Store interface {
	Get(ctx context.Context, name string) (sandbox.Sandbox, error)
}

// Step deletes buckets.
type Step struct {
	client Client
	ledger Ledger
	store  Store
}

// New returns the step.
func New(client Client, ledger Ledger, store Store) *Step {
	return &Step{client: client, ledger: ledger, store: store}
}

// DistributionLeftError says that a bucket can't be deleted because the ledger
// still has a distribution whose origin it is: a bucket's name is anyone's
// once it is gone, and a distribution would serve what they put there.
type DistributionLeftError struct{ Bucket, Distribution string }

func (e *DistributionLeftError) Error() string {
	return fmt.Sprintf("bucket %s is not deleted while distribution %q may still serve it", e.Bucket, e.Distribution)
}

// ErrorName is the name of the error in the state machines. None retries it.
func (e *DistributionLeftError) ErrorName() string { return "DistributionLeft" }

// Handle deletes the flow's bucket, which is proven to be the sandbox's first.
// One that is gone is a success; one that holds something is BucketNotEmpty,
// after which the machine empties it again.
func (s *Step) Handle(ctx context.Context, in events.Flow) (events.Recorded, error) {
	done := events.Recorded{Phase: string(sandbox.PhaseDeleting)}
	if in.Made.Bucket != nil && in.Made.Bucket.Name != "" {
		if err := s.delete(ctx, in.Made.Bucket.Name, in.Sandbox); err != nil && !awserr.Is(err, "NoSuchBucket") {
			return events.Recorded{}, err
		}
	}
	for _, kind := range []sandbox.Kind{sandbox.KindVersioning, sandbox.KindBucket} {
		err := s.ledger.Gone(ctx, sandbox.RefOf(in.Sandbox), step, kind)
		if err != nil && !errors.Is(err, sandbox.ErrNotFound) {
			return events.Recorded{}, err
		}
	}
	return done, nil
}

func (s *Step) delete(ctx context.Context, bucket string, of events.Sandbox) error {
	record, err := s.store.Get(ctx, of.Name)
	if err != nil && !errors.Is(err, sandbox.ErrNotFound) {
		return fmt.Errorf("read sandbox %s: %w", of.Name, err)
	}
	if line, ok := record.Resource(sandbox.KindDistribution); ok && record.ID == of.ID {
		return &DistributionLeftError{Bucket: bucket, Distribution: line.ID}
	}
	_, ours, err := buckets.Tags(ctx, s.client, bucket, of.ID)
	if err != nil {
		return err
	}
	if !ours {
		return &find.NotOursError{Kind: "bucket", ID: bucket, Why: "its tags name another sandbox"}
	}
	if _, err := s.client.DeleteBucket(ctx, &s3.DeleteBucketInput{Bucket: &bucket}); err != nil {
		return fmt.Errorf("delete bucket %s: %w", bucket, err)
	}
	return nil
}
