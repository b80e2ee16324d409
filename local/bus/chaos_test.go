package bus_test

import (
	"fmt"
	"reflect"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mayfly-dev/mayfly/local/bus"
)

// run puts events one after the other under chaos, and returns the numbers that
// the target got, in order.
func run(t *testing.T, l *local, c bus.Chaos, events int) (got []int) {
	t.Helper()
	l.SetChaos(c)
	l.target.got = nil
	number := map[string]int{}
	for i := range events {
		number[l.put(t, i)] = i
		synctest.Wait()
	}
	if err := l.Idle(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, d := range l.target.got {
		got = append(got, number[d.EventID])
	}
	return got
}

func TestChaos(t *testing.T) {
	inOrder := make([]int, 50)
	for i := range inOrder {
		inOrder[i] = i
	}
	for name, row := range map[string]struct {
		chaos bus.Chaos
		check func(t *testing.T, l *local, got []int)
	}{
		"off": {bus.Chaos{}, func(t *testing.T, _ *local, got []int) {
			if !slices.Equal(got, inOrder) {
				t.Errorf("got %v", got)
			}
		}},
		"duplicate": {bus.Chaos{Seed: 1, Duplicate: 0.5}, func(t *testing.T, l *local, got []int) {
			ids := map[string]bool{}
			for _, d := range l.target.got {
				ids[d.ID] = true
			}
			if len(got) <= 50 || len(got) >= 100 || len(ids) != len(got) || !slices.Equal(distinct(got), inOrder) {
				t.Errorf("got %v by %d deliveries", got, len(ids))
			}
		}},
		"lose": {bus.Chaos{Seed: 1, Lose: 0.5}, func(t *testing.T, l *local, got []int) {
			if len(got) == 0 || len(got) >= 50 || !slices.IsSorted(got) || len(l.letters.kept) != 0 {
				t.Errorf("got %v, dead %v", got, l.letters.kept)
			}
		}},
		"reorder": {bus.Chaos{Seed: 1, Reorder: 0.3}, func(t *testing.T, _ *local, got []int) {
			if slices.IsSorted(got) || len(got) != 50 || !slices.Equal(distinct(got), inOrder) {
				t.Errorf("got %v", got)
			}
		}},
		"delay": {bus.Chaos{Seed: 1, Delay: time.Minute}, func(t *testing.T, l *local, got []int) {
			if took := time.Since(l.began); took < 30*time.Second || took > time.Minute || slices.IsSorted(got) || !slices.Equal(distinct(got), inOrder) {
				t.Errorf("got %v after %v", got, took)
			}
		}},
		"all of it": {bus.Chaos{Seed: 1, Duplicate: 0.2, Lose: 0.2, Reorder: 0.2, Delay: time.Second}, func(t *testing.T, l *local, got []int) {
			if l.Pending() != 0 || len(distinct(got)) < 30 {
				t.Errorf("got %v", got)
			}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := open(t)
				defer l.close(t)
				l.rule(t, to("f", ""))
				row.check(t, l, run(t, l, row.chaos, 50))
			})
		})
	}
}

// The same seed makes the same of the same events; it can be switched on and off.
func TestChaosRepeats(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := open(t)
		defer l.close(t)
		l.rule(t, to("f", ""))
		c := bus.Chaos{Seed: 7, Duplicate: 0.3, Lose: 0.3}
		first := run(t, l, c, 40)
		if second := run(t, l, c, 40); !reflect.DeepEqual(first, second) {
			t.Errorf("first %v\nthen %v", first, second)
		}
		c.Seed = 8
		if other := run(t, l, c, 40); reflect.DeepEqual(first, other) {
			t.Errorf("another seed gives %v, too", other)
		}
		if off := run(t, l, bus.Chaos{}, 3); fmt.Sprint(off) != "[0 1 2]" {
			t.Errorf("switched off: %v", off)
		}
	})
}

// A held delivery waits for another one, but not for ever.
func TestReorderDoesNotWaitForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := open(t)
		defer l.close(t)
		l.rule(t, to("f", ""))
		if got := run(t, l, bus.Chaos{Reorder: 1}, 1); len(got) != 1 || time.Since(l.began) != time.Second {
			t.Errorf("got %v after %v", got, time.Since(l.began))
		}
	})
}

func distinct(all []int) []int {
	all = slices.Clone(all)
	slices.Sort(all)
	return slices.Compact(all)
}
