package api_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/sandbox"
	"github.com/mayfly-dev/mayfly/steptest"
)

var (
	one = "sha256:" + strings.Repeat("1", 64)
	two = "sha256:" + strings.Repeat("2", 64)
)

// withRepository makes a sandbox that is ready and whose repository has two
// images.
func (w *world) withRepository(name string) {
	w.t.Helper()
	w.ready(name)
	w.change(name, func(s *sandbox.Sandbox) {
		if s.Resources == nil {
			s.Resources = map[sandbox.Kind]sandbox.Resource{}
		}
		s.Resources[sandbox.KindRepository] = sandbox.Resource{Kind: sandbox.KindRepository, ID: name, URI: "localhost:4566/" + name, Status: sandbox.StatusMade}
	})
	w.images.Push(name, one, "v1", w.clock.Now())
	w.images.Push(name, two, "v2", w.clock.Now())
}

func TestASandboxTellsWhereToPush(t *testing.T) {
	w := newWorld(t)
	w.withRepository("hello")
	s := into[events.SandboxState](t, w.want(http.StatusOK, "GET", "/v1/sandboxes/hello", ""))
	if s.Repository != "hello" || s.RepositoryURI != "localhost:4566/hello" || s.Spec.Repository.Visibility != events.VisibilityPrivate || s.Spec.Deploy.Target != events.TargetSite {
		t.Errorf("%+v", s)
	}
}

func TestARepositoryIsMadeAsAskedFor(t *testing.T) {
	w := newWorld(t)
	body := `{"name":"hello","repository":{"immutableTags":true,"mutableTags":["latest"],"scanOnPush":false,"keepImages":5},"deploy":{"tags":["v*"]}}`
	for range 2 { // the same request again is the same sandbox
		w.want(http.StatusAccepted, "POST", "/v1/sandboxes", body)
	}
	var flow events.Flow
	must(t, json.Unmarshal([]byte(w.machines.lastInput()), &flow))
	r := flow.Sandbox.Spec.Repository
	if !r.ImmutableTags || !slices.Equal(r.MutableTags, []string{"latest"}) || r.Scans() || r.KeepImages != 5 || r.KeepUntaggedDays != 7 || len(w.machines.started()) != 1 {
		t.Errorf("started %v with %+v", w.machines.started(), r)
	}
	w.want(http.StatusConflict, "POST", "/v1/sandboxes", strings.Replace(body, "5", "6", 1))
}

func TestARepositoryMayStandAlone(t *testing.T) {
	w := newWorld(t)
	w.want(http.StatusAccepted, "POST", "/v1/sandboxes", `{"name":"alone","delivery":"none"}`)
	w.change("alone", func(s *sandbox.Sandbox) { s.Phase = sandbox.PhaseReady })
	s := into[events.SandboxState](t, w.want(http.StatusOK, "GET", "/v1/sandboxes/alone", ""))
	if s.AcceptsReleases || s.Spec.Deploy.Target != events.TargetNone {
		t.Errorf("%+v", s)
	}
	w.want(http.StatusConflict, "POST", "/v1/sandboxes/alone/uploads", `{"size":10,"format":"tar.gz"}`)
	w.want(http.StatusConflict, "POST", "/v1/sandboxes/alone/releases", `{"image":"v1"}`)
	w.want(http.StatusBadRequest, "PATCH", "/v1/sandboxes/alone", `{"errorDocument":"404.html"}`)
	w.want(http.StatusBadRequest, "PATCH", "/v1/sandboxes/alone", `{"deploy":{"target":"site"}}`)
	w.want(http.StatusOK, "PATCH", "/v1/sandboxes/alone", `{"ttl":"3d"}`)
}

func TestAnImageIsReleasedByHand(t *testing.T) {
	w := newWorld(t)
	w.withRepository("hello")
	for which, want := range map[string]events.Image{
		"v1": {Repository: "hello", Digest: one, Tag: "v1"}, two: {Repository: "hello", Digest: two},
	} {
		r := into[events.ReleaseState](t, w.want(http.StatusAccepted, "POST", "/v1/sandboxes/hello/releases", `{"image":"`+which+`"}`, "Mayfly-Principal", "ada"))
		want.PushedAt = r.Image.PushedAt
		if r.Kind != events.SourceImage || r.Image != want || r.Image.PushedAt.IsZero() || r.Pushed || r.Principal != "ada" {
			t.Errorf("%s: %+v", which, r)
		}
		var flow events.ReleaseFlow
		must(t, json.Unmarshal([]byte(w.machines.lastInput()), &flow))
		if source := flow.Release.Source; source.Kind != events.SourceImage || source.Repository != "hello" || source.Digest != want.Digest || source.Tag != want.Tag || flow.Release.Image != r.Image {
			t.Errorf("%s: the flow carries %+v", which, flow.Release)
		}
		w.end("hello", r.ID, sandbox.ReleaseLive)
		if s := into[events.SandboxState](t, w.want(http.StatusOK, "GET", "/v1/sandboxes/hello", "")); s.LiveImage != r.Image || s.LiveRelease != r.ID {
			t.Errorf("%s: live is %+v", which, s.LiveImage)
		}
	}
	for _, which := range []string{"v3", "sha256:" + strings.Repeat("3", 64), "no tag"} {
		p := into[events.Problem](t, w.want(http.StatusBadRequest, "POST", "/v1/sandboxes/hello/releases", `{"image":"`+which+`"}`))
		if len(p.Errors) != 1 || p.Errors[0].Field != "image" {
			t.Errorf("%s: %+v", which, p)
		}
	}
	w.images.Fail("DescribeImages", steptest.Refusal("ThrottlingException"))
	w.want(http.StatusServiceUnavailable, "POST", "/v1/sandboxes/hello/releases", `{"image":"v1"}`)
}

func TestARollbackIsOfTheImageThatItBringsBack(t *testing.T) {
	w := newWorld(t)
	w.withRepository("hello")
	first := into[events.ReleaseState](t, w.want(http.StatusAccepted, "POST", "/v1/sandboxes/hello/releases", `{"image":"v1"}`))
	w.end("hello", first.ID, sandbox.ReleaseLive)
	second := into[events.ReleaseState](t, w.want(http.StatusAccepted, "POST", "/v1/sandboxes/hello/releases", `{"image":"v2"}`))
	w.end("hello", second.ID, sandbox.ReleaseLive)
	upload := w.released("hello")

	back := into[events.ReleaseState](t, w.want(http.StatusAccepted, "POST", "/v1/sandboxes/hello/rollback", `{"to":"`+first.ID+`"}`))
	if back.Kind != events.SourceRollback || back.Image != first.Image {
		t.Errorf("%+v", back)
	}
	w.end("hello", back.ID, sandbox.ReleaseLive)
	if s := into[events.SandboxState](t, w.want(http.StatusOK, "GET", "/v1/sandboxes/hello", "")); s.LiveImage != first.Image {
		t.Errorf("live is %+v", s.LiveImage)
	}
	back = into[events.ReleaseState](t, w.want(http.StatusAccepted, "POST", "/v1/sandboxes/hello/rollback", `{"to":"`+upload+`"}`))
	w.end("hello", back.ID, sandbox.ReleaseLive)
	if s := into[events.SandboxState](t, w.want(http.StatusOK, "GET", "/v1/sandboxes/hello", "")); s.LiveImage != (events.Image{}) {
		t.Errorf("live is %+v", s.LiveImage)
	}
}

func TestWhatAPushDoesIsChangedAtOnce(t *testing.T) {
	w := newWorld(t)
	w.ready("hello")
	started := len(w.machines.started())
	s := into[events.SandboxState](t, w.want(http.StatusOK, "PATCH", "/v1/sandboxes/hello", `{"deploy":{"tags":["v*","!*-rc"]}}`))
	if !slices.Equal(s.Spec.Deploy.Tags, []string{"v*", "!*-rc"}) || s.Spec.Deploy.Target != events.TargetSite || s.Phase != events.PhaseReady {
		t.Errorf("%+v", s.Spec)
	}
	s = into[events.SandboxState](t, w.want(http.StatusOK, "PATCH", "/v1/sandboxes/hello", `{"deploy":{"target":"none"}}`))
	if s.Spec.Deploy.Target != events.TargetNone || len(s.Spec.Deploy.Tags) != 0 || len(w.machines.started()) != started {
		t.Errorf("%+v; started %v", s.Spec.Deploy, w.machines.started()[started:])
	}
	// Beside what the distribution must know, it is changed with that.
	s = into[events.SandboxState](t, w.want(http.StatusAccepted, "PATCH", "/v1/sandboxes/hello", `{"errorDocument":"404.html","deploy":{}}`))
	if s.Spec.Deploy.Target != events.TargetSite || s.Spec.ErrorDocument != "404.html" {
		t.Errorf("%+v", s.Spec)
	}
}

func TestPatchChangesWhatAWSChangesOfARepository(t *testing.T) {
	w := newWorld(t)
	w.withRepository("hello")
	const body = `{"repository":{"immutableTags":true,"mutableTags":["latest"],"keepImages":5,"pushers":["111122223333"],"visibility":"private"}}`
	s := into[events.SandboxState](t, w.want(http.StatusAccepted, "PATCH", "/v1/sandboxes/hello", body))
	r := s.Spec.Repository
	if s.Phase != events.PhaseUpdating || !r.ImmutableTags || r.KeepImages != 5 || r.KeepUntaggedDays != 7 || !r.Scans() {
		t.Errorf("%s, %+v", s.Phase, r)
	}
	var flow events.Flow
	must(t, json.Unmarshal([]byte(w.machines.lastInput()), &flow))
	if flow.Made.Repository == nil || flow.Made.Repository.Name != "hello" || !slices.Equal(flow.Sandbox.Spec.Repository.Pushers, []string{"111122223333"}) {
		t.Errorf("started with %+v", flow)
	}
	w.want(http.StatusAccepted, "PATCH", "/v1/sandboxes/hello", body) // the same again
	w.want(http.StatusConflict, "PATCH", "/v1/sandboxes/hello", `{"repository":{"keepImages":6}}`)
	if want := []string{"update-" + s.ID + "-1"}; !slices.Equal(w.machines.started()[1:], want) {
		t.Errorf("executions %v, want %v", w.machines.started(), want)
	}

	// All tags move again, and nobody is named any more; the rest stays.
	w.change("hello", func(s *sandbox.Sandbox) { s.Phase = sandbox.PhaseReady })
	s = into[events.SandboxState](t, w.want(http.StatusAccepted, "PATCH", "/v1/sandboxes/hello", `{"repository":{"immutableTags":false,"pushers":[],"scanOnPush":false}}`))
	if r := s.Spec.Repository; r.ImmutableTags || r.MutableTags != nil || len(r.Pushers) != 0 || r.Scans() || r.KeepImages != 5 {
		t.Errorf("%+v", r)
	}
}

func TestPatchRefusesWhatAWSDoesNotChangeOfARepository(t *testing.T) {
	w := newWorld(t)
	w.withRepository("hello")
	for body, field := range map[string]string{
		`{"repository":{"kmsKey":"alias/mine"}}`:       "repository.kmsKey",
		`{"repository":{"visibility":"none"}}`:         "repository.visibility",
		`{"repository":{"visibility":"public"}}`:       "repository.visibility",
		`{"repository":{"mutableTags":["latest"]}}`:    "repository.mutableTags",
		`{"repository":{"keepImages":-1}}`:             "repository.keepImages",
		`{"repository":{"pullers":["bob"]}}`:           "repository.pullers",
		`{"repository":{"encryption":"none"}}`:         "encryption",
		`{"repository":{"immutableTags":"sometimes"}}`: "immutableTags",
	} {
		answer := w.do("PATCH", "/v1/sandboxes/hello", body)
		if answer.StatusCode < 400 || answer.StatusCode > 499 || !strings.Contains(answer.text, field) {
			t.Errorf("%s: %d %s", body, answer.StatusCode, answer.text)
		}
	}
	if s, err := w.store.Get(t.Context(), "hello"); err != nil || s.Phase != sandbox.PhaseReady || len(w.machines.started()) != 1 {
		t.Errorf("%s, %v, started %v", s.Phase, err, w.machines.started())
	}
}
