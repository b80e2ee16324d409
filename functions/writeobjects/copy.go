package writeobjects

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"golang.org/x/sync/errgroup"

	"github.com/mayfly-dev/mayfly/awserr"
	"github.com/mayfly-dev/mayfly/release"
)

// copies brings this pass's entries back from earlier versions.
func (r *run) copies(ctx context.Context) error {
	group, copying := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for i := range r.plan.Entries {
		if !r.mine(i) {
			continue
		}
		if copying.Err() != nil {
			break
		}
		if err := r.begin(i); errors.Is(err, errStop) {
			break
		}
		group.Go(func() error { return r.copy(copying, i) })
	}
	return group.Wait()
}

// copy makes an earlier version the current one, with its own headers.
func (r *run) copy(ctx context.Context, index int) error {
	entry := &r.plan.Entries[index]
	source := r.plan.Bucket + "/" + escapeKey(entry.Path) + "?versionId=" + url.QueryEscape(entry.From)
	out, err := r.step.s3.CopyObject(ctx, &s3.CopyObjectInput{Bucket: &r.plan.Bucket, Key: &entry.Path, CopySource: &source})
	if awserr.Is(err, "NoSuchVersion", "NoSuchKey", "NotFound", "MethodNotAllowed") {
		return &release.VersionGoneError{Path: entry.Path, VersionID: entry.From}
	}
	if err != nil {
		return fmt.Errorf("copy version %s of %q: %w", entry.From, entry.Path, err)
	}
	if out.CopyObjectResult == nil {
		return fmt.Errorf("copy version %s of %q: S3 answered without a result", entry.From, entry.Path)
	}
	r.wrote(index, unquote(out.CopyObjectResult.ETag), aws.ToString(out.VersionId))
	return nil
}

// escapeKey writes a key for the header that names a copy's source.
func escapeKey(key string) string {
	segments := strings.Split(key, "/")
	for i, segment := range segments {
		segments[i] = url.PathEscape(segment)
	}
	return strings.ReplaceAll(strings.Join(segments, "/"), "+", "%2B")
}
