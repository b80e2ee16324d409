package releasetest_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mayfly-dev/mayfly/awserr"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/release"
	"github.com/mayfly-dev/mayfly/release/image"
	"github.com/mayfly-dev/mayfly/release/image/imagetest"
	"github.com/mayfly-dev/mayfly/release/releasetest"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// layer packs files of the web root as a layer.
func layer(files ...file) []byte {
	var entries []imagetest.Entry
	for _, f := range files {
		entries = append(entries, imagetest.File("usr/share/nginx/html/"+strings.TrimPrefix(f.Name, "./"), f.Content))
	}
	return imagetest.Gzip(imagetest.Tar(entries...))
}

// push keeps an image in the world's repository and begins a release of it.
func (w *world) push(layers ...[]byte) string {
	digest := w.images.kept.Put(nil, layers...)
	return w.begin(w.nextID(), events.ReleaseSource{Kind: events.SourceImage, Repository: "shop", Digest: digest, Tag: "v1"})
}

func contents(files []file) map[string]string {
	all := make(map[string]string)
	for _, f := range files {
		all[strings.TrimPrefix(f.Name, "./")] = f.Content
	}
	return all
}

func TestAnImageIsReleasedAndAnotherAndRolledBack(t *testing.T) {
	w := newWorld(t)
	base, before := layer(first()...), layer(file{"index.html", "one"})
	one := w.push(base, before)
	w.mustRun()
	want := contents(first())
	want["index.html"] = "one"
	if diff := cmp.Diff(want, w.s3.Objects(site)); diff != "" {
		t.Error(diff)
	}
	if r := w.record(one); r.Status != sandbox.ReleaseLive || r.Files != 6 || r.Written != 6 || r.Source.Tag != "v1" {
		t.Errorf("release: %+v", r)
	}

	w.changes()
	w.images.kept.Opened()
	above := layer(file{"index.html", "two"}, file{"new.txt", "new"})
	two := w.push(base, before, above)
	w.mustRun()
	want["index.html"], want["new.txt"] = "two", "new"
	if diff := cmp.Diff(want, w.s3.Objects(site)); diff != "" {
		t.Error(diff)
	}
	if changes := w.changes(); !slices.Equal(changes, []string{"PutObject new.txt", "PutObject index.html"}) {
		t.Errorf("changes: %q", changes)
	}
	// The configuration, and the one new layer: to inspect it, and for each pass.
	opened, layer := w.images.kept.Opened(), imagetest.Digest(above)
	if len(opened) != 4 || !slices.Equal(opened[1:], []string{layer, layer, layer}) {
		t.Errorf("opened: %q", opened)
	}

	w.begin(w.nextID(), events.ReleaseSource{Kind: events.SourceRollback, ReleaseID: one})
	w.mustRun()
	delete(want, "new.txt")
	want["index.html"] = "one"
	if diff := cmp.Diff(want, w.s3.Objects(site)); diff != "" {
		t.Error(diff)
	}
	if opened := w.images.kept.Opened(); len(opened) != 0 || w.record(two).Status != sandbox.ReleaseLive {
		t.Errorf("a rollback opened %q", opened)
	}
}

func TestTheSameImageAgainReadsNoLayer(t *testing.T) {
	w := newWorld(t)
	w.push(layer(first()...))
	w.mustRun()
	w.images.kept.Opened()
	w.changes()
	w.push(layer(first()...))
	w.mustRun()
	if opened := w.images.kept.Opened(); len(opened) != 1 { // the configuration
		t.Errorf("opened: %q", opened)
	}
	if changes := w.changes(); len(changes) != 0 {
		t.Errorf("changes: %q", changes)
	}
}

func TestAnImageAfterAnArchiveWritesWhatDiffers(t *testing.T) {
	w := newWorld(t)
	w.upload(releasetest.TarGz(first()...))
	w.mustRun()
	w.changes()
	files := first()
	files[1].Content = "let c"
	w.push(layer(files...))
	w.mustRun()
	if changes := w.changes(); !slices.Equal(changes, []string{"PutObject app.3f2a91bc.js"}) {
		t.Errorf("changes: %q", changes)
	}
}

func TestALayerThatIsReadTwiceForItsLinksWritesAll(t *testing.T) {
	w := newWorld(t)
	large, root := strings.Repeat("0123456789abcdef", (release.PartBytes+4096)/16), "usr/share/nginx/html/"
	w.push(imagetest.Gzip(imagetest.Tar(
		imagetest.File(root+"large.bin", large), imagetest.Hardlink(root+"again.bin", root+"large.bin"), imagetest.Symlink(root+"third.bin", "large.bin"),
		imagetest.File(root+"index.html", "home"), imagetest.Hardlink(root+"a/index.html", root+"index.html"), imagetest.File(root+"last.txt", "last"),
	)))
	w.mustRun()
	want := map[string]string{"large.bin": large, "again.bin": large, "third.bin": large, "index.html": "home", "a/index.html": "home", "last.txt": "last"}
	if diff := cmp.Diff(want, w.s3.Objects(site)); diff != "" {
		t.Error(diff)
	}
}

func TestAnImageThatIsRefusedLeavesTheSiteAsItIs(t *testing.T) {
	good, root := layer(first()...), "usr/share/nginx/html/"
	for _, c := range []struct {
		name, code, cause string
		source            func(w *world) events.ReleaseSource
	}{
		{"no such image", "ImageNotFound", "is not in the repository", func(*world) events.ReleaseSource {
			return events.ReleaseSource{Repository: "shop", Digest: imagetest.Digest([]byte("none"))}
		}},
		{"no such repository", "ImageNotFound", "is not in the repository", func(w *world) events.ReleaseSource {
			return events.ReleaseSource{Repository: "other", Digest: w.images.kept.Put(nil, good)}
		}},
		{"no digest", "BadContent", "is not a digest", func(*world) events.ReleaseSource { return events.ReleaseSource{Repository: "shop"} }},
		{"a missing layer", "ImageNotFound", "layer sha256:", func(w *world) events.ReleaseSource {
			digest := w.images.kept.Put(nil, good, layer(file{"x", "x"}))
			w.images.kept.Replace(imagetest.Digest(layer(file{"x", "x"})), nil)
			return events.ReleaseSource{Repository: "shop", Digest: digest}
		}},
		{"another layer under the digest", "BadContent", "another digest", func(w *world) events.ReleaseSource {
			digest := w.images.kept.Put(nil, good, layer(file{"x", "x"}))
			w.images.kept.Replace(imagetest.Digest(layer(file{"x", "x"})), layer(file{"x", "y"}))
			return events.ReleaseSource{Repository: "shop", Digest: digest}
		}},
		{"no web root", "BadContent", "LABEL mayfly.web-root=", func(w *world) events.ReleaseSource {
			return events.ReleaseSource{Repository: "shop", Digest: w.images.kept.Put(nil, imagetest.Tar(imagetest.File("bin/app", "x")))}
		}},
		{"two web roots", "BadContent", "/usr/share/nginx/html and /app/dist", func(w *world) events.ReleaseSource {
			return events.ReleaseSource{Repository: "shop", Digest: w.images.kept.Put(nil, good, imagetest.Tar(imagetest.File("app/dist/index.html", "x")))}
		}},
		{"a link out", "BadContent", `"a" leads out of the image`, func(w *world) events.ReleaseSource {
			return events.ReleaseSource{Repository: "shop", Digest: w.images.kept.Put(nil, good, imagetest.Tar(imagetest.Symlink(root+"a", "../../../../../etc/passwd")))}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			live := w.push(good)
			w.mustRun()
			w.changes()
			source := c.source(w)
			source.Kind = events.SourceImage
			id := w.begin(w.nextID(), source)
			err := w.run(t.Context(), nil)
			if awserr.Name(err) != c.code || !strings.Contains(fmt.Sprint(err), c.cause) {
				t.Errorf("error %s: %v", awserr.Name(err), err)
			}
			r, box := w.record(id), w.box()
			if r.Status != sandbox.ReleaseFailed || r.Failure.Error != c.code || !strings.Contains(r.Failure.Cause, c.cause) {
				t.Errorf("release: %+v", r.Failure)
			}
			if changes := w.changes(); len(changes) != 0 || box.LiveRelease != live || box.Phase != sandbox.PhaseReady {
				t.Errorf("changes %q, sandbox %+v", changes, box)
			}
		})
	}
}

func TestARegistryThatFailsForAWhileIsAskedAgain(t *testing.T) {
	w := newWorld(t)
	w.retries = 2
	fails := 0
	w.images.kept.Fail = func(string, int64) error {
		if fails++; fails%3 != 0 {
			return &image.PassingError{Name: "ServiceUnavailable", Err: errors.New("503")}
		}
		return nil
	}
	w.push(layer(first()...))
	w.mustRun()
	if diff := cmp.Diff(contents(first()), w.s3.Objects(site)); diff != "" {
		t.Error(diff)
	}
}

func TestAnImageThatIsDeletedWhileItIsReleasedIsNamed(t *testing.T) {
	w := newWorld(t)
	packed := layer(first()...)
	id := w.push(packed)
	err := w.run(t.Context(), func(state string) {
		if state == "Write assets" {
			w.images.kept.Replace(imagetest.Digest(packed), nil)
		}
	})
	if r := w.record(id); awserr.Name(err) != "ImageNotFound" || r.Status != sandbox.ReleaseFailed {
		t.Errorf("%v, %+v", err, r)
	}
	if len(w.s3.Objects(site)) != 0 {
		t.Error("something was written")
	}
}
