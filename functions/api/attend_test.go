package api_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	sfntypes "github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/sandbox"
)

func TestASandboxIsExtendedAndPinned(t *testing.T) {
	w := newWorld(t)
	w.ready("hello")
	w.change("hello", func(s *sandbox.Sandbox) {
		s.ExpiresAt, s.WarnedAt, s.FailedNights = w.clock.Now().Add(time.Hour), w.clock.Now(), 2
	})
	ask := func(action, body string) events.SandboxState {
		t.Helper()
		return into[events.SandboxState](t, w.want(http.StatusOK, "POST", "/v1/sandboxes/hello/"+action, body))
	}
	s := ask("extend", `{"for":"2d","reason":"the review"}`)
	if until := w.clock.Now().Add(48 * time.Hour); !s.KeptUntil.Equal(until) || !s.ExpiresAt.Equal(until) || s.ExtendReason != "the review" || !s.WarnedAt.IsZero() || s.FailedNights != 0 {
		t.Errorf("extended: %+v", s)
	}
	if s = ask("extend", `{"for":"1h","reason":"the review"}`); !s.KeptUntil.Equal(w.clock.Now().Add(48 * time.Hour)) {
		t.Errorf("a shorter time ends it at %s", s.KeptUntil)
	}
	if s = ask("pin", `{"reason":"the demo"}`); !s.Pinned || s.PinReason != "the demo" {
		t.Errorf("pinned: %+v", s)
	}
	before := w.stored("hello")
	if s = ask("pin", `{"reason":"the demo"}`); w.stored("hello").Version != before.Version {
		t.Error("pinned again, something changed")
	}
	if s = ask("pin", ""); !s.Pinned || s.PinReason != "" {
		t.Errorf("pinned without a reason: %+v", s)
	}
	if s = ask("unpin", ""); s.Pinned {
		t.Errorf("unpinned: %+v", s)
	}
	if got := w.stored("hello").ChangedAt; !got.Equal(w.clock.Now()) {
		t.Errorf("used last at %s", got)
	}
	for body, field := range map[string]string{
		`{"for":"0"}`: "for", `{"for":"forever"}`: "for", `{"for":"366d"}`: "for",
		`{"for":"1h","reason":"` + strings.Repeat("a", 201) + `"}`: "reason", `{"for":"1h","reason":"a\nb"}`: "reason",
	} {
		if p := into[events.Problem](t, w.want(http.StatusBadRequest, "POST", "/v1/sandboxes/hello/extend", body)); len(p.Errors) != 1 || p.Errors[0].Field != field {
			t.Errorf("%s: %+v", body, p)
		}
	}
	w.want(http.StatusBadRequest, "POST", "/v1/sandboxes/hello/pin", `{"reason":"a\u0000b"}`)
	w.want(http.StatusAccepted, "DELETE", "/v1/sandboxes/hello", "")
	for _, action := range []string{"extend", "pin", "unpin", "sleep", "wake"} {
		body := map[string]string{"extend": `{"for":"1h"}`}[action]
		w.want(http.StatusConflict, "POST", "/v1/sandboxes/hello/"+action, body)
		w.want(http.StatusNotFound, "POST", "/v1/sandboxes/nobody/"+action, body)
	}
}

func TestASandboxIsPutToSleepAndWoken(t *testing.T) {
	w := newWorld(t)
	w.ready("hello")
	post := func(status int, action, body string) events.SandboxState {
		t.Helper()
		return into[events.SandboxState](t, w.want(status, "POST", "/v1/sandboxes/hello/"+action, body))
	}
	w.want(http.StatusBadRequest, "POST", "/v1/sandboxes/hello/sleep", `{"reason":"`+strings.Repeat("a", 201)+`"}`)
	s := post(http.StatusAccepted, "sleep", `{"reason":"holidays"}`)
	if s.Phase != events.PhaseUpdating || !strings.HasSuffix(s.Execution, ":mayfly-sleep:sleep-"+s.ID+"-1") || !strings.HasSuffix(s.SleepReason, ": holidays") {
		t.Errorf("put to sleep: %+v", s)
	}
	var flow events.Flow
	must(t, json.Unmarshal([]byte(w.machines.lastInput()), &flow))
	if flow.Sandbox.ID != s.ID || flow.Execution != s.Execution {
		t.Errorf("with %+v", flow)
	}
	// Asked again it is the same sleep, even when the first never began.
	w.machines.forget()
	post(http.StatusAccepted, "sleep", "")
	if started := w.machines.started(); started[len(started)-1] != "sleep-"+s.ID+"-1" {
		t.Errorf("started %v", started)
	}
	w.want(http.StatusConflict, "POST", "/v1/sandboxes/hello/wake", "")
	// One that ended without a word begins again.
	w.machines.end(sfntypes.ExecutionStatusAborted)
	if again := post(http.StatusAccepted, "sleep", ""); !strings.HasSuffix(again.Execution, ":mayfly-sleep:sleep-"+s.ID+"-2") {
		t.Errorf("again by %s", again.Execution)
	}
	w.change("hello", func(s *sandbox.Sandbox) { s.Phase, s.AsleepSince = sandbox.PhaseSleeping, w.clock.Now() })
	post(http.StatusOK, "sleep", "")

	// Asleep, nothing is released or changed.
	upload := w.want(http.StatusConflict, "POST", "/v1/sandboxes/hello/rollback", "")
	if p := into[events.Problem](t, upload); !strings.Contains(p.Detail, "sleeping") {
		t.Errorf("a rollback is refused: %s", p.Detail)
	}
	w.want(http.StatusConflict, "PATCH", "/v1/sandboxes/hello", `{"indexDocument":"home.html"}`)
	w.want(http.StatusOK, "PATCH", "/v1/sandboxes/hello", `{"sleepFor":"30d"}`)

	w.change("hello", func(s *sandbox.Sandbox) { s.WarnedAt, s.FailedNights = w.clock.Now(), 2 })
	s = post(http.StatusAccepted, "wake", "")
	if s.Phase != events.PhaseUpdating || !strings.HasSuffix(s.Execution, ":mayfly-wake:wake-"+s.ID+"-3") || s.SleepReason != "" || !s.WarnedAt.IsZero() || s.FailedNights != 0 {
		t.Errorf("woken: %+v", s)
	}
	w.machines.end(sfntypes.ExecutionStatusTimedOut)
	if s = post(http.StatusAccepted, "wake", ""); !strings.HasSuffix(s.Execution, ":mayfly-wake:wake-"+s.ID+"-4") {
		t.Errorf("again by %s", s.Execution)
	}
	w.change("hello", func(s *sandbox.Sandbox) { s.Phase, s.AsleepSince = sandbox.PhaseReady, time.Time{} })
	post(http.StatusOK, "wake", "")

	w.change("hello", func(s *sandbox.Sandbox) { s.ActiveRelease = "r-1" })
	w.want(http.StatusConflict, "POST", "/v1/sandboxes/hello/sleep", "")

	w.create("other")
	for _, action := range []string{"sleep", "wake"} {
		w.want(http.StatusConflict, "POST", "/v1/sandboxes/other/"+action, "")
	}
}

// TestASleepThatFailedIsTriedAgain: its site may be on or off.
func TestASleepThatFailedIsTriedAgain(t *testing.T) {
	for _, action := range []string{"sleep", "wake"} {
		w := newWorld(t)
		w.ready("hello")
		w.change("hello", func(s *sandbox.Sandbox) {
			s.Phase, s.AsleepSince, s.SleepReason, s.Failure = sandbox.PhaseSleeping, w.clock.Now(), "nobody came", &events.Failure{Error: "PropagationTimeout"}
		})
		s := into[events.SandboxState](t, w.want(http.StatusAccepted, "POST", "/v1/sandboxes/hello/"+action, ""))
		if !strings.Contains(s.Execution, ":mayfly-"+action+":") {
			t.Errorf("%s by %s", action, s.Execution)
		}
	}
}
