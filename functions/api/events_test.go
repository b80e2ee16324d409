package api_test

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/functions/api"
	"github.com/mayfly-dev/mayfly/sandbox"
)

func TestEventsAreListedFromWhereOneLeftOff(t *testing.T) {
	w := newWorld(t)
	w.create("hello")
	for range 4 {
		w.change("hello", func(*sandbox.Sandbox) {})
	}
	first := into[events.EventPage](t, w.want(http.StatusOK, "GET", "/v1/sandboxes/hello/events?limit=3", ""))
	if len(first.Events) != 3 || first.Next != 3 || first.Events[0].Type != "claimed" {
		t.Fatalf("%+v", first)
	}
	rest := into[events.EventPage](t, w.want(http.StatusOK, "GET", "/v1/sandboxes/hello/events?after=3", ""))
	if len(rest.Events) != 2 || rest.Next != 0 || rest.Events[0].Seq != 4 {
		t.Errorf("%+v", rest)
	}
}

// streaming opens a stream and returns its lines.
func (w *world) streaming(path string, headers ...string) *bufio.Scanner {
	w.t.Helper()
	ctx, cancel := context.WithCancel(w.t.Context())
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, w.server.URL+path, nil)
	must(w.t, err)
	request.Header.Set("Accept", "text/event-stream")
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := w.client.Do(request)
	must(w.t, err)
	w.t.Cleanup(func() { cancel(); response.Body.Close() })
	if response.StatusCode != http.StatusOK || response.Header.Get("Content-Type") != "text/event-stream" {
		w.t.Fatalf("%s %v", response.Status, response.Header)
	}
	return bufio.NewScanner(response.Body)
}

// next returns the next event of a stream, and false at its end.
func next(t *testing.T, lines *bufio.Scanner) (events.SandboxEvent, bool) {
	t.Helper()
	var e events.SandboxEvent
	for lines.Scan() {
		if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
			must(t, json.Unmarshal([]byte(data), &e))
			return e, true
		}
	}
	return e, false
}

func TestAStreamGoesOnUntilTheSandboxIsGone(t *testing.T) {
	w := newWorld(t)
	s := w.create("hello")
	lines := w.streaming("/v1/sandboxes/hello/events")
	if e, _ := next(t, lines); e.Type != "claimed" || e.Seq != 1 {
		t.Fatalf("%+v", e)
	}
	w.change("hello", func(s *sandbox.Sandbox) { s.Phase = sandbox.PhaseReady })
	if e, _ := next(t, lines); e.Phase != events.PhaseReady || e.Seq != 2 {
		t.Fatalf("%+v", e)
	}
	late := w.streaming("/v1/sandboxes/hello/events", "Last-Event-ID", "1")
	if e, _ := next(t, late); e.Seq != 2 {
		t.Errorf("after 1 came %+v", e)
	}
	must(t, w.store.Remove(t.Context(), sandbox.Ref{ID: s.ID, Name: "hello"}))
	w.create("hello") // a successor is another sandbox
	if e, _ := next(t, lines); e.Phase != events.PhaseDeleted || e.Seq != 3 {
		t.Errorf("%+v", e)
	}
	if e, more := next(t, lines); more {
		t.Errorf("after its end came %+v", e)
	}
}

func TestAStreamSaysThatItIsAlive(t *testing.T) {
	w := newWorld(t, func(o *api.Options) { o.Heartbeat = time.Millisecond })
	w.create("hello")
	lines := w.streaming("/v1/sandboxes/hello/events")
	for lines.Scan() {
		if lines.Text() == ": alive" {
			return
		}
	}
	t.Error("no sign of life")
}

func TestWhereNothingCanBeStreamedAnAnswerHoldsWhatThereIs(t *testing.T) {
	w := newWorld(t, func(o *api.Options) { o.Stream = false })
	w.create("hello")
	lines := w.streaming("/v1/sandboxes/hello/events")
	if e, _ := next(t, lines); e.Seq != 1 {
		t.Errorf("%+v", e)
	}
	if _, more := next(t, lines); more {
		t.Error("the answer went on")
	}
}

func TestStreamsEndWhenTheAPIStops(t *testing.T) {
	w := newWorld(t)
	w.create("hello")
	lines := w.streaming("/v1/sandboxes/hello/events")
	next(t, lines)
	w.api.EndStreams()
	w.api.EndStreams()
	if _, more := next(t, lines); more {
		t.Error("the stream went on")
	}
}
