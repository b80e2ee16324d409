package api_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	sfntypes "github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/release"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// upload makes a complete upload and returns its id.
func (w *world) upload(name string) string {
	w.t.Helper()
	s, err := w.store.Get(w.t.Context(), name)
	must(w.t, err)
	u := into[events.Upload](w.t, w.want(http.StatusCreated, "POST", "/v1/sandboxes/"+name+"/uploads", `{"size":10,"format":"tar.gz"}`))
	w.objects.uploads[release.UploadKey(s.ID, u.ID)] = true
	return u.ID
}

// released makes a release that is live.
func (w *world) released(name string) string {
	w.t.Helper()
	id := w.upload(name)
	w.want(http.StatusAccepted, "POST", "/v1/sandboxes/"+name+"/releases", `{"upload":"`+id+`"}`)
	w.end(name, id, sandbox.ReleaseLive)
	return id
}

func (w *world) end(name, id string, status sandbox.ReleaseStatus) {
	w.t.Helper()
	s, err := w.store.Get(w.t.Context(), name)
	must(w.t, err)
	r, err := w.store.GetRelease(w.t.Context(), s.Ref(), id)
	must(w.t, err)
	r.Status, r.EndedAt = status, w.clock.Now()
	must(w.t, sandbox.EndRelease(w.t.Context(), w.store, s.Ref(), r))
	w.machines.end(sfntypes.ExecutionStatusSucceeded)
	w.clock.move(time.Second / 4)
}

func TestAnUploadIsSignedForItsSizeAndDigest(t *testing.T) {
	w := newWorld(t)
	w.ready("hello")
	digest := strings.Repeat("ab", 32)
	u := into[events.Upload](t, w.want(http.StatusCreated, "POST", "/v1/sandboxes/hello/uploads", `{"size":1234,"format":"zip","sha256":"`+digest+`"}`))
	for _, part := range []string{"http://127.0.0.1:4566/mayfly-uploads/uploads/", u.ID, "X-Amz-Signature=", "content-length"} {
		if !strings.Contains(u.URL, part) {
			t.Errorf("%s is not in %s", part, u.URL)
		}
	}
	if u.Headers["Content-Length"] != "1234" || u.Method != http.MethodPut || !u.ExpiresAt.After(w.clock.Now()) || u.Headers["X-Amz-Checksum-Sha256"] == "" && !strings.Contains(u.URL, "x-amz-checksum-sha256") && !strings.Contains(u.URL, "X-Amz-Checksum-Sha256") {
		t.Errorf("%+v", u)
	}
	if strings.Contains(u.URL, "crc32") || strings.Contains(strings.ToLower(u.URL), "checksum-algorithm=crc32") {
		t.Errorf("the checksum of an empty body is signed: %s", u.URL)
	}
}

func TestAReleaseTakesTheLockAndStartsItsMachine(t *testing.T) {
	w := newWorld(t)
	w.ready("hello")
	id := w.upload("hello")
	a := w.want(http.StatusAccepted, "POST", "/v1/sandboxes/hello/releases", `{"upload":"`+id+`"}`, "Mayfly-Principal", "ada")
	r := into[events.ReleaseState](t, a)
	if r.ID != id || r.Status != events.ReleaseStatusRunning || r.Principal != "ada" || a.Header.Get("Location") != "/v1/sandboxes/hello/releases/"+id {
		t.Errorf("%+v %s", r, a.Header.Get("Location"))
	}
	var flow events.ReleaseFlow
	must(t, json.Unmarshal([]byte(w.machines.lastInput()), &flow))
	if flow.Release.Source.Kind != events.SourceUpload || flow.Release.Source.Key != release.UploadKey(flow.Sandbox.ID, id) || flow.Release.Source.Bucket != "mayfly-uploads" {
		t.Errorf("%+v", flow.Release)
	}
	w.want(http.StatusAccepted, "POST", "/v1/sandboxes/hello/releases", `{"upload":"`+id+`"}`) // the same again
	p := into[events.Problem](t, w.want(http.StatusConflict, "POST", "/v1/sandboxes/hello/releases", `{"upload":"`+w.upload("hello")+`"}`))
	if !strings.Contains(p.Detail, id) {
		t.Errorf("%+v", p)
	}
	w.want(http.StatusConflict, "PATCH", "/v1/sandboxes/hello", `{"errorDocument":"404.html"}`)
	if got := w.machines.started()[1:]; !slices.Equal(got, []string{"release-" + id}) {
		t.Errorf("executions %v", got)
	}
	w.end("hello", id, sandbox.ReleaseLive)
	if r := into[events.ReleaseState](t, w.want(http.StatusAccepted, "POST", "/v1/sandboxes/hello/releases", `{"upload":"`+id+`"}`)); !r.Live {
		t.Errorf("%+v", r)
	}
	if s := into[events.SandboxState](t, w.want(http.StatusOK, "GET", "/v1/sandboxes/hello", "")); s.LiveRelease != id || s.Phase != events.PhaseReady {
		t.Errorf("%+v", s)
	}
}

func TestAReleaseMayBeginBesideTheProvision(t *testing.T) {
	w := newWorld(t)
	w.create("hello")
	id := w.upload("hello")
	w.want(http.StatusConflict, "POST", "/v1/sandboxes/hello/releases", `{"upload":"`+id+`"}`)
	w.change("hello", func(s *sandbox.Sandbox) {
		s.Resources = map[sandbox.Kind]sandbox.Resource{sandbox.KindVersioning: {Kind: sandbox.KindVersioning, Status: sandbox.StatusMade}}
	})
	w.want(http.StatusAccepted, "POST", "/v1/sandboxes/hello/releases", `{"upload":"`+id+`"}`)
}

func TestAReleaseThatDiedBeforeItsStartHeals(t *testing.T) {
	w := newWorld(t)
	w.ready("hello")
	id := w.upload("hello")
	post := func(status int, id string) answer {
		return w.want(status, "POST", "/v1/sandboxes/hello/releases", `{"upload":"`+id+`"}`)
	}
	w.machines.fail = &sfntypes.ExecutionLimitExceeded{}
	post(http.StatusServiceUnavailable, id)
	must(t, w.api.Reconcile(t.Context()))
	if got := w.machines.started()[1:]; !slices.Equal(got, []string{"release-" + id}) {
		t.Fatalf("executions %v", got)
	}
	// Its execution ends without a word: the lock is given back.
	w.machines.end(sfntypes.ExecutionStatusTimedOut)
	must(t, w.api.Reconcile(t.Context()))
	r := into[events.ReleaseState](t, w.want(http.StatusOK, "GET", "/v1/sandboxes/hello/releases/"+id, ""))
	if r.Status != events.ReleaseStatusFailed || r.Failure.Error != "ExecutionEnded" {
		t.Errorf("%+v", r)
	}
	post(http.StatusConflict, id)
	post(http.StatusAccepted, w.upload("hello"))
}

func TestRollbackGoesToTheReleaseBefore(t *testing.T) {
	w := newWorld(t)
	w.ready("hello")
	// All within one second, which their ids do not tell apart.
	first, second := w.released("hello"), w.released("hello")
	failed := w.upload("hello")
	w.want(http.StatusAccepted, "POST", "/v1/sandboxes/hello/releases", `{"upload":"`+failed+`"}`)
	w.end("hello", failed, sandbox.ReleaseFailed)

	back := into[events.ReleaseState](t, w.want(http.StatusAccepted, "POST", "/v1/sandboxes/hello/rollback", ""))
	if back.Of != first || back.Kind != events.SourceRollback {
		t.Fatalf("%+v, want a rollback to %s (after %s)", back, first, second)
	}
	w.end("hello", back.ID, sandbox.ReleaseLive)
	named := into[events.ReleaseState](t, w.want(http.StatusAccepted, "POST", "/v1/sandboxes/hello/rollback", `{"to":"`+first+`"}`))
	w.end("hello", named.ID, sandbox.ReleaseLive)
	w.want(http.StatusBadRequest, "POST", "/v1/sandboxes/hello/rollback", `{"to":"`+failed+`"}`)

	page := into[events.ReleasePage](t, w.want(http.StatusOK, "GET", "/v1/sandboxes/hello/releases?limit=2", ""))
	rest := into[events.ReleasePage](t, w.want(http.StatusOK, "GET", "/v1/sandboxes/hello/releases?cursor="+page.Next, ""))
	if len(page.Releases)+len(rest.Releases) != 5 || rest.Next != "" {
		t.Errorf("%d and %d releases", len(page.Releases), len(rest.Releases))
	}
}

func TestVersionsAreThoseOfOneKeyWithItsSlashes(t *testing.T) {
	w := newWorld(t)
	w.ready("hello")
	at := w.clock.Now()
	version := func(key, id string, latest bool, age time.Duration) s3types.ObjectVersion {
		return s3types.ObjectVersion{Key: &key, VersionId: &id, IsLatest: &latest, Size: aws.Int64(5), ETag: aws.String(`"e"`), LastModified: aws.Time(at.Add(-age))}
	}
	w.objects.versions = []s3types.ObjectVersion{
		version("docs/index.html", "v3", false, time.Hour), version("docs/index.html", "v2", false, 2*time.Hour),
		version("docs/index.html", "v1", false, 3*time.Hour), version("docs/index.html.bak", "b1", true, 0),
		version("docs/index.html.zzz", "z1", true, 0), version("docs/index.html.zzz", "z0", false, 0),
	}
	w.objects.markers = []s3types.DeleteMarkerEntry{{Key: aws.String("docs/index.html"), VersionId: aws.String("m1"), IsLatest: aws.Bool(true), LastModified: &at}}
	for _, path := range []string{"docs/index.html", "docs%2Findex.html", "docs%2findex%2Ehtml"} {
		w.objects.pages = 0
		found := into[events.ObjectVersions](t, w.want(http.StatusOK, "GET", "/v1/sandboxes/hello/objects/"+path+"/versions", ""))
		var ids []string
		for _, v := range found.Versions {
			ids = append(ids, v.VersionID)
		}
		if strings.Join(ids, " ") != "m1 v3 v2 v1" || found.Key != "docs/index.html" || !found.Versions[0].DeleteMarker || w.objects.pages != 2 {
			t.Errorf("%s: %v of %s in %d pages", path, ids, found.Key, w.objects.pages)
		}
	}
	const restore = "/v1/sandboxes/hello/restore"
	w.want(http.StatusBadRequest, "POST", restore, `{"key":"docs/index.html","versionId":"m1"}`)
	w.want(http.StatusBadRequest, "POST", restore, `{"key":"docs/index.html","versionId":"b1"}`)
	r := into[events.ReleaseState](t, w.want(http.StatusAccepted, "POST", restore, `{"key":"docs/index.html","versionId":"v2"}`))
	if r.Kind != events.SourceRestore || r.Key != "docs/index.html" || r.VersionID != "v2" {
		t.Errorf("%+v", r)
	}
}
