package storetest

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/mayfly-dev/mayfly/sandbox"
)

func eventsPaged(t *testing.T, store sandbox.Store) {
	s, other := aSandbox("site", "ann", 1), aSandbox("site2", "ann", 2)
	must(t, store.Claim(t.Context(), s, claimedEvent))
	must(t, store.Claim(t.Context(), other, claimedEvent))
	for i := 2; i <= 25; i++ {
		update(t, store, s.Ref(), func(*sandbox.Sandbox) ([]sandbox.Event, error) {
			return []sandbox.Event{{Type: sandbox.EventProgress, Message: fmt.Sprint(i)}}, nil
		})
	}
	var seen []int64
	for after := int64(0); ; {
		log, err := store.Events(t.Context(), s.Ref(), after, 10)
		must(t, err)
		if len(log) == 0 {
			break
		}
		if len(log) > 10 {
			t.Fatalf("a page has %d events", len(log))
		}
		for _, event := range log {
			seen = append(seen, event.Seq)
		}
		after = log[len(log)-1].Seq
	}
	same(t, "number of events", len(seen), 25)
	for i, seq := range seen {
		same(t, "sequence", seq, int64(i+1))
	}
}

func manyEvents(t *testing.T, store sandbox.Store) {
	s := aSandbox("site", "ann", 1)
	must(t, store.Claim(t.Context(), s, claimedEvent))
	update(t, store, s.Ref(), func(*sandbox.Sandbox) ([]sandbox.Event, error) {
		log := make([]sandbox.Event, 60)
		for i := range log {
			log[i] = sandbox.Event{Type: sandbox.EventProgress, Message: fmt.Sprint(i)}
		}
		return log, nil
	})
	log := eventsOf(t, store, s.Ref())
	same(t, "events", len(log), 61)
	same(t, "last event", log[60].Message, "59")
}

func releaseWritten(t *testing.T, store sandbox.Store) {
	s := aSandbox("site", "ann", 1)
	must(t, store.Claim(t.Context(), s, claimedEvent))
	r := aRelease(1)
	_, err := store.GetRelease(t.Context(), s.Ref(), r.ID)
	wantNotFound(t, "get before the put", err)
	must(t, store.PutRelease(t.Context(), s.Ref(), r))
	r.Status, r.EndedAt, r.ManifestKey = sandbox.ReleaseLive, start.Add(time.Minute), "manifest"
	must(t, store.PutRelease(t.Context(), s.Ref(), r))
	got, err := store.GetRelease(t.Context(), s.Ref(), r.ID)
	must(t, err)
	same(t, "release", got, r)
	same(t, "releases", releasesOf(t, store, s.Ref()), []sandbox.Release{r})
}

func releasesPaged(t *testing.T, store sandbox.Store) {
	s, other := aSandbox("site", "ann", 1), aSandbox("other", "ann", 2)
	must(t, store.Claim(t.Context(), s, claimedEvent))
	must(t, store.Claim(t.Context(), other, claimedEvent))
	must(t, store.PutRelease(t.Context(), other.Ref(), aRelease(99)))
	for i := range 23 {
		must(t, store.PutRelease(t.Context(), s.Ref(), aRelease(i)))
	}
	var seen []int
	page := sandbox.Page{Limit: 5}
	for {
		got, next, err := store.ListReleases(t.Context(), s.Ref(), page)
		must(t, err)
		if len(got) > 5 {
			t.Fatalf("a page has %d releases", len(got))
		}
		for _, r := range got {
			seen = append(seen, r.Files)
		}
		if next == "" {
			break
		}
		page.After = next
	}
	same(t, "number of releases", len(seen), 23)
	for i, n := range seen {
		same(t, "release", n, 22-i)
	}
}

func removeLeavesNothing(t *testing.T, store sandbox.Store) {
	s := aSandbox("site", "ann", 1)
	must(t, store.Claim(t.Context(), s, claimedEvent))
	for i := range 60 { // more than one batch
		must(t, store.PutRelease(t.Context(), s.Ref(), aRelease(i)))
	}
	for range 2 { // the second time there is nothing to remove
		must(t, store.Remove(t.Context(), s.Ref()))
		_, err := store.Get(t.Context(), "site")
		wantNotFound(t, "get", err)
		_, err = store.Update(t.Context(), s.Ref(), enter(sandbox.PhaseReady))
		wantNotFound(t, "update", err)
		_, err = store.GetRelease(t.Context(), s.Ref(), aRelease(0).ID)
		wantNotFound(t, "get release", err)
		same(t, "events", len(eventsOf(t, store, s.Ref())), 0)
		same(t, "releases", len(releasesOf(t, store, s.Ref())), 0)
		for _, filter := range []sandbox.Filter{{}, {Owner: "ann"}, {Phase: sandbox.PhaseProvisioning}} {
			all, _, err := store.List(t.Context(), filter, sandbox.Page{})
			must(t, err)
			same(t, "sandboxes", len(all), 0)
		}
	}
	must(t, store.Claim(t.Context(), aSandbox("site", "bob", 2), claimedEvent))
	same(t, "owner of the successor", get(t, store, "site").Owner, "bob")
}

func removeOfSuccessor(t *testing.T, store sandbox.Store) {
	old, next := aSandbox("site", "ann", 1), aSandbox("site", "bob", 2)
	must(t, store.Claim(t.Context(), old, claimedEvent))
	must(t, store.Remove(t.Context(), old.Ref()))
	must(t, store.Claim(t.Context(), next, claimedEvent))
	must(t, store.PutRelease(t.Context(), next.Ref(), aRelease(1)))
	must(t, store.Remove(t.Context(), old.Ref()))
	same(t, "owner", get(t, store, "site").Owner, "bob")
	same(t, "events", len(eventsOf(t, store, next.Ref())), 1)
	same(t, "releases", len(releasesOf(t, store, next.Ref())), 1)
}

func removeWhileUpdated(t *testing.T, store sandbox.Store) {
	s := aSandbox("site", "ann", 1)
	must(t, store.Claim(t.Context(), s, claimedEvent))
	var all sync.WaitGroup
	begin := make(chan struct{})
	for w := range 8 {
		all.Go(func() {
			<-begin
			for i := range 20 {
				_, err := store.Update(t.Context(), s.Ref(), func(s *sandbox.Sandbox) ([]sandbox.Event, error) {
					return []sandbox.Event{{Type: sandbox.EventProgress}}, nil
				})
				if errors.Is(err, sandbox.ErrNotFound) {
					return
				}
				if err == nil {
					err = store.PutRelease(t.Context(), s.Ref(), aRelease(w*100+i))
				}
				if err != nil && !errors.Is(err, sandbox.ErrNotFound) {
					t.Errorf("writer %d: %v", w, err)
				}
			}
		})
	}
	all.Go(func() {
		<-begin
		if err := store.Remove(t.Context(), s.Ref()); err != nil {
			t.Errorf("remove: %v", err)
		}
	})
	close(begin)
	all.Wait()
	same(t, "events", len(eventsOf(t, store, s.Ref())), 0)
	same(t, "releases", len(releasesOf(t, store, s.Ref())), 0)
}
