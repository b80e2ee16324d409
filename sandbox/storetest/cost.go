package storetest

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/mayfly-dev/mayfly/cost"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// RunCosts tests the stores of estimates and budgets that open returns; each
// call returns an empty one and registers its cleanup with t.
func RunCosts(t *testing.T, open func(t *testing.T) cost.Store) {
	t.Helper()
	for _, behaviour := range []struct {
		name string
		test func(*testing.T, cost.Store)
	}{
		{"an estimate is made, changed and read", estimateWritten},
		{"a change that fails writes no estimate", estimateRefused},
		{"changes of an estimate at the same time all count", estimateContention},
		{"estimates are listed by owner and name, in pages", estimatesPaged},
		{"a budget is set, changed, listed and removed", budgetWritten},
		{"changes of a budget at the same time all count", budgetContention},
	} {
		t.Run(behaviour.name, func(t *testing.T) { behaviour.test(t, open(t)) })
	}
}

const month cost.Month = "2026-11"

var siteKey = cost.Key{Owner: "ann", Name: "site", ID: "id1"}

func spend(t *testing.T, store cost.Store, month cost.Month, key cost.Key, usd cost.USD) cost.Estimate {
	t.Helper()
	e, err := store.UpdateEstimate(t.Context(), month, key, func(e *cost.Estimate) error {
		e.USD = e.USD.Plus(usd)
		return nil
	})
	must(t, err)
	return e
}

func estimateWritten(t *testing.T, store cost.Store) {
	_, err := store.GetEstimate(t.Context(), month, siteKey)
	wantNotFound(t, "before", err)
	must(t, store.RemoveEstimate(t.Context(), month, siteKey))
	first := spend(t, store, month, siteKey, 5)
	same(t, "the new one", first, cost.Estimate{Month: month, Owner: "ann", Sandbox: "site", SandboxID: "id1", USD: 5, Version: 1})
	second := spend(t, store, month, siteKey, 7)
	read, err := store.GetEstimate(t.Context(), month, siteKey)
	must(t, err)
	same(t, "what is read", read, second)
	same(t, "sum and version", fmt.Sprint(int64(read.USD), read.Version), "12 2")
	spend(t, store, "2026-12", siteKey, 1)
	other := siteKey
	other.ID = "id2" // a successor of the same name
	spend(t, store, month, other, 100)
	must(t, store.RemoveEstimate(t.Context(), month, siteKey))
	_, err = store.GetEstimate(t.Context(), month, siteKey)
	wantNotFound(t, "after its removal", err)
	for _, kept := range []struct {
		month cost.Month
		key   cost.Key
		usd   cost.USD
	}{{"2026-12", siteKey, 1}, {month, other, 100}} {
		read, err := store.GetEstimate(t.Context(), kept.month, kept.key)
		must(t, err)
		same(t, "another one", read.USD, kept.usd)
	}
}

func estimateRefused(t *testing.T, store cost.Store) {
	refusal := errors.New("no")
	_, err := store.UpdateEstimate(t.Context(), month, siteKey, func(*cost.Estimate) error { return refusal })
	same(t, "the change's error", errors.Is(err, refusal), true)
	_, err = store.GetEstimate(t.Context(), month, siteKey)
	wantNotFound(t, "after it", err)
}

func estimateContention(t *testing.T, store cost.Store) {
	const writers, times = 4, 6
	var all sync.WaitGroup
	for range writers {
		all.Go(func() {
			for range times {
				if _, err := store.UpdateEstimate(t.Context(), month, siteKey, func(e *cost.Estimate) error {
					e.USD++
					return nil
				}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	e, err := store.GetEstimate(t.Context(), month, siteKey)
	must(t, err)
	same(t, "sum and version", fmt.Sprint(int64(e.USD), e.Version), fmt.Sprint(writers*times, writers*times))
}

func estimatesPaged(t *testing.T, store cost.Store) {
	for _, owner := range []string{"ann", "ann.b", "ann-c", "Bob"} {
		for i := range 5 {
			spend(t, store, month, cost.Key{Owner: owner, Name: fmt.Sprintf("site-%d", i), ID: "x"}, 1)
		}
	}
	spend(t, store, "2026-10", siteKey, 1)
	for owner, want := range map[string]string{
		"ann": "ann/site-0 ann/site-1 ann/site-2 ann/site-3 ann/site-4 ", "an": "", "": "", "Bob": "Bob/site-0 Bob/site-1 Bob/site-2 Bob/site-3 Bob/site-4 ",
	} {
		for _, limit := range []int{1, 2, 5, 7, 0} {
			got, n := "", 0
			for page := (sandbox.Page{Limit: limit}); ; {
				found, next, err := store.ListEstimates(t.Context(), month, owner, page)
				must(t, err)
				for _, e := range found {
					got += e.Owner + "/" + e.Sandbox + " "
					n++
				}
				if page.After = next; next == "" {
					break
				}
			}
			if owner == "" {
				same(t, "all", n, 20)
			} else {
				same(t, fmt.Sprintf("%s, %d at a time", owner, limit), got, want)
			}
		}
	}
	_, _, err := store.ListEstimates(t.Context(), month, "", sandbox.Page{After: "?"})
	var field *sandbox.FieldError
	same(t, "what is no cursor is refused", errors.As(err, &field), true)
}

func budgetWritten(t *testing.T, store cost.Store) {
	_, err := store.GetBudget(t.Context(), "ann")
	wantNotFound(t, "before", err)
	set := func(owner string, limit cost.USD) cost.Budget {
		t.Helper()
		b, err := store.UpdateBudget(t.Context(), owner, func(b *cost.Budget) error {
			b.Limit, b.By, b.At = limit, "root", start
			return nil
		})
		must(t, err)
		return b
	}
	set("bob", 3)
	set("ann", 20*cost.Dollar)
	want := set("ann", 25*cost.Dollar)
	got, err := store.GetBudget(t.Context(), "ann")
	must(t, err)
	same(t, "the budget", got, want)
	same(t, "its limit and version", fmt.Sprintf("%s %s %d", got.Owner, got.Limit, got.Version), "ann 25.000000000 2")
	first, next, err := store.ListBudgets(t.Context(), sandbox.Page{Limit: 1})
	must(t, err)
	rest, last, err := store.ListBudgets(t.Context(), sandbox.Page{Limit: 1, After: next})
	must(t, err)
	same(t, "the list", fmt.Sprintf("%d %s %d %s %t", len(first), first[0].Owner, len(rest), rest[0].Owner, last == ""), "1 ann 1 bob true")
	for range 2 {
		must(t, store.RemoveBudget(t.Context(), "ann"))
	}
	_, err = store.GetBudget(t.Context(), "ann")
	wantNotFound(t, "after its removal", err)
}

func budgetContention(t *testing.T, store cost.Store) {
	var all sync.WaitGroup
	for range 6 {
		all.Go(func() {
			if _, err := store.UpdateBudget(t.Context(), "ann", func(b *cost.Budget) error {
				b.Limit++
				return nil
			}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	b, err := store.GetBudget(t.Context(), "ann")
	must(t, err)
	same(t, "limit and version", fmt.Sprint(int64(b.Limit), b.Version), "6 6")
}
