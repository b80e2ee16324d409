// Package closewebsite is the step that stops a bucket from being read as a
// website, without touching what is in it, while its sandbox sleeps.
package closewebsite

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/sandbox"
)

const step = "closewebsite"

// Client is what the step needs of S3.
type Client interface {
	PutPublicAccessBlock(context.Context, *s3.PutPublicAccessBlockInput, ...func(*s3.Options)) (*s3.PutPublicAccessBlockOutput, error)
}

// Ledger is what the step writes down.
type Ledger interface {
	Begin(ctx context.Context, ref sandbox.Ref, step string) error
}

// Step closes websites.
type Step struct {
	client Client
	ledger Ledger
}

// New returns the step.
func New(client Client, ledger Ledger) *Step { return &Step{client: client, ledger: ledger} }

// Handle blocks public access to the flow's bucket: S3 then answers 403 to
// whoever has no rights of their own, whatever the bucket's policy says. The
// policy and the website's configuration stay; step hostwebsite opens it again.
func (s *Step) Handle(ctx context.Context, in events.Flow) (events.Bucket, error) {
	if in.Made.Bucket == nil {
		return events.Bucket{}, errors.New("close website: the flow carries no bucket")
	}
	bucket := *in.Made.Bucket
	if err := s.ledger.Begin(ctx, sandbox.RefOf(in.Sandbox), step); err != nil {
		return events.Bucket{}, err
	}
	_, err := s.client.PutPublicAccessBlock(ctx, &s3.PutPublicAccessBlockInput{
		Bucket: &bucket.Name,
		PublicAccessBlockConfiguration: &types.PublicAccessBlockConfiguration{
			BlockPublicAcls: aws.Bool(true), IgnorePublicAcls: aws.Bool(true),
			BlockPublicPolicy: aws.Bool(true), RestrictPublicBuckets: aws.Bool(true),
		},
	})
	if err != nil {
		return events.Bucket{}, fmt.Errorf("block public access to bucket %s: %w", bucket.Name, err)
	}
	return bucket, nil
}
