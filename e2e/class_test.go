package e2e_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mayfly-dev/mayfly/access"
	"github.com/mayfly-dev/mayfly/class"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/local"
	"github.com/mayfly-dev/mayfly/local/identity"
)

// TestThirtyStudentsJoinAtOnce: a class on one machine that asks who is there.
// Students without an account join by the code alone, all at once, more than
// there are seats; each gets a site, and at the end nothing is left.
func TestThirtyStudentsJoinAtOnce(t *testing.T) {
	const seats, students = 30, 33
	path := filepath.Join(t.TempDir(), "users.json")
	if err := identity.Write(path, identity.File{Users: []identity.User{{Name: "ada", Role: access.Owner, TokenSHA256: identity.HashToken("adas")}}}); err != nil {
		t.Fatal(err)
	}
	c := start(t, func(config *local.Config) { config.Users = path })
	c.token = "adas"
	before := c.inventory(t)
	var made events.ClassState
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(c.api(t.Context(), "POST", "/v1/classes", events.CreateClass{Name: "cs101", Seats: seats, ExpiresAt: time.Now().Add(time.Hour), Budget: "5"}, &made))

	var mu sync.Mutex
	var all sync.WaitGroup
	taken := map[string]string{} // sandbox → token
	for range students {
		all.Go(func() {
			token, err := class.NewToken("cs101", rand.Reader)
			var seat events.SeatState
			if err == nil {
				err = c.apiAs(t.Context(), token.Text(), "POST", "/v1/seats", events.JoinClass{Code: made.Code}, &seat)
			}
			mu.Lock()
			defer mu.Unlock()
			switch {
			case status(err) == http.StatusConflict:
			case err != nil:
				t.Error(err)
			default:
				taken[seat.Sandbox] = token.Text()
			}
		})
	}
	all.Wait()
	if len(taken) != seats {
		t.Fatalf("%d have a seat, want %d", len(taken), seats)
	}
	eventually(t, "all sandboxes ready", func() (bool, error) {
		var state events.ClassState
		err := c.api(context.WithoutCancel(t.Context()), "GET", "/v1/classes/cs101", nil, &state)
		ready := 0
		for _, seat := range state.Students {
			if seat.Phase == events.PhaseReady && seat.URL != "" {
				ready++
			}
		}
		return ready == seats, errors.Join(err, fmt.Errorf("%d are ready", ready))
	})
	for name, token := range taken {
		var mine events.SandboxPage
		must(c.apiAs(t.Context(), token, "GET", "/v1/sandboxes", nil, &mine))
		if len(mine.Sandboxes) != 1 || mine.Sandboxes[0].Name != name {
			t.Errorf("%s: its student sees %+v", name, mine.Sandboxes)
		}
	}

	must(c.api(t.Context(), "DELETE", "/v1/classes/cs101", nil, nil))
	for _, token := range taken {
		if err := c.apiAs(t.Context(), token, "GET", "/v1/sandboxes", nil, nil); status(err) != http.StatusUnauthorized {
			t.Errorf("after the end: %v", err)
		}
	}
	eventually(t, "nothing left", func() (bool, error) {
		err := c.api(context.WithoutCancel(t.Context()), "DELETE", "/v1/classes/cs101", nil, nil)
		return status(err) == http.StatusNotFound, err
	})
	if diff := cmp.Diff(before, c.inventory(t)); diff != "" {
		t.Errorf("something is left: %s", diff)
	}
}

// TestANightEndsWhatAClassLeaves: when a class's time is over, the next night
// takes its sandboxes, though they are in use, and leaves what is not of it.
func TestANightEndsWhatAClassLeaves(t *testing.T) {
	if local.Functions(*functionsFlag) == local.Process {
		t.Skip("processes have the time of their own")
	}
	var ahead atomic.Int64
	c := start(t, func(config *local.Config) {
		config.Now = func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
	})
	other := c.create(t, events.CreateSandbox{Name: "other"})
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	var made events.ClassState
	var seat events.SeatState
	must(c.api(t.Context(), "POST", "/v1/classes", events.CreateClass{Name: "cs101", Seats: 1, ExpiresAt: time.Now().Add(time.Hour)}, &made))
	must(c.api(t.Context(), "POST", "/v1/seats", events.JoinClass{Code: made.Code}, &seat))
	mine := c.await(t, seat.Sandbox, "ready")
	c.release(t, seat.Sandbox, fstest.MapFS{"index.html": {Data: []byte("mine")}})
	night := func() {
		t.Helper()
		must(c.api(t.Context(), "POST", "/v1/nights", nil, nil))
		eventually(t, "the night over", func() (bool, error) {
			var nights events.NightList
			err := c.api(context.WithoutCancel(t.Context()), "GET", "/v1/nights", nil, &nights)
			return err == nil && len(nights.Nights) > 0 && !nights.Nights[0].EndedAt.IsZero(), fmt.Errorf("%+v, %w", nights, err)
		})
	}
	night()
	c.shows(t, mine.URL, "mine") // its time is not over yet
	ahead.Store(int64(2 * time.Hour))
	night()
	c.gone(t, seat.Sandbox)
	c.await(t, other.Name, "ready")
	if err := c.api(t.Context(), "POST", "/v1/seats", events.JoinClass{Code: made.Code}, nil); status(err) != http.StatusConflict {
		t.Errorf("it can still be joined: %v", err)
	}
	must(c.api(t.Context(), "DELETE", "/v1/classes/cs101", nil, nil))
	if err := c.api(t.Context(), "GET", "/v1/classes/cs101", nil, nil); status(err) != http.StatusNotFound {
		t.Errorf("it is not forgotten: %v", err)
	}
}
