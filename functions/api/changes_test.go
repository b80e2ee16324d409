package api_test

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/release"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// releasedFiles makes a release live that consists of files, such as "a=1 b=22":
// paths, in their order, and contents.
func (w *world) releasedFiles(name, files string) string {
	w.t.Helper()
	id := w.upload(name)
	w.want(http.StatusAccepted, "POST", "/v1/sandboxes/"+name+"/releases", `{"upload":"`+id+`"}`)
	s, err := w.store.Get(w.t.Context(), name)
	must(w.t, err)
	m := release.Manifest{ManifestHeader: release.ManifestHeader{SandboxID: s.ID, Release: id}}
	for field := range strings.FieldsSeq(files) {
		path, content, _ := strings.Cut(field, "=")
		m.Objects = append(m.Objects, release.Object{Path: path, Size: int64(len(content)), SHA256: content})
	}
	var packed bytes.Buffer
	must(w.t, release.WriteManifest(&packed, m))
	key := release.ManifestKey(s.ID, id)
	if w.objects.contents == nil {
		w.objects.contents = map[string]string{}
	}
	w.objects.contents[key] = packed.String()
	r, err := w.store.GetRelease(w.t.Context(), s.Ref(), id)
	must(w.t, err)
	r.ManifestBucket, r.ManifestKey = "mayfly-uploads", key
	must(w.t, w.store.PutRelease(w.t.Context(), s.Ref(), r))
	w.end(name, id, sandbox.ReleaseLive)
	return id
}

func TestChangesAreWhatARollbackWouldDo(t *testing.T) {
	w := newWorld(t)
	w.ready("hello")
	w.want(http.StatusConflict, "GET", "/v1/sandboxes/hello/releases/previous/changes", "")
	first := w.releasedFiles("hello", "a.css=1 gone.html=333 index.html=22 same.js=1")
	only := into[events.ReleaseChanges](t, w.want(http.StatusOK, "GET", "/v1/sandboxes/hello/releases/"+first+"/changes", ""))
	if only.From.ID != first || len(only.Changes) != 0 || only.Added.Files+only.Changed.Files+only.Removed.Files != 0 {
		t.Errorf("the live release with itself: %+v", only)
	}
	second := w.releasedFiles("hello", "a.css=1 index.html=4444 new.html=55555 same.js=1")
	want := events.ReleaseChanges{
		Added: events.ChangeCount{Files: 1, Bytes: 3}, Changed: events.ChangeCount{Files: 1, Bytes: 2}, Removed: events.ChangeCount{Files: 1, Bytes: 5},
		Changes: []events.FileChange{
			{Path: "gone.html", Kind: events.ChangeKindAdded, After: 3},
			{Path: "index.html", Kind: events.ChangeKindChanged, Before: 4, After: 2},
			{Path: "new.html", Kind: events.ChangeKindRemoved, Before: 5},
		},
	}
	for _, path := range []string{first + "/changes", "previous/changes", first + "/changes?from=" + second} {
		got := into[events.ReleaseChanges](t, w.want(http.StatusOK, "GET", "/v1/sandboxes/hello/releases/"+path, ""))
		if got.Release.ID != first || got.From.ID != second || !got.From.Live || got.Release.Live {
			t.Errorf("%s: from %+v to %+v", path, got.From, got.Release)
		}
		got.Release, got.From = events.ReleaseState{}, events.ReleaseState{}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s:\n%s", path, diff)
		}
	}
}

func TestChangesComeInPagesWithTheCountsOfAll(t *testing.T) {
	w := newWorld(t)
	w.ready("hello")
	var many strings.Builder
	for i := range 2500 {
		fmt.Fprintf(&many, "f%04d=%d ", i, i)
	}
	w.releasedFiles("hello", "f0007=7 f0008=x")
	second := w.releasedFiles("hello", many.String())
	first := into[events.ReleasePage](t, w.want(http.StatusOK, "GET", "/v1/sandboxes/hello/releases", "")).Releases[1].ID
	var paths []string
	for cursor, pages := "", 0; ; {
		page := into[events.ReleaseChanges](t, w.want(http.StatusOK, "GET", "/v1/sandboxes/hello/releases/"+second+"/changes?limit=1000&from="+first+"&cursor="+cursor, ""))
		if page.Added.Files != 2498 || page.Changed.Files != 1 || page.Removed.Files != 0 {
			t.Errorf("page %d counts %+v", pages, page)
		}
		for _, c := range page.Changes {
			paths = append(paths, c.Path)
		}
		pages++
		if cursor = page.Next; cursor == "" {
			if pages != 3 {
				t.Errorf("%d pages", pages)
			}
			break
		}
	}
	if len(paths) != 2499 || paths[7] != "f0008" || paths[2498] != "f2499" {
		t.Errorf("%d paths", len(paths))
	}
	w.want(http.StatusBadRequest, "GET", "/v1/sandboxes/hello/releases/"+second+"/changes?limit=0", "")
}

func TestOnlyWhatWasLiveIsCompared(t *testing.T) {
	w := newWorld(t)
	w.ready("hello")
	live := w.releasedFiles("hello", "index.html=1")
	failed := w.upload("hello")
	w.want(http.StatusAccepted, "POST", "/v1/sandboxes/hello/releases", `{"upload":"`+failed+`"}`)
	w.end("hello", failed, sandbox.ReleaseFailed)
	const one = "/v1/sandboxes/hello/releases/"
	for _, path := range []string{failed + "/changes", live + "/changes?from=" + failed} {
		if p := into[events.Problem](t, w.want(http.StatusBadRequest, "GET", one+path, "")); !strings.Contains(p.Detail, failed+" is failed") {
			t.Errorf("%s: %s", path, p.Detail)
		}
	}
	w.want(http.StatusNotFound, "GET", one+"r-0000000aaaaa/changes", "")
	w.want(http.StatusNotFound, "GET", one+live+"/changes?from=r-0000000aaaaa", "")
	w.want(http.StatusNotFound, "GET", "/v1/sandboxes/nobody/releases/"+live+"/changes", "")
	clear(w.objects.contents) // its sandbox is being deleted
	w.want(http.StatusNotFound, "GET", one+live+"/changes", "")
}

func TestAReleaseToAServiceHasNoFilesToCompare(t *testing.T) {
	w := newWorld(t)
	w.ready("hello")
	site := w.releasedFiles("hello", "index.html=1")
	var ids []string
	for _, revision := range []string{"app:1", "app:2"} {
		id := w.releasedFiles("hello", "")
		s, err := w.store.Get(t.Context(), "hello")
		must(t, err)
		r, err := w.store.GetRelease(t.Context(), s.Ref(), id)
		must(t, err)
		r.ManifestBucket, r.ManifestKey = "", ""
		r.Rollout = &events.Rollout{Target: events.TargetECS, ECS: &events.ECSRollout{TaskDefinition: revision}}
		must(t, w.store.PutRelease(t.Context(), s.Ref(), r))
		ids = append(ids, id)
	}
	got := into[events.ReleaseChanges](t, w.want(http.StatusOK, "GET", "/v1/sandboxes/hello/releases/"+ids[0]+"/changes", ""))
	if len(got.Changes) != 0 || got.Release.Rollout.ECS.TaskDefinition != "app:1" || got.From.Rollout.ECS.TaskDefinition != "app:2" {
		t.Errorf("%+v", got)
	}
	p := into[events.Problem](t, w.want(http.StatusBadRequest, "GET", "/v1/sandboxes/hello/releases/"+site+"/changes", ""))
	if !strings.Contains(p.Detail, "one of them is a site's") {
		t.Error(p.Detail)
	}
}
