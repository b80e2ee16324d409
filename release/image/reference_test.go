package image_test

import (
	"archive/tar"
	"maps"
	"slices"
	"strings"
)

// tree is a file system in memory, to which layers are applied one after the
// other, the lowest first: the plain way, which shares nothing with the
// package's.
type tree map[string]*inode

// inode is a file, a link or a folder; several paths may have the same.
type inode struct {
	kind    byte
	content string
	link    string
}

// remove removes a path and everything below it.
func (t tree) remove(path string) {
	delete(t, path)
	t.clear(path)
}

// clear removes everything below a path.
func (t tree) clear(path string) {
	for p := range maps.Clone(t) {
		if strings.HasPrefix(p, path+"/") {
			delete(t, p)
		}
	}
}

// folders makes what is above a path folders.
func (t tree) folders(path string) {
	for i := range path {
		if path[i] == '/' && (t[path[:i]] == nil || t[path[:i]].kind != tar.TypeDir) {
			t.remove(path[:i])
			t[path[:i]] = &inode{kind: tar.TypeDir}
		}
	}
}

func (t tree) apply(layer []entry) {
	for _, e := range layer { // what is hidden is hidden in the layers below
		in, name := "", e.Name
		if i := strings.LastIndexByte(name, '/'); i >= 0 {
			in, name = name[:i+1], name[i+1:]
		}
		if name == ".wh..wh..opq" {
			t.clear(strings.TrimSuffix(in, "/"))
		} else if hidden, ok := strings.CutPrefix(name, ".wh."); ok {
			t.remove(in + hidden)
		}
	}
	later := slices.Clone(layer)
	for _, e := range layer {
		path := strings.TrimSuffix(e.Name, "/")
		t.folders(path)
		switch {
		case strings.Contains(e.Name, ".wh."):
		case e.Typeflag == tar.TypeDir:
			if old := t[path]; old == nil || old.kind != tar.TypeDir {
				t.remove(path)
				t[path] = &inode{kind: tar.TypeDir}
			}
		case e.Typeflag != tar.TypeLink:
			t.remove(path)
			t[path] = &inode{kind: e.Typeflag, content: e.Content, link: e.Linkname}
		}
	}
	t.hardlinks(later)
}

// hardlinks makes the hard links of a layer, in whatever order they come. One
// that leads nowhere, or to a folder, is broken.
func (t tree) hardlinks(layer []entry) {
	broken := &inode{kind: 'x'}
	for _, e := range layer {
		if e.Typeflag == tar.TypeLink {
			t.remove(e.Name)
			t[e.Name] = &inode{kind: tar.TypeLink, link: e.Linkname}
		}
	}
	for range layer {
		for _, e := range layer {
			if at := t[e.Name]; at != nil && at.kind == tar.TypeLink {
				if to := t.walk(at.link, false, 0); to != nil && to.kind != tar.TypeLink && to.kind != tar.TypeDir {
					t[e.Name] = to
				}
			}
		}
	}
	for path, at := range t {
		if at.kind == tar.TypeLink {
			t[path] = broken
		}
	}
}

// walk returns what is at a path, over links; nil if there is nothing, or if
// the links lead out or in a circle.
func (t tree) walk(path string, last bool, links int) *inode {
	node, _ := t.real(path, last, &links)
	return node
}

func (t tree) real(path string, last bool, links *int) (*inode, string) {
	at := ""
	parts := strings.FieldsFunc(path, func(r rune) bool { return r == '/' })
	for len(parts) > 0 {
		part := parts[0]
		parts = parts[1:]
		if part == "." {
			continue
		}
		if part == ".." {
			if at == "" {
				return nil, ""
			}
			at = at[:max(strings.LastIndexByte(at, '/'), 0)]
			continue
		}
		next := strings.TrimPrefix(at+"/"+part, "/")
		node := t[next]
		switch {
		case node == nil || node.kind == 'x' || node.kind == tar.TypeLink && len(parts) > 0:
			return nil, ""
		case node.kind == tar.TypeSymlink && (last || len(parts) > 0):
			if *links++; *links > 40 {
				return nil, ""
			}
			if strings.HasPrefix(node.link, "/") {
				at = ""
			}
			parts = append(strings.FieldsFunc(node.link, func(r rune) bool { return r == '/' }), parts...)
		case node.kind == tar.TypeDir:
			at = next
		case len(parts) > 0:
			return nil, ""
		default:
			return node, next
		}
	}
	return &inode{kind: tar.TypeDir}, at
}

// applied returns what the web root /srv shows of layers, and whether a rule
// refuses it.
func applied(all layers) (shown files, refused bool) {
	t := make(tree)
	for _, layer := range all {
		t.apply(layer)
	}
	shown = make(files)
	entries := 0
	var show func(folder, as string, through []string) bool
	show = func(folder, as string, through []string) bool {
		if slices.Contains(through, folder) {
			return false
		}
		through = append(slices.Clone(through), folder)
		for _, path := range slices.Sorted(maps.Keys(t)) {
			name, ok := strings.CutPrefix(path, strings.TrimPrefix(folder+"/", "/"))
			if !ok || strings.Contains(name, "/") || name == "" {
				continue
			}
			if entries++; entries > 100 {
				return false
			}
			links := 0
			node, real := t.real(path, true, &links)
			switch {
			case node == nil:
				return false
			case node.kind == tar.TypeDir:
				if !show(real, as+name+"/", through) {
					return false
				}
			default:
				shown[as+name] = node.content
			}
		}
		return true
	}
	return shown, !show("srv", "", nil)
}
