package sfn

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/mayfly-dev/mayfly/local/asl"
)

// ItemStore returns S3 as the place of distributed maps' data sets. It is not
// the AWS SDK integration of S3, which is bound to 256 KiB and writes a body as
// JSON text: readers and writers move whole objects as they are.
func ItemStore(client *s3.Client) asl.ItemStore { return itemStore{client} }

type itemStore struct{ client *s3.Client }

// GetObject reads an object to its end.
func (s itemStore) GetObject(ctx context.Context, bucket, key string) ([]byte, error) {
	out, err := s.client.GetObject(ctx, &s3.GetObjectInput{Bucket: &bucket, Key: &key})
	if err != nil {
		return nil, fmt.Errorf("get s3://%s/%s: %w", bucket, key, err)
	}
	defer func() { _ = out.Body.Close() }() // read to its end, or given up
	content, err := io.ReadAll(out.Body)
	if err != nil {
		return nil, fmt.Errorf("get s3://%s/%s: %w", bucket, key, err)
	}
	return content, nil
}

// listed is an object as an item reader gives it to a child execution.
type listed struct {
	ETag         *string `json:"Etag,omitempty"`
	Key          *string `json:"Key"`
	LastModified *int64  `json:"LastModified,omitempty"` // seconds since 1970
	Size         *int64  `json:"Size"`
	StorageClass string  `json:"StorageClass,omitempty"`
}

// ListObjects lists every object under a prefix, page by page to the end.
func (s itemStore) ListObjects(ctx context.Context, bucket, prefix string) ([][]byte, error) {
	var all [][]byte
	pages := s3.NewListObjectsV2Paginator(s.client, &s3.ListObjectsV2Input{Bucket: &bucket, Prefix: &prefix})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list s3://%s/%s: %w", bucket, prefix, err)
		}
		for _, object := range page.Contents {
			item := listed{ETag: object.ETag, Key: object.Key, Size: object.Size, StorageClass: string(object.StorageClass)}
			if object.LastModified != nil {
				seconds := object.LastModified.Unix()
				item.LastModified = &seconds
			}
			text, err := json.Marshal(item)
			if err != nil {
				return nil, fmt.Errorf("list s3://%s/%s: %w", bucket, prefix, err)
			}
			all = append(all, text)
		}
	}
	return all, nil
}

// PutObject writes an object as it is.
func (s itemStore) PutObject(ctx context.Context, bucket, key string, content []byte) error {
	if _, err := s.client.PutObject(ctx, &s3.PutObjectInput{Bucket: &bucket, Key: &key, Body: bytes.NewReader(content)}); err != nil {
		return fmt.Errorf("put s3://%s/%s: %w", bucket, key, err)
	}
	return nil
}
