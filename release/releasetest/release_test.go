package releasetest_test

import (
	"bytes"
	"context"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/google/go-cmp/cmp"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/release"
	"github.com/mayfly-dev/mayfly/release/releasetest"
	"github.com/mayfly-dev/mayfly/release/s3store"
	"github.com/mayfly-dev/mayfly/sandbox"
)

type file = releasetest.File

func (w *world) put(bucket, key string, data []byte) {
	w.t.Helper()
	_, err := w.client.PutObject(context.WithoutCancel(w.t.Context()), &s3.PutObjectInput{Bucket: &bucket, Key: &key, Body: bytes.NewReader(data)})
	if err != nil {
		w.t.Fatal(err)
	}
}

// changes returns what the calls since the last time changed in the site.
func (w *world) changes() []string {
	var changed []string
	for _, call := range w.s3.Calls() {
		operation, object, _ := strings.Cut(call, " ")
		if key, ok := strings.CutPrefix(object, site+"/"); ok && operation != "DeleteObjects" {
			changed = append(changed, operation+" "+key)
		}
	}
	return changed
}

func first() []file {
	return []file{
		{"./404.html", "not here"}, {"./app.3f2a91bc.js", "let a"}, {"./docs/index.html", "docs"},
		{"./index.html", "<script src=app.3f2a91bc.js>"}, {"./logo.png", "png"}, {"./sw.js", "worker"},
	}
}

func TestAReleaseBringsAnArchiveToTheSite(t *testing.T) {
	for name, pack := range map[string]func(...file) []byte{"tar.gz": releasetest.TarGz, "zip": func(files ...file) []byte {
		for i := range files {
			files[i].Name = strings.TrimPrefix(files[i].Name, "./")
		}
		return releasetest.Zip(files...)
	}} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			id := w.upload(pack(first()...))
			if phase := w.box().Phase; phase != sandbox.PhaseUpdating {
				t.Errorf("phase is %s during the release", phase)
			}
			w.mustRun()
			want := map[string]string{
				"404.html": "not here", "app.3f2a91bc.js": "let a", "docs/index.html": "docs",
				"index.html": "<script src=app.3f2a91bc.js>", "logo.png": "png", "sw.js": "worker",
			}
			if diff := cmp.Diff(want, w.s3.Objects(site)); diff != "" {
				t.Error(diff)
			}
			box, r := w.box(), w.record(id)
			if box.Phase != sandbox.PhaseReady || box.LiveRelease != id || box.ActiveRelease != "" || box.Step != "" {
				t.Errorf("sandbox after the release: %+v", box)
			}
			if r.Status != sandbox.ReleaseLive || r.Files != 6 || r.Written != 6 || r.Removed != 0 || r.Bytes != 54 || r.EndedAt.IsZero() {
				t.Errorf("release: %+v", r)
			}
			manifest, err := s3store.GetManifest(t.Context(), w.s3, r.ManifestBucket, r.ManifestKey)
			if err != nil {
				t.Fatal(err)
			}
			for _, o := range manifest.Objects {
				versions := w.s3.Versions(site, o.Path)
				v := versions[len(versions)-1]
				if o.VersionID != v.ID || o.ETag != v.ETag || len(o.SHA256) != 64 || o.ContentType != v.ContentType || o.CacheControl != v.CacheControl {
					t.Errorf("manifest has %+v, the bucket %+v", o, v)
				}
			}
			if o, _ := manifest.Find("app.3f2a91bc.js"); o.CacheControl != release.CacheFingerprint || o.ContentType != "text/javascript; charset=utf-8" {
				t.Errorf("headers of a fingerprinted script: %+v", o)
			}
			if left := slices.Collect(maps.Keys(w.s3.Objects(uploads))); !slices.Equal(left, []string{r.ManifestKey}) {
				t.Errorf("left in the upload bucket: %v", left)
			}
			if len(w.store.Remembers["release"]) != 1 || len(w.store.Remembers["invalidation"]) != 1 {
				t.Errorf("durations: %v", w.store.Remembers)
			}
		})
	}
}

func TestPagesFollowAssetsAndRemovalsFollowPages(t *testing.T) {
	w := newWorld(t)
	w.upload(releasetest.TarGz(first()...))
	w.mustRun()
	w.changes()
	w.upload(releasetest.TarGz(
		file{"index.html", "<script src=app.77aa00cc.js>"}, file{"404.html", "no"}, file{"a/index.html", "a"},
		file{"app.77aa00cc.js", "let b"}, file{"logo.png", "png2"}, file{"sw.js", "worker2"}, file{"z.css", "css"},
	))
	w.mustRun()
	rank := func(change string) int {
		operation, key, _ := strings.Cut(change, " ")
		switch {
		case operation == "Delete":
			return 3
		case release.PassOf(key) == events.PassPages:
			return 2
		default:
			return 1
		}
	}
	changes := w.changes()
	if len(changes) != 9 {
		t.Errorf("%d changes: %q", len(changes), changes)
	}
	if !slices.IsSortedFunc(changes, func(a, b string) int { return rank(a) - rank(b) }) {
		t.Errorf("out of order: %q", changes)
	}
}

func TestOneChangedFileIsOnePut(t *testing.T) {
	w := newWorld(t)
	w.upload(releasetest.TarGz(first()...))
	w.mustRun()
	w.changes()
	files := first()
	files[2].Content = "better docs"
	id := w.upload(releasetest.TarGz(files...))
	var reads atomic.Int32
	w.s3.Fail = func(operation, key string) error {
		if operation == "GetObject" && strings.HasSuffix(key, "/plan.jsonl.gz") {
			reads.Add(1)
		}
		return nil
	}
	w.mustRun()
	if n := reads.Load(); n != 3 { // to write the pages, to invalidate, and to finish
		t.Errorf("the plan was read %d times", n)
	}
	if changes := w.changes(); !slices.Equal(changes, []string{"PutObject docs/index.html"}) {
		t.Errorf("changes: %q", changes)
	}
	if r := w.record(id); r.Written != 1 || r.Files != 6 {
		t.Errorf("release: %+v", r)
	}
	if paths := w.cdn.Paths(); len(paths) != 2 || !slices.Equal(paths[1], []string{"/docs/", "/docs/index.html"}) {
		t.Errorf("invalidated: %q", paths)
	}
}

func TestTheSameContentAgainChangesNothing(t *testing.T) {
	w := newWorld(t)
	w.upload(releasetest.TarGz(first()...))
	w.mustRun()
	w.changes()
	id := w.upload(releasetest.TarGz(first()...))
	w.mustRun()
	if changes := w.changes(); len(changes) != 0 {
		t.Errorf("changes: %q", changes)
	}
	if box := w.box(); box.LiveRelease != id {
		t.Errorf("live is %s", box.LiveRelease)
	}
	if len(w.cdn.Made) != 1 {
		t.Errorf("%d invalidations", len(w.cdn.Made))
	}
}

func TestARollbackBringsAnEarlierReleaseBack(t *testing.T) {
	w := newWorld(t)
	old := w.upload(releasetest.TarGz(append(first(), file{"a b+c?#ü.txt", "odd"})...))
	w.mustRun()
	want := w.s3.Objects(site)
	w.upload(releasetest.TarGz(file{"index.html", "new"}, file{"logo.png", "png"}, file{"new.txt", "n"}))
	w.mustRun()
	w.changes()
	id := w.begin(w.nextID(), events.ReleaseSource{Kind: events.SourceRollback, ReleaseID: old})
	w.mustRun()
	if diff := cmp.Diff(want, w.s3.Objects(site)); diff != "" {
		t.Error(diff)
	}
	changes := w.changes()
	if slices.Contains(changes, "CopyObject logo.png") || len(changes) != 7 || changes[6] != "Delete new.txt" {
		t.Errorf("changes: %q", changes)
	}
	if r := w.record(id); r.Status != sandbox.ReleaseLive || r.Written != 6 || r.Removed != 1 || r.Files != 7 {
		t.Errorf("release: %+v", r)
	}
	if v := w.s3.Versions(site, "index.html"); v[2].ContentType != v[0].ContentType || v[2].CacheControl != release.CachePage {
		t.Errorf("headers are not brought back: %+v", v[2])
	}
}

func TestARollbackToAnExpiredVersionChangesNothing(t *testing.T) {
	w := newWorld(t)
	old := w.upload(releasetest.TarGz(first()...))
	w.mustRun()
	w.upload(releasetest.TarGz(file{"index.html", "new"}))
	w.mustRun()
	w.s3.Expire(site, "docs/index.html", w.s3.Versions(site, "docs/index.html")[0].ID)
	w.changes()
	before := w.box().LiveRelease
	id := w.begin(w.nextID(), events.ReleaseSource{Kind: events.SourceRollback, ReleaseID: old})
	if err := w.run(t.Context(), nil); err == nil || !strings.Contains(err.Error(), "docs/index.html") {
		t.Errorf("error: %v", err)
	}
	if changes := w.changes(); len(changes) != 0 {
		t.Errorf("changes: %q", changes)
	}
	r, box := w.record(id), w.box()
	if r.Status != sandbox.ReleaseFailed || r.Failure == nil || r.Failure.Error != "VersionExpired" {
		t.Errorf("release: %+v", r)
	}
	if box.Phase != sandbox.PhaseReady || box.ActiveRelease != "" || box.LiveRelease != before || box.FailedStep != "inspectcontent" {
		t.Errorf("sandbox: %+v", box)
	}
}

func TestARestoreBringsOneObjectBack(t *testing.T) {
	w := newWorld(t)
	w.upload(releasetest.TarGz(first()...))
	w.mustRun()
	lost := w.s3.Versions(site, "logo.png")[0]
	w.upload(releasetest.TarGz(file{"index.html", "new"}, file{"404.html", "x"}))
	w.mustRun()
	w.changes()
	id := w.begin(w.nextID(), events.ReleaseSource{Kind: events.SourceRestore, Path: "logo.png", VersionID: lost.ID})
	w.mustRun()
	if changes := w.changes(); !slices.Equal(changes, []string{"CopyObject logo.png"}) {
		t.Errorf("changes: %q", changes)
	}
	r := w.record(id)
	manifest, err := s3store.GetManifest(t.Context(), w.s3, r.ManifestBucket, r.ManifestKey)
	if err != nil {
		t.Fatal(err)
	}
	if len(manifest.Objects) != 3 {
		t.Errorf("manifest: %+v", manifest)
	}
	for _, o := range manifest.Objects {
		versions := w.s3.Versions(site, o.Path)
		if o.VersionID != versions[len(versions)-1].ID || o.SHA256 == "" {
			t.Errorf("object: %+v", o)
		}
	}
}
