package account

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/mayfly-dev/mayfly/awserr"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/inventory"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// Buckets is what reading an account needs of S3.
type Buckets interface {
	ListBuckets(context.Context, *s3.ListBucketsInput, ...func(*s3.Options)) (*s3.ListBucketsOutput, error)
	ListObjectsV2(context.Context, *s3.ListObjectsV2Input, ...func(*s3.Options)) (*s3.ListObjectsV2Output, error)
	GetBucketTagging(context.Context, *s3.GetBucketTaggingInput, ...func(*s3.Options)) (*s3.GetBucketTaggingOutput, error)
}

// bucketPrefix is what the names of all sites' buckets begin with.
const bucketPrefix = "mayfly-"

// listBuckets lists those under the prefix. Others may have tags like ours: they
// can't be, whatever their tags say.
func (a *Account) listBuckets(ctx context.Context) ([]inventory.Thing, map[string][]string, error) {
	var all []inventory.Thing
	in := &s3.ListBucketsInput{Prefix: aws.String(bucketPrefix), BucketRegion: &a.options.Region, MaxBuckets: aws.Int32(1000)}
	for {
		page, err := a.buckets.ListBuckets(ctx, in)
		if err != nil {
			return all, nil, fmt.Errorf("list buckets: %w", err)
		}
		for _, b := range page.Buckets {
			name := aws.ToString(b.Name)
			if name == a.options.UploadBucket || !strings.HasPrefix(name, bucketPrefix) {
				continue
			}
			all = append(all, inventory.Thing{
				Kind: sandbox.KindBucket, ID: name, Marked: true, At: aws.ToTime(b.CreationDate),
				Made: events.Made{Bucket: &events.Bucket{Name: name, Region: a.options.Region}},
			})
		}
		if in.ContinuationToken = page.ContinuationToken; aws.ToString(in.ContinuationToken) == "" {
			return all, nil, nil
		}
	}
}

func (a *Account) inspectBucket(ctx context.Context, thing inventory.Thing) (inventory.Thing, bool, error) {
	mark, fits := inventory.OfBucketName(thing.ID)
	thing.Mark = mark
	out, err := a.buckets.GetBucketTagging(ctx, &s3.GetBucketTaggingInput{Bucket: &thing.ID})
	switch {
	case awserr.Is(err, "NoSuchBucket"):
		return thing, false, nil
	case awserr.Is(err, "NoSuchTagSet"):
		// A bucket is tagged by a second call, which may never have come. Its name
		// alone has an id that nobody guesses.
		out = &s3.GetBucketTaggingOutput{}
	case err != nil:
		return thing, false, fmt.Errorf("read its tags: %w", err)
	}
	tags := make(map[string]string, len(out.TagSet))
	for _, tag := range out.TagSet {
		tags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
	}
	said, tagged := inventory.OfTags(tags)
	switch {
	case !fits:
		thing.Doubt = "its name is not one that Mayfly gives a sandbox's bucket"
	case tagged && said != mark:
		thing.Doubt = fmt.Sprintf("its name says sandbox %s (%s), its tags %q (%q)", mark.Name, mark.ID, said.Name, said.ID)
	}
	return thing, true, nil
}
