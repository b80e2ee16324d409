package image_test

import (
	"archive/tar"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mayfly-dev/mayfly/release"
	"github.com/mayfly-dev/mayfly/release/image"
	"github.com/mayfly-dev/mayfly/release/image/imagetest"
)

func seeds() [][]byte {
	pax := add("pax", "x")
	pax.PAXRecords = map[string]string{"SCHILY.xattr.user.x": "y"}
	return [][]byte{
		imagetest.Tar(page("home"), dir("a"), add("a/b", "b"), pax),
		imagetest.Tar(gone("a/b"), opaque("c/"), symlink("s", "/a/b"), hardlink("h", "a/b"), symlink("up", "..")),
		imagetest.Tar(node(tar.TypeChar, "null"), node(tar.TypeFifo, "pipe"), add("../x", ""), add("/abs", "")),
		imagetest.Tar(add(strings.Repeat("n", 300)+"/"+string([]byte{0xff}), "x"), hardlink("l", "l"), symlink("d", ".")),
	}
}

// FuzzTar is for layers that unpack well.
func FuzzTar(f *testing.F) {
	for _, seed := range seeds() {
		f.Add(seed, true)
		f.Add(seed, false)
	}
	f.Fuzz(neverLies)
}

// FuzzPacked is for layers as they come.
func FuzzPacked(f *testing.F) {
	for _, seed := range seeds() {
		f.Add(imagetest.Gzip(seed), true)
		f.Add(imagetest.Zstd(seed), false)
		f.Add(append(imagetest.Zstd(seed[:512]), imagetest.Zstd(seed[512:])...), true)
	}
	f.Fuzz(neverLies)
}

// neverLies checks what holds for any layer, above or below one that is good:
// the image is refused by a rule, or everything that it shows is within the
// rules, and the same whether the layer's table is made or known.
func neverLies(t *testing.T, layer []byte, above bool) {
	base := imagetest.Tar(add("index.html", "home"), add("a/b", "base"), add("c/d", "base"))
	stack := [][]byte{base, layer}
	if !above {
		stack = [][]byte{layer, base}
	}
	limits := small()
	limits.FileBytes, limits.TotalBytes = 64<<10, 128<<10
	var r imagetest.Repository
	var cache imagetest.Cache
	digest := r.Put(labelled("/"), stack...)
	got, site, err := show(t, &r, &cache, digest, limits)
	again, err2 := image.Inspect(t.Context(), &r, &cache, digest, limits, "index.html")
	if (err == nil) != (err2 == nil) {
		t.Fatalf("with a table made: %v, with one known: %v", err, err2)
	}
	if err != nil {
		var refused *release.ContentError
		if !errors.As(err, &refused) || err.Error() != err2.Error() {
			t.Fatalf("neither read nor refused: %v, %v", err, err2)
		}
		return
	}
	if diff := cmp.Diff(site, again); diff != "" {
		t.Fatal(diff)
	}
	if len(got) != len(site.Files) || len(got) > limits.Entries || got["index.html"] == "" && !above {
		t.Fatalf("%d files, of which %d are read", len(site.Files), len(got))
	}
	total := 0
	for path, content := range got {
		total += len(content)
		clean, err := release.CleanName(path, false)
		if err != nil || clean != path || len(content) > int(limits.FileBytes) || total > int(limits.TotalBytes) {
			t.Fatalf("file %q of %d bytes: %v", path, len(content), err)
		}
	}
}
