package cost_test

import (
	"testing"

	"github.com/mayfly-dev/mayfly/cost"
)

func TestABudgetWarnsAndStopsOnceAMonth(t *testing.T) {
	b := cost.Budget{Limit: 20 * cost.Dollar}
	for i, step := range []struct {
		month      cost.Month
		spent      cost.USD
		warn, stop bool
		state      cost.State
		percent    int
	}{
		{"2026-11", 0, false, false, cost.BudgetFine, 0},
		{"2026-11", 16*cost.Dollar - 1, false, false, cost.BudgetFine, 79},
		{"2026-11", 16 * cost.Dollar, true, false, cost.BudgetWarn, 80},
		{"2026-11", 17 * cost.Dollar, false, false, cost.BudgetWarn, 85},
		{"2026-11", 20 * cost.Dollar, false, true, cost.BudgetOver, 100},
		{"2026-11", 25 * cost.Dollar, false, false, cost.BudgetOver, 125},
		{"2026-11", 18 * cost.Dollar, false, false, cost.BudgetWarn, 90}, // an estimate was mended: no second warning
		{"2026-12", 1, false, false, cost.BudgetFine, 0},
		{"2026-12", 30 * cost.Dollar, false, true, cost.BudgetOver, 150}, // past both at once: the second alone is told
		{"2027-01", 16 * cost.Dollar, true, false, cost.BudgetWarn, 80},
	} {
		state, percent := b.State(step.spent), b.Percent(step.spent)
		warn, stop := b.Change(step.month, step.spent)
		if warn != step.warn || stop != step.stop || state != step.state || percent != step.percent {
			t.Errorf("step %d: warn %t, stop %t, %s, %d %%; want %+v", i, warn, stop, state, percent, step)
		}
	}
}

func TestABudgetOfNothingIsUsedUp(t *testing.T) {
	b := cost.Budget{}
	if b.State(0) != cost.BudgetOver || b.Percent(0) != 100 {
		t.Errorf("%s, %d %%", b.State(0), b.Percent(0))
	}
}

func TestBudgetsBelowZeroAreRefused(t *testing.T) {
	for limit, ok := range map[cost.USD]bool{-1: false, 0: true, 20 * cost.Dollar: true, 1_000_000 * cost.Dollar: true, 1_000_001 * cost.Dollar: false} {
		if err := cost.CheckLimit(limit); (err == nil) != ok {
			t.Errorf("%s: %v", limit, err)
		}
	}
}
