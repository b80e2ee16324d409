package storetest

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mayfly-dev/mayfly/lifecycle"
	"github.com/mayfly-dev/mayfly/night"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// Nights tests what night.Store promises; open returns an empty store each time.
func Nights(t *testing.T, open func(t *testing.T) night.Store) {
	t.Helper()
	for name, test := range map[string]func(*testing.T, night.Store){
		"one of 16 claims of a night wins":       nightRace,
		"a night that broke makes room":          nightBroken,
		"a night that is over makes room":        nightOver,
		"nights are listed newest first":         nightsPaged,
		"items are written, again, and paged":    nightItems,
		"changes at the same time all count":     nightContention,
		"places in a line are taken once":        lineRace,
		"a line from a wrong clock is forgotten": lineWrong,
	} {
		t.Run(name, func(t *testing.T) { test(t, open(t)) })
	}
}

// tonight is a recent moment, since what is old is forgotten.
func tonight() time.Time { return time.Now().UTC().Truncate(time.Second).Add(-time.Hour) }

func aNight(execution string, at time.Time) night.Night {
	return night.Night{ID: night.IDAt(at), Status: night.Deciding, StartedAt: at, Execution: execution, By: "schedule"}
}

// atOnce runs a number of functions at the same time.
func atOnce(n int, do func(i int)) {
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { do(i) })
	}
	all.Wait()
}

func nightRace(t *testing.T, store night.Store) {
	at := tonight()
	var mu sync.Mutex
	wins, ids := 0, map[string]bool{}
	atOnce(16, func(i int) {
		n, mine, err := store.ClaimNight(t.Context(), aNight(fmt.Sprint("e", i), at.Add(time.Duration(i)*time.Millisecond)), "")
		if err != nil {
			t.Error(err)
		}
		mu.Lock()
		defer mu.Unlock()
		ids[n.ID] = true
		if mine {
			wins++
		}
	})
	if wins != 1 || len(ids) != 1 {
		t.Fatalf("%d won, and saw %v", wins, ids)
	}
	for id := range ids { // the winner asks again, after a lost reply
		there, err := store.GetNight(t.Context(), id)
		must(t, err)
		n, mine, err := store.ClaimNight(t.Context(), aNight(there.Execution, at.Add(time.Hour)), "")
		must(t, err)
		if !mine || n.ID != id {
			t.Errorf("asked again: %t, %s", mine, n.ID)
		}
	}
}

func nightBroken(t *testing.T, store night.Store) {
	at := tonight()
	first, _, err := store.ClaimNight(t.Context(), aNight("dead", at), "")
	must(t, err)
	if _, mine, err := store.ClaimNight(t.Context(), aNight("next", at.Add(time.Minute)), "other"); mine || err != nil {
		t.Errorf("claimed beside one that runs: %v", err)
	}
	next, mine, err := store.ClaimNight(t.Context(), aNight("next", at.Add(time.Minute)), "dead")
	must(t, err)
	if !mine || next.ID == first.ID {
		t.Fatalf("claimed %t, %s", mine, next.ID)
	}
	broken, err := store.GetNight(t.Context(), first.ID)
	must(t, err)
	if broken.Status != night.Broken || broken.EndedAt.IsZero() {
		t.Errorf("the dead one is %+v", broken)
	}
	if there, mine, err := store.ClaimNight(t.Context(), aNight("third", at.Add(time.Hour)), "dead"); mine || err != nil || there.ID != next.ID {
		t.Errorf("a late claim: %t, %s, %v", mine, there.ID, err)
	}
}

func nightOver(t *testing.T, store night.Store) {
	at := tonight()
	first, _, err := store.ClaimNight(t.Context(), aNight("e1", at), "")
	must(t, err)
	_, err = store.UpdateNight(t.Context(), first.ID, func(n *night.Night) error {
		n.Status, n.Counts.Seen = night.Done, 7
		return nil
	})
	must(t, err)
	_, mine, err := store.ClaimNight(t.Context(), aNight("e2", at.Add(time.Minute)), "")
	must(t, err)
	got, err := store.GetNight(t.Context(), first.ID)
	must(t, err)
	if !mine || got.Status != night.Done || got.Counts.Seen != 7 {
		t.Errorf("claimed %t after %+v", mine, got)
	}
	if _, err := store.GetNight(t.Context(), "20010101-000000-000"); !errors.Is(err, night.ErrNotFound) {
		t.Errorf("a night that never was: %v", err)
	}
	if _, err := store.UpdateNight(t.Context(), "20010101-000000-000", func(*night.Night) error { return nil }); !errors.Is(err, night.ErrNotFound) {
		t.Errorf("a change of a night that never was: %v", err)
	}
	no := errors.New("no")
	if _, err := store.UpdateNight(t.Context(), first.ID, func(*night.Night) error { return no }); !errors.Is(err, no) {
		t.Errorf("a change that failed: %v", err)
	}
}

func nightsPaged(t *testing.T, store night.Store) {
	at := tonight()
	for i := range 5 {
		n, mine, err := store.ClaimNight(t.Context(), aNight(fmt.Sprint("e", i), at.Add(time.Duration(i)*time.Minute)), "")
		must(t, err)
		if !mine {
			t.Fatal("not claimed")
		}
		_, err = store.UpdateNight(t.Context(), n.ID, func(n *night.Night) error { n.Status = night.Done; return nil })
		must(t, err)
	}
	var got []string
	for after := sandbox.Cursor(""); ; {
		page, next, err := store.ListNights(t.Context(), sandbox.Page{Limit: 2, After: after})
		must(t, err)
		for _, n := range page {
			got = append(got, n.Execution)
		}
		if after = next; next == "" {
			break
		}
	}
	if s := strings.Join(got, " "); s != "e4 e3 e2 e1 e0" {
		t.Errorf("listed %s", s)
	}
}

func nightItems(t *testing.T, store night.Store) {
	id := night.IDAt(tonight())
	var all []night.Item
	for i := range 60 {
		all = append(all, night.Item{
			Name: fmt.Sprintf("s%02d", i), ID: fmt.Sprint(i), Owner: "ann", Outcome: night.Started,
			Decision: lifecycle.Decision{Act: lifecycle.Sleep, Reason: "no request since Monday", Next: lifecycle.Teardown, Due: tonight()},
		})
	}
	must(t, store.PutItems(t.Context(), id, all))
	must(t, store.PutItems(t.Context(), id, nil))
	all[3].Outcome, all[3].Failure = night.Failed, "throttled"
	must(t, store.PutItems(t.Context(), id, all[3:4]))
	var got []night.Item
	for after := sandbox.Cursor(""); ; {
		page, next, err := store.ListItems(t.Context(), id, sandbox.Page{Limit: 25, After: after})
		must(t, err)
		got = append(got, page...)
		if after = next; next == "" {
			break
		}
	}
	if diff := cmp.Diff(all, got); diff != "" {
		t.Error(diff)
	}
}

func nightContention(t *testing.T, store night.Store) {
	n, _, err := store.ClaimNight(t.Context(), aNight("e", tonight()), "")
	must(t, err)
	atOnce(8, func(int) {
		_, err := store.UpdateNight(t.Context(), n.ID, func(n *night.Night) error { n.Counts.Seen++; return nil })
		if err != nil {
			t.Error(err)
		}
	})
	n, err = store.GetNight(t.Context(), n.ID)
	must(t, err)
	if n.Counts.Seen != 8 || n.Version != 9 {
		t.Errorf("%d changes in version %d", n.Counts.Seen, n.Version)
	}
}

func lineRace(t *testing.T, store night.Store) {
	now := tonight()
	var mu sync.Mutex
	taken := map[time.Time]bool{}
	atOnce(8, func(int) {
		first, err := store.Reserve(t.Context(), "cdn", 3, time.Second, now)
		if err != nil {
			t.Error(err)
		}
		mu.Lock()
		defer mu.Unlock()
		for i := range 3 {
			taken[first.Add(time.Duration(i)*time.Second).UTC()] = true
		}
	})
	if len(taken) != 24 || !taken[now] || !taken[now.Add(23*time.Second)] {
		t.Errorf("%d places: %v", len(taken), taken)
	}
	later := now.Add(time.Hour)
	if first, err := store.Reserve(t.Context(), "cdn", 1, time.Second, later); err != nil || !first.Equal(later) {
		t.Errorf("in an empty line: %v, %v", first, err)
	}
}

func lineWrong(t *testing.T, store night.Store) {
	now := tonight()
	_, err := store.Reserve(t.Context(), "cdn", 1, time.Second, now.AddDate(10, 0, 0))
	must(t, err)
	if first, err := store.Reserve(t.Context(), "cdn", 1, time.Second, now); err != nil || !first.Equal(now) {
		t.Errorf("%v, %v", first, err)
	}
}
