package cloudwatch

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// window is a part of a metric: periods of equal length from a start to an end,
// which is not in it.
type window struct {
	metric     metric
	unit       string // "" is any
	start, end time.Time
	period     time.Duration
	byUnit     bool // tell units apart
	spread     bool // percentiles are wanted
	descending bool
	limit      int // at most so many periods
}

// period is what was measured in one.
type period struct {
	StatisticSet
	at     time.Time
	unit   string
	spread []counted
}

// read returns the periods of a window that have data.
func (s *store) read(ctx context.Context, w window) ([]*period, error) {
	id, err := s.find(ctx, w.metric)
	if id == 0 || err != nil {
		return nil, err
	}
	order := "ASC"
	if w.descending {
		order = "DESC"
	}
	start, length := w.start.Unix(), int64(w.period/time.Second)
	from := []any{start, length, w.byUnit, id, start, w.end.Unix(), w.unit, w.unit}
	slots := `(at - ?) / ? AS slot, iif(?, unit, '') AS named`
	where := ` WHERE metric = ? AND at >= ? AND at < ? AND (? = '' OR unit = ?) `
	var all []*period
	err = s.collect(ctx, func(rows *sql.Rows) error {
		p, slot := &period{}, int64(0)
		if err := rows.Scan(&slot, &p.unit, &p.SampleCount, &p.Sum, &p.Minimum, &p.Maximum); err != nil {
			return err
		}
		p.at = time.Unix(start+slot*length, 0).UTC()
		all = append(all, p)
		return nil
	}, `SELECT `+slots+`, sum(count), sum(sum), min(low), max(high) FROM point`+where+`GROUP BY slot, named ORDER BY slot `+order+`, named LIMIT ?`,
		append(from, w.limit)...)
	if err != nil || !w.spread || len(all) == 0 {
		return all, err
	}
	return all, s.readSpread(ctx, all, start, length, `SELECT `+slots+`, bucket, sum(count) FROM spread`+where+`GROUP BY slot, named, bucket ORDER BY slot, named, bucket`, from)
}

// readSpread adds to periods how their values are spread.
func (s *store) readSpread(ctx context.Context, periods []*period, start, length int64, query string, args []any) error {
	type place struct {
		at   int64
		unit string
	}
	by := make(map[place]*period, len(periods))
	for _, p := range periods {
		by[place{p.at.Unix(), p.unit}] = p
	}
	return s.collect(ctx, func(rows *sql.Rows) error {
		var slot int64
		var unit string
		var c counted
		if err := rows.Scan(&slot, &unit, &c.bucket, &c.count); err != nil {
			return err
		}
		if p := by[place{start + slot*length, unit}]; p != nil {
			p.spread = append(p.spread, c)
		}
		return nil
	}, query, args...)
}

// find returns the id of a metric, 0 when it never had data.
func (s *store) find(ctx context.Context, m metric) (id int64, err error) {
	err = s.reader.QueryRowContext(ctx, "SELECT id FROM metric WHERE namespace = ? AND name = ? AND dimensions = ?", m.namespace, m.name, key(m.dimensions)).Scan(&id)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, fmt.Errorf("find metric %s: %w", m.name, err)
	}
	return id, nil
}
