package sfn

import (
	"context"
	"fmt"
	"io"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/mayfly-dev/mayfly/local/asl"
)

// ItemStore returns S3 as the place of distributed maps' data sets. It is not
// the AWS SDK integration of S3, which is bound to 256 KiB and writes a body as
// JSON text: readers and writers move objects as they are, and readers only the
// parts that they want.
func ItemStore(client *s3.Client) asl.ItemStore { return itemStore{client} }

type itemStore struct{ client *s3.Client }

// object is a version of an object, of which parts are asked for.
type object struct {
	ctx     context.Context //nolint:containedctx // of whoever opened it; io.ReaderAt has none
	client  *s3.Client
	at      asl.ObjectRef
	version string // an ETag
	size    int64
}

// Open finds an object.
func (s itemStore) Open(ctx context.Context, at asl.ObjectRef) (asl.Object, error) {
	out, err := s.client.HeadObject(ctx, &s3.HeadObjectInput{
		Bucket: &at.Bucket, Key: &at.Key, VersionId: given(at.VersionID), ExpectedBucketOwner: given(at.Owner),
	})
	if err != nil {
		return nil, fmt.Errorf("find s3://%s/%s: %w", at.Bucket, at.Key, err)
	}
	return &object{ctx: ctx, client: s.client, at: at, version: aws.ToString(out.ETag), size: aws.ToInt64(out.ContentLength)}, nil
}

// given is a parameter that is left out when it is "".
func given(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// Size returns the object's size in bytes.
func (o *object) Size() int64 { return o.size }

// ReadAt asks for a part of the object, which must not have changed.
func (o *object) ReadAt(p []byte, from int64) (int, error) {
	if from >= o.size {
		return 0, io.EOF
	}
	if len(p) == 0 {
		return 0, nil
	}
	to := min(from+int64(len(p)), o.size)
	out, err := o.client.GetObject(o.ctx, &s3.GetObjectInput{
		Bucket: &o.at.Bucket, Key: &o.at.Key, VersionId: given(o.at.VersionID), ExpectedBucketOwner: given(o.at.Owner),
		IfMatch: given(o.version), Range: aws.String(fmt.Sprintf("bytes=%d-%d", from, to-1)),
	})
	if err != nil {
		return 0, fmt.Errorf("get s3://%s/%s from byte %d: %w", o.at.Bucket, o.at.Key, from, err)
	}
	defer func() { _ = out.Body.Close() }() // read to its end, or given up
	n, err := io.ReadFull(out.Body, p[:to-from])
	if err != nil {
		return n, fmt.Errorf("get s3://%s/%s from byte %d: %w", o.at.Bucket, o.at.Key, from, err)
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// List lists every object whose key begins with a text, page by page to the end.
func (s itemStore) List(ctx context.Context, at asl.ObjectRef, each func(asl.ListedObject) error) error {
	pages := s3.NewListObjectsV2Paginator(s.client, &s3.ListObjectsV2Input{
		Bucket: &at.Bucket, Prefix: &at.Key, ExpectedBucketOwner: given(at.Owner),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return fmt.Errorf("list s3://%s/%s: %w", at.Bucket, at.Key, err)
		}
		for _, o := range page.Contents {
			listed := asl.ListedObject{
				Key: aws.ToString(o.Key), ETag: aws.ToString(o.ETag), LastModified: aws.ToTime(o.LastModified),
				Size: aws.ToInt64(o.Size), StorageClass: string(o.StorageClass),
			}
			if err := each(listed); err != nil {
				return err
			}
		}
	}
	return nil
}

// Put writes an object as it is.
func (s itemStore) Put(ctx context.Context, at asl.ObjectRef, content io.ReadSeeker) error {
	_, err := s.client.PutObject(ctx, &s3.PutObjectInput{Bucket: &at.Bucket, Key: &at.Key, Body: content, ExpectedBucketOwner: given(at.Owner)})
	if err != nil {
		return fmt.Errorf("put s3://%s/%s: %w", at.Bucket, at.Key, err)
	}
	return nil
}
