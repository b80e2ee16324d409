package cloudwatch

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

const (
	addPoint = `INSERT INTO point (metric, at, span, unit, count, sum, low, high) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET count = count + excluded.count, sum = sum + excluded.sum, low = min(low, excluded.low), high = max(high, excluded.high)`
	addSpread = `INSERT INTO spread (metric, at, span, unit, bucket, count) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET count = count + excluded.count`
	addMetric = `INSERT INTO metric (namespace, name, dimensions, seen) VALUES (?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET seen = max(seen, excluded.seen) RETURNING id`
)

// put adds data to what there is, in one transaction.
func (s *store) put(ctx context.Context, namespace string, data []Datum) error {
	return s.write(ctx, func(tx *sql.Tx) error {
		w, err := newWriter(ctx, tx)
		if err != nil {
			return err
		}
		for i := range data {
			if err := w.add(ctx, namespace, &data[i]); err != nil {
				return fmt.Errorf("%s: %w", data[i].Name, err)
			}
		}
		return nil
	})
}

// writer adds to points in a transaction, which closes its statements.
type writer struct{ metric, point, spread *sql.Stmt }

func newWriter(ctx context.Context, tx *sql.Tx) (w writer, err error) {
	if w.metric, err = tx.PrepareContext(ctx, addMetric); err != nil {
		return w, err
	}
	if w.point, err = tx.PrepareContext(ctx, addPoint); err != nil {
		return w, err
	}
	w.spread, err = tx.PrepareContext(ctx, addSpread)
	return w, err
}

func (w writer) add(ctx context.Context, namespace string, d *Datum) error {
	set, spread := d.summary()
	if set.SampleCount == 0 {
		return nil
	}
	var id int64
	if err := w.metric.QueryRowContext(ctx, namespace, d.Name, key(d.Dimensions), d.At.Unix()).Scan(&id); err != nil {
		return err
	}
	span := minute
	if d.HighResolution {
		span = time.Second
	}
	at, seconds, unit := d.At.Truncate(span).Unix(), int64(span/time.Second), d.Unit
	if unit == "" {
		unit = "None"
	}
	if _, err := w.point.ExecContext(ctx, id, at, seconds, unit, set.SampleCount, set.Sum, set.Minimum, set.Maximum); err != nil {
		return err
	}
	for bucket, count := range spread {
		if _, err := w.spread.ExecContext(ctx, id, at, seconds, unit, bucket, count); err != nil {
			return err
		}
	}
	return nil
}

// summary returns a datum as statistics, and how its values are spread as far
// as that is known.
func (d *Datum) summary() (StatisticSet, map[int]float64) {
	spread := make(map[int]float64)
	if d.Set != nil {
		if set := *d.Set; set.SampleCount == 1 || set.Minimum == set.Maximum {
			spread[bucketOf(set.Minimum)] = set.SampleCount
		}
		return *d.Set, spread
	}
	var set StatisticSet
	for i, v := range d.Values {
		count := 1.0
		if len(d.Counts) > 0 {
			count = d.Counts[i]
		}
		if set.SampleCount == 0 {
			set.Minimum, set.Maximum = v, v
		}
		set.SampleCount += count
		set.Sum += v * count
		set.Minimum, set.Maximum = min(set.Minimum, v), max(set.Maximum, v)
		spread[bucketOf(v)] += count
	}
	return set, spread
}
