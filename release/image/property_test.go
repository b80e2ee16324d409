package image_test

import (
	"archive/tar"
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/static"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"pgregory.net/rapid"

	"github.com/mayfly-dev/mayfly/release"
	"github.com/mayfly-dev/mayfly/release/image/imagetest"
)

// mix says what generated layers are made of.
type mix struct {
	kinds []string
	// again lets a layer remove a name and bring it again.
	again bool
	// outside lets links lead out of the web root, and nowhere.
	outside bool
}

// drawn draws layers over a web root /srv, in which files, folders, links,
// whiteouts and opaque folders meet in all ways that one layer allows.
func (m mix) drawn(t *rapid.T) layers {
	path := rapid.Map(rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "a-b"}), 1, 3), func(names []string) string {
		return "srv/" + strings.Join(names, "/")
	})
	targets := []string{"srv/index.html"}
	var all layers
	for range rapid.IntRange(1, 4).Draw(t, "layers") {
		var layer []entry
		leaf, folder, hidden := map[string]bool{"srv/index.html": true}, map[string]bool{"": true}, map[string]bool{}
		for range rapid.IntRange(0, 10).Draw(t, "entries") {
			kind, at := rapid.SampledFrom(m.kinds).Draw(t, "kind"), path.Draw(t, "at")
			switch kind {
			case "whiteout":
				if hidden[at] || folder[at] && !m.again || leaf[at] && !m.again || !m.free(at, leaf, hidden) {
					continue
				}
				hidden[at] = true
				layer = append(layer, gone(at))
				m.parents(at, folder)
				continue
			case "opaque":
				if leaf[at] || hidden[at] && !m.again || !m.free(at, leaf, hidden) {
					continue
				}
				folder[at] = true
				m.parents(at, folder)
				layer = append(layer, dir(at), opaque(at+"/"))
				continue
			}
			if leaf[at] || kind != "folder" && folder[at] || hidden[at] && !m.again || !m.free(at, leaf, hidden) {
				continue
			}
			m.parents(at, folder)
			if kind == "folder" {
				folder[at] = true
				layer = append(layer, dir(at))
				continue
			}
			leaf[at] = true
			layer = append(layer, m.leaf(t, kind, at, rapid.OneOf(rapid.SampledFrom(targets), rapid.SampledFrom(targets), path).Draw(t, "target")))
			targets = append(targets, at)
		}
		all = append(all, layer)
	}
	all = append(all, []entry{add("srv/index.html", "home")})
	return all
}

// free reports whether nothing above a path is a leaf, or hidden, in the layer.
func (m mix) free(path string, leaf, hidden map[string]bool) bool {
	for i := range path {
		if path[i] == '/' && (leaf[path[:i]] || hidden[path[:i]] && !m.again) {
			return false
		}
	}
	return true
}

func (mix) parents(path string, folder map[string]bool) {
	for i := range path {
		if path[i] == '/' {
			folder[path[:i]] = true
		}
	}
}

func (m mix) leaf(t *rapid.T, kind, at, target string) entry {
	switch kind {
	case "symlink":
		if m.outside && rapid.IntRange(0, 4).Draw(t, "outside") == 0 {
			return symlink(at, rapid.SampledFrom([]string{"/srv", "..", "../..", "../../..", "none", "/" + target, "a/../b", "."}).Draw(t, "link"))
		}
		return symlink(at, strings.Repeat("../", strings.Count(at, "/"))+target)
	case "hardlink":
		return hardlink(at, target)
	default:
		return add(at, rapid.StringMatching("[a-z]{0,8}").Draw(t, "content"))
	}
}

// compare checks that an image shows what a reference says, and that it is
// refused if the reference says that it breaks a rule.
func compare(t *rapid.T, tb testing.TB, all layers, want files, refused bool) {
	var repository imagetest.Repository
	var plain [][]byte
	for _, layer := range all {
		plain = append(plain, imagetest.Tar(layer...))
	}
	got, _, err := show(tb, &repository, &imagetest.Cache{}, repository.Put(labelled("/srv"), plain...), small())
	var content *release.ContentError
	switch {
	case errors.As(err, &content):
		if !refused {
			t.Fatalf("%v\n%s", err, all)
		}
	case err != nil:
		t.Fatalf("%v\n%s", err, all)
	case refused:
		t.Fatalf("not refused, but %q\n%s", got, all)
	default:
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("%s\n%s", diff, all)
		}
	}
}

// String shows layers as tar lists them.
func (l layers) String() string {
	var out strings.Builder
	for i, layer := range l {
		out.WriteString("layer " + string(rune('0'+i)) + "\n")
		for _, e := range layer {
			out.WriteString("  " + string(e.Typeflag) + " " + e.Name + " " + e.Linkname + " " + e.Content + "\n")
		}
	}
	return out.String()
}

func TestGeneratedImagesShowWhatAnExtractionShows(t *testing.T) {
	m := mix{kinds: []string{"file", "file", "file", "folder", "whiteout", "opaque"}}
	rapid.Check(t, func(r *rapid.T) {
		for range 5 {
			all := m.drawn(r)
			for i, layer := range all {
				all[i] = explicit(layer)
			}
			compare(r, t, all, extracted(t, all), false)
		}
	})
}

// explicit puts a folder's entry before what is in it, opaque where a layer
// below may have a file of that name: this is how an image is written, and the
// extraction relies on it.
func explicit(layer []entry) []entry {
	var out []entry
	seen := map[string]bool{"srv": true}
	for _, e := range layer {
		name := strings.TrimSuffix(e.Name, "/")
		for i := range name {
			if name[i] == '/' && !seen[name[:i]] {
				seen[name[:i]] = true
				out = append(out, dir(name[:i]), opaque(name[:i]+"/"))
			}
		}
		if e.Typeflag == tar.TypeDir {
			if seen[name] {
				continue
			}
			seen[name] = true
			out = append(out, e, opaque(name+"/"))
			continue
		}
		out = append(out, e)
	}
	return out
}

// extracted is what another implementation makes of an image.
func extracted(t testing.TB, all layers) files {
	t.Helper()
	var add []v1.Layer
	for _, layer := range all {
		add = append(add, static.NewLayer(imagetest.Tar(layer...), types.OCIUncompressedLayer))
	}
	flat, err := mutate.AppendLayers(empty.Image, add...)
	if err != nil {
		t.Fatal(err)
	}
	whole := mutate.Extract(flat)
	defer whole.Close()
	data, err := io.ReadAll(whole)
	if err != nil {
		t.Fatal(err)
	}
	out := make(files)
	for reader := tar.NewReader(bytes.NewReader(data)); ; {
		header, err := reader.Next()
		if err == io.EOF {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		if name, ok := strings.CutPrefix(header.Name, "srv/"); ok && header.Typeflag == tar.TypeReg {
			content, _ := io.ReadAll(reader)
			out[name] = string(content)
		}
	}
}

func TestGeneratedImagesShowWhatApplyingTheirLayersShows(t *testing.T) {
	m := mix{kinds: []string{"file", "file", "file", "folder", "whiteout", "opaque", "symlink", "hardlink"}, again: true, outside: true}
	hidden, shown := 0, 0
	rapid.Check(t, func(r *rapid.T) {
		for range 5 {
			all := m.drawn(r)
			want, refused := applied(all)
			if refused {
				hidden++
			} else {
				shown += len(want)
			}
			compare(r, t, all, want, refused)
		}
	})
	t.Logf("%d refused, %d files shown by the others", hidden, shown)
}
