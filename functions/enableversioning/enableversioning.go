// Package enableversioning is the step that keeps every version of a sandbox's
// objects, so that a release can be taken back, and lets S3 clear away what
// nobody needs any more. Releases may start once it is done.
package enableversioning

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

const step = "enableversioning"

// Client is what the step needs of S3.
type Client interface {
	PutBucketVersioning(context.Context, *s3.PutBucketVersioningInput, ...func(*s3.Options)) (*s3.PutBucketVersioningOutput, error)
	PutBucketLifecycleConfiguration(context.Context, *s3.PutBucketLifecycleConfigurationInput, ...func(*s3.Options)) (*s3.PutBucketLifecycleConfigurationOutput, error)
}

// Ledger is what the step writes down.
type Ledger interface {
	Intend(ctx context.Context, ref sandbox.Ref, step string, r sandbox.Resource) (sandbox.Resource, error)
	Made(ctx context.Context, ref sandbox.Ref, step string, r sandbox.Resource) error
}

// Step turns versioning on.
type Step struct {
	client         Client
	ledger         Ledger
	noncurrentDays int32
}

// New returns the step; noncurrentDays is how many days a version stays once
// another one has replaced it, and so how far back a release can be taken.
func New(client Client, ledger Ledger, noncurrentDays int32) *Step {
	return &Step{client: client, ledger: ledger, noncurrentDays: noncurrentDays}
}

// Handle turns versioning and the lifecycle on, which is the same done twice.
func (s *Step) Handle(ctx context.Context, in events.Flow) (events.Bucket, error) {
	if in.Made.Bucket == nil {
		return events.Bucket{}, errors.New("enable versioning: the flow carries no bucket")
	}
	bucket, ref := *in.Made.Bucket, sandbox.RefOf(in.Sandbox)
	line := sandbox.Resource{Kind: sandbox.KindVersioning, ID: bucket.Name}
	if _, err := s.ledger.Intend(ctx, ref, step, line); err != nil {
		return events.Bucket{}, err
	}
	_, err := s.client.PutBucketVersioning(ctx, &s3.PutBucketVersioningInput{
		Bucket:                  &bucket.Name,
		VersioningConfiguration: &types.VersioningConfiguration{Status: types.BucketVersioningStatusEnabled},
	})
	if err != nil {
		return events.Bucket{}, fmt.Errorf("enable versioning of bucket %s: %w", bucket.Name, err)
	}
	_, err = s.client.PutBucketLifecycleConfiguration(ctx, &s3.PutBucketLifecycleConfigurationInput{
		Bucket:                 &bucket.Name,
		LifecycleConfiguration: &types.BucketLifecycleConfiguration{Rules: []types.LifecycleRule{s.rule()}},
	})
	if err != nil {
		return events.Bucket{}, fmt.Errorf("set the lifecycle of bucket %s: %w", bucket.Name, err)
	}
	if err := s.ledger.Made(ctx, ref, step, line); err != nil {
		return events.Bucket{}, err
	}
	return bucket, nil
}

// rule applies to every object: an empty prefix, and neither tag nor size,
// which the marker and upload actions do not go with.
func (s *Step) rule() types.LifecycleRule {
	return types.LifecycleRule{
		ID:                             aws.String("mayfly"),
		Status:                         types.ExpirationStatusEnabled,
		Filter:                         &types.LifecycleRuleFilter{Prefix: aws.String("")},
		NoncurrentVersionExpiration:    &types.NoncurrentVersionExpiration{NoncurrentDays: aws.Int32(s.noncurrentDays)},
		AbortIncompleteMultipartUpload: &types.AbortIncompleteMultipartUpload{DaysAfterInitiation: aws.Int32(1)},
		Expiration:                     &types.LifecycleExpiration{ExpiredObjectDeleteMarker: aws.Bool(true)},
	}
}
