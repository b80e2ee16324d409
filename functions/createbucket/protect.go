package createbucket

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// protect closes the bucket to the public and encrypts what will be in it. The
// key is S3's own: an origin access identity can't read SSE-KMS objects.
func (s *Step) protect(ctx context.Context, name string) error {
	_, err := s.client.PutPublicAccessBlock(ctx, &s3.PutPublicAccessBlockInput{
		Bucket: &name,
		PublicAccessBlockConfiguration: &types.PublicAccessBlockConfiguration{
			BlockPublicAcls: aws.Bool(true), IgnorePublicAcls: aws.Bool(true),
			BlockPublicPolicy: aws.Bool(true), RestrictPublicBuckets: aws.Bool(true),
		},
	})
	if err != nil {
		return fmt.Errorf("block public access to bucket %s: %w", name, err)
	}
	_, err = s.client.PutBucketEncryption(ctx, &s3.PutBucketEncryptionInput{
		Bucket: &name,
		ServerSideEncryptionConfiguration: &types.ServerSideEncryptionConfiguration{Rules: []types.ServerSideEncryptionRule{{
			ApplyServerSideEncryptionByDefault: &types.ServerSideEncryptionByDefault{SSEAlgorithm: types.ServerSideEncryptionAes256},
			BucketKeyEnabled:                   aws.Bool(true),
		}}},
	})
	if err != nil {
		return fmt.Errorf("encrypt bucket %s: %w", name, err)
	}
	return nil
}

// withOurs returns tags with the sandbox's in place of older ones of Mayfly:
// PutBucketTagging replaces all tags, and an account's rules may have added
// some.
func withOurs(tags []types.Tag, of events.Sandbox) []types.Tag {
	kept := slices.DeleteFunc(slices.Clone(tags), func(tag types.Tag) bool {
		return strings.HasPrefix(aws.ToString(tag.Key), "mayfly:")
	})
	return append(kept,
		types.Tag{Key: aws.String(sandbox.TagSandbox), Value: aws.String(of.Name)},
		types.Tag{Key: aws.String(sandbox.TagSandboxID), Value: aws.String(of.ID)},
		types.Tag{Key: aws.String(sandbox.TagOwner), Value: aws.String(of.Owner)},
	)
}
