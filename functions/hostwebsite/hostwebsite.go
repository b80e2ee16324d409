// Package hostwebsite is the step that serves a bucket by S3's own website
// hosting, for a sandbox that asked for it: public, by HTTP, live in seconds.
package hostwebsite

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/mayfly-dev/mayfly/bucketpolicy"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/sandbox"
)

const step = "hostwebsite"

// Client is what the step needs of S3.
type Client interface {
	PutPublicAccessBlock(context.Context, *s3.PutPublicAccessBlockInput, ...func(*s3.Options)) (*s3.PutPublicAccessBlockOutput, error)
	PutBucketWebsite(context.Context, *s3.PutBucketWebsiteInput, ...func(*s3.Options)) (*s3.PutBucketWebsiteOutput, error)
	PutBucketPolicy(context.Context, *s3.PutBucketPolicyInput, ...func(*s3.Options)) (*s3.PutBucketPolicyOutput, error)
}

// Ledger is what the step writes down.
type Ledger interface {
	Begin(ctx context.Context, ref sandbox.Ref, step string) error
	Made(ctx context.Context, ref sandbox.Ref, step string, r sandbox.Resource) error
}

// Step hosts websites.
type Step struct {
	client   Client
	ledger   Ledger
	template string
}

// New returns the step; template is the address of a bucket's website with
// {bucket} and {region} in it, or empty for AWS's own.
func New(client Client, ledger Ledger, template string) *Step {
	return &Step{client: client, ledger: ledger, template: template}
}

// Handle makes the bucket a website, which is the same done twice. The last
// call opens it to readers, so it is never open without being a website.
func (s *Step) Handle(ctx context.Context, in events.Flow) (events.Bucket, error) {
	if in.Made.Bucket == nil {
		return events.Bucket{}, errors.New("host website: the flow carries no bucket")
	}
	bucket, ref := *in.Made.Bucket, sandbox.RefOf(in.Sandbox)
	if err := s.ledger.Begin(ctx, ref, step); err != nil {
		return events.Bucket{}, err
	}
	if err := s.host(ctx, bucket.Name, in.Sandbox.Spec); err != nil {
		return events.Bucket{}, err
	}
	if err := s.open(ctx, bucket.Name); err != nil {
		return events.Bucket{}, err
	}
	bucket.WebsiteURL = URL(s.template, bucket.Name, bucket.Region)
	made := sandbox.Resource{Kind: sandbox.KindBucket, ID: bucket.Name, Region: bucket.Region, WebsiteURL: bucket.WebsiteURL}
	if err := s.ledger.Made(ctx, ref, step, made); err != nil {
		return events.Bucket{}, err
	}
	return bucket, nil
}

func (s *Step) host(ctx context.Context, bucket string, spec events.Spec) error {
	website := &types.WebsiteConfiguration{IndexDocument: &types.IndexDocument{Suffix: aws.String(spec.IndexDocument)}}
	page := spec.ErrorDocument
	if spec.SinglePageApp {
		// S3 shows it with status 404; that is all that it can do.
		page = spec.IndexDocument
	}
	if page != "" {
		website.ErrorDocument = &types.ErrorDocument{Key: aws.String(page)}
	}
	if _, err := s.client.PutBucketWebsite(ctx, &s3.PutBucketWebsiteInput{Bucket: &bucket, WebsiteConfiguration: website}); err != nil {
		return fmt.Errorf("host bucket %s as a website: %w", bucket, err)
	}
	return nil
}

// open lets everybody read the objects of this bucket. Access by ACLs stays
// shut, and there is no TLS-only statement: website endpoints speak HTTP.
func (s *Step) open(ctx context.Context, bucket string) error {
	_, err := s.client.PutPublicAccessBlock(ctx, &s3.PutPublicAccessBlockInput{
		Bucket: &bucket,
		PublicAccessBlockConfiguration: &types.PublicAccessBlockConfiguration{
			BlockPublicAcls: aws.Bool(true), IgnorePublicAcls: aws.Bool(true),
			BlockPublicPolicy: aws.Bool(false), RestrictPublicBuckets: aws.Bool(false),
		},
	})
	if err != nil {
		return fmt.Errorf("allow a public policy on bucket %s: %w", bucket, err)
	}
	policy, err := bucketpolicy.Document(bucketpolicy.Statement{
		Sid:       "PublicRead",
		Effect:    bucketpolicy.Allow,
		Principal: bucketpolicy.Everyone,
		Action:    []string{"s3:GetObject"},
		Resource:  []string{bucketpolicy.Objects(bucket)},
	})
	if err != nil {
		return err
	}
	if _, err := s.client.PutBucketPolicy(ctx, &s3.PutBucketPolicyInput{Bucket: &bucket, Policy: &policy}); err != nil {
		return fmt.Errorf("put the policy of bucket %s: %w", bucket, err)
	}
	return nil
}
