package night_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/mayfly-dev/mayfly/activity"
	"github.com/mayfly-dev/mayfly/cost"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/lifecycle"
	"github.com/mayfly-dev/mayfly/night"
	"github.com/mayfly-dev/mayfly/sandbox"
)

var planned = time.Date(2026, 11, 27, 3, 0, 0, 0, time.UTC)

// known are sandboxes that nobody has used for a month, owners that have spent
// their budget, and what ending sandboxes saves.
type known struct {
	boxes []sandbox.Sandbox
	over  map[string]bool
	saves map[string]cost.USD
	asked []string
}

func (k *known) List(context.Context, sandbox.Filter, sandbox.Page) ([]sandbox.Sandbox, sandbox.Cursor, error) {
	return k.boxes, "", nil
}

func (k *known) Read(_ context.Context, subjects []activity.Subject, since time.Time) []activity.Activity {
	all := make([]activity.Activity, len(subjects))
	for i := range all {
		all[i] = activity.Activity{Last: subjects[i].Known, Since: since, Until: planned}
	}
	return all
}

func (k *known) OverBudget(_ context.Context, owner string) (bool, error) {
	k.asked = append(k.asked, owner)
	if over, ok := k.over[owner]; ok {
		return over, nil
	}
	return true, errors.New("table gone")
}

func (k *known) Saves(_ context.Context, box *sandbox.Sandbox, stays bool) (cost.USD, bool, error) {
	saves, ok := k.saves[box.Name]
	if stays {
		saves /= 2
	}
	if box.Name == "broken" {
		return 7, true, errors.New("table gone")
	}
	return saves, ok, nil
}

// TestAPlanGoesByTheBudgetAndSaysWhatItSaves: who has spent the budget is asked
// once for each owner, and what is not known changes nothing.
func TestAPlanGoesByTheBudgetAndSaysWhatItSaves(t *testing.T) {
	box := func(name, owner string, change func(*sandbox.Sandbox)) sandbox.Sandbox {
		s := sandbox.Sandbox{ID: name, Name: name, Owner: owner, Phase: sandbox.PhaseReady, Spec: sandbox.Defaults(events.Spec{}), CreatedAt: planned.AddDate(0, -1, 0)}
		if change != nil {
			change(&s)
		}
		return s
	}
	warned := func(s *sandbox.Sandbox) { s.WarnedAt = planned.Add(-30 * time.Hour) }
	k := &known{
		boxes: []sandbox.Sandbox{
			box("warned", "ann", warned), box("spent", "bob", nil), box("broken", "ann", warned), box("unasked", "kim", nil),
			box("slept", "ann", func(s *sandbox.Sandbox) {
				s.Phase, s.AsleepSince = sandbox.PhaseSleeping, planned.AddDate(0, 0, -20)
				warned(s)
			}),
		},
		over:  map[string]bool{"ann": false, "bob": true},
		saves: map[string]cost.USD{"warned": 4 * cost.Dollar, "spent": 2 * cost.Dollar, "slept": cost.Dollar},
	}
	plans, _, err := night.Planner{Sandboxes: k, Uses: k, Budgets: k, Savings: k, Now: func() time.Time { return planned }}.Page(t.Context(), sandbox.Filter{}, sandbox.Page{})
	if err != nil {
		t.Fatal(err)
	}
	got := ""
	for _, p := range plans {
		got += fmt.Sprintf("%s %s %s; ", p.Sandbox.Name, p.Decision.Act, p.Saves.Short())
	}
	want := fmt.Sprintf("warned %s 2.00; spent %s 1.00; broken %s 0.00; unasked %s 0.00; slept %s 1.00; ", lifecycle.Sleep, lifecycle.Sleep, lifecycle.Sleep, lifecycle.Warn, lifecycle.Teardown)
	if got != want {
		t.Errorf("planned\n%s, want\n%s", got, want)
	}
	if fmt.Sprint(k.asked) != "[ann bob kim]" {
		t.Errorf("asked of %v", k.asked)
	}
}
