package storetest

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/sandbox"
)

func claimWrites(t *testing.T, store sandbox.Store) {
	_, err := store.Get(t.Context(), "site")
	wantNotFound(t, "get before the claim", err)

	s := aSandbox("site", "ann", 1)
	must(t, store.Claim(t.Context(), s, claimedEvent))
	got := get(t, store, "site")
	want := s
	want.Version, want.EventSeq, want.UpdatedAt = 1, 1, got.UpdatedAt
	same(t, "sandbox", got, want)
	if got.UpdatedAt.IsZero() {
		t.Error("the claim has no time")
	}
	log := eventsOf(t, store, s.Ref())
	same(t, "events", log, []sandbox.Event{{
		Seq: 1, At: got.UpdatedAt, Type: sandbox.EventClaimed, Phase: sandbox.PhaseProvisioning, Message: "claimed",
	}})
}

func claimRace(t *testing.T, store sandbox.Store) {
	won := race(t, 32, func(n int) error {
		return store.Claim(t.Context(), aSandbox("wanted", fmt.Sprintf("owner%d", n), n), claimedEvent)
	})
	s := get(t, store, "wanted")
	same(t, "id of the winner", s.ID, fmt.Sprintf("id%08d", won))
	same(t, "owner of the winner", s.Owner, fmt.Sprintf("owner%d", won))
	same(t, "events", len(eventsOf(t, store, s.Ref())), 1)
}

// race runs claim n times at once, and returns the one number for which it did
// not fail with a *sandbox.NameTakenError.
func race(t *testing.T, n int, claim func(n int) error) int {
	t.Helper()
	var won, wins atomic.Int64
	var all sync.WaitGroup
	begin := make(chan struct{})
	for i := range n {
		all.Go(func() {
			<-begin
			err := claim(i)
			var taken *sandbox.NameTakenError
			switch {
			case err == nil:
				won.Store(int64(i))
				wins.Add(1)
			case !errors.As(err, &taken):
				t.Errorf("claim %d: %v", i, err)
			}
		})
	}
	close(begin)
	all.Wait()
	same(t, "winners", wins.Load(), 1)
	return int(won.Load())
}

func claimTaken(t *testing.T, store sandbox.Store) {
	must(t, store.Claim(t.Context(), aSandbox("site", "ann", 1), claimedEvent))
	before := get(t, store, "site")
	for _, owner := range []string{"bob", "ann"} {
		err := store.Claim(t.Context(), aSandbox("site", owner, 2), claimedEvent)
		var taken *sandbox.NameTakenError
		if !errors.As(err, &taken) {
			t.Fatalf("claim by %s: got %v, want a NameTakenError", owner, err)
		}
		same(t, "error", *taken, sandbox.NameTakenError{Name: "site", Owner: "ann"})
	}
	same(t, "sandbox", get(t, store, "site"), before)
}

func claimAgain(t *testing.T, store sandbox.Store) {
	s := aSandbox("site", "ann", 1)
	must(t, store.Claim(t.Context(), s, claimedEvent))
	changed := update(t, store, s.Ref(), enter(sandbox.PhaseReady))
	must(t, store.Claim(t.Context(), s, claimedEvent))
	same(t, "sandbox", get(t, store, "site"), changed)
	same(t, "events", len(eventsOf(t, store, s.Ref())), 2)
}

func claimReplaces(t *testing.T, store sandbox.Store) {
	old := aSandbox("site", "ann", 1)
	must(t, store.Claim(t.Context(), old, claimedEvent))
	must(t, store.PutRelease(t.Context(), old.Ref(), aRelease(1)))
	update(t, store, old.Ref(), enter(sandbox.PhaseFailed))

	var taken *sandbox.NameTakenError
	if err := store.Claim(t.Context(), aSandbox("site", "bob", 2), claimedEvent); !errors.As(err, &taken) {
		t.Fatalf("claim by another owner: got %v, want a NameTakenError", err)
	}
	next := aSandbox("site", "ann", 3)
	must(t, store.Claim(t.Context(), next, claimedEvent))
	s := get(t, store, "site")
	same(t, "id", s.ID, next.ID)
	same(t, "version", s.Version, 1)
	same(t, "phase", s.Phase, sandbox.PhaseProvisioning)
	same(t, "its events", len(eventsOf(t, store, next.Ref())), 1)
	same(t, "its releases", len(releasesOf(t, store, next.Ref())), 0)
	same(t, "events of the old one", len(eventsOf(t, store, old.Ref())), 0)
	same(t, "releases of the old one", len(releasesOf(t, store, old.Ref())), 0)
	failed, _, err := store.List(t.Context(), sandbox.Filter{Phase: sandbox.PhaseFailed}, sandbox.Page{})
	must(t, err)
	same(t, "failed ones listed", len(failed), 0)
	must(t, store.Remove(t.Context(), next.Ref()))
	_, err = store.Get(t.Context(), "site")
	wantNotFound(t, "get after the removal", err)
}

func claimReplaceRace(t *testing.T, store sandbox.Store) {
	old := aSandbox("site", "ann", 100)
	must(t, store.Claim(t.Context(), old, claimedEvent))
	update(t, store, old.Ref(), enter(sandbox.PhaseFailed))
	won := race(t, 16, func(n int) error {
		return store.Claim(t.Context(), aSandbox("site", "ann", n), claimedEvent)
	})
	s := get(t, store, "site")
	same(t, "id of the winner", s.ID, fmt.Sprintf("id%08d", won))
	same(t, "events", len(eventsOf(t, store, s.Ref())), 1)
	same(t, "events of the old one", len(eventsOf(t, store, old.Ref())), 0)
}

func claimKeepsLeftovers(t *testing.T, store sandbox.Store) {
	s := aSandbox("site", "ann", 1)
	must(t, store.Claim(t.Context(), s, claimedEvent))
	update(t, store, s.Ref(), func(s *sandbox.Sandbox) ([]sandbox.Event, error) {
		s.Phase, s.Failure = sandbox.PhaseFailed, &events.Failure{Error: "TooManyBuckets", Cause: "quota"}
		s.Resources = map[sandbox.Kind]sandbox.Resource{sandbox.KindBucket: {Kind: sandbox.KindBucket, Status: sandbox.StatusIntended}}
		return nil, nil
	})
	var taken *sandbox.NameTakenError
	if err := store.Claim(t.Context(), aSandbox("site", "ann", 2), claimedEvent); !errors.As(err, &taken) {
		t.Fatalf("got %v, want a NameTakenError", err)
	}
	same(t, "id", get(t, store, "site").ID, s.ID)
}
