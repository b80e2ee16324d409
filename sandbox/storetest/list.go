package storetest

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mayfly-dev/mayfly/sandbox"
)

func lists(sandboxes int) func(*testing.T, sandbox.Store) {
	return func(t *testing.T, store sandbox.Store) {
		fill(t, store, sandboxes)
		listAll(t, store, sandboxes)
	}
}

// listAll lists by pages that are as many for few sandboxes as for many.
func listAll(t *testing.T, store sandbox.Store, sandboxes int) {
	t.Helper()
	for _, c := range []struct {
		name   string
		filter sandbox.Filter
		limit  int
		want   func(n int) bool
	}{
		{"all", sandbox.Filter{}, sandboxes * 2 / 5, func(int) bool { return true }},
		{"one owner's", sandbox.Filter{Owner: "owner.3"}, sandboxes / 25, func(n int) bool { return n%5 == 3 }},
		{"one phase", sandbox.Filter{Phase: sandbox.PhaseReady}, sandboxes / 35, func(n int) bool { return n%10 == 0 }},
		{"one owner's in one phase", sandbox.Filter{Owner: "owner.0", Phase: sandbox.PhaseReady}, sandboxes / 28, func(n int) bool { return n%10 == 0 }},
		{"one owner's in a phase that nothing is in", sandbox.Filter{Owner: "owner.1", Phase: sandbox.PhaseReady}, 100, func(int) bool { return false }},
		{"an owner's who has none", sandbox.Filter{Owner: "owner"}, 100, func(int) bool { return false }},
	} {
		var want []string
		for n := range sandboxes {
			if c.want(n) {
				want = append(want, siteName(n))
			}
		}
		var got []string
		page := sandbox.Page{Limit: c.limit}
		for {
			found, next, err := store.List(t.Context(), c.filter, page)
			must(t, err)
			if len(found) > c.limit {
				t.Fatalf("%s: a page has %d sandboxes", c.name, len(found))
			}
			if next != "" && len(found) < c.limit {
				t.Errorf("%s: a page that is not the last has %d sandboxes", c.name, len(found))
			}
			for _, s := range found {
				got = append(got, s.Name)
			}
			if next == "" {
				break
			}
			page.After = next
		}
		same(t, c.name, got, want)
	}
}

func siteName(n int) string { return fmt.Sprintf("site-%04d", n) }

// fill claims n sandboxes of five owners, eight at a time; each tenth is ready.
func fill(t *testing.T, store sandbox.Store, n int) {
	t.Helper()
	var next atomic.Int64
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				s := aSandbox(siteName(i), fmt.Sprintf("owner.%d", i%5), i)
				err := store.Claim(t.Context(), s, claimedEvent)
				if err == nil && i%10 == 0 {
					_, err = store.Update(t.Context(), s.Ref(), enter(sandbox.PhaseReady))
				}
				if err != nil {
					t.Errorf("sandbox %d: %v", i, err)
					return
				}
			}
		})
	}
	all.Wait()
	if t.Failed() {
		t.FailNow()
	}
}

func wrongCursor(t *testing.T, store sandbox.Store) {
	var field *sandbox.FieldError
	for _, cursor := range []sandbox.Cursor{"%%%", sandbox.CursorAt("'; DROP TABLE sandbox")} {
		if _, _, err := store.List(t.Context(), sandbox.Filter{}, sandbox.Page{After: cursor}); !errors.As(err, &field) {
			t.Errorf("list after %q: got %v, want a FieldError", cursor, err)
		}
		if _, _, err := store.ListReleases(t.Context(), sandbox.Ref{Name: "a", ID: "b"}, sandbox.Page{After: cursor}); !errors.As(err, &field) {
			t.Errorf("list releases after %q: got %v, want a FieldError", cursor, err)
		}
	}
}

func keyRace(t *testing.T, store sandbox.Store) {
	var won, lost atomic.Int64
	var all sync.WaitGroup
	expires := time.Now().Add(time.Hour).UTC().Truncate(time.Second)
	for i := range 16 {
		all.Go(func() {
			key := sandbox.IdempotencyKey{Key: "one key", Name: siteName(i), ID: fmt.Sprint(i), Digest: "d", Expires: expires}
			existing, found, err := store.PutKey(t.Context(), key)
			switch {
			case err != nil:
				t.Errorf("put key %d: %v", i, err)
			case !found:
				won.Add(1)
			case existing.Key != "one key" || existing.Digest != "d" || !existing.Expires.Equal(expires):
				t.Errorf("what is there already is %+v", existing)
			default:
				lost.Add(1)
			}
		})
	}
	all.Wait()
	same(t, "winners", won.Load(), 1)
	same(t, "others", lost.Load(), 15)
}

func keyExpires(t *testing.T, store sandbox.Store) {
	put := func(id string, expires time.Time) (sandbox.IdempotencyKey, bool) {
		t.Helper()
		existing, found, err := store.PutKey(t.Context(), sandbox.IdempotencyKey{Key: "k", ID: id, Expires: expires.UTC()})
		must(t, err)
		return existing, found
	}
	now := time.Now()
	if _, found := put("1", now.Add(-time.Hour)); found {
		t.Error("the first key was found")
	}
	if existing, found := put("2", now.Add(time.Hour)); found {
		t.Errorf("an expired key was found: %+v", existing)
	}
	existing, found := put("3", now.Add(time.Hour))
	same(t, "found", found, true)
	same(t, "id", existing.ID, "2")
}
