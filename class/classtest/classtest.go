// Package classtest is the suite that every implementation of class.Store
// passes.
package classtest

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mayfly-dev/mayfly/class"
	"github.com/mayfly-dev/mayfly/sandbox"
)

var start = time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)

// Run tests the stores that open returns; each call returns an empty one.
func Run(t *testing.T, open func(t *testing.T) class.Store) {
	t.Helper()
	for name, test := range map[string]func(*testing.T, class.Store){
		"a class is added once, read and removed": addReadRemove,
		"an update writes, or nothing":            update,
		"of 40 who join 30 seats at once, 30 sit": race,
		"a full class of 300 fits":                largest,
		"lists are paged and filtered":            lists,
	} {
		t.Run(name, func(t *testing.T) { test(t, open(t)) })
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func aClass(name, owner string, size int) class.Class {
	return class.Class{Name: name, Owner: owner, Size: size, Budget: "5", CreatedAt: start, ExpiresAt: start.Add(48 * time.Hour), CodeDigest: strings.Repeat("c", 64)}
}

func addReadRemove(t *testing.T, store class.Store) {
	c := aClass("cs101", "ada", 30)
	must(t, store.AddClass(t.Context(), c))
	if err := store.AddClass(t.Context(), aClass("cs101", "bea", 1)); !errors.Is(err, class.ErrNameTaken) {
		t.Errorf("a second of the name: %v", err)
	}
	got, err := store.GetClass(t.Context(), "cs101")
	must(t, err)
	c.Version = 1
	if diff := cmp.Diff(c, got); diff != "" {
		t.Error(diff)
	}
	old := got
	got, err = store.UpdateClass(t.Context(), "cs101", func(c *class.Class) error { c.Size = 31; return nil })
	must(t, err)
	if err := store.RemoveClass(t.Context(), old); !errors.Is(err, sandbox.ErrStale) {
		t.Errorf("removed as it was before: %v", err)
	}
	for range 2 {
		must(t, store.RemoveClass(t.Context(), got))
	}
	if _, err := store.GetClass(t.Context(), "cs101"); !errors.Is(err, sandbox.ErrNotFound) {
		t.Errorf("after it was removed: %v", err)
	}
	must(t, store.AddClass(t.Context(), aClass("cs101", "bea", 1)))
}

func update(t *testing.T, store class.Store) {
	must(t, store.AddClass(t.Context(), aClass("cs101", "ada", 30)))
	seat := class.Seat{Number: 1, Owner: "bea", JoinedAt: start, Sandbox: "cs101-01", SandboxID: "aaaaaaaaaa"}
	after, err := store.UpdateClass(t.Context(), "cs101", func(c *class.Class) error {
		c.Seats, c.Name, c.Version = append(c.Seats, seat), "other", 7
		return nil
	})
	must(t, err)
	want := aClass("cs101", "ada", 30)
	want.Version, want.Seats = 2, []class.Seat{seat}
	read, err := store.GetClass(t.Context(), "cs101")
	must(t, err)
	if diff := cmp.Diff(want, after) + cmp.Diff(want, read); diff != "" {
		t.Error(diff)
	}
	no := errors.New("no")
	if _, err := store.UpdateClass(t.Context(), "cs101", func(c *class.Class) error { c.Seats[0].Student = "x"; return no }); !errors.Is(err, no) {
		t.Errorf("a change that fails: %v", err)
	}
	if same, err := store.UpdateClass(t.Context(), "cs101", func(*class.Class) error { return nil }); err != nil || same.Version != 2 || same.Seats[0] != seat {
		t.Errorf("a change that alters nothing: %+v, %v", same, err)
	}
	if _, err := store.UpdateClass(t.Context(), "cs102", func(*class.Class) error { return nil }); !errors.Is(err, sandbox.ErrNotFound) {
		t.Errorf("a class that is not there: %v", err)
	}
}

func race(t *testing.T, store class.Store) {
	const students, seats = 40, 30
	must(t, store.AddClass(t.Context(), aClass("cs101", "ada", seats)))
	var mu sync.Mutex
	numbers, full := map[int]string{}, 0
	var all sync.WaitGroup
	for i := range students {
		all.Go(func() {
			owner := fmt.Sprint("student-", i)
			var seat class.Seat
			_, err := store.UpdateClass(t.Context(), "cs101", func(c *class.Class) (err error) {
				seat, err = c.Join(class.Student{Owner: owner}, fmt.Sprintf("id%08d", i), start)
				return err
			})
			mu.Lock()
			defer mu.Unlock()
			var none *class.FullError
			switch other, taken := numbers[seat.Number]; {
			case errors.As(err, &none):
				full++
			case err != nil:
				t.Errorf("%s: %v", owner, err)
			case taken:
				t.Errorf("%s and %s both have seat %d", owner, other, seat.Number)
			default:
				numbers[seat.Number] = owner
			}
		})
	}
	all.Wait()
	c, err := store.GetClass(t.Context(), "cs101")
	must(t, err)
	if len(c.Seats) != seats || len(numbers) != seats || full != students-seats {
		t.Errorf("%d seats taken, %d told of, %d refused", len(c.Seats), len(numbers), full)
	}
	for _, seat := range c.Seats {
		if numbers[seat.Number] != seat.Owner {
			t.Errorf("%s was told of %s's seat", numbers[seat.Number], seat.Owner)
		}
	}
}

func largest(t *testing.T, store class.Store) {
	c := aClass(strings.Repeat("a", 28), strings.Repeat("o", 64), class.MaxSeats)
	for i := range class.MaxSeats {
		_, err := c.Join(class.Student{Name: strings.Repeat("n", 64), TokenDigest: fmt.Sprintf("%064d", i)}, fmt.Sprintf("id%08d", i), start)
		must(t, err)
	}
	must(t, store.AddClass(t.Context(), c))
	got, err := store.GetClass(t.Context(), c.Name)
	must(t, err)
	if len(got.Seats) != class.MaxSeats {
		t.Errorf("%d seats", len(got.Seats))
	}
}

func lists(t *testing.T, store class.Store) {
	for i := range 25 {
		must(t, store.AddClass(t.Context(), aClass(fmt.Sprintf("class-%02d", i), []string{"ada", "bea"}[i%2], 1)))
	}
	for owner, want := range map[string]int{"": 25, "ada": 13, "bea": 12, "eve": 0} {
		for _, limit := range []int{1, 4, 13, 1000} {
			var names []string
			for page := (sandbox.Page{Limit: limit}); ; {
				found, next, err := store.ListClasses(t.Context(), owner, page)
				must(t, err)
				for _, c := range found {
					names = append(names, c.Name)
				}
				if len(found) > limit || len(names) > want {
					t.Fatalf("%s, pages of %d: %v", owner, limit, names)
				}
				if page.After = next; next == "" {
					break
				}
			}
			if len(names) != want {
				t.Errorf("%s, pages of %d: %v", owner, limit, names)
			}
		}
	}
	if _, _, err := store.ListClasses(t.Context(), "", sandbox.Page{After: "!"}); err == nil {
		t.Error("a wrong cursor is taken")
	}
}
