package emptybucket

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
	"golang.org/x/sync/errgroup"

	"github.com/mayfly-dev/mayfly/awserr"
)

// Purger is what deleting everything under a prefix needs of S3.
type Purger interface {
	ListMultipartUploads(context.Context, *s3.ListMultipartUploadsInput, ...func(*s3.Options)) (*s3.ListMultipartUploadsOutput, error)
	AbortMultipartUpload(context.Context, *s3.AbortMultipartUploadInput, ...func(*s3.Options)) (*s3.AbortMultipartUploadOutput, error)
	ListObjectVersions(context.Context, *s3.ListObjectVersionsInput, ...func(*s3.Options)) (*s3.ListObjectVersionsOutput, error)
	DeleteObjects(context.Context, *s3.DeleteObjectsInput, ...func(*s3.Options)) (*s3.DeleteObjectsOutput, error)
}

// errNoTime ends a run before its deadline.
var errNoTime = errors.New("no time left")

// purge deletes, counting, until its time is over.
type purge struct {
	client   Purger
	parallel int
	// late says that no further call may begin.
	late    func() bool
	deleted atomic.Int64

	mu      sync.Mutex
	refused error // of the first version that could not be deleted in this pass
}

// all deletes what is under prefix in passes over the list, until a pass finds
// nothing: what was written during a pass, or failed for a moment, is the next
// one's. A pass that finds something and can delete none of it is an error.
func (p *purge) all(ctx context.Context, bucket, prefix string) error {
	if err := p.uploads(ctx, bucket, prefix); err != nil {
		return err
	}
	for {
		before := p.deleted.Load()
		p.refused = nil
		listed, err := p.pass(ctx, bucket, prefix)
		if err != nil || listed == 0 {
			return err
		}
		if p.deleted.Load() == before {
			return p.refused
		}
	}
}

// pass deletes every version that is listed now. No more than parallel pages
// are held at a time.
func (p *purge) pass(ctx context.Context, bucket, prefix string) (listed int, err error) {
	group, deleting := errgroup.WithContext(ctx)
	group.SetLimit(p.parallel)
	in := &s3.ListObjectVersionsInput{Bucket: &bucket, Prefix: optional(prefix)}
	for {
		if p.late() {
			err = errNoTime
			break
		}
		if deleting.Err() != nil {
			break
		}
		page, listErr := p.client.ListObjectVersions(ctx, in)
		if listErr != nil {
			err = fmt.Errorf("list the versions in bucket %s: %w", bucket, listErr)
			break
		}
		batch := identifiers(page)
		listed += len(batch)
		if len(batch) > 0 {
			group.Go(func() error { return p.batch(deleting, bucket, batch) })
		}
		if !aws.ToBool(page.IsTruncated) {
			break
		}
		in.KeyMarker, in.VersionIdMarker = page.NextKeyMarker, page.NextVersionIdMarker
	}
	return listed, errors.Join(group.Wait(), err)
}

// batch deletes at most 1,000 versions in one call. S3 answers for each key
// alone; in quiet mode it names those that it could not delete.
func (p *purge) batch(ctx context.Context, bucket string, batch []types.ObjectIdentifier) error {
	out, err := p.client.DeleteObjects(ctx, &s3.DeleteObjectsInput{Bucket: &bucket, Delete: &types.Delete{Objects: batch, Quiet: aws.Bool(true)}})
	if err != nil {
		return fmt.Errorf("delete %d versions from bucket %s: %w", len(batch), bucket, err)
	}
	failed := 0
	for _, refusal := range out.Errors {
		if code := aws.ToString(refusal.Code); code == "NoSuchKey" || code == "NoSuchVersion" {
			continue
		}
		failed++
		p.mu.Lock()
		if p.refused == nil {
			p.refused = fmt.Errorf("delete %s, version %s, from bucket %s: %w", aws.ToString(refusal.Key), aws.ToString(refusal.VersionId), bucket,
				&smithy.GenericAPIError{Code: aws.ToString(refusal.Code), Message: aws.ToString(refusal.Message)})
		}
		p.mu.Unlock()
	}
	p.deleted.Add(int64(len(batch) - failed))
	return nil
}

// uploads aborts the unfinished multipart uploads, whose parts cost money and
// keep no bucket from being deleted, so that none can end afterwards.
func (p *purge) uploads(ctx context.Context, bucket, prefix string) error {
	in := &s3.ListMultipartUploadsInput{Bucket: &bucket, Prefix: optional(prefix)}
	for {
		if p.late() {
			return errNoTime
		}
		page, err := p.client.ListMultipartUploads(ctx, in)
		if err != nil {
			return fmt.Errorf("list the unfinished uploads to bucket %s: %w", bucket, err)
		}
		group, aborting := errgroup.WithContext(ctx)
		group.SetLimit(p.parallel)
		for _, upload := range page.Uploads {
			group.Go(func() error {
				_, err := p.client.AbortMultipartUpload(aborting, &s3.AbortMultipartUploadInput{Bucket: &bucket, Key: upload.Key, UploadId: upload.UploadId})
				if err != nil && !awserr.Is(err, "NoSuchUpload") {
					return fmt.Errorf("abort the upload of %s to bucket %s: %w", aws.ToString(upload.Key), bucket, err)
				}
				return nil
			})
		}
		if err := group.Wait(); err != nil {
			return err
		}
		if !aws.ToBool(page.IsTruncated) {
			return nil
		}
		in.KeyMarker, in.UploadIdMarker = page.NextKeyMarker, page.NextUploadIdMarker
	}
}

// identifiers returns what a page lists, which is at most 1,000. The oldest
// version of each key comes first: an S3 that keeps the newest apart need not
// bring an earlier one forward again and again.
func identifiers(page *s3.ListObjectVersionsOutput) []types.ObjectIdentifier {
	batch := make([]types.ObjectIdentifier, 0, len(page.Versions)+len(page.DeleteMarkers))
	for _, v := range page.Versions {
		batch = append(batch, types.ObjectIdentifier{Key: v.Key, VersionId: v.VersionId})
	}
	for _, m := range page.DeleteMarkers {
		batch = append(batch, types.ObjectIdentifier{Key: m.Key, VersionId: m.VersionId})
	}
	slices.Reverse(batch)
	return batch
}

func optional(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
