package storetest

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/sandbox"
)

func updateWrites(t *testing.T, store sandbox.Store) {
	s := aSandbox("site", "ann", 1)
	must(t, store.Claim(t.Context(), s, claimedEvent))
	bucket := sandbox.Resource{Kind: sandbox.KindBucket, Status: sandbox.StatusMade, ID: "b", Region: "us-east-1", At: start}
	failure := &events.Failure{Error: "Name", Cause: "cause \"quoted\" ✓"}
	answer := update(t, store, s.Ref(), func(s *sandbox.Sandbox) ([]sandbox.Event, error) {
		s.Phase, s.Step, s.StepSince, s.Failure = sandbox.PhaseUpdating, "createbucket", start, failure
		s.Resources = map[sandbox.Kind]sandbox.Resource{sandbox.KindBucket: bucket}
		return []sandbox.Event{
			{Type: sandbox.EventMade, Step: "createbucket", Resource: "b", Message: "made", At: start},
			{Type: sandbox.EventFailed, Failure: failure, Message: "failed"},
		}, nil
	})
	got := get(t, store, "site")
	same(t, "answer", answer, got)
	want := s
	want.Phase, want.Step, want.StepSince, want.Failure = sandbox.PhaseUpdating, "createbucket", start, failure
	want.Resources = map[sandbox.Kind]sandbox.Resource{sandbox.KindBucket: bucket}
	want.Version, want.EventSeq, want.UpdatedAt = 2, 3, got.UpdatedAt
	same(t, "sandbox", got, want)
	same(t, "events", eventsOf(t, store, s.Ref())[1:], []sandbox.Event{
		{Seq: 2, At: start, Type: sandbox.EventMade, Phase: sandbox.PhaseUpdating, Step: "createbucket", Resource: "b", Message: "made"},
		{Seq: 3, At: got.UpdatedAt, Type: sandbox.EventFailed, Phase: sandbox.PhaseUpdating, Failure: failure, Message: "failed"},
	})
}

func updateNothing(t *testing.T, store sandbox.Store) {
	s := aSandbox("site", "ann", 1)
	must(t, store.Claim(t.Context(), s, claimedEvent))
	before := get(t, store, "site")
	answer := update(t, store, s.Ref(), func(*sandbox.Sandbox) ([]sandbox.Event, error) { return nil, nil })
	same(t, "answer", answer, before)
	same(t, "sandbox", get(t, store, "site"), before)
}

// That a sandbox was used is no change of it: nobody is told, and it stays as old
// as it is.
func updateNotesUse(t *testing.T, store sandbox.Store) {
	s := aSandbox("site", "ann", 1)
	must(t, store.Claim(t.Context(), s, claimedEvent))
	before := get(t, store, "site")
	used := sandbox.Use{Kind: "request", At: start, ReadAt: start.Add(time.Minute)}
	update(t, store, s.Ref(), func(s *sandbox.Sandbox) ([]sandbox.Event, error) {
		s.LastUse = used
		return nil, nil
	})
	want := before
	want.LastUse, want.Version = used, 2
	same(t, "sandbox", get(t, store, "site"), want)
	same(t, "events", len(eventsOf(t, store, s.Ref())), 1)
	entries, _, err := store.ListAudit(t.Context(), sandbox.AuditFilter{Sandbox: "site"}, sandbox.Page{})
	must(t, err)
	same(t, "audit", len(entries), 1)
}

func updateKeepsIdentity(t *testing.T, store sandbox.Store) {
	s := aSandbox("site", "ann", 1)
	must(t, store.Claim(t.Context(), s, claimedEvent))
	update(t, store, s.Ref(), func(s *sandbox.Sandbox) ([]sandbox.Event, error) {
		s.ID, s.Name, s.Version, s.EventSeq, s.Attempt = "other", "other", 70, 70, 7
		return nil, nil
	})
	got := get(t, store, "site")
	same(t, "reference", got.Ref(), s.Ref())
	same(t, "version", got.Version, 2)
	same(t, "last event", got.EventSeq, 1)
	same(t, "attempt", got.Attempt, 7)
}

func updateRefused(t *testing.T, store sandbox.Store) {
	s := aSandbox("site", "ann", 1)
	must(t, store.Claim(t.Context(), s, claimedEvent))
	before := get(t, store, "site")
	refusal := errors.New("no")
	_, err := store.Update(t.Context(), s.Ref(), func(s *sandbox.Sandbox) ([]sandbox.Event, error) {
		s.Phase = sandbox.PhaseReady
		return []sandbox.Event{{Type: sandbox.EventPhase}}, refusal
	})
	if !errors.Is(err, refusal) {
		t.Errorf("got %v, want the error of change", err)
	}
	same(t, "sandbox", get(t, store, "site"), before)
	same(t, "events", len(eventsOf(t, store, s.Ref())), 1)
}

// Sixteen writers count to five each; a write that is lost or counted twice
// shows in the sum, in the version, and in the numbers of the events.
func updateContention(t *testing.T, store sandbox.Store) {
	const writers, each = 16, 5
	s := aSandbox("site", "ann", 1)
	must(t, store.Claim(t.Context(), s, claimedEvent))
	var all sync.WaitGroup
	for w := range writers {
		all.Go(func() {
			for i := range each {
				_, err := store.Update(t.Context(), s.Ref(), func(s *sandbox.Sandbox) ([]sandbox.Event, error) {
					s.Attempt++
					return []sandbox.Event{{Type: sandbox.EventProgress, Message: fmt.Sprintf("%d.%d", w, i)}}, nil
				})
				if err != nil {
					t.Errorf("writer %d: %v", w, err)
				}
			}
		})
	}
	all.Wait()
	got := get(t, store, "site")
	same(t, "count", got.Attempt, writers*each)
	same(t, "version", got.Version, writers*each+1)
	log := eventsOf(t, store, s.Ref())
	same(t, "events", len(log), writers*each+1)
	told := make(map[string]bool)
	for i, event := range log {
		same(t, "sequence", event.Seq, int64(i+1))
		told[event.Message] = true
	}
	same(t, "different events", len(told), writers*each+1)
}

func staleRef(t *testing.T, store sandbox.Store) {
	s := aSandbox("site", "ann", 1)
	must(t, store.Claim(t.Context(), s, claimedEvent))
	before := get(t, store, "site")
	for _, late := range []sandbox.Ref{{Name: "site", ID: "id00000009"}, {Name: "gone", ID: s.ID}} {
		_, err := store.Update(t.Context(), late, enter(sandbox.PhaseReady))
		wantNotFound(t, "update", err)
		wantNotFound(t, "put release", store.PutRelease(t.Context(), late, aRelease(1)))
		_, err = store.GetRelease(t.Context(), late, aRelease(1).ID)
		wantNotFound(t, "get release", err)
	}
	same(t, "sandbox", get(t, store, "site"), before)
}

func replacedRef(t *testing.T, store sandbox.Store) {
	old := aSandbox("site", "ann", 1)
	must(t, store.Claim(t.Context(), old, claimedEvent))
	update(t, store, old.Ref(), enter(sandbox.PhaseFailed))
	next := aSandbox("site", "ann", 2)
	must(t, store.Claim(t.Context(), next, claimedEvent))
	_, err := store.Update(t.Context(), old.Ref(), enter(sandbox.PhaseReady))
	wantNotFound(t, "update", err)
	must(t, store.Remove(t.Context(), old.Ref()))
	same(t, "phase", get(t, store, "site").Phase, sandbox.PhaseProvisioning)
	same(t, "events", len(eventsOf(t, store, next.Ref())), 1)
}

func durations(t *testing.T, store sandbox.Store) {
	none, err := store.Durations(t.Context(), sandbox.DurationPropagation)
	must(t, err)
	same(t, "durations before the first", len(none), 0)
	for i := range 40 {
		must(t, store.AddDuration(t.Context(), sandbox.DurationPropagation, time.Duration(i)*time.Millisecond, start.Add(time.Duration(i)*time.Second)))
	}
	must(t, store.AddDuration(t.Context(), sandbox.DurationProvision, time.Hour, start))
	took, err := store.Durations(t.Context(), sandbox.DurationPropagation)
	must(t, err)
	want := make([]time.Duration, 0, 32)
	for i := 39; len(want) < 32; i-- {
		want = append(want, time.Duration(i)*time.Millisecond)
	}
	same(t, "durations", took, want)
}
