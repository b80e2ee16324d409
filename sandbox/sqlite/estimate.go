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

var _ cost.Store = (*Store)(nil)

// GetEstimate returns a sandbox's estimate; see cost.Store.
func (s *Store) GetEstimate(ctx context.Context, month cost.Month, key cost.Key) (e cost.Estimate, err error) {
	if err := scanJSON(s.reader.QueryRowContext(ctx, getEstimate, string(month), key.Text()), &e); err != nil {
		return cost.Estimate{}, fmt.Errorf("get estimate of %s for %s: %w", key.Name, month, err)
	}
	return e, nil
}

const getEstimate = `SELECT body FROM estimate WHERE month = ? AND key = ?`

// UpdateEstimate changes a sandbox's estimate; see cost.Store. Months whose time
// is over are forgotten on the way.
func (s *Store) UpdateEstimate(ctx context.Context, month cost.Month, key cost.Key, change func(*cost.Estimate) error) (cost.Estimate, error) {
	var e cost.Estimate
	err := s.write(ctx, func(tx *sql.Tx) error {
		e = cost.Estimate{}
		err := scanJSON(tx.QueryRowContext(ctx, getEstimate, string(month), key.Text()), &e)
		if err != nil && !errors.Is(err, sandbox.ErrNotFound) {
			return err
		}
		e.Month, e.Owner, e.Sandbox, e.SandboxID = month, key.Owner, key.Name, key.ID
		if err := change(&e); err != nil {
			return err
		}
		e.Version++
		if _, err := tx.ExecContext(ctx, `DELETE FROM estimate WHERE month < ?`, string(cost.MonthOf(s.now().Add(-cost.EstimateLife)))); err != nil {
			return err
		}
		body, err := json.Marshal(e)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO estimate (month, key, body) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET body = excluded.body`, string(month), key.Text(), string(body))
		return err
	})
	if err != nil {
		return cost.Estimate{}, fmt.Errorf("update estimate of %s for %s: %w", key.Name, month, err)
	}
	return e, nil
}

// ListEstimates returns a page of a month's estimates; see cost.Store.
func (s *Store) ListEstimates(ctx context.Context, month cost.Month, owner string, page sandbox.Page) ([]cost.Estimate, sandbox.Cursor, error) {
	found, next, err := listByKey(ctx, s, page, cost.Under(owner), func(e *cost.Estimate) string { return e.Key().Text() },
		`SELECT body FROM estimate WHERE month = ?4 AND key > ?1 AND substr(key, 1, length(?2)) = ?2 ORDER BY key LIMIT ?3`, string(month))
	if err != nil {
		return nil, "", fmt.Errorf("list estimates for %s: %w", month, err)
	}
	return found, next, nil
}

// listByKey returns a page of what a statement selects by the key before the
// page, how its keys begin, and a limit.
func listByKey[T any](ctx context.Context, s *Store, page sandbox.Page, under string, keyOf func(*T) string, statement string, more ...any) ([]T, sandbox.Cursor, error) {
	after, err := cost.KeyAt(page.After)
	if err != nil {
		return nil, "", err
	}
	size := page.Size()
	rows, err := s.reader.QueryContext(ctx, statement, append([]any{max(after, under), under, size + 1}, more...)...)
	if err != nil {
		return nil, "", err
	}
	found, err := collect[T](rows, size+1)
	if err != nil || len(found) <= size {
		return found, "", err
	}
	return found[:size], cost.CursorAt(keyOf(&found[size-1])), nil
}

// RemoveEstimate forgets an estimate; see cost.Store.
func (s *Store) RemoveEstimate(ctx context.Context, month cost.Month, key cost.Key) error {
	if _, err := s.writer.ExecContext(ctx, `DELETE FROM estimate WHERE month = ? AND key = ?`, string(month), key.Text()); err != nil {
		return fmt.Errorf("remove estimate of %s for %s: %w", key.Name, month, err)
	}
	return nil
}
