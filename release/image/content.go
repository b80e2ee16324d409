package image

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/mayfly-dev/mayfly/release"
)

// Content is the content of a site that was inspected: the files of a plan, in
// the plan's layers.
type Content struct {
	Source Source
	Plan   *release.Plan
	Limits release.Limits
}

// errEnough ends the walk through a layer that has no more that is wanted.
var errEnough = errors.New("enough")

// Walk calls visit for the files that are wanted, in their order, by the index
// of their entry in the plan. Only layers that hold one are read, and none
// further than to the last one. It returns a *release.ChangedError when a file
// is not where it was. An error of visit ends the walk and is returned as it
// is.
func (c Content) Walk(ctx context.Context, wanted func(index int) bool, visit func(release.File, io.Reader) error) error {
	var pass []int
	for i := range c.Plan.Entries {
		if !wanted(i) {
			continue
		}
		if len(pass) > 0 && !c.follows(pass[len(pass)-1], i) {
			if err := c.read(ctx, pass, visit); err != nil {
				return err
			}
			pass = pass[:0]
		}
		pass = append(pass, i)
	}
	if len(pass) == 0 {
		return nil
	}
	return c.read(ctx, pass, visit)
}

// follows reports whether a file can be read in the same pass through a layer
// as the one before it.
func (c Content) follows(before, index int) bool {
	a, b := &c.Plan.Entries[before], &c.Plan.Entries[index]
	return a.Layer == b.Layer && (a.Entry < b.Entry || a.Entry == b.Entry && b.Size <= release.PartBytes)
}

// read goes once through a layer, for files that are all in it.
func (c Content) read(ctx context.Context, pass []int, visit func(release.File, io.Reader) error) error {
	place := c.Plan.Entries[pass[0]].Layer
	if place < 0 || place >= len(c.Plan.Layers) {
		return fmt.Errorf("the plan has no layer %d", place)
	}
	layer := c.Plan.Layers[place]
	_, err := walkLayer(ctx, c.Source, layer, c.Limits, c.Limits.TotalBytes, func(at int, header *tar.Header, content io.Reader) error {
		n := 0
		for n < len(pass) && c.Plan.Entries[pass[n]].Entry == at {
			n++
		}
		here := pass[:n]
		if pass = pass[n:]; n == 0 {
			return nil
		}
		if err := c.visit(here, header, content, visit); err != nil {
			return err
		}
		if len(pass) == 0 {
			return errEnough
		}
		return nil
	})
	switch {
	case errors.Is(err, errEnough):
		return nil
	case err != nil:
		return err
	default:
		return &release.ChangedError{What: fmt.Sprintf("layer %s has no entry for %q", layer.Digest, c.Plan.Entries[pass[0]].Path)}
	}
}

// visit visits all names of one file.
func (c Content) visit(names []int, header *tar.Header, content io.Reader, visit func(release.File, io.Reader) error) error {
	for _, index := range names {
		e := &c.Plan.Entries[index]
		if kindOf(header) != kindFile || header.Size != e.Size {
			return &release.ChangedError{What: fmt.Sprintf("entry %q is not where it was", e.Path)}
		}
	}
	var data []byte
	if len(names) > 1 { // then it is small: a large file has one name in a pass
		var err error
		if data, err = io.ReadAll(content); err != nil {
			return err
		}
	}
	for _, index := range names {
		if len(names) > 1 {
			content = bytes.NewReader(data)
		}
		e := &c.Plan.Entries[index]
		if err := visit(release.File{Index: index, Path: e.Path, Size: e.Size}, content); err != nil {
			return err
		}
	}
	return nil
}
