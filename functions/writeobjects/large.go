package writeobjects

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"golang.org/x/sync/errgroup"

	"github.com/mayfly-dev/mayfly/release"
)

// large writes an object in parts, several at once. The object appears only
// when the upload is completed, after the digest of all parts was compared
// with the plan's; otherwise the upload is given up. What a killed process
// leaves of one is removed by the bucket's lifecycle rule.
func (r *run) large(ctx context.Context, group *errgroup.Group, f release.File, content io.Reader) error {
	entry := &r.plan.Entries[f.Index]
	created, err := r.step.s3.CreateMultipartUpload(ctx, &s3.CreateMultipartUploadInput{
		Bucket: &r.plan.Bucket, Key: &entry.Path, ContentType: &entry.ContentType, CacheControl: &entry.CacheControl,
	})
	if err != nil {
		return fmt.Errorf("begin upload of %q: %w", entry.Path, err)
	}
	parts, err := r.parts(ctx, entry, created.UploadId, f.Size, content)
	if err != nil {
		return errors.Join(err, r.abort(ctx, entry, created.UploadId))
	}
	group.Go(func() error {
		out, err := r.step.s3.CompleteMultipartUpload(ctx, &s3.CompleteMultipartUploadInput{
			Bucket: &r.plan.Bucket, Key: &entry.Path, UploadId: created.UploadId,
			MultipartUpload: &types.CompletedMultipartUpload{Parts: parts},
		})
		if err != nil {
			return errors.Join(fmt.Errorf("complete upload of %q: %w", entry.Path, err), r.abort(ctx, entry, created.UploadId))
		}
		r.wrote(f.Index, unquote(out.ETag), aws.ToString(out.VersionId))
		return nil
	})
	return nil
}

// parts writes the parts of an upload and waits for all of them.
func (r *run) parts(ctx context.Context, entry *release.PlanEntry, upload *string, size int64, content io.Reader) ([]types.CompletedPart, error) {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	digest := sha256.New()
	parts := make([]types.CompletedPart, (size+release.PartBytes-1)/release.PartBytes)
	read := func() error {
		for i := range parts {
			length := min(size-int64(i)*release.PartBytes, release.PartBytes)
			buffer, err := r.buffers.get(ctx, int(length))
			if err != nil {
				return err
			}
			if _, err := io.ReadFull(content, buffer.data); err != nil {
				r.buffers.put(buffer)
				return err
			}
			digest.Write(buffer.data)
			group.Go(func() error {
				defer r.buffers.put(buffer)
				number := aws.Int32(int32(i + 1)) //nolint:gosec // S3 allows 10,000
				out, err := r.step.s3.UploadPart(ctx, &s3.UploadPartInput{
					Bucket: &r.plan.Bucket, Key: &entry.Path, UploadId: upload, PartNumber: number,
					Body: bytes.NewReader(buffer.data), ContentLength: &length,
				})
				if err != nil {
					return fmt.Errorf("write part %d of %q: %w", i+1, entry.Path, err)
				}
				parts[i] = types.CompletedPart{
					PartNumber: number, ETag: out.ETag, ChecksumCRC32: out.ChecksumCRC32, ChecksumCRC32C: out.ChecksumCRC32C,
					ChecksumCRC64NVME: out.ChecksumCRC64NVME, ChecksumSHA1: out.ChecksumSHA1, ChecksumSHA256: out.ChecksumSHA256,
				}
				return nil
			})
		}
		return nil
	}()
	if err := group.Wait(); err != nil {
		return nil, err
	}
	if read != nil {
		return nil, read
	}
	if hex.EncodeToString(digest.Sum(nil)) != entry.SHA256 {
		return nil, &release.ChangedError{What: fmt.Sprintf("entry %q has other content", entry.Path)}
	}
	return parts, nil
}

// abort gives an upload up, also when the run itself was given up.
func (r *run) abort(ctx context.Context, entry *release.PlanEntry, upload *string) error {
	const patience = 5 * time.Second
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	_, err := r.step.s3.AbortMultipartUpload(ctx, &s3.AbortMultipartUploadInput{Bucket: &r.plan.Bucket, Key: &entry.Path, UploadId: upload})
	if err != nil {
		return fmt.Errorf("give up upload of %q: %w", entry.Path, err)
	}
	return nil
}
