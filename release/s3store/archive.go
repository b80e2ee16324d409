package s3store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"

	"github.com/mayfly-dev/mayfly/release"
)

// Archive is an uploaded archive. Everything is read from the one object that
// was there when it was opened: an upload that replaces it meanwhile ends the
// reading with a *release.ChangedError.
type Archive struct {
	client      Getter
	bucket, key string
	// ETag is the uploaded object's, without quotation marks.
	ETag string
	// Size is in bytes.
	Size int64

	first io.ReadCloser
}

// OpenArchive opens an uploaded archive. If etag is not empty, the object must
// still have it, else a *release.ChangedError is returned; without it an
// object that is not there is a *release.ContentError. The archive is to be
// closed.
func OpenArchive(ctx context.Context, client Getter, bucket, key, etag string) (*Archive, error) {
	a := &Archive{client: client, bucket: bucket, key: key, ETag: etag}
	out, err := a.get(ctx, 0, -1)
	if err != nil {
		var changed *release.ChangedError
		if etag == "" && errors.As(err, &changed) {
			return nil, &release.ContentError{Rule: "nothing was uploaded"}
		}
		return nil, err
	}
	a.ETag, a.Size, a.first = unquote(out.ETag), aws.ToInt64(out.ContentLength), out.Body
	return a, nil
}

// Close ends the connection that opening the archive made, if no stream took
// it over.
func (a *Archive) Close() error {
	if a.first == nil {
		return nil
	}
	body := a.first
	a.first = nil
	return body.Close()
}

// Content returns the archive in the form that package release reads. It is
// for one goroutine at a time.
func (a *Archive) Content(ctx context.Context) release.Archive {
	return release.Archive{
		Size: a.Size,
		At:   newBlocks(ctx, a),
		Stream: func(ctx context.Context) (io.ReadCloser, error) {
			body := a.first
			a.first = nil
			return &stream{ctx: ctx, archive: a, body: body}, nil
		},
	}
}

// get asks for the archive from an offset on, at most length bytes if length
// is not negative.
func (a *Archive) get(ctx context.Context, offset, length int64) (*s3.GetObjectOutput, error) {
	in := &s3.GetObjectInput{Bucket: &a.bucket, Key: &a.key}
	switch {
	case length >= 0:
		in.Range = aws.String(fmt.Sprintf("bytes=%d-%d", offset, offset+length-1))
	case offset > 0:
		in.Range = aws.String(fmt.Sprintf("bytes=%d-", offset))
	}
	if a.ETag != "" {
		in.IfMatch = aws.String(`"` + a.ETag + `"`)
	}
	out, err := a.client.GetObject(ctx, in)
	if err == nil {
		return out, nil
	}
	var api smithy.APIError
	if errors.As(err, &api) {
		switch api.ErrorCode() {
		case "PreconditionFailed", "InvalidRange":
			return nil, &release.ChangedError{What: "another archive was uploaded in its place"}
		case "NoSuchKey":
			return nil, &release.ChangedError{What: "the uploaded archive is gone"}
		}
	}
	return nil, fmt.Errorf("read archive s3://%s/%s: %w", a.bucket, a.key, err)
}

// unquote returns an ETag without its quotation marks.
func unquote(etag *string) string { return strings.Trim(aws.ToString(etag), `"`) }
