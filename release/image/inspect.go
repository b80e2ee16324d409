package image

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/mayfly-dev/mayfly/release"
)

// Site is the content of an image's web root.
type Site struct {
	// WebRoot is the folder of the image that it is in, as an absolute path.
	WebRoot string
	// Layers are those of the image, from the top down.
	Layers []release.Layer
	// Files are in the order in which [Content] reads them; each is where its
	// place says, in one of the layers.
	Files []release.Inspected
}

// Inspect looks at the image whose manifest, or index, has a digest, and
// returns the site in it. Layers whose table of contents is in the cache are
// not read; tables of those that are read go there.
//
// It returns a *release.ContentError for an image that breaks a rule, whose
// web root is not to be found or has no page index, and else the error of the
// source or the cache.
func Inspect(ctx context.Context, source Source, cache Cache, digest string, limits release.Limits, index string) (Site, error) {
	manifest, err := resolve(ctx, source, digest)
	if err != nil {
		return Site{}, err
	}
	labels, err := labels(ctx, source, manifest.config)
	if err != nil {
		return Site{}, err
	}
	l := &loader{source: source, cache: cache, limits: limits, layers: manifest.layers, budget: newBudget(limits)}
	overlay := newOverlay(manifest.layers, l.load)
	root, name, err := overlay.webRoot(ctx, labels[Label], index)
	if err != nil {
		return Site{}, err
	}
	s := site{overlay: overlay, limits: limits}
	if err := s.walk(ctx, root.path, "", nil); err != nil {
		return Site{}, err
	}
	files, err := s.inspected()
	return Site{WebRoot: name, Layers: manifest.layers, Files: files}, err
}

// loader brings the tables of contents of an image's layers.
type loader struct {
	source Source
	cache  Cache
	limits release.Limits
	layers []release.Layer
	budget *budget
}

// load returns the table of the layer with an index: the one that is kept, or
// one that is made now.
func (l *loader) load(ctx context.Context, layer int) (*contents, error) {
	says := l.layers[layer]
	kept, err := l.kept(ctx, says.Digest)
	if err != nil || kept != nil {
		return kept, err
	}
	made, err := l.read(ctx, says)
	if err != nil {
		return nil, err
	}
	document, err := made.write()
	if err != nil {
		return nil, fmt.Errorf("write contents of layer %s: %w", says.Digest, err)
	}
	if err := l.cache.Keep(ctx, says.Digest, document); err != nil {
		return nil, fmt.Errorf("keep contents of layer %s: %w", says.Digest, err)
	}
	return made, nil
}

// kept returns the table that the cache has, or nil. One that is damaged, or of
// another format, counts as none.
func (l *loader) kept(ctx context.Context, digest string) (*contents, error) {
	document, err := l.cache.Open(ctx, digest)
	if err != nil {
		return nil, fmt.Errorf("contents of layer %s: %w", digest, err)
	}
	if document == nil {
		return nil, nil
	}
	defer document.Close() //nolint:errcheck // only read
	before := *l.budget
	c, err := readContents(document, digest, l.budget)
	var refused *release.ContentError
	switch {
	case err == nil:
		return c, l.budget.unpacked(c.Unpacked)
	case errors.As(err, &refused):
		return nil, err
	default:
		*l.budget = before
		return nil, ctx.Err()
	}
}

// read makes the table of a layer.
func (l *loader) read(ctx context.Context, layer release.Layer) (*contents, error) {
	b := builder{budget: l.budget}
	unpacked, err := walkLayer(ctx, l.source, layer, l.limits, l.budget.bytes, func(at int, header *tar.Header, content io.Reader) error {
		return b.add(at, header, content)
	})
	if err != nil {
		return nil, err
	}
	return &contents{contentsHeader: contentsHeader{Digest: layer.Digest, Unpacked: unpacked}, entries: b.finish()}, l.budget.unpacked(unpacked)
}
