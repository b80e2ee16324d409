package ecrrepo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"

	"github.com/mayfly-dev/mayfly/release/image"
)

// Blob implements image.Source. Each call asks for a URL of its own, since one
// is good for a short time only.
func (r *repository) Blob(ctx context.Context, digest string, offset int64) (io.ReadCloser, error) {
	what := "layer " + digest
	out, err := r.ECR.GetDownloadUrlForLayer(ctx, &ecr.GetDownloadUrlForLayerInput{
		RegistryId: r.registry(), RepositoryName: &r.name, LayerDigest: &digest,
	})
	if err != nil {
		return nil, r.fault(what, err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, aws.ToString(out.DownloadUrl), nil)
	if err != nil {
		return nil, fmt.Errorf("%s of repository %q: %w", what, r.name, withoutURL(err))
	}
	request.Header.Set("Accept-Encoding", "identity") // the digest is of the bytes as they are kept
	if offset > 0 {
		request.Header.Set("Range", "bytes="+strconv.FormatInt(offset, 10)+"-")
	}
	response, err := r.HTTP.Do(request)
	if err != nil {
		return nil, r.passing("NetworkError", what, withoutURL(err))
	}
	if err := r.check(what, response, offset); err != nil {
		return nil, errors.Join(err, response.Body.Close())
	}
	if offset > 0 && response.StatusCode == http.StatusOK { // a server that knows no ranges
		if _, err := io.CopyN(io.Discard, response.Body, offset); err != nil {
			return nil, errors.Join(r.passing("NetworkError", what, err), response.Body.Close())
		}
	}
	return response.Body, nil
}

// check tells an answer that brings content from others.
func (r *repository) check(what string, response *http.Response, offset int64) error {
	refused := fmt.Errorf("the answer is %s", response.Status)
	switch code := response.StatusCode; {
	case code == http.StatusOK:
		return nil
	case code == http.StatusPartialContent && offset > 0:
		if begin := "bytes " + strconv.FormatInt(offset, 10) + "-"; !strings.HasPrefix(response.Header.Get("Content-Range"), begin) {
			return r.passing("NetworkError", what, fmt.Errorf("the answer is the range %q", response.Header.Get("Content-Range")))
		}
		return nil
	case code == http.StatusNotFound:
		return r.missing(what)
	case code == http.StatusTooManyRequests:
		return r.passing("TooManyRequestsException", what, refused)
	case code == http.StatusForbidden: // the URL may have run out: the next try has another
		return r.passing("AccessDenied", what, refused)
	case code >= http.StatusInternalServerError || code == http.StatusRequestTimeout:
		return r.passing("ServiceUnavailable", what, refused)
	}
	return fmt.Errorf("%s of repository %q: %w", what, r.name, refused)
}

func (r *repository) passing(name, what string, err error) error {
	return &image.PassingError{Name: name, Err: fmt.Errorf("%s of repository %q: %w", what, r.name, err)}
}

// withoutURL takes the URL out of an error: its signature is a secret.
func withoutURL(err error) error {
	var request *url.Error
	if errors.As(err, &request) {
		return request.Err
	}
	return err
}
