package api_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/sandbox"
)

func TestTheLastActivityIsTold(t *testing.T) {
	w := newWorld(t)
	w.ready("hello")
	get := func() events.LastActivity {
		t.Helper()
		one := into[events.SandboxState](t, w.want(http.StatusOK, "GET", "/v1/sandboxes/hello", "")).LastActivity
		if listed := into[events.SandboxPage](t, w.want(http.StatusOK, "GET", "/v1/sandboxes", "")).Sandboxes[0].LastActivity; listed != one {
			t.Errorf("listed is %+v, shown %+v", listed, one)
		}
		return one
	}
	if last := get(); last.Kind != events.LastActivityKindCreated || !last.ReadAt.IsZero() {
		t.Errorf("before it was read: %+v", last)
	}
	at := w.clock.Now().Add(time.Hour)
	w.change("hello", func(s *sandbox.Sandbox) {
		s.LastUse = sandbox.Use{Kind: "pull", At: at, ReadAt: at.Add(time.Minute)}
	})
	if last, want := get(), (events.LastActivity{Kind: events.LastActivityKindPull, At: at, ReadAt: at.Add(time.Minute)}); last != want {
		t.Errorf("got %+v, want %+v", last, want)
	}
}
