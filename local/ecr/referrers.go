package ecr

import (
	"context"
	"database/sql"
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/mayfly-dev/mayfly/local/ecr/manifest"
)

// referrers are the manifests that are about another one.
func (s *Service) referrers(ctx context.Context, r *repository, subject string) ([]descriptor, error) {
	return collect(ctx, s.store.reader, func(rows *sql.Rows) (descriptor, error) {
		var d descriptor
		var body []byte
		if err := rows.Scan(&d.MediaType, &d.Digest, &d.ArtifactType, &body); err != nil {
			return d, err
		}
		d.Size = int64(len(body))
		var parsed struct {
			Annotations map[string]string `json:"annotations"`
		}
		err := json.Unmarshal(body, &parsed)
		d.Annotations = parsed.Annotations
		return d, err
	}, "SELECT media_type, digest, artifact_type, manifest FROM image WHERE repository = ? AND subject = ? AND subject <> '' ORDER BY id", r.id, subject)
}

type listImageReferrersInput struct {
	target
	page
	Subject struct {
		ImageDigest string `json:"imageDigest"`
	} `json:"subjectId"`
	Filter struct {
		ArtifactTypes []string `json:"artifactTypes"`
	} `json:"filter"`
}

type imageReferrer struct {
	Digest       string            `json:"digest"`
	MediaType    string            `json:"mediaType"`
	Size         int64             `json:"size"`
	ArtifactType string            `json:"artifactType,omitempty"`
	Annotations  map[string]string `json:"annotations,omitempty"`
	Status       string            `json:"artifactStatus"`
}

type listImageReferrersOutput struct {
	Referrers []imageReferrer `json:"referrers"`
	NextToken string          `json:"nextToken,omitempty"`
}

func (s *Service) listImageReferrers(c *call, in listImageReferrersInput) (listImageReferrersOutput, error) {
	out := listImageReferrersOutput{Referrers: []imageReferrer{}}
	if !digestRule.MatchString(in.Subject.ImageDigest) {
		return out, invalid("subjectId.imageDigest", "must satisfy regular expression 'sha256:[0-9a-f]{64}'")
	}
	r, err := s.find(c, s.store.reader, c.registry, in.RepositoryName)
	if err != nil {
		return out, err
	}
	limit, after, err := in.read()
	if err != nil {
		return out, err
	}
	found, err := s.referrers(c, r, in.Subject.ImageDigest)
	if err != nil {
		return out, err
	}
	slices.SortFunc(found, func(a, b descriptor) int { return strings.Compare(a.Digest, b.Digest) })
	found = slices.DeleteFunc(found, func(d descriptor) bool {
		return d.Digest <= after || len(in.Filter.ArtifactTypes) > 0 && !slices.Contains(in.Filter.ArtifactTypes, d.ArtifactType)
	})
	found, out.NextToken = cut(found, limit, func(d descriptor) string { return d.Digest })
	for _, d := range found {
		out.Referrers = append(out.Referrers, imageReferrer{d.Digest, d.MediaType, d.Size, d.ArtifactType, d.Annotations, "ACTIVE"})
	}
	return out, nil
}

// descriptor is an entry of an index, as the registry's answers have it.
type descriptor struct {
	MediaType    string            `json:"mediaType"`
	Digest       string            `json:"digest"`
	Size         int64             `json:"size"`
	ArtifactType string            `json:"artifactType,omitempty"`
	Annotations  map[string]string `json:"annotations,omitempty"`
}

// serveReferrers lists what is about a manifest: signatures, attestations.
func (s *Service) serveReferrers(v *visit) error {
	if v.r.Method != http.MethodGet {
		return unsupported(v)
	}
	if !digestRule.MatchString(v.reference) {
		return &problem{status: http.StatusBadRequest, Code: "DIGEST_INVALID", Message: "Invalid image digest"}
	}
	if err := s.permit(v, "BatchGetImage"); err != nil {
		return err
	}
	wanted := v.r.URL.Query().Get("artifactType")
	found, err := s.referrers(v.r.Context(), v.repo, v.reference)
	if err != nil {
		return err
	}
	index := struct {
		SchemaVersion int          `json:"schemaVersion"`
		MediaType     string       `json:"mediaType"`
		Manifests     []descriptor `json:"manifests"`
	}{2, manifest.OCIIndex, []descriptor{}}
	for _, d := range found {
		if wanted == "" || d.ArtifactType == wanted {
			index.Manifests = append(index.Manifests, d)
		}
	}
	body, err := json.Marshal(index)
	if err != nil {
		return err
	}
	h := v.w.Header()
	h.Set("Content-Type", manifest.OCIIndex)
	if wanted != "" {
		h.Set("OCI-Filters-Applied", "artifactType")
	}
	v.w.WriteHeader(http.StatusOK)
	_, _ = v.w.Write(body) // the client has gone
	return nil
}
