package image_test

import (
	"fmt"
	"testing"

	"github.com/mayfly-dev/mayfly/release"
	"github.com/mayfly-dev/mayfly/release/image"
	"github.com/mayfly-dev/mayfly/release/image/imagetest"
)

// BenchmarkInspectImage inspects a site of 5,000 files of 1 KiB over a base of
// 5,000 others: for the first time, when only the site's layer is new, and when
// both layers are known.
func BenchmarkInspectImage(b *testing.B) {
	var base, site []entry
	for i := range 5000 {
		base = append(base, add(fmt.Sprintf("usr/lib/package%d/file%d.so", i/20, i), noise(1<<10)))
		site = append(site, add(fmt.Sprintf("%s%d/%04d.js", at, i%50, i), noise(1<<10)))
	}
	for _, c := range []struct {
		name        string
		base, whole bool // whether its table is known
	}{{"first", false, false}, {"new layer", true, false}, {"unchanged", true, true}} {
		b.Run(c.name, func(b *testing.B) {
			var r imagetest.Repository
			layers := [][]byte{packed(base...), packed(append(site, page("home"))...)}
			digest := r.Put(nil, layers...)
			var cache imagetest.Cache
			inspect := func() {
				found, err := image.Inspect(b.Context(), &r, &cache, digest, release.DefaultLimits(), "index.html")
				if err != nil || len(found.Files) != 5001 {
					b.Fatal(len(found.Files), err)
				}
			}
			if c.base || c.whole {
				inspect()
			}
			for b.Loop() {
				if !c.base {
					cache.Forget(imagetest.Digest(layers[0]))
				}
				if !c.whole {
					cache.Forget(imagetest.Digest(layers[1]))
				}
				inspect()
			}
		})
	}
}
