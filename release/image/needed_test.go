package image_test

import (
	"slices"
	"sync"
	"testing"

	"github.com/mayfly-dev/mayfly/release/image"
	"github.com/mayfly-dev/mayfly/release/image/imagetest"
)

func packed(entries ...entry) []byte { return imagetest.Gzip(imagetest.Tar(entries...)) }

// opened returns which of the layers were opened since the last time, by
// their place.
func opened(r *imagetest.Repository, layers ...[]byte) []int {
	var out []int
	for _, digest := range r.Opened() {
		if i := slices.IndexFunc(layers, func(l []byte) bool { return imagetest.Digest(l) == digest }); i >= 0 {
			out = append(out, i)
		}
	}
	return out
}

func TestOnlyLayersThatAreNeededAreRead(t *testing.T) {
	base, below, above := packed(add("etc/passwd", "x")), packed(add("site/x/old", "old")), packed(opaque("site/x/"), add("site/x/index.html", "home"))
	for _, c := range []struct {
		name    string
		layers  [][]byte
		label   string
		inspect []int
	}{
		{"all, where nothing hides the lower ones", [][]byte{base, below, packed(add("site/x/index.html", "home"))}, "/site/x", []int{2, 1, 0}},
		{"none below an opaque web root", [][]byte{base, below, above}, "/site/x", []int{2}},
		{"none below an opaque folder around it", [][]byte{base, below, packed(opaque("site/"), add("site/x/index.html", "home"))}, "/site/x", []int{2}},
		{"none below a whiteout", [][]byte{base, below, packed(gone("site"), add("site/x/index.html", "home"))}, "/site/x", []int{2}},
		{"none below a whiteout in the middle", [][]byte{base, packed(gone("site")), packed(add("site/x/index.html", "home"))}, "/site/x", []int{2, 1}},
		{"all, where a link leads below", [][]byte{base, below, packed(opaque("site/x/"), add("site/x/index.html", "home"), symlink("site/x/p", "/etc/passwd"))}, "/site/x", []int{2, 1, 0}},
		{"all, where no label says where the site is", [][]byte{base, packed(opaque("srv/"), add("srv/index.html", "home"))}, "", []int{1, 0}},
	} {
		var r imagetest.Repository
		var labels map[string]string
		if c.label != "" {
			labels = labelled(c.label)
		}
		digest := r.Put(labels, c.layers...)
		var cache imagetest.Cache
		site, err := image.Inspect(t.Context(), &r, &cache, digest, small(), "index.html")
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if got := opened(&r, c.layers...); !slices.Equal(got, c.inspect) || cache.Layers() != len(c.inspect) {
			t.Errorf("%s: read %d, not %d; %d tables", c.name, got, c.inspect, cache.Layers())
		}
		if _, err := image.Inspect(t.Context(), &r, &cache, digest, small(), "index.html"); err != nil || len(opened(&r, c.layers...)) != 0 {
			t.Errorf("%s: read again: %v", c.name, err)
		}
		if _, err := read(t, &r, site, small(), func(int) bool { return false }); err != nil || len(opened(&r, c.layers...)) != 0 {
			t.Errorf("%s: read for nothing: %v", c.name, err)
		}
	}
}

func TestOfAWrittenSiteOnlyLayersWithWantedFilesAreRead(t *testing.T) {
	layers := [][]byte{packed(add(at+"a", "a"), page("old")), packed(add(at+"b", "b"), add(at+"c", "c")), packed(page("home"))}
	var r imagetest.Repository
	site, err := image.Inspect(t.Context(), &r, &imagetest.Cache{}, r.Put(nil, layers...), small(), "index.html")
	if err != nil {
		t.Fatal(err)
	}
	for wanted, want := range map[string][]int{"a": {0}, "b": {1}, "c": {1}, "index.html": {2}, "none": nil} {
		r.Opened()
		got, err := read(t, &r, site, small(), func(i int) bool { return site.Files[i].Path == wanted })
		if err != nil || want != nil && (len(got) != 1 || got[wanted] == "") || !slices.Equal(opened(&r, layers...), want) {
			t.Errorf("%s: %v, %v", wanted, got, err)
		}
	}
	// From any index on, as after a time limit.
	for from := range site.Files {
		got, err := read(t, &r, site, small(), func(i int) bool { return i >= from })
		if err != nil || len(got) != len(site.Files)-from {
			t.Errorf("from %d: %v, %v", from, got, err)
		}
	}
}

func TestALayerThatOtherImagesHaveIsNotReadForThisOne(t *testing.T) {
	base := packed(page("base"), add(at+"a", "a"))
	var r imagetest.Repository
	var cache imagetest.Cache
	for i, top := range [][]byte{packed(page("one")), packed(page("two")), packed(gone(at + "a"))} {
		digest := r.Put(nil, base, top)
		r.Opened()
		if _, err := image.Inspect(t.Context(), &r, &cache, digest, small(), "index.html"); err != nil {
			t.Fatal(err)
		}
		want := []int{1, 0}
		if i > 0 {
			want = []int{1}
		}
		if got := opened(&r, base, top); !slices.Equal(got, want) {
			t.Errorf("image %d: read %d", i, got)
		}
	}
}

func TestImagesAreInspectedAtOnce(t *testing.T) {
	base := packed(page("base"), add(at+"a", "a"))
	var r imagetest.Repository
	var cache imagetest.Cache
	var group sync.WaitGroup
	for i := range 8 {
		digest := r.Put(nil, base, packed(page(string(rune('0'+i)))))
		group.Go(func() {
			for range 5 {
				if got, _, err := show(t, &r, &cache, digest, small()); err != nil || got["index.html"] != string(rune('0'+i)) || got["a"] != "a" {
					t.Errorf("%v, %v", got, err)
				}
			}
		})
	}
	group.Wait()
	if cache.Layers() != 9 {
		t.Errorf("%d tables", cache.Layers())
	}
}

func TestWhatIsRefusedOnceIsRefusedWithTablesToo(t *testing.T) {
	limits := small()
	limits.Entries = 3 // so that layers may have 30 entries together
	var many []entry
	for i := range 20 {
		many = append(many, add("x/"+string(rune('a'+i)), ""))
	}
	var r imagetest.Repository
	var cache imagetest.Cache
	one, other := r.Put(nil, packed(many...), packed(page("home"))), packed(append(many, page("home"))...)
	both := r.Put(nil, packed(many...), other)
	for range 2 {
		if _, err := image.Inspect(t.Context(), &r, &cache, both, limits, "index.html"); err == nil {
			t.Error("too many entries are not refused")
		}
	}
	if _, err := image.Inspect(t.Context(), &r, &cache, one, limits, "index.html"); err != nil {
		t.Error(err)
	}
	if _, err := image.Inspect(t.Context(), &r, &cache, r.Put(nil, other), limits, "index.html"); err != nil {
		t.Error(err)
	}
	if _, err := image.Inspect(t.Context(), &r, &cache, both, limits, "index.html"); err == nil {
		t.Error("too many entries are not refused when their tables are known")
	}
}
