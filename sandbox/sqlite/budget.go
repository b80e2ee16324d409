package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/mayfly-dev/mayfly/cost"
	"github.com/mayfly-dev/mayfly/sandbox"
)

const getBudget = `SELECT body FROM budget WHERE owner = ?`

// GetBudget returns an owner's budget; see cost.BudgetStore.
func (s *Store) GetBudget(ctx context.Context, owner string) (b cost.Budget, err error) {
	if err := scanJSON(s.reader.QueryRowContext(ctx, getBudget, owner), &b); err != nil {
		return cost.Budget{}, fmt.Errorf("get budget of %s: %w", owner, err)
	}
	return b, nil
}

// UpdateBudget changes an owner's budget; see cost.BudgetStore.
func (s *Store) UpdateBudget(ctx context.Context, owner string, change func(*cost.Budget) error) (cost.Budget, error) {
	var b cost.Budget
	err := s.write(ctx, func(tx *sql.Tx) error {
		b = cost.Budget{}
		err := scanJSON(tx.QueryRowContext(ctx, getBudget, owner), &b)
		if err != nil && !errors.Is(err, sandbox.ErrNotFound) {
			return err
		}
		b.Owner = owner
		if err := change(&b); err != nil {
			return err
		}
		b.Version++
		body, err := json.Marshal(b)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO budget (owner, body) VALUES (?, ?) ON CONFLICT DO UPDATE SET body = excluded.body`, owner, string(body))
		return err
	})
	if err != nil {
		return cost.Budget{}, fmt.Errorf("update budget of %s: %w", owner, err)
	}
	return b, nil
}

// ListBudgets returns a page of budgets; see cost.BudgetStore.
func (s *Store) ListBudgets(ctx context.Context, page sandbox.Page) ([]cost.Budget, sandbox.Cursor, error) {
	found, next, err := listByKey(ctx, s, page, "", func(b *cost.Budget) string { return b.Owner },
		`SELECT body FROM budget WHERE owner > ?1 AND substr(owner, 1, length(?2)) = ?2 ORDER BY owner LIMIT ?3`)
	if err != nil {
		return nil, "", fmt.Errorf("list budgets: %w", err)
	}
	return found, next, nil
}

// RemoveBudget forgets an owner's budget; see cost.BudgetStore.
func (s *Store) RemoveBudget(ctx context.Context, owner string) error {
	if _, err := s.writer.ExecContext(ctx, `DELETE FROM budget WHERE owner = ?`, owner); err != nil {
		return fmt.Errorf("remove budget of %s: %w", owner, err)
	}
	return nil
}
