package cost_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/mayfly-dev/mayfly/cost"
	"github.com/mayfly-dev/mayfly/sandbox"
	"github.com/mayfly-dev/mayfly/sandbox/sqlite"
)

func TestWhatTheNightDecidesBy(t *testing.T) {
	now := time.Date(2026, 11, 11, 0, 0, 0, 0, time.UTC)
	store, err := sqlite.Open(t.Context(), sqlite.Memory, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	e := example()
	e.SandboxID = "1"
	e.Price(rates(t)) // 2.95 USD
	if _, err := store.UpdateEstimate(t.Context(), e.Month, e.Key(), func(there *cost.Estimate) error {
		*there = e
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	for owner, limit := range map[string]cost.USD{"ana": 295 * cost.Dollar / 100, "bob": 0} {
		if _, err := store.UpdateBudget(t.Context(), owner, func(b *cost.Budget) error {
			b.Limit = limit
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	budgets := cost.Budgets{Store: store, Now: func() time.Time { return now }}
	for owner, want := range map[string]bool{"ana": true, "bob": true, "kim": false} {
		if over, err := budgets.OverBudget(t.Context(), owner); err != nil || over != want {
			t.Errorf("%s: over %t, %v", owner, over, err)
		}
	}
	box := sandbox.Sandbox{ID: "1", Name: "preview", Owner: "ana"}
	savings := cost.Savings{Store: store, Prices: listed(t), Region: "us-east-1", Now: budgets.Now}
	saves := func() string {
		usd, known, err := savings.Saves(t.Context(), &box, false)
		return fmt.Sprintf("%s %t %v", usd.Short(), known, err)
	}
	// Three times what requests, bytes and the firewall cost in ten days, and 3 GB
	// and half a GB of images for 30 days.
	if got := saves(); got != "8.83 true <nil>" {
		t.Error(got)
	}
	if asleep, known, err := savings.Saves(t.Context(), &box, true); asleep.Short() != "8.71" || !known || err != nil { // without 3 × 0.023 and 0.5 × 0.10
		t.Errorf("asleep %s, %t, %v", asleep.Short(), known, err)
	}
	now = now.AddDate(0, 1, 0)
	if got := saves(); got != "8.83 true <nil>" {
		t.Errorf("in the month after, before it is metered: %s", got)
	}
	if over, err := budgets.OverBudget(t.Context(), "ana"); err != nil || over {
		t.Errorf("a new month: over %t, %v", over, err)
	}
	box.ID = "2"
	if got := saves(); got != "0.00 false <nil>" {
		t.Errorf("one that was never metered: %s", got)
	}
}
