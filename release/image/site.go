package image

import (
	"cmp"
	"context"
	"slices"

	"github.com/mayfly-dev/mayfly/release"
)

// site gathers the files of a web root.
type site struct {
	overlay *overlay
	limits  release.Limits
	entries int
	bytes   int64
	files   []located
}

// located is a file of the site and where its content is.
type located struct {
	path  string
	entry *entry
	layer int
	// round is above 0 for the other names of a large file: the layer is read
	// once for each round.
	round int
}

// walk gathers what is in a folder of the image, which the site shows under
// the prefix shown. through are the folders that it is reached through.
func (s *site) walk(ctx context.Context, folder, shown string, through []string) error {
	through = append(through, folder)
	children, err := s.overlay.list(ctx, folder, s.limits.Entries-s.entries)
	if err != nil {
		return err
	}
	for _, n := range children {
		if err := ctx.Err(); err != nil {
			return err
		}
		if s.entries++; s.entries > s.limits.Entries {
			return refuse("", "the web root has more than %d entries", s.limits.Entries)
		}
		_, name := split(n.path)
		path := join(shown, name)
		if release.Ignored(name) {
			continue
		}
		if _, err := release.CleanName(path, false); err != nil {
			return err
		}
		n, err := s.follow(ctx, path, n)
		if err != nil {
			return err
		}
		if !n.isFolder() {
			err = s.add(path, n)
		} else if slices.Contains(through, n.path) {
			err = refuse(path, "is a link to a folder that it is itself in")
		} else {
			err = s.walk(ctx, n.path, path, through)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// follow returns what a name of the site shows: itself, or what a link leads
// to.
func (s *site) follow(ctx context.Context, path string, n *node) (*node, error) {
	if n.isFolder() || n.entry.Kind != kindSymlink && n.entry.Kind != kindHardlink {
		return n, nil
	}
	found, err := s.overlay.resolve(ctx, path, n.path)
	if err == nil && found == nil {
		err = refuse(path, "is a link to %q, which is not in the image", n.entry.Link)
	}
	return found, err
}

func (s *site) add(path string, n *node) error {
	e := n.entry
	switch {
	case e.Kind != kindFile:
		return refuse(path, "is %s; only files, folders and links to them are allowed", e.Kind.describe())
	case e.Twice:
		return s.overlay.twice(n)
	case e.Size > s.limits.FileBytes:
		return refuse(path, "is larger than %s", showBytes(s.limits.FileBytes))
	}
	s.bytes += e.Size
	if s.bytes > s.limits.TotalBytes {
		return refuse(path, "makes the content larger than %s", showBytes(s.limits.TotalBytes))
	}
	s.files = append(s.files, located{path: path, entry: e, layer: n.layer})
	return nil
}

// inspected returns the files in the order in which they are read: layer by
// layer from the top down, and in the order of a layer's tar. The content of a
// file that has several names is read at once for all of them, or in another
// round if it is too large to be held in memory.
func (s *site) inspected() ([]release.Inspected, error) {
	slices.SortFunc(s.files, func(a, b located) int {
		return cmp.Or(cmp.Compare(a.layer, b.layer), cmp.Compare(a.entry.At, b.entry.At), cmp.Compare(a.path, b.path))
	})
	for i := 1; i < len(s.files); i++ {
		f, before := &s.files[i], &s.files[i-1]
		if f.entry == before.entry && f.entry.Size > release.PartBytes {
			if f.round = before.round + 1; f.round == maxNames {
				return nil, refuse(f.path, "is one of more than %d names of a file that is larger than %s", maxNames, showBytes(release.PartBytes))
			}
		}
	}
	slices.SortStableFunc(s.files, func(a, b located) int {
		return cmp.Or(cmp.Compare(a.layer, b.layer), cmp.Compare(a.round, b.round))
	})
	out := make([]release.Inspected, len(s.files))
	for i, f := range s.files {
		out[i] = release.Inspected{Path: f.path, Digest: f.entry.digest(), Place: release.Place{Layer: f.layer, Entry: int(f.entry.At)}}
	}
	return out, nil
}
