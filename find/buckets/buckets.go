// Package buckets finds a sandbox's bucket.
package buckets

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/mayfly-dev/mayfly/awserr"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// TagReader is what proving a bucket needs of S3.
type TagReader interface {
	GetBucketTagging(context.Context, *s3.GetBucketTaggingInput, ...func(*s3.Options)) (*s3.GetBucketTaggingOutput, error)
}

// Reader is what looking for a bucket needs of S3.
type Reader interface {
	TagReader
	HeadBucket(context.Context, *s3.HeadBucketInput, ...func(*s3.Options)) (*s3.HeadBucketOutput, error)
}

// Tags returns a bucket's tags, and whether they allow it to be the sandbox's:
// they name its id, or no id at all. A bucket without our tag counts as ours
// because its name holds the sandbox's unguessable id and it is in our account:
// it is what an earlier try made before it could tag it. An account's own rules
// may have put other tags there meanwhile.
func Tags(ctx context.Context, client TagReader, bucket, id string) (tags []types.Tag, ours bool, err error) {
	out, err := client.GetBucketTagging(ctx, &s3.GetBucketTaggingInput{Bucket: &bucket})
	if awserr.Is(err, "NoSuchTagSet") {
		return nil, true, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("read the tags of bucket %s: %w", bucket, err)
	}
	for _, tag := range out.TagSet {
		if aws.ToString(tag.Key) == sandbox.TagSandboxID {
			return out.TagSet, aws.ToString(tag.Value) == id, nil
		}
	}
	return out.TagSet, true, nil
}

// Find returns the name of the sandbox's bucket, trying every name that it
// may have, or "" when there is none. Other accounts' buckets under such a
// name are passed over.
func Find(ctx context.Context, client Reader, ref sandbox.Ref) (string, error) {
	for attempt := range sandbox.MaxBucketAttempts {
		name := sandbox.BucketName(ref.Name, ref.ID, attempt)
		_, err := client.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &name})
		// A HEAD's answer has no body: its error codes are HTTP's own.
		if awserr.Is(err, "NotFound", "NoSuchBucket", "Forbidden", "AccessDenied") {
			continue
		}
		if err != nil {
			return "", fmt.Errorf("look for bucket %s: %w", name, err)
		}
		_, ours, err := Tags(ctx, client, name, ref.ID)
		if awserr.Is(err, "NoSuchBucket", "AccessDenied") {
			continue
		}
		if err != nil {
			return "", err
		}
		if ours {
			return name, nil
		}
	}
	return "", nil
}
