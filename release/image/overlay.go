package image

import (
	"context"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/mayfly-dev/mayfly/release"
)

// overlay is what the layers of an image show together. A layer is looked at
// only when those above it leave a question open.
type overlay struct {
	layers []release.Layer // from the top down
	// load brings the table of contents of the layer with an index.
	load    func(ctx context.Context, layer int) (*contents, error)
	known   []*contents
	lookups int
}

func newOverlay(layers []release.Layer, load func(context.Context, int) (*contents, error)) *overlay {
	return &overlay{layers: layers, load: load, known: make([]*contents, len(layers))}
}

// node is what is at a path.
type node struct {
	path string
	// entry is nil for a folder.
	entry *entry
	// layer is the index of the one that has the entry.
	layer int
}

func (n *node) isFolder() bool { return n.entry == nil }

// contents returns the table of a layer.
func (o *overlay) contents(ctx context.Context, layer int) (*contents, error) {
	if o.known[layer] == nil {
		c, err := o.load(ctx, layer)
		if err != nil {
			return nil, err
		}
		o.known[layer] = c
	}
	return o.known[layer], nil
}

// at returns what is at a path, on which there must be no link, as the layers
// from one with an index downwards show it; nil if there is nothing.
func (o *overlay) at(ctx context.Context, path string, from int) (*node, error) {
	for i := from; i < len(o.layers); i++ {
		found, last, err := o.in(ctx, i, path)
		if found != nil || last || err != nil {
			return found, err
		}
	}
	if path == "" {
		return &node{}, nil // even an image without layers has a root
	}
	return nil, nil
}

// in returns what one layer has at a path, or nil, and whether it hides what
// the layers below it have there.
func (o *overlay) in(ctx context.Context, layer int, path string) (found *node, last bool, err error) {
	c, err := o.contents(ctx, layer)
	if err != nil {
		return nil, false, err
	}
	for end := 0; ; end = nextEnd(path, end) {
		if o.lookups++; o.lookups > maxLookups {
			return nil, false, refuse("", "the image's folders and links take more than %d steps to follow", maxLookups)
		}
		part := path[:end]
		e, below := c.look(part)
		switch {
		case e == nil && !below:
			return nil, last, nil
		case e == nil || e.Kind == kindFolder:
			last = last || e != nil && e.Opaque
		case e.Kind == kindWhiteout && !below:
			return nil, true, nil
		case e.Kind == kindWhiteout:
			last = true
		case below:
			return nil, false, o.both(part, layer)
		case end < len(path):
			return nil, true, nil // what is in a file is not there
		default:
			return &node{path: path, entry: e, layer: layer}, true, nil
		}
		if end == len(path) {
			return &node{path: path}, last, nil
		}
	}
}

// nextEnd returns where the next longer beginning of a path ends: 0, the
// slashes, the end.
func nextEnd(path string, end int) int {
	from := min(end+1, len(path))
	if end == 0 {
		from = 0
	}
	if i := strings.IndexByte(path[from:], '/'); i >= 0 {
		return from + i
	}
	return len(path)
}

// list returns what is in a folder, by name, but at most one more than most.
// What is a folder there is one whichever layers its content is in.
func (o *overlay) list(ctx context.Context, path string, most int) ([]*node, error) {
	children, shown := make(map[string]*node), 0
	for i := range o.layers {
		found, last, err := o.in(ctx, i, path)
		if err != nil {
			return nil, err
		}
		if found != nil && found.entry != nil {
			break // a lower layer has a file where the upper ones have the folder
		}
		if found != nil {
			for name, c := range o.known[i].children(path) {
				if _, ok := children[name]; ok {
					continue
				}
				if c.entry != nil && c.below {
					return nil, o.both(join(path, name), i)
				}
				children[name] = &node{path: join(path, name), entry: c.entry, layer: i}
				if c.entry == nil || c.entry.Kind != kindWhiteout {
					shown++
				}
				if shown > most {
					break
				}
			}
		}
		if last || shown > most {
			break
		}
	}
	var out []*node
	for _, name := range slices.Sorted(maps.Keys(children)) {
		if n := children[name]; n.entry == nil || n.entry.Kind != kindWhiteout {
			out = append(out, n)
		}
	}
	return out, nil
}

// both and twice are errors: programs that run images disagree about which of
// two things counts.
func (o *overlay) both(path string, layer int) error {
	return refuse(path, "is both a file and a folder in layer %s", short(o.layers[layer].Digest))
}

func (o *overlay) twice(n *node) error {
	return refuse(n.path, "is more than once in layer %s", short(o.layers[n.layer].Digest))
}

// child is what one layer has under a name in a folder.
type child struct {
	// entry is nil for a folder.
	entry *entry
	below bool
}

// children returns what the layer has in a folder, by name.
func (c *contents) children(path string) iter.Seq2[string, child] {
	return func(yield func(string, child) bool) {
		i := c.from(path)
		if i < len(c.entries) && c.entries[i].Path == path {
			i++
		}
		for i < len(c.entries) && isBelow(c.entries[i].Path, path) {
			name, _, _ := strings.Cut(c.entries[i].Path[len(join(path, "x"))-1:], "/")
			at := join(path, name)
			e, below := c.look(at)
			if e != nil && (e.Kind == kindFolder || e.Kind == kindWhiteout && below) {
				e = nil
			}
			if !yield(name, child{e, below}) {
				return
			}
			i = c.after(at)
		}
	}
}

// after returns the index of the first entry behind a path and all below it.
func (c *contents) after(path string) int { return c.from(path + "\x00") }
