// Package applypolicy is the step that lets a sandbox's distribution, and
// nothing else, read the objects of its bucket, by TLS alone.
package applypolicy

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/mayfly-dev/mayfly/bucketpolicy"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/sandbox"
)

const (
	step = "applypolicy"
	next = "awaitdistribution"
)

// Client is what the step needs of S3.
type Client interface {
	PutBucketPolicy(context.Context, *s3.PutBucketPolicyInput, ...func(*s3.Options)) (*s3.PutBucketPolicyOutput, error)
}

// Ledger is what the step writes down.
type Ledger interface {
	Begin(ctx context.Context, ref sandbox.Ref, step string) error
	Progress(ctx context.Context, ref sandbox.Ref, step, message string) error
}

// Step writes bucket policies.
type Step struct {
	client Client
	ledger Ledger
}

// New returns the step.
func New(client Client, ledger Ledger) *Step { return &Step{client: client, ledger: ledger} }

// Handle writes the policy, which is the same done twice. S3 answers
// MalformedPolicy for a minute or two after an identity was made; the machine
// retries it.
//
// It is the last step before the wait for propagation, and says so in the
// ledger: nothing runs meanwhile that could.
func (s *Step) Handle(ctx context.Context, in events.Flow) (events.Recorded, error) {
	made := in.Made
	if made.Bucket == nil || made.OriginAccess == nil || made.Distribution == nil {
		return events.Recorded{}, errors.New("apply policy: the flow carries no bucket, origin access or distribution")
	}
	ref := sandbox.RefOf(in.Sandbox)
	if err := s.ledger.Begin(ctx, ref, step); err != nil {
		return events.Recorded{}, err
	}
	policy, err := document(made)
	if err != nil {
		return events.Recorded{}, err
	}
	if _, err := s.client.PutBucketPolicy(ctx, &s3.PutBucketPolicyInput{Bucket: &made.Bucket.Name, Policy: &policy}); err != nil {
		return events.Recorded{}, fmt.Errorf("put the policy of bucket %s: %w", made.Bucket.Name, err)
	}
	waiting := fmt.Sprintf("waiting for distribution %s to spread; it will be %s", made.Distribution.ID, made.Distribution.DomainName)
	if err := s.ledger.Progress(ctx, ref, next, waiting); err != nil {
		return events.Recorded{}, err
	}
	return events.Recorded{Phase: string(sandbox.PhaseProvisioning)}, nil
}

// document allows s3:GetObject and no more. Without s3:ListBucket a key that
// is not there is 403, which the distribution maps to its error page.
func document(made events.Made) (string, error) {
	bucket := made.Bucket.Name
	read := bucketpolicy.Statement{
		Sid:       "ReadByCloudFront",
		Effect:    bucketpolicy.Allow,
		Principal: bucketpolicy.AWS("arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity " + made.OriginAccess.ID),
		Action:    []string{"s3:GetObject"},
		Resource:  []string{bucketpolicy.Objects(bucket)},
	}
	if made.OriginAccess.Kind == events.OriginAccessControl {
		// The service signs for every account: the distribution must be named.
		read.Principal = bucketpolicy.Service("cloudfront.amazonaws.com")
		read.Condition = map[string]map[string]string{"StringEquals": {"AWS:SourceArn": made.Distribution.ARN}}
	}
	return bucketpolicy.Document(read, bucketpolicy.Statement{
		Sid:       "TLSOnly",
		Effect:    bucketpolicy.Deny,
		Principal: bucketpolicy.Everyone,
		Action:    []string{"s3:*"},
		Resource:  []string{bucketpolicy.Bucket(bucket), bucketpolicy.Objects(bucket)},
		Condition: map[string]map[string]string{"Bool": {"aws:SecureTransport": "false"}},
	})
}
