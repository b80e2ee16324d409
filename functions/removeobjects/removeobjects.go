// Package removeobjects is the step that removes, last of all, the objects
// that a release no longer has.
package removeobjects

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/release/s3store"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// Name is the step's name.
const Name = "removeobjects"

// batch is how many keys S3 deletes in one call.
const batch = 1000

// S3 is what the step needs of S3.
type S3 interface {
	s3store.Getter
	DeleteObjects(context.Context, *s3.DeleteObjectsInput, ...func(*s3.Options)) (*s3.DeleteObjectsOutput, error)
}

// Step removes objects.
type Step struct {
	s3     S3
	ledger sandbox.Ledger
	now    func() time.Time
}

// New returns the step.
func New(client S3, store sandbox.Updater, now func() time.Time) *Step {
	return &Step{s3: client, ledger: sandbox.Ledger{Store: store, Now: now}, now: now}
}

// Handle removes the keys of the plan from where the last run stopped. The
// bucket keeps their versions behind delete markers, for a rollback. A run
// that is repeated leaves a second marker, which shows nothing else.
func (s *Step) Handle(ctx context.Context, flow events.ReleaseFlow) (events.Written, error) {
	ref := sandbox.RefOf(flow.Sandbox)
	if _, err := s.ledger.BeginReleaseStep(ctx, ref, flow.Release.ID, Name); err != nil {
		return events.Written{}, err
	}
	var out events.Written
	if flow.Removed != nil {
		out = *flow.Removed
	}
	if flow.Plan == nil {
		return out, fmt.Errorf("release %s has no plan", flow.Release.ID)
	}
	if out.Done || flow.Plan.Remove == 0 {
		out.Done = true
		return out, nil
	}
	plan, err := s3store.GetPlan(ctx, s.s3, flow.Plan.Bucket, flow.Plan.Key)
	if err != nil {
		return out, err
	}
	cutoff := s.cutoff(ctx)
	for begun := false; out.Next < len(plan.Remove); begun = true {
		if begun && !cutoff.IsZero() && !s.now().Before(cutoff) {
			return out, nil
		}
		keys := plan.Remove[out.Next:min(out.Next+batch, len(plan.Remove))]
		if err := s.remove(ctx, plan.Bucket, keys); err != nil {
			return out, fmt.Errorf("remove objects of release %s: %w", flow.Release.ID, err)
		}
		out.Next += len(keys)
		out.Objects += len(keys)
	}
	out.Done = true
	return out, s.ledger.ReleaseProgress(ctx, ref, flow.Release.ID, Name, fmt.Sprintf("%d removed", out.Objects))
}

func (s *Step) remove(ctx context.Context, bucket string, keys []string) error {
	objects := make([]types.ObjectIdentifier, len(keys))
	for i := range keys {
		objects[i].Key = &keys[i]
	}
	out, err := s.s3.DeleteObjects(ctx, &s3.DeleteObjectsInput{
		Bucket: &bucket, Delete: &types.Delete{Objects: objects, Quiet: aws.Bool(true)},
	})
	if err != nil {
		return err
	}
	for _, failed := range out.Errors {
		// S3 answers 200 although a key was refused.
		if code := aws.ToString(failed.Code); code != "NoSuchKey" {
			return &KeyError{Key: aws.ToString(failed.Key), Code: code, Message: aws.ToString(failed.Message), Failed: len(out.Errors)}
		}
	}
	return nil
}

// cutoff leaves a fifth of the time, at most half a minute, for the answer.
func (s *Step) cutoff(ctx context.Context) time.Time {
	deadline, ok := ctx.Deadline()
	if !ok {
		return time.Time{}
	}
	return deadline.Add(-min(deadline.Sub(s.now())/5, 30*time.Second))
}

// KeyError is a key that S3 refused to delete within a call that worked.
type KeyError struct {
	Key, Code, Message string
	// Failed counts the keys of the call that were refused.
	Failed int
}

func (e *KeyError) Error() string {
	return fmt.Sprintf("%d keys were not deleted; %q: %s: %s", e.Failed, e.Key, e.Code, e.Message)
}

// ErrorName is S3's code for the key, so that what passes is tried again.
func (e *KeyError) ErrorName() string { return e.Code }
