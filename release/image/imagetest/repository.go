// Package imagetest makes images in memory, and keeps them in a repository
// that counts what is asked of it and fails when it is told to.
package imagetest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"sync"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/mayfly-dev/mayfly/release/image"
)

// Repository is a repository of images. Its zero value is ready, and empty.
type Repository struct {
	// Fail is asked before each blob is opened, and may return an error.
	Fail func(digest string, offset int64) error
	// Wrap may change how a blob that was opened reads.
	Wrap func(digest string, body io.Reader) io.Reader

	mu        sync.Mutex
	manifests map[string]manifest
	blobs     map[string][]Segment
	opened    []string
}

type manifest struct {
	mediaType types.MediaType
	body      []byte
}

// Digest returns the digest of data.
func Digest(data []byte) string {
	sum := sha256.Sum256(data)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// PutBlob keeps a blob under its digest, and returns its descriptor.
func (r *Repository) PutBlob(mediaType types.MediaType, data []byte) v1.Descriptor {
	digest := Digest(data)
	r.Replace(digest, data)
	return v1.Descriptor{MediaType: mediaType, Size: int64(len(data)), Digest: hash(digest)}
}

// Replace keeps data under a digest, whether it is its own or not; nil removes
// what is there.
func (r *Repository) Replace(digest string, data []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.blobs == nil {
		r.blobs = make(map[string][]Segment)
	}
	r.blobs[digest] = []Segment{{data, 1}}
	if data == nil {
		delete(r.blobs, digest)
	}
}

// PutManifest keeps a manifest, given as a struct or as its text, and returns
// its descriptor.
func (r *Repository) PutManifest(mediaType types.MediaType, m any) v1.Descriptor {
	body, ok := m.([]byte)
	if !ok {
		var err error
		body, err = json.Marshal(m)
		must(err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.manifests == nil {
		r.manifests = make(map[string]manifest)
	}
	digest := Digest(body)
	r.manifests[digest] = manifest{mediaType, body}
	return v1.Descriptor{MediaType: mediaType, Size: int64(len(body)), Digest: hash(digest)}
}

// Put keeps an image of layers, the lowest first, whose configuration has
// labels, and returns the digest of its manifest.
func (r *Repository) Put(labels map[string]string, layers ...[]byte) string {
	m := v1.Manifest{SchemaVersion: 2, MediaType: types.OCIManifestSchema1, Config: r.PutConfig(labels), Layers: []v1.Descriptor{}}
	for _, layer := range layers {
		m.Layers = append(m.Layers, r.PutBlob(types.OCILayer, layer))
	}
	return r.PutManifest(m.MediaType, m).Digest.String()
}

// PutConfig keeps the configuration of an image.
func (r *Repository) PutConfig(labels map[string]string) v1.Descriptor {
	config, err := json.Marshal(v1.ConfigFile{Architecture: "amd64", OS: "linux", Config: v1.Config{Labels: labels}})
	must(err)
	return r.PutBlob(types.OCIConfigJSON, config)
}

// Manifest implements image.Source.
func (r *Repository) Manifest(_ context.Context, digest string) (string, []byte, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	m, ok := r.manifests[digest]
	if !ok {
		return "", nil, &image.NotFoundError{What: "image " + digest}
	}
	return string(m.mediaType), m.body, nil
}

// Blob implements image.Source.
func (r *Repository) Blob(ctx context.Context, digest string, offset int64) (io.ReadCloser, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.Fail != nil {
		if err := r.Fail(digest, offset); err != nil {
			return nil, err
		}
	}
	r.opened = append(r.opened, digest)
	data, ok := r.blobs[digest]
	if !ok {
		return nil, &image.NotFoundError{What: "layer " + digest}
	}
	body := read(data, offset)
	if r.Wrap != nil {
		body = r.Wrap(digest, body)
	}
	return io.NopCloser(body), ctx.Err()
}

// Opened returns the digests of the blobs that were opened since the last
// call, in order.
func (r *Repository) Opened() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	opened := r.opened
	r.opened = nil
	return opened
}

func hash(digest string) v1.Hash {
	h, err := v1.NewHash(digest)
	must(err)
	return h
}
