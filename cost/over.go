package cost

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/mayfly-dev/mayfly/sandbox"
)

// Budgets tells who has spent the month's budget, by the estimates that are kept:
// the night decides by it.
type Budgets struct {
	Store Store
	Now   func() time.Time
}

// OverBudget reports whether an owner's budget for the month under way is used
// up; an owner without a budget never has one that is.
func (b Budgets) OverBudget(ctx context.Context, owner string) (bool, error) {
	budget, err := b.Store.GetBudget(ctx, owner)
	if errors.Is(err, sandbox.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	spent, err := Spent(ctx, b.Store, MonthOf(b.Now()), owner)
	return err == nil && budget.State(spent.USD) == BudgetOver, err
}

// Savings tells what ending a sandbox saves.
type Savings struct {
	Store  Store
	Prices Prices
	Region string
	Now    func() time.Time
}

// Saves returns what a sandbox would cost in 30 days as it was metered last, which
// ending it saves; without what it holds when that stays, as of one that sleeps.
// It returns false when the sandbox was never metered.
func (b Savings) Saves(ctx context.Context, box *sandbox.Sandbox, stays bool) (USD, bool, error) {
	now := b.Now().UTC()
	for _, month := range []Month{MonthOf(now), MonthOf(now).Before()} {
		e, err := b.Store.GetEstimate(ctx, month, KeyOf(box))
		if errors.Is(err, sandbox.ErrNotFound) {
			continue
		}
		if err != nil {
			return 0, false, fmt.Errorf("what ending %s saves: %w", box.Name, err)
		}
		rates := b.Prices.Rates(b.Region, e.Seen.PriceClass, now)
		saves := e.Monthly(rates)
		if stays {
			e.Usage.StorageBytes, e.Usage.ImageBytes = 0, 0
			saves = e.Monthly(rates)
		}
		return saves, true, nil
	}
	return 0, false, nil
}

// Monthly returns what 30 days like those that were metered cost: what is held
// for that long, and what is used as it was.
func (e *Estimate) Monthly(rates Rates) (sum USD) {
	const days = 30 * 24 * time.Hour
	for _, q := range e.Usage.quantities(rates.flows) {
		sum = sum.Plus(rates.Of(q.Item, e.like(q, days), e.Month))
	}
	return sum
}
