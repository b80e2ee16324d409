package ecr

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/mayfly-dev/mayfly/local/ecr/blobs"
)

func (s *Service) serveUpload(v *visit) error {
	switch {
	case v.reference == "" && v.r.Method == http.MethodPost:
		return s.beginUpload(v)
	case v.reference == "":
		return unsupported(v)
	}
	switch v.r.Method {
	case http.MethodPatch:
		return s.patchUpload(v)
	case http.MethodPut:
		return s.endUpload(v, v.reference)
	case http.MethodGet, http.MethodHead:
		return s.showUpload(v)
	case http.MethodDelete:
		return s.dropUpload(v)
	}
	return unsupported(v)
}

// beginUpload starts an upload, or does without one: the blob is mounted from
// another repository, or comes in this request.
func (s *Service) beginUpload(v *visit) error {
	if err := s.permit(v, "InitiateLayerUpload"); err != nil {
		return err
	}
	query := v.r.URL.Query()
	if digest, from := query.Get("mount"), query.Get("from"); digest != "" && s.mount(v, from, digest) {
		return s.created(v, digest)
	}
	id, err := s.blobs.Begin(v.r.Context(), v.repo.key())
	if err != nil {
		return err
	}
	if query.Get("digest") != "" {
		return s.endUpload(v, id)
	}
	return s.accepted(v, id, 0, http.StatusAccepted)
}

// mount takes a blob from another repository. When it cannot, for whatever
// reason, the client uploads.
func (s *Service) mount(v *visit, from, digest string) bool {
	registry, name := s.fromPath(from)
	source, err := s.find(v.r.Context(), s.store.reader, registry, name)
	if err != nil || s.permitIn(v, source, "GetDownloadUrlForLayer") != nil {
		return false
	}
	_, err = s.blobs.Mount(v.r.Context(), source.key(), v.repo.key(), digest)
	return err == nil
}

func (s *Service) patchUpload(v *visit) error {
	if err := s.permit(v, "UploadLayerPart"); err != nil {
		return err
	}
	offset, err := partOffset(v.r)
	if err != nil {
		return err
	}
	size, err := s.blobs.Append(v.r.Context(), v.repo.key(), v.reference, offset, v.r.Body)
	var elsewhere *blobs.OffsetError
	if errors.As(err, &elsewhere) {
		return s.accepted(v, v.reference, elsewhere.Size, http.StatusRequestedRangeNotSatisfiable)
	}
	if err != nil {
		return cutOff(err)
	}
	return s.accepted(v, v.reference, size, http.StatusAccepted)
}

// endUpload takes the rest of an upload, and makes it a blob.
func (s *Service) endUpload(v *visit, id string) error {
	if err := s.permit(v, "CompleteLayerUpload"); err != nil {
		return err
	}
	digest := v.r.URL.Query().Get("digest")
	if digest == "" {
		return &problem{status: http.StatusBadRequest, Code: "DIGEST_INVALID", Message: "The request has no digest"}
	}
	if v.r.ContentLength != 0 {
		offset, err := partOffset(v.r)
		if err != nil {
			return err
		}
		size, err := s.blobs.Append(v.r.Context(), v.repo.key(), id, offset, v.r.Body)
		var elsewhere *blobs.OffsetError
		if errors.As(err, &elsewhere) {
			return s.accepted(v, id, size, http.StatusRequestedRangeNotSatisfiable)
		}
		if err != nil {
			return cutOff(err)
		}
	}
	if _, err := s.blobs.Commit(v.r.Context(), v.repo.key(), id, digest); err != nil {
		return err
	}
	return s.created(v, digest)
}

func (s *Service) showUpload(v *visit) error {
	if err := s.permit(v, "UploadLayerPart"); err != nil {
		return err
	}
	size, err := s.blobs.UploadSize(v.r.Context(), v.repo.key(), v.reference)
	if err != nil {
		return err
	}
	return s.accepted(v, v.reference, size, http.StatusNoContent)
}

func (s *Service) dropUpload(v *visit) error {
	if err := s.permit(v, "UploadLayerPart"); err != nil {
		return err
	}
	if err := s.blobs.Cancel(v.r.Context(), v.repo.key(), v.reference); err != nil {
		return err
	}
	v.w.WriteHeader(http.StatusNoContent)
	return nil
}

// accepted tells how far an upload has got.
func (s *Service) accepted(v *visit, id string, size int64, status int) error {
	h := v.w.Header()
	h.Set("Location", s.location(v, "blobs/uploads/"+id))
	h.Set("Docker-Upload-UUID", id)
	h.Set("Range", fmt.Sprintf("0-%d", max(size-1, 0)))
	h.Set("Content-Length", "0")
	v.w.WriteHeader(status)
	return nil
}

// created tells where a blob is.
func (s *Service) created(v *visit, digest string) error {
	h := v.w.Header()
	h.Set("Location", s.location(v, "blobs/"+digest))
	h.Set("Docker-Content-Digest", digest)
	h.Set("Content-Length", "0")
	v.w.WriteHeader(http.StatusCreated)
	return nil
}

// partOffset is where the part in a request begins, if it says so:
// Content-Range is FIRST-LAST, without the unit that HTTP has.
func partOffset(r *http.Request) (int64, error) {
	header := strings.TrimPrefix(r.Header.Get("Content-Range"), "bytes ")
	if header == "" {
		return blobs.Anywhere, nil
	}
	first, _, _ := strings.Cut(header, "-")
	offset, err := strconv.ParseInt(first, 10, 64)
	if err != nil || offset < 0 {
		return 0, &problem{status: http.StatusRequestedRangeNotSatisfiable, Code: "BLOB_UPLOAD_INVALID", Message: "Content-Range must be FIRST-LAST"}
	}
	return offset, nil
}

// cutOff is the answer, which hardly anybody will read, when a client stopped
// in the middle. What it sent is kept: it can go on.
func cutOff(err error) error {
	if errors.Is(err, blobs.ErrUploadUnknown) || errors.Is(err, blobs.ErrUploadBusy) {
		return err
	}
	return &problem{status: http.StatusBadRequest, Code: "BLOB_UPLOAD_INVALID", Message: "The upload was cut off: " + err.Error()}
}
