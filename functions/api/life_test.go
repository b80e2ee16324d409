package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	sfntypes "github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/sandbox"
)

func TestASandboxShowsWhatWasMadeAsSoonAsItIs(t *testing.T) {
	w := newWorld(t)
	w.create("hello")
	show := func() events.SandboxState {
		return into[events.SandboxState](t, w.want(http.StatusOK, "GET", "/v1/sandboxes/hello", ""))
	}
	if s := show(); s.URL != "" || s.Bucket != "" || s.AcceptsReleases {
		t.Errorf("%+v", s)
	}
	must(t, w.store.AddDuration(t.Context(), sandbox.DurationProvision, 3*time.Minute, w.clock.Now()))
	w.change("hello", func(s *sandbox.Sandbox) {
		s.Step, s.StepSince = "awaitdistribution", w.clock.Now()
		s.Resources = map[sandbox.Kind]sandbox.Resource{
			sandbox.KindBucket:       {Kind: sandbox.KindBucket, Status: sandbox.StatusMade, ID: "b"},
			sandbox.KindVersioning:   {Kind: sandbox.KindVersioning, Status: sandbox.StatusMade},
			sandbox.KindOAC:          {Kind: sandbox.KindOAC, Status: sandbox.StatusMade, ID: "E3"},
			sandbox.KindOAI:          {Kind: sandbox.KindOAI, Status: sandbox.StatusIntended, ID: "never"},
			sandbox.KindDistribution: {Kind: sandbox.KindDistribution, Status: sandbox.StatusMade, ID: "E1", DomainName: "d1.cloudfront.localhost"},
		}
	})
	s := show()
	if s.URL != "http://d1.cloudfront.localhost:4566/" || s.DistributionID != "E1" || s.OriginAccessControl != "E3" || s.OriginAccessIdentity != "" || !s.AcceptsReleases {
		t.Errorf("%+v", s)
	}
	if want := s.CreatedAt.Add(3 * time.Minute); !s.Eta.Equal(want) {
		t.Errorf("eta %s, want %s", s.Eta, want)
	}
}

func TestAWebsitesURLIsItsBuckets(t *testing.T) {
	w := newWorld(t)
	w.want(http.StatusAccepted, "POST", "/v1/sandboxes", `{"name":"hello","delivery":"website"}`)
	w.change("hello", func(s *sandbox.Sandbox) {
		s.Phase = sandbox.PhaseReady
		s.Resources = map[sandbox.Kind]sandbox.Resource{sandbox.KindBucket: {Kind: sandbox.KindBucket, Status: sandbox.StatusMade, ID: "b", WebsiteURL: "http://b.s3-website.localhost/"}}
	})
	if s := into[events.SandboxState](t, w.want(http.StatusOK, "GET", "/v1/sandboxes/hello", "")); s.URL != "http://b.s3-website.localhost/" {
		t.Errorf("url %q", s.URL)
	}
	p := into[events.Problem](t, w.want(http.StatusBadRequest, "PATCH", "/v1/sandboxes/hello", `{"errorDocument":"404.html"}`))
	if len(p.Errors) != 1 {
		t.Errorf("%+v", p)
	}
}

func TestListsArePagedToTheirEndAndFiltered(t *testing.T) {
	w := newWorld(t)
	for i := range 7 {
		w.want(http.StatusAccepted, "POST", "/v1/sandboxes", fmt.Sprintf(`{"name":"site-%d","owner":"o%d"}`, i, i%2))
	}
	var names []string
	cursor, pages := "", 0
	for {
		page := into[events.SandboxPage](t, w.want(http.StatusOK, "GET", "/v1/sandboxes?limit=3&cursor="+cursor, ""))
		for _, s := range page.Sandboxes {
			names = append(names, s.Name)
		}
		if pages++; page.Next == "" {
			break
		}
		cursor = page.Next
	}
	if want := "site-0 site-1 site-2 site-3 site-4 site-5 site-6"; strings.Join(names, " ") != want || pages != 3 {
		t.Errorf("%v in %d pages", names, pages)
	}
	w.change("site-1", func(s *sandbox.Sandbox) { s.Phase = sandbox.PhaseReady })
	page := into[events.SandboxPage](t, w.want(http.StatusOK, "GET", "/v1/sandboxes?owner=o1&phase=ready", ""))
	if len(page.Sandboxes) != 1 || page.Sandboxes[0].Name != "site-1" {
		t.Errorf("%+v", page)
	}
}

func TestDeleteStartsATeardown(t *testing.T) {
	w := newWorld(t)
	w.ready("hello")
	s := into[events.SandboxState](t, w.want(http.StatusAccepted, "DELETE", "/v1/sandboxes/hello", ""))
	if s.Phase != events.PhaseDeleting || !strings.HasSuffix(s.Execution, ":mayfly-teardown:teardown-"+s.ID+"-1") {
		t.Errorf("%+v", s)
	}
	var flow events.Flow
	must(t, json.Unmarshal([]byte(w.machines.lastInput()), &flow))
	if flow.Keep != events.KeepNothing || flow.Sandbox.ID != s.ID {
		t.Errorf("%+v", flow)
	}
	w.want(http.StatusAccepted, "DELETE", "/v1/sandboxes/hello", "") // again
	if n := len(w.machines.started()); n != 2 {
		t.Errorf("executions %v", w.machines.started())
	}
	w.want(http.StatusConflict, "PATCH", "/v1/sandboxes/hello", `{"ttl":"1d"}`)
	w.want(http.StatusConflict, "POST", "/v1/sandboxes/hello/uploads", `{"size":1,"format":"zip"}`)
	must(t, w.store.Remove(t.Context(), sandbox.Ref{ID: s.ID, Name: s.Name}))
	w.want(http.StatusNotFound, "DELETE", "/v1/sandboxes/hello", "")
}

func TestDeleteLeavesAProvisionUnderWayToUndoItself(t *testing.T) {
	w := newWorld(t)
	s := w.create("hello")
	w.want(http.StatusAccepted, "DELETE", "/v1/sandboxes/hello", "")
	record, err := w.store.Get(t.Context(), "hello")
	must(t, err)
	if record.Phase != sandbox.PhaseDeleting || !record.DeleteRequested || len(w.machines.started()) != 1 {
		t.Errorf("%s %v %v", record.Phase, record.DeleteRequested, w.machines.started())
	}
	// The provision ended without undoing anything: a teardown comes after all.
	w.machines.end(sfntypes.ExecutionStatusAborted)
	w.want(http.StatusAccepted, "DELETE", "/v1/sandboxes/hello", "")
	if want := []string{"provision-" + s.ID, "teardown-" + s.ID + "-1"}; !slices.Equal(w.machines.started(), want) {
		t.Errorf("executions %v, want %v", w.machines.started(), want)
	}
}

func TestDeleteOfWhatFailedTearsDownWhatIsLeft(t *testing.T) {
	w := newWorld(t)
	w.ready("hello")
	w.change("hello", func(s *sandbox.Sandbox) { s.Phase = sandbox.PhaseFailed })
	s := into[events.SandboxState](t, w.want(http.StatusAccepted, "DELETE", "/v1/sandboxes/hello", ""))
	w.machines.end(sfntypes.ExecutionStatusFailed)
	w.change("hello", func(s *sandbox.Sandbox) { s.Phase = sandbox.PhaseFailed })
	w.want(http.StatusAccepted, "DELETE", "/v1/sandboxes/hello", "")
	if want := "teardown-" + s.ID + "-2"; !slices.Contains(w.machines.started(), want) {
		t.Errorf("executions %v, want %s", w.machines.started(), want)
	}
}

func TestWhatEndedWithoutWritingHowIsFollowedUp(t *testing.T) {
	for name, test := range map[string]struct {
		prepare func(*world)
		want    string
		keep    events.Keep
	}{
		"a provision is undone": {func(w *world) { w.create("hello") }, "teardown-ID-1", events.KeepFailed},
		"a teardown goes on": {func(w *world) {
			w.ready("hello")
			w.want(http.StatusAccepted, "DELETE", "/v1/sandboxes/hello", "")
		}, "teardown-ID-2", events.KeepNothing},
		"an update is tried again": {func(w *world) {
			w.ready("hello")
			w.want(http.StatusAccepted, "PATCH", "/v1/sandboxes/hello", `{"errorDocument":"404.html"}`)
		}, "update-ID-2", events.KeepNothing},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			test.prepare(w)
			w.machines.end(sfntypes.ExecutionStatusAborted)
			must(t, w.api.Reconcile(t.Context()))
			s, err := w.store.Get(t.Context(), "hello")
			must(t, err)
			started := w.machines.started()
			if want := strings.Replace(test.want, "ID", s.ID, 1); started[len(started)-1] != want {
				t.Fatalf("executions %v, want %s", started, want)
			}
			var flow events.Flow
			must(t, json.Unmarshal([]byte(w.machines.lastInput()), &flow))
			if flow.Keep != test.keep || (flow.Keep == events.KeepFailed) != (flow.Error != nil) {
				t.Errorf("%+v", flow)
			}
			must(t, w.api.Reconcile(t.Context()))
			if len(w.machines.started()) != len(started) {
				t.Errorf("started again: %v", w.machines.started())
			}
		})
	}
}

func TestPatchChangesAtOnceWhatIsOnlyWrittenDown(t *testing.T) {
	w := newWorld(t)
	w.ready("hello")
	s := into[events.SandboxState](t, w.want(http.StatusOK, "PATCH", "/v1/sandboxes/hello", `{"owner":"bob","ttl":"2d"}`))
	if s.Owner != "bob" || s.Phase != events.PhaseReady || s.ExpiresAt.Sub(w.clock.Now()) != 48*time.Hour || len(w.machines.started()) != 1 {
		t.Errorf("%+v %v", s, w.machines.started())
	}
	s = into[events.SandboxState](t, w.want(http.StatusOK, "PATCH", "/v1/sandboxes/hello", `{"ttl":"never"}`))
	if !s.ExpiresAt.IsZero() {
		t.Errorf("expires at %s", s.ExpiresAt)
	}
	s = into[events.SandboxState](t, w.want(http.StatusOK, "PATCH", "/v1/sandboxes/hello", `{"expiresAt":"2030-01-03T00:00:00+01:00"}`))
	if want := time.Date(2030, 1, 2, 23, 0, 0, 0, time.UTC); !s.ExpiresAt.Equal(want) {
		t.Errorf("expires at %s", s.ExpiresAt)
	}
}

func TestPatchOfTheSpecStartsAnUpdate(t *testing.T) {
	w := newWorld(t)
	w.ready("hello")
	const body = `{"errorDocument":"404.html"}`
	s := into[events.SandboxState](t, w.want(http.StatusAccepted, "PATCH", "/v1/sandboxes/hello", body))
	if s.Phase != events.PhaseUpdating || s.Spec.ErrorDocument != "404.html" {
		t.Errorf("%+v", s)
	}
	var flow events.Flow
	must(t, json.Unmarshal([]byte(w.machines.lastInput()), &flow))
	if flow.Made.Distribution == nil || flow.Made.Distribution.ID != "E1DIST" || flow.Sandbox.Spec.ErrorDocument != "404.html" {
		t.Errorf("%+v", flow)
	}
	w.want(http.StatusAccepted, "PATCH", "/v1/sandboxes/hello", body) // the same again
	w.want(http.StatusConflict, "PATCH", "/v1/sandboxes/hello", `{"errorDocument":"500.html"}`)
	if want := []string{"update-" + s.ID + "-1"}; !slices.Equal(w.machines.started()[1:], want) {
		t.Errorf("executions %v, want %v", w.machines.started(), want)
	}
}

func TestADeletionTellsWhatItWaitsFor(t *testing.T) {
	w := newWorld(t)
	w.readyFor("ada", "hello")
	since := w.clock.Now()
	must(t, w.store.AddDuration(t.Context(), sandbox.DurationPropagation, 170*time.Second, since))
	w.change("hello", func(s *sandbox.Sandbox) {
		s.Phase, s.Waiting = sandbox.PhaseDeleting, sandbox.Waiting{For: "distribution E1 to stop serving everywhere", Duration: sandbox.DurationPropagation, Since: since}
	})
	got := into[events.SandboxState](t, w.want(http.StatusOK, http.MethodGet, "/v1/sandboxes/hello", ""))
	if want := (events.Waiting{For: "distribution E1 to stop serving everywhere", Since: since, UsualSeconds: 170}); got.Waiting != want {
		t.Errorf("it waits for %+v", got.Waiting)
	}
}
