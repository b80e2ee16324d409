// Package manifest reads the manifests of images, image indexes and artifacts,
// by Docker's schema 2 and OCI's image specification.
package manifest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"regexp"
)

// The media types of manifests.
const (
	DockerManifest = "application/vnd.docker.distribution.manifest.v2+json"
	DockerList     = "application/vnd.docker.distribution.manifest.list.v2+json"
	OCIManifest    = "application/vnd.oci.image.manifest.v1+json"
	OCIIndex       = "application/vnd.oci.image.index.v1+json"
)

// MaxSize is how many bytes a manifest may have, as in every registry.
const MaxSize = 4 << 20

// The ways in which a manifest is refused.
var (
	// ErrSyntax says that a manifest is not JSON, or not of a manifest's form.
	ErrSyntax = errors.New("Invalid JSON syntax") //nolint:staticcheck // ECR's words, shown as they are
	// ErrMediaType says that it is of no type that the registry keeps.
	ErrMediaType = errors.New("the media type of the manifest is not supported")
)

// A Descriptor names content by its digest.
type Descriptor struct {
	MediaType    string            `json:"mediaType"`
	Digest       string            `json:"digest"`
	Size         int64             `json:"size"` // bytes
	URLs         []string          `json:"urls"`
	Annotations  map[string]string `json:"annotations"`
	ArtifactType string            `json:"artifactType"`
	Platform     *Platform         `json:"platform"`
}

// A Platform is what an image of an index runs on.
type Platform struct {
	Architecture string `json:"architecture"`
	OS           string `json:"os"`
	Variant      string `json:"variant"`
}

// A Manifest is a parsed manifest: of an image or artifact, which has a
// configuration and layers, or of an index, which has manifests.
type Manifest struct {
	MediaType    string
	ArtifactType string // the type of an artifact, or of the configuration
	Config       *Descriptor
	Layers       []Descriptor
	Manifests    []Descriptor
	Subject      string // the digest of the manifest that this one is about, or empty
	Annotations  map[string]string
}

// Index reports whether the manifest is one of several images.
func (m *Manifest) Index() bool { return m.MediaType == DockerList || m.MediaType == OCIIndex }

// Blobs are the digests of what must have been uploaded before: configuration
// and layers, each once. A layer that is fetched from elsewhere by its URLs
// need not be.
func (m *Manifest) Blobs() []string {
	var all []string
	seen := map[string]bool{}
	add := func(d *Descriptor) {
		if !seen[d.Digest] && len(d.URLs) == 0 {
			seen[d.Digest] = true
			all = append(all, d.Digest)
		}
	}
	if m.Config != nil {
		add(m.Config)
	}
	for i := range m.Layers {
		add(&m.Layers[i])
	}
	return all
}

// Children are the digests of an index's manifests, each once.
func (m *Manifest) Children() []string {
	var all []string
	seen := map[string]bool{}
	for i := range m.Manifests {
		if digest := m.Manifests[i].Digest; !seen[digest] {
			seen[digest] = true
			all = append(all, digest)
		}
	}
	return all
}

type document struct {
	SchemaVersion int               `json:"schemaVersion"`
	MediaType     string            `json:"mediaType"`
	ArtifactType  string            `json:"artifactType"`
	Config        *Descriptor       `json:"config"`
	Layers        []Descriptor      `json:"layers"`
	Manifests     []Descriptor      `json:"manifests"`
	Subject       *Descriptor       `json:"subject"`
	Annotations   map[string]string `json:"annotations"`
	FSLayers      json.RawMessage   `json:"fsLayers"`
}

// Parse reads a manifest. The media type is that of the request, or empty: then
// the manifest itself must say it. It returns an error that wraps ErrSyntax or
// ErrMediaType.
func Parse(mediaType string, body []byte) (*Manifest, error) {
	var d document
	decoder := json.NewDecoder(bytes.NewReader(body))
	if err := decoder.Decode(&d); err != nil {
		return nil, ErrSyntax
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, ErrSyntax
	}
	mediaType, err := d.kind(mediaType)
	if err != nil {
		return nil, err
	}
	m := &Manifest{MediaType: mediaType, ArtifactType: d.ArtifactType, Annotations: d.Annotations}
	if m.Index() {
		m.Manifests = d.Manifests
	} else {
		m.Config, m.Layers = d.Config, d.Layers
	}
	if d.Subject != nil {
		m.Subject = d.Subject.Digest
	}
	if m.ArtifactType == "" && m.Config != nil {
		m.ArtifactType = m.Config.MediaType
	}
	if err := d.check(m); err != nil {
		return nil, err
	}
	return m, nil
}

// kind settles the media type between the request and the manifest.
func (d *document) kind(requested string) (string, error) {
	if requested != "" {
		parsed, _, err := mime.ParseMediaType(requested)
		if err != nil {
			return "", fmt.Errorf("%q: %w", requested, ErrMediaType)
		}
		requested = parsed
	}
	if requested == "application/json" || requested == "application/octet-stream" {
		requested = "" // a client that does not say
	}
	kind := requested
	switch {
	case kind == "" && d.MediaType != "":
		kind = d.MediaType
	case kind == "" && d.Manifests != nil:
		kind = OCIIndex
	case kind == "":
		kind = OCIManifest
	case d.MediaType != "" && d.MediaType != kind:
		return "", fmt.Errorf("the request says %s and the manifest %s: %w", kind, d.MediaType, ErrMediaType)
	}
	switch kind {
	case DockerManifest, DockerList, OCIManifest, OCIIndex:
		return kind, nil
	}
	return "", fmt.Errorf("%q: %w", kind, ErrMediaType)
}

// digests are of SHA-256, the one algorithm that ECR takes.
var digests = regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)

func (d *document) check(m *Manifest) error {
	switch {
	case d.SchemaVersion != 2:
		return fmt.Errorf("schemaVersion %d: %w", d.SchemaVersion, ErrMediaType)
	case d.FSLayers != nil:
		return fmt.Errorf("a manifest of schema 1: %w", ErrMediaType)
	case m.Index() && (d.Config != nil || d.Layers != nil):
		return fmt.Errorf("an index has manifests, no config and no layers: %w", ErrSyntax)
	case !m.Index() && d.Manifests != nil:
		return fmt.Errorf("an image has a config and layers, no manifests: %w", ErrSyntax)
	case !m.Index() && m.Config == nil:
		return fmt.Errorf("an image has a config: %w", ErrSyntax)
	}
	all := append(append([]Descriptor{}, m.Layers...), m.Manifests...)
	if m.Config != nil {
		all = append(all, *m.Config)
	}
	if d.Subject != nil {
		all = append(all, *d.Subject)
	}
	for i := range all {
		if !digests.MatchString(all[i].Digest) || all[i].Size < 0 {
			return fmt.Errorf("descriptor %q of %d bytes: %w", all[i].Digest, all[i].Size, ErrSyntax)
		}
	}
	return nil
}
