package ecr

import (
	"context"
	"database/sql"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/mayfly-dev/mayfly/local/ecr/manifest"
)

func (s *Service) serveManifest(v *visit) error {
	id := imageID{ImageTag: v.reference}
	if strings.Contains(v.reference, ":") {
		id = imageID{ImageDigest: v.reference}
	}
	switch {
	case id.ImageDigest != "" && !digestRule.MatchString(id.ImageDigest):
		return &problem{status: http.StatusBadRequest, Code: "DIGEST_INVALID", Message: "Invalid image digest"}
	case id.ImageTag != "" && !tagRule.MatchString(id.ImageTag):
		return &problem{status: http.StatusBadRequest, Code: "TAG_INVALID", Message: "Invalid image tag"}
	}
	switch v.r.Method {
	case http.MethodGet, http.MethodHead:
		return s.pull(v, id)
	case http.MethodPut:
		return s.receive(v, id)
	case http.MethodDelete:
		return s.deleteManifest(v, id)
	}
	return unsupported(v)
}

// deleteManifest deletes an image, or takes a tag from it, as BatchDeleteImage
// does.
func (s *Service) deleteManifest(v *visit, id imageID) error {
	if err := s.permit(v, "BatchDeleteImage"); err != nil {
		return err
	}
	out, err := s.batchDeleteImage(&call{Context: v.r.Context(), who: v.who, registry: v.repo.visibility},
		batchDeleteImageInput{target: target{RepositoryName: v.repo.name}, ImageIDs: []imageID{id}})
	if err != nil {
		return err
	}
	switch {
	case len(out.Failures) == 0:
	case out.Failures[0].Code == "ImageReferencedByManifestList":
		return &problem{status: http.StatusMethodNotAllowed, Code: "UNSUPPORTED", Message: out.Failures[0].Reason}
	default:
		return errVanished
	}
	v.w.WriteHeader(http.StatusAccepted)
	return nil
}

// pull answers with a manifest. To ask for its head is no pull.
func (s *Service) pull(v *visit, id imageID) error {
	if err := s.permit(v, "BatchGetImage"); err != nil {
		return err
	}
	found, err := s.lookUp(v.r.Context(), s.store.reader, v.repo, id)
	var missing *Error
	if errors.As(err, &missing) {
		return errVanished
	}
	if err != nil {
		return err
	}
	if found.archived() {
		return refuse("ImageArchivedException", "The image with digest %s is archived; restore it before it is pulled", found.digest)
	}
	body, err := s.manifestOf(v.r.Context(), found)
	if err != nil {
		return err
	}
	if v.r.Method == http.MethodGet {
		if err := s.countPull(v.r.Context(), v.repo, found); err != nil {
			return err
		}
	}
	h := v.w.Header()
	h.Set("Content-Type", found.mediaType)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	h.Set("Docker-Content-Digest", found.digest)
	h.Set("ETag", `"`+found.digest+`"`)
	v.w.WriteHeader(http.StatusOK)
	if v.r.Method == http.MethodGet {
		_, _ = v.w.Write(body) // the client has gone
	}
	return nil
}

// countPull records that an image was pulled.
func (s *Service) countPull(ctx context.Context, r *repository, i *image) error {
	now := s.now()
	err := s.store.write(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "UPDATE image SET pulls = pulls + 1, pulled_at = max(pulled_at, ?) WHERE id = ?", milliseconds(now), i.id); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, "UPDATE repository SET pulls = pulls + 1 WHERE id = ?", r.id)
		return err
	})
	if err == nil && s.o.Metrics != nil && r.visibility == private { // CloudWatch knows nothing of public ones
		s.o.Metrics.Pulled(r.name, now)
	}
	return err
}

// receive records a manifest.
func (s *Service) receive(v *visit, id imageID) error {
	if err := s.permit(v, "PutImage"); err != nil {
		return err
	}
	body, err := io.ReadAll(http.MaxBytesReader(v.w, v.r.Body, manifest.MaxSize))
	if err != nil {
		return &problem{status: http.StatusBadRequest, Code: "MANIFEST_INVALID", Message: "The manifest could not be read: " + err.Error()}
	}
	done, err := s.put(v.r.Context(), push{registry: v.repo.visibility, name: v.repo.name, mediaType: v.r.Header.Get("Content-Type"), body: body, id: id})
	if err != nil {
		return err
	}
	h := v.w.Header()
	h.Set("Location", s.location(v, "manifests/"+done.digest))
	h.Set("Docker-Content-Digest", done.digest)
	if done.subject != "" {
		h.Set("OCI-Subject", done.subject)
	}
	v.w.WriteHeader(http.StatusCreated)
	return nil
}

// location is the URL of something in the visit's repository, by the host that
// the client used.
func (s *Service) location(v *visit, rest string) string {
	scheme := "http://"
	if v.r.TLS != nil {
		scheme = "https://"
	}
	return scheme + v.r.Host + "/v2/" + v.name + "/" + rest
}
