// Package createbucket is the step that makes a sandbox's private bucket:
// owned by the account alone, closed to the public, encrypted and tagged. That
// it is reached by TLS only is its policy's doing (step applypolicy).
package createbucket

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/mayfly-dev/mayfly/awserr"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/find"
	"github.com/mayfly-dev/mayfly/find/buckets"
	"github.com/mayfly-dev/mayfly/sandbox"
)

const step = "createbucket"

// Client is what the step needs of S3.
type Client interface {
	buckets.TagReader
	CreateBucket(context.Context, *s3.CreateBucketInput, ...func(*s3.Options)) (*s3.CreateBucketOutput, error)
	PutBucketTagging(context.Context, *s3.PutBucketTaggingInput, ...func(*s3.Options)) (*s3.PutBucketTaggingOutput, error)
	PutPublicAccessBlock(context.Context, *s3.PutPublicAccessBlockInput, ...func(*s3.Options)) (*s3.PutPublicAccessBlockOutput, error)
	PutBucketEncryption(context.Context, *s3.PutBucketEncryptionInput, ...func(*s3.Options)) (*s3.PutBucketEncryptionOutput, error)
}

// Ledger is what the step writes down.
type Ledger interface {
	Intend(ctx context.Context, ref sandbox.Ref, step string, r sandbox.Resource) (sandbox.Resource, error)
	Made(ctx context.Context, ref sandbox.Ref, step string, r sandbox.Resource) error
}

// Step makes buckets in one region.
type Step struct {
	client Client
	ledger Ledger
	region string
}

// New returns the step; region is the client's.
func New(client Client, ledger Ledger, region string) *Step {
	return &Step{client: client, ledger: ledger, region: region}
}

// Handle makes the sandbox's bucket, or goes on with the one that an earlier
// try made. S3's names are global: when somebody else has one, the next that
// derives from the sandbox's id is tried, each written down before the call.
func (s *Step) Handle(ctx context.Context, in events.Flow) (events.Bucket, error) {
	name, err := s.create(ctx, in.Sandbox)
	if err != nil {
		return events.Bucket{}, err
	}
	if err := s.protect(ctx, name); err != nil {
		return events.Bucket{}, err
	}
	made := sandbox.Resource{Kind: sandbox.KindBucket, ID: name, Region: s.region}
	if err := s.ledger.Made(ctx, sandbox.RefOf(in.Sandbox), step, made); err != nil {
		return events.Bucket{}, err
	}
	return events.Bucket{Name: name, Region: s.region}, nil
}

// create returns the name of the bucket, which is there and tagged then.
func (s *Step) create(ctx context.Context, of events.Sandbox) (string, error) {
	var taken error
	for attempt := range sandbox.MaxBucketAttempts {
		name := sandbox.BucketName(of.Name, of.ID, attempt)
		intent := sandbox.Resource{Kind: sandbox.KindBucket, ID: name, Region: s.region}
		known, err := s.ledger.Intend(ctx, sandbox.RefOf(of), step, intent)
		if err != nil {
			return "", err
		}
		if known.Status == sandbox.StatusMade {
			return known.ID, nil
		}
		ours, err := s.claim(ctx, name, of)
		if err != nil && !awserr.Is(err, "BucketAlreadyExists") {
			return "", err
		}
		if ours {
			return name, nil
		}
		taken = err
	}
	if taken == nil {
		taken = &find.NotOursError{Kind: "bucket", ID: sandbox.BucketName(of.Name, of.ID, 0), Why: "its tags name another sandbox"}
	}
	return "", fmt.Errorf("each of %d bucket names for sandbox %s is taken: %w", sandbox.MaxBucketAttempts, of.Name, taken)
}

// claim makes the bucket called name and tags it; false when it is there
// already and another sandbox's.
func (s *Step) claim(ctx context.Context, name string, of events.Sandbox) (bool, error) {
	in := &s3.CreateBucketInput{Bucket: &name, ObjectOwnership: types.ObjectOwnershipBucketOwnerEnforced}
	// us-east-1 is S3's default and may not be named.
	if s.region != "us-east-1" {
		in.CreateBucketConfiguration = &types.CreateBucketConfiguration{LocationConstraint: types.BucketLocationConstraint(s.region)}
	}
	_, err := s.client.CreateBucket(ctx, in)
	if awserr.Is(err, "TooManyBuckets") {
		return false, fmt.Errorf("create bucket %s: the account's quota of general purpose buckets (10,000 by default) is used up; delete some or ask for more under Service Quotas: %w", name, err)
	}
	if err != nil && !awserr.Is(err, "BucketAlreadyOwnedByYou") {
		return false, fmt.Errorf("create bucket %s: %w", name, err)
	}
	// us-east-1 answers 200 for a bucket that was ours before, so the tags are
	// asked whatever the answer was.
	tags, ours, err := buckets.Tags(ctx, s.client, name, of.ID)
	if err != nil || !ours {
		return false, err
	}
	_, err = s.client.PutBucketTagging(ctx, &s3.PutBucketTaggingInput{Bucket: &name, Tagging: &types.Tagging{TagSet: withOurs(tags, of)}})
	if err != nil {
		return false, fmt.Errorf("tag bucket %s: %w", name, err)
	}
	return true, nil
}
