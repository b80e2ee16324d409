package dynamo

import (
	"context"
	"fmt"
	"time"

	"github.com/mayfly-dev/mayfly/cost"
	"github.com/mayfly-dev/mayfly/sandbox"
)

var _ cost.Store = (*Store)(nil)

// budgets is the partition of all budgets.
const budgets = "budget"

func estimatesOf(month cost.Month) string { return "estimate#" + string(month) }

func estimateKey(month cost.Month, key cost.Key) item {
	return item{PartitionKey: text(estimatesOf(month)), SortKey: text(key.Text())}
}

func budgetKey(owner string) item { return item{PartitionKey: text(budgets), SortKey: text(owner)} }

// GetEstimate returns a sandbox's estimate; see cost.Store.
func (s *Store) GetEstimate(ctx context.Context, month cost.Month, key cost.Key) (cost.Estimate, error) {
	var e cost.Estimate
	if err := s.getKeyed(ctx, estimateKey(month, key), &e); err != nil {
		return cost.Estimate{}, fmt.Errorf("get estimate of %s for %s: %w", key.Name, month, err)
	}
	return e, nil
}

// UpdateEstimate changes a sandbox's estimate; see cost.Store.
func (s *Store) UpdateEstimate(ctx context.Context, month cost.Month, key cost.Key, change func(*cost.Estimate) error) (cost.Estimate, error) {
	e, err := updateKeyed(ctx, s, estimateKey(month, key), month.End().Add(cost.EstimateLife), func(e *cost.Estimate) (int64, error) {
		before := e.Version
		e.Month, e.Owner, e.Sandbox, e.SandboxID = month, key.Owner, key.Name, key.ID
		err := change(e)
		e.Version = before + 1
		return before, err
	})
	if err != nil {
		return cost.Estimate{}, fmt.Errorf("update estimate of %s for %s: %w", key.Name, month, err)
	}
	return e, nil
}

// ListEstimates returns a page of a month's estimates; see cost.Store.
func (s *Store) ListEstimates(ctx context.Context, month cost.Month, owner string, page sandbox.Page) ([]cost.Estimate, sandbox.Cursor, error) {
	return listKeyed(ctx, s, "list estimates for "+string(month), estimatesOf(month), cost.Under(owner), page, func(e *cost.Estimate) string { return e.Key().Text() })
}

// RemoveEstimate forgets an estimate; see cost.Store.
func (s *Store) RemoveEstimate(ctx context.Context, month cost.Month, key cost.Key) error {
	if err := s.removeKeyed(ctx, estimateKey(month, key)); err != nil {
		return fmt.Errorf("remove estimate of %s for %s: %w", key.Name, month, err)
	}
	return nil
}

// GetBudget returns an owner's budget; see cost.BudgetStore.
func (s *Store) GetBudget(ctx context.Context, owner string) (cost.Budget, error) {
	var b cost.Budget
	if err := s.getKeyed(ctx, budgetKey(owner), &b); err != nil {
		return cost.Budget{}, fmt.Errorf("get budget of %s: %w", owner, err)
	}
	return b, nil
}

// UpdateBudget changes an owner's budget; see cost.BudgetStore.
func (s *Store) UpdateBudget(ctx context.Context, owner string, change func(*cost.Budget) error) (cost.Budget, error) {
	b, err := updateKeyed(ctx, s, budgetKey(owner), time.Time{}, func(b *cost.Budget) (int64, error) {
		before := b.Version
		b.Owner = owner
		err := change(b)
		b.Version = before + 1
		return before, err
	})
	if err != nil {
		return cost.Budget{}, fmt.Errorf("update budget of %s: %w", owner, err)
	}
	return b, nil
}

// ListBudgets returns a page of budgets; see cost.BudgetStore.
func (s *Store) ListBudgets(ctx context.Context, page sandbox.Page) ([]cost.Budget, sandbox.Cursor, error) {
	return listKeyed(ctx, s, "list budgets", budgets, "", page, func(b *cost.Budget) string { return b.Owner })
}

// RemoveBudget forgets an owner's budget; see cost.BudgetStore.
func (s *Store) RemoveBudget(ctx context.Context, owner string) error {
	if err := s.removeKeyed(ctx, budgetKey(owner)); err != nil {
		return fmt.Errorf("remove budget of %s: %w", owner, err)
	}
	return nil
}
