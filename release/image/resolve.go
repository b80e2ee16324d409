package image

import (
	"context"
	"slices"
	"strings"
)

// trail follows links to what is at their end. It leads from folder to folder
// of the image: a link that leads out of the image is refused.
type trail struct {
	ctx     context.Context
	overlay *overlay
	// name is what messages call the beginning.
	name  string
	links int
}

// resolve returns what is at the end of a path and of the links on it, or nil
// if there is nothing. name is what messages call the path.
func (o *overlay) resolve(ctx context.Context, name, path string) (*node, error) {
	t := &trail{ctx: ctx, overlay: o, name: name}
	return t.follow(path, 0, true)
}

// follow is resolve among the layers from one with an index downwards. A
// symbolic link at the very end is followed if last is set.
func (t *trail) follow(path string, from int, last bool) (*node, error) {
	var done []string
	current, left := &node{}, segments(path)
	for len(left) > 0 {
		segment := left[0]
		left = left[1:]
		if segment == ".." {
			if len(done) == 0 {
				return nil, refuse(t.name, "leads out of the image")
			}
			done = done[:len(done)-1]
			current = &node{path: strings.Join(done, "/")}
			continue
		}
		found, err := t.overlay.at(t.ctx, join(current.path, segment), from)
		if err != nil || found == nil {
			return nil, err
		}
		if !found.isFolder() && found.entry.Twice {
			return nil, t.overlay.twice(found)
		}
		if found, err = t.inode(found); err != nil {
			return nil, err
		}
		switch {
		case found.isFolder():
			done, current = append(done, segment), found
		case found.entry.Kind == kindSymlink && (last || len(left) > 0):
			if err := t.step(); err != nil {
				return nil, err
			}
			if strings.HasPrefix(found.entry.Link, "/") {
				done, current = nil, &node{}
			}
			left = append(segments(found.entry.Link), left...)
		case len(left) > 0:
			return nil, nil // nothing is below a file
		default:
			return found, nil
		}
	}
	return current, nil
}

// inode returns what a hard link shares: something of its own layer or of one
// below, whatever the layers above have at that path. It may be a symbolic
// link, which then leads on from where the hard link is.
func (t *trail) inode(n *node) (*node, error) {
	if n.isFolder() || n.entry.Kind != kindHardlink {
		return n, nil
	}
	if err := t.step(); err != nil {
		return nil, err
	}
	if strings.HasPrefix(n.entry.Link, "/") {
		return nil, refuse(t.name, "is a hard link to the absolute name %q", n.entry.Link)
	}
	found, err := t.follow(n.entry.Link, n.layer, false)
	switch {
	case err != nil:
		return nil, err
	case found == nil:
		return nil, refuse(t.name, "is a hard link to %q, which is not there", n.entry.Link)
	case found.isFolder():
		return nil, refuse(t.name, "is a hard link to the folder %q", n.entry.Link)
	}
	return found, nil
}

func (t *trail) step() error {
	if t.links++; t.links > maxLinks {
		return refuse(t.name, "leads over more than %d links", maxLinks)
	}
	return nil
}

// segments returns the parts of a path that lead somewhere.
func segments(path string) []string {
	return slices.DeleteFunc(strings.Split(path, "/"), func(s string) bool { return s == "" || s == "." })
}
