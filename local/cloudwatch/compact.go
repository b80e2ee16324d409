package cloudwatch

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// compactRows is how many rows one transaction of Compact moves, so that
// nobody waits long for it.
const compactRows = 5000

// Compact adds up what is older than CloudWatch keeps it apart, and forgets
// what is older than it keeps. It is to be called now and then; what is too old
// to be asked for is not answered whether it was called or not.
func (s *Service) Compact(ctx context.Context) error {
	all := tiers()
	for i, t := range all {
		next := time.Duration(0)
		if i+1 < len(all) {
			next = all[i+1].span
		}
		// whole spans of the next tier at once
		before := s.o.Now().Add(-t.kept).Truncate(max(next, t.span)).Unix()
		for {
			moved, err := s.store.compact(ctx, t.span, next, before)
			if err != nil {
				return fmt.Errorf("compact metrics of %s: %w", t.span, err)
			}
			if moved < compactRows {
				break
			}
		}
	}
	if err := s.store.forget(ctx, s.o.Now().Add(-all[len(all)-1].kept).Unix()); err != nil {
		return fmt.Errorf("forget metrics without data: %w", err)
	}
	return nil
}

// compact moves rows of one span to the next, which is 0 after the last: then
// they are forgotten. It returns how many rows it moved.
func (s *store) compact(ctx context.Context, span, next time.Duration, before int64) (moved int64, err error) {
	of, to := int64(span/time.Second), int64(next/time.Second)
	err = s.write(ctx, func(tx *sql.Tx) error {
		// a time up to which there are not too many rows, all of that time with them
		var until sql.NullInt64
		if err := tx.QueryRowContext(ctx, `SELECT max(at) FROM (SELECT at FROM point WHERE span = ? AND at < ? ORDER BY at LIMIT ?)`, of, before, compactRows).Scan(&until); err != nil {
			return err
		}
		if !until.Valid {
			return nil
		}
		if to > 0 {
			if _, err := tx.ExecContext(ctx, `INSERT INTO point (metric, at, span, unit, count, sum, low, high)
				SELECT metric, at - at % ?, ?, unit, sum(count), sum(sum), min(low), max(high) FROM point WHERE span = ? AND at <= ? GROUP BY metric, at - at % ?, unit
				ON CONFLICT DO UPDATE SET count = count + excluded.count, sum = sum + excluded.sum, low = min(low, excluded.low), high = max(high, excluded.high)`,
				to, to, of, until.Int64, to); err != nil {
				return err
			}
			if _, err := tx.ExecContext(ctx, `INSERT INTO spread (metric, at, span, unit, bucket, count)
				SELECT metric, at - at % ?, ?, unit, bucket, sum(count) FROM spread WHERE span = ? AND at <= ? GROUP BY metric, at - at % ?, unit, bucket
				ON CONFLICT DO UPDATE SET count = count + excluded.count`, to, to, of, until.Int64, to); err != nil {
				return err
			}
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM spread WHERE span = ? AND at <= ?`, of, until.Int64); err != nil {
			return err
		}
		done, err := tx.ExecContext(ctx, `DELETE FROM point WHERE span = ? AND at <= ?`, of, until.Int64)
		if err != nil {
			return err
		}
		moved, err = done.RowsAffected()
		return err
	})
	return moved, err
}

// forget removes metrics that have no data left.
func (s *store) forget(ctx context.Context, before int64) error {
	return s.write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM metric WHERE seen < ? AND NOT EXISTS (SELECT 1 FROM point WHERE metric = metric.id)`, before)
		return err
	})
}
