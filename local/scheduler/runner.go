package scheduler

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/mayfly-dev/mayfly/local/sqlfile"
)

// often is how often the clock is looked at, however far away the next run is:
// it may have been set, or the machine have slept.
const often = time.Minute

// atOnce is how many runs may be under way at a time.
const atOnce = 16

// runner makes runs of schedules that are due, and hands them to targets.
type runner struct {
	s *Service
	// wake says that there is something new; free has a place for each run that
	// may be under way.
	wake chan struct{}
	free chan struct{}
	done sync.WaitGroup

	mu      sync.Mutex
	cancel  context.CancelFunc // nil while stopped
	carried map[string]bool    // the runs under way
}

func newRunner(s *Service) *runner {
	return &runner{s: s, wake: make(chan struct{}, 1), free: make(chan struct{}, atOnce), carried: map[string]bool{}}
}

func (r *runner) start() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.cancel != nil {
		return
	}
	var ctx context.Context
	ctx, r.cancel = context.WithCancel(context.Background())
	r.done.Go(func() { r.loop(ctx) })
}

func (r *runner) stop() {
	r.mu.Lock()
	cancel := r.cancel
	r.cancel = nil
	r.mu.Unlock()
	if cancel != nil {
		cancel()
	}
	r.done.Wait()
}

// kick makes the runner look again.
func (r *runner) kick() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

func (r *runner) loop(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	// seen is the latest that the clock has shown, due when there is something to
	// do; neither is known at first.
	var seen, due time.Time
	for {
		woken := false
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		case <-r.wake:
			woken = true
		}
		now := r.s.o.Now()
		if woken || now.Before(seen) || !now.Before(due) {
			var err error
			if due, err = r.step(ctx, now); err != nil {
				due = now.Add(often)
				if ctx.Err() == nil {
					r.s.o.Logger.Error("schedules could not be looked after, and will be again", "error", err)
				}
			}
		}
		seen = now
		timer.Reset(min(often, max(due.Sub(r.s.o.Now()), 0)))
	}
}

// step makes the runs that are due, begins those that may begin, and returns
// when there is more to do.
func (r *runner) step(ctx context.Context, now time.Time) (time.Time, error) {
	if err := r.s.fire(ctx, now); err != nil {
		return time.Time{}, err
	}
	if err := r.carryDue(ctx, now); err != nil {
		return time.Time{}, err
	}
	// What was due and is not under way waits for a place, and is looked at when
	// one becomes free; a schedule that could not be run is tried again in an hour.
	var next sql.NullInt64
	if err := r.s.file.Reader.QueryRowContext(ctx, `SELECT min(at) FROM (SELECT min(next) AS at FROM schedule WHERE next > ?1 UNION ALL SELECT min(due) FROM run WHERE due > ?1)`,
		now.UnixMilli()).Scan(&next); err != nil {
		return time.Time{}, fmt.Errorf("look for what is due next: %w", err)
	}
	due := now.Add(time.Hour)
	if at := time.UnixMilli(next.Int64); next.Valid && at.Before(due) {
		due = at
	}
	return due, nil
}

// fire turns what schedules are due for into runs, and says when they are due
// next: both or neither. A schedule that can't be read stops no other.
func (s *Service) fire(ctx context.Context, now time.Time) error {
	all, err := due(ctx, s.file.Reader, now)
	if err != nil || len(all) == 0 {
		return err
	}
	return s.file.Write(ctx, func(tx *sql.Tx) error {
		all, err := due(ctx, tx, now) // as they are now
		if err != nil {
			return err
		}
		for _, k := range all {
			times, err := k.fire(now)
			if err != nil {
				s.o.Logger.Error("a schedule could not be run", "schedule", s.scheduleARN(k.GroupName, k.Name), "error", err)
				continue
			}
			for _, at := range times {
				if err := s.addRun(ctx, tx, &k, at, now); err != nil {
					return err
				}
			}
			if err := save(ctx, tx, &k); err != nil {
				return fmt.Errorf("keep the schedule %s: %w", k.Name, err)
			}
		}
		return nil
	})
}

// wrongClock is how far in the future a run cannot have been, but for a clock
// that was wrong.
const wrongClock = 24 * time.Hour

// due returns the schedules that are due, and those to which the clock was wrong.
func due(ctx context.Context, q sqlfile.Queryer, now time.Time) (all []kept, err error) {
	err = sqlfile.Each(ctx, q, func(rows *sql.Rows) error {
		k, err := scanKept(rows)
		all = append(all, k)
		return err
	}, `SELECT `+keptColumns+` FROM schedule WHERE next <= ?1 UNION ALL SELECT `+keptColumns+` FROM schedule WHERE (next IS NULL OR next > ?1) AND (last > ?2 OR modified > ?2)`,
		now.UnixMilli(), now.Add(wrongClock).UnixMilli())
	if err != nil {
		return nil, fmt.Errorf("look for schedules that are due: %w", err)
	}
	return all, nil
}

// fire returns the runs that are due, and moves the schedule beyond them.
func (k *kept) fire(now time.Time) ([]time.Time, error) {
	if wrong := now.Add(wrongClock).UnixMilli(); k.last.Int64 > wrong || k.modified > wrong {
		k.last = sql.NullInt64{}
		k.modified, k.anchor = min(k.modified, now.UnixMilli()), min(k.anchor, now.UnixMilli())
		return nil, k.due(now)
	}
	var failed error
	times := dueTimes(time.UnixMilli(k.next.Int64), now, func(after time.Time) (time.Time, bool) {
		at, there, err := k.definition.next(time.UnixMilli(k.anchor), after)
		failed = errors.Join(failed, err)
		return at, there && err == nil
	})
	if failed != nil {
		return nil, failed
	}
	last := times[len(times)-1]
	k.last = sql.NullInt64{Int64: last.UnixMilli(), Valid: true}
	if last.Before(now) {
		last = now
	}
	return times, k.due(last)
}

// addRun keeps a run, whose id derives from the schedule and the time.
func (s *Service) addRun(ctx context.Context, tx *sql.Tx, k *kept, at, now time.Time) error {
	text, err := json.Marshal(k.Target)
	if err != nil {
		return err //nolint:wrapcheck // plain data
	}
	begin := at
	if w := k.FlexibleTimeWindow; w.MaximumWindowInMinutes != nil {
		begin = at.Add(time.Duration(s.o.Random() * float64(time.Duration(*w.MaximumWindowInMinutes)*time.Minute)))
	}
	if begin.Before(now) {
		begin = now
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO run (id, group_name, name, target, scheduled, since, due, attempts) VALUES (?, ?, ?, ?, ?, ?, ?, 0) ON CONFLICT DO NOTHING`,
		runID(s.scheduleARN(k.GroupName, k.Name), k.created, at), k.GroupName, k.Name, text, at.UnixMilli(), begin.UnixMilli(), begin.UnixMilli())
	return err
}

// runID looks like the ids that AWS makes.
func runID(arn string, created int64, at time.Time) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %d %d", arn, created, at.UnixMilli()))
	return fmt.Sprintf("%x-%x-%x-%x-%x", sum[:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
}
