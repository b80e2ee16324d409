// Package emptybucket is the step that takes everything out of a sandbox's
// bucket, every version, delete marker and unfinished upload, and what the
// installation's upload bucket holds of the sandbox. It does as much as its
// time allows and is run until it is done.
package emptybucket

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/mayfly-dev/mayfly/awserr"
	"github.com/mayfly-dev/mayfly/bucketpolicy"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/find"
	"github.com/mayfly-dev/mayfly/find/buckets"
	"github.com/mayfly-dev/mayfly/release"
	"github.com/mayfly-dev/mayfly/sandbox"
)

const step = "emptybucket"

// Client is what the step needs of S3.
type Client interface {
	buckets.TagReader
	PutBucketPolicy(context.Context, *s3.PutBucketPolicyInput, ...func(*s3.Options)) (*s3.PutBucketPolicyOutput, error)
	Purger
}

// Ledger is what the step writes down.
type Ledger interface {
	Progress(ctx context.Context, ref sandbox.Ref, step, message string) error
}

// Options is what the step knows of its installation.
type Options struct {
	// UploadBucket holds the archives and manifests of all sandboxes; empty
	// for none.
	UploadBucket string
	// Margin is how long before its deadline a run begins no more calls, where it
	// has so much time; a run that has little keeps a quarter of it.
	Margin time.Duration
	// Parallel is how many batches of 1,000 versions are deleted at once; it
	// bounds memory too.
	Parallel int
	Now      func() time.Time
}

// Step empties buckets.
type Step struct {
	client  Client
	ledger  Ledger
	options Options
}

// New returns the step.
func New(client Client, ledger Ledger, options Options) *Step {
	return &Step{client: client, ledger: ledger, options: options}
}

// Handle denies further writes and deletes for as long as its context's
// deadline lets it; Done says that nothing was left. A bucket that is gone is
// done. It returns a *find.NotOursError, having changed nothing, when the
// bucket's tags name another sandbox, the error of a version when no version
// that is left can be deleted, and a timeout when there was no time for any.
func (s *Step) Handle(ctx context.Context, in events.Flow) (events.Emptied, error) {
	deadline, limited := ctx.Deadline()
	p := &purge{client: s.client, parallel: max(s.options.Parallel, 1), late: func() bool { return false }}
	calls := ctx
	if limited {
		left := deadline.Sub(s.options.Now())
		end := deadline.Add(-min(s.options.Margin, left/4))
		p.late = func() bool { return s.options.Now().After(end) }
		// A call that S3 is slow to answer must not use up the time in which the run
		// says how far it came: whatever was not answered is listed again.
		var cancel context.CancelFunc
		calls, cancel = context.WithDeadline(ctx, deadline.Add(-min(s.options.Margin, left/4)/2))
		defer cancel()
	}
	err := s.empty(calls, in, p)
	emptied := events.Emptied{Done: err == nil, Deleted: int(p.deleted.Load())}
	if errors.Is(err, errNoTime) || err != nil && calls.Err() != nil && ctx.Err() == nil {
		if emptied.Deleted == 0 {
			// The machine would run the step again and again for nothing.
			return events.Emptied{}, fmt.Errorf("empty the bucket of sandbox %s: no time for a single batch: %w", in.Sandbox.Name, context.DeadlineExceeded)
		}
		err = nil
	}
	if err != nil {
		return events.Emptied{}, err
	}
	news := emptied.Deleted > 0
	if in.Emptied != nil {
		emptied.Deleted += in.Emptied.Deleted
	}
	if news {
		err := s.ledger.Progress(ctx, sandbox.RefOf(in.Sandbox), step, fmt.Sprintf("%d versions deleted", emptied.Deleted))
		if err != nil && !errors.Is(err, sandbox.ErrNotFound) {
			return events.Emptied{}, err
		}
	}
	return emptied, nil
}

func (s *Step) empty(ctx context.Context, in events.Flow, p *purge) error {
	if in.Made.Bucket != nil && in.Made.Bucket.Name != "" {
		if err := s.site(ctx, in.Made.Bucket.Name, in.Sandbox.ID, p); err != nil && !awserr.Is(err, "NoSuchBucket") {
			return err
		}
	}
	if s.options.UploadBucket == "" {
		return nil
	}
	for _, prefix := range []string{release.UploadKey(in.Sandbox.ID, ""), release.ManifestPrefix(in.Sandbox.ID)} {
		if err := p.all(ctx, s.options.UploadBucket, prefix); err != nil {
			return err
		}
	}
	return nil
}

func (s *Step) site(ctx context.Context, bucket, id string, p *purge) error {
	_, ours, err := buckets.Tags(ctx, s.client, bucket, id)
	if err != nil {
		return err
	}
	if !ours {
		return &find.NotOursError{Kind: "bucket", ID: bucket, Why: "its tags name another sandbox"}
	}
	// A release under way must not fill what is being emptied. The policy takes
	// the place of the one that let readers in: nothing is served any more.
	policy, err := bucketpolicy.Document(bucketpolicy.Statement{
		Sid:       "BeingDeleted",
		Effect:    bucketpolicy.Deny,
		Principal: bucketpolicy.Everyone,
		Action:    []string{"s3:PutObject"},
		Resource:  []string{bucketpolicy.Objects(bucket)},
	})
	if err != nil {
		return err
	}
	if _, err := s.client.PutBucketPolicy(ctx, &s3.PutBucketPolicyInput{Bucket: &bucket, Policy: &policy}); err != nil {
		return fmt.Errorf("deny writes to bucket %s: %w", bucket, err)
	}
	return p.all(ctx, bucket, "")
}
