package steptest

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// PutBucketTagging replaces the tags.
func (f *S3) PutBucketTagging(_ context.Context, in *s3.PutBucketTaggingInput, _ ...func(*s3.Options)) (*s3.PutBucketTaggingOutput, error) {
	return withBucket(f, "PutBucketTagging", in.Bucket, func(b *Bucket) (*s3.PutBucketTaggingOutput, error) {
		b.Tags = in.Tagging.TagSet
		return &s3.PutBucketTaggingOutput{}, nil
	})
}

// PutPublicAccessBlock replaces the block.
func (f *S3) PutPublicAccessBlock(_ context.Context, in *s3.PutPublicAccessBlockInput, _ ...func(*s3.Options)) (*s3.PutPublicAccessBlockOutput, error) {
	return withBucket(f, "PutPublicAccessBlock", in.Bucket, func(b *Bucket) (*s3.PutPublicAccessBlockOutput, error) {
		b.Access = in.PublicAccessBlockConfiguration
		return &s3.PutPublicAccessBlockOutput{}, nil
	})
}

// PutBucketEncryption replaces the encryption.
func (f *S3) PutBucketEncryption(_ context.Context, in *s3.PutBucketEncryptionInput, _ ...func(*s3.Options)) (*s3.PutBucketEncryptionOutput, error) {
	return withBucket(f, "PutBucketEncryption", in.Bucket, func(b *Bucket) (*s3.PutBucketEncryptionOutput, error) {
		b.Encryption = in.ServerSideEncryptionConfiguration
		return &s3.PutBucketEncryptionOutput{}, nil
	})
}

// PutBucketVersioning sets the versioning.
func (f *S3) PutBucketVersioning(_ context.Context, in *s3.PutBucketVersioningInput, _ ...func(*s3.Options)) (*s3.PutBucketVersioningOutput, error) {
	return withBucket(f, "PutBucketVersioning", in.Bucket, func(b *Bucket) (*s3.PutBucketVersioningOutput, error) {
		b.Versioning = in.VersioningConfiguration.Status
		return &s3.PutBucketVersioningOutput{}, nil
	})
}

// PutBucketLifecycleConfiguration replaces the lifecycle rules.
func (f *S3) PutBucketLifecycleConfiguration(_ context.Context, in *s3.PutBucketLifecycleConfigurationInput, _ ...func(*s3.Options)) (*s3.PutBucketLifecycleConfigurationOutput, error) {
	return withBucket(f, "PutBucketLifecycleConfiguration", in.Bucket, func(b *Bucket) (*s3.PutBucketLifecycleConfigurationOutput, error) {
		b.Lifecycle = in.LifecycleConfiguration
		return &s3.PutBucketLifecycleConfigurationOutput{}, nil
	})
}

// PutBucketPolicy replaces the policy; a public one is refused while the
// bucket's public access block says so.
func (f *S3) PutBucketPolicy(_ context.Context, in *s3.PutBucketPolicyInput, _ ...func(*s3.Options)) (*s3.PutBucketPolicyOutput, error) {
	return withBucket(f, "PutBucketPolicy", in.Bucket, func(b *Bucket) (*s3.PutBucketPolicyOutput, error) {
		public := strings.Contains(*in.Policy, `"Effect":"Allow","Principal":"*"`)
		if public && b.Access != nil && aws.ToBool(b.Access.BlockPublicPolicy) {
			return nil, Refusal("AccessDenied")
		}
		b.Policy = *in.Policy
		return &s3.PutBucketPolicyOutput{}, nil
	})
}

// PutBucketWebsite replaces the website hosting.
func (f *S3) PutBucketWebsite(_ context.Context, in *s3.PutBucketWebsiteInput, _ ...func(*s3.Options)) (*s3.PutBucketWebsiteOutput, error) {
	return withBucket(f, "PutBucketWebsite", in.Bucket, func(b *Bucket) (*s3.PutBucketWebsiteOutput, error) {
		b.Website = in.WebsiteConfiguration
		return &s3.PutBucketWebsiteOutput{}, nil
	})
}
