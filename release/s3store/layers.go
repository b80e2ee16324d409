package s3store

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"

	"github.com/mayfly-dev/mayfly/release"
)

// Layers keeps what is known of images' layers in a bucket. It is an
// image.Cache; a lifecycle rule of the bucket ends what it keeps.
type Layers struct {
	Client interface {
		Getter
		Putter
	}
	Bucket string
}

// Open returns the document of the layer with a digest, or nil if there is
// none.
func (l Layers) Open(ctx context.Context, layer string) (io.ReadCloser, error) {
	key := release.LayerKey(layer)
	out, err := l.Client.GetObject(ctx, &s3.GetObjectInput{Bucket: &l.Bucket, Key: &key})
	var api smithy.APIError
	if errors.As(err, &api) && api.ErrorCode() == "NoSuchKey" {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read s3://%s/%s: %w", l.Bucket, key, err)
	}
	return out.Body, nil
}

// Keep keeps the document of the layer with a digest.
func (l Layers) Keep(ctx context.Context, layer string, document []byte) error {
	return putBytes(ctx, l.Client, l.Bucket, release.LayerKey(layer), document)
}
