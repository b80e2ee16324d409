package writeobjects

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"golang.org/x/sync/errgroup"

	"github.com/mayfly-dev/mayfly/release"
)

// small writes an object in one call. Its content is read and compared with
// the plan before the call, so that nothing else is ever shown.
func (r *run) small(ctx context.Context, group *errgroup.Group, f release.File, content io.Reader) error {
	buffer, err := r.buffers.get(ctx, int(f.Size))
	if err != nil {
		return err
	}
	if _, err := io.ReadFull(content, buffer.data); err != nil {
		r.buffers.put(buffer)
		return err
	}
	entry := &r.plan.Entries[f.Index]
	digest := sha256.Sum256(buffer.data)
	if hex.EncodeToString(digest[:]) != entry.SHA256 {
		r.buffers.put(buffer)
		return &release.ChangedError{What: fmt.Sprintf("entry %q has other content", f.Path)}
	}
	group.Go(func() error {
		defer r.buffers.put(buffer)
		out, err := r.step.s3.PutObject(ctx, &s3.PutObjectInput{
			Bucket: &r.plan.Bucket, Key: &entry.Path, Body: bytes.NewReader(buffer.data), ContentLength: aws.Int64(f.Size),
			ContentType: &entry.ContentType, CacheControl: &entry.CacheControl,
			ChecksumSHA256: aws.String(base64.StdEncoding.EncodeToString(digest[:])),
		})
		if err != nil {
			return fmt.Errorf("write %q: %w", entry.Path, err)
		}
		r.wrote(f.Index, unquote(out.ETag), aws.ToString(out.VersionId))
		return nil
	})
	return nil
}

func unquote(etag *string) string { return strings.Trim(aws.ToString(etag), `"`) }
