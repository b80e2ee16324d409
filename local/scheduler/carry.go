package scheduler

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/mayfly-dev/mayfly/local/sqlfile"
)

// carryDue begins the runs that are due at a time, as long as there is a place
// for one. A run that is due so late that no window or retry explains it was put
// off when the clock was wrong.
func (r *runner) carryDue(ctx context.Context, now time.Time) error {
	before := r.underWay() // what ends after the query is still among its rows
	var all []run
	err := sqlfile.Each(ctx, r.s.file.Reader, func(rows *sql.Rows) error {
		var one run
		var text string
		if err := rows.Scan(&one.id, &one.group, &one.name, &text, &one.scheduled, &one.since, &one.due, &one.attempts); err != nil {
			return err
		}
		if err := json.Unmarshal([]byte(text), &one.target); err != nil {
			return err
		}
		all = append(all, one)
		return nil
	}, `SELECT id, group_name, name, target, scheduled, since, due, attempts FROM run WHERE due <= ? OR due > ? ORDER BY due LIMIT ?`,
		now.UnixMilli(), now.Add(2*wrongClock).UnixMilli(), 2*atOnce)
	if err != nil {
		return fmt.Errorf("look for runs that are due: %w", err)
	}
	for _, one := range all {
		if before[one.id] {
			continue
		}
		select {
		case r.free <- struct{}{}:
		default:
			return nil
		}
		r.take(one.id)
		r.done.Go(func() {
			r.s.carry(ctx, &one)
			r.leave(one.id)
			<-r.free
			r.kick()
		})
	}
	return nil
}

func (r *runner) underWay() map[string]bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return maps.Clone(r.carried)
}

func (r *runner) take(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.carried[id] = true
}

func (r *runner) leave(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.carried, id)
}

// carry makes one attempt at a run, and notes what has come of it.
func (s *Service) carry(ctx context.Context, r *run) {
	d := s.delivery(r)
	var err error
	if s.o.Targets == nil {
		err = &TargetError{Code: "NO_RESOURCE", Final: true, Err: errors.New("no targets can be called here")}
	} else {
		err = s.o.Targets.Deliver(ctx, d)
	}
	if err != nil && ctx.Err() != nil {
		return // stopped meanwhile: the attempt does not count
	}
	if err != nil {
		err = s.failed(ctx, r, &d, classified(err))
	} else {
		err = s.end(ctx, r)
	}
	if err != nil && ctx.Err() == nil {
		s.o.Logger.Error("what came of a run could not be kept; it will be tried again", "schedule", d.ScheduleARN, "scheduled", d.Scheduled, "error", err)
	}
}

// failed has the run tried again, or buried as a dead letter.
func (s *Service) failed(ctx context.Context, r *run, d *Delivery, err *TargetError) error {
	now := s.o.Now()
	again := now.Add(s.backoff(d.Attempt))
	exhausted := ""
	switch {
	case err.Final:
	case d.Attempt > *r.target.RetryPolicy.MaximumRetryAttempts:
		exhausted = "MaximumRetryAttempts"
	case again.After(time.UnixMilli(r.since).Add(time.Duration(*r.target.RetryPolicy.MaximumEventAgeInSeconds) * time.Second)):
		exhausted = "MaximumEventAgeInSeconds"
	default:
		return s.retry(ctx, r, d.Attempt, again)
	}
	if r.target.DeadLetterConfig == nil || r.target.DeadLetterConfig.Arn == "" || s.o.DeadLetters == nil {
		s.o.Logger.Warn("a scheduled run failed, and is dropped: its target has no dead-letter queue",
			"schedule", d.ScheduleARN, "target", d.TargetARN, "scheduled", d.Scheduled, "code", err.Code, "error", err.Err, "attempts", d.Attempt)
		return s.end(ctx, r)
	}
	if kept := s.o.DeadLetters.Keep(ctx, r.target.DeadLetterConfig.Arn, string(d.Input), letter(d, err, exhausted)); kept != nil {
		return errors.Join(fmt.Errorf("keep a dead letter: %w", kept), s.retry(ctx, r, r.attempts, now.Add(slowest)))
	}
	return s.end(ctx, r)
}

func (s *Service) retry(ctx context.Context, r *run, attempts int, at time.Time) error {
	return s.file.Write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE run SET attempts = ?, due = ? WHERE id = ?`, attempts, at.UnixMilli(), r.id)
		return err
	})
}

// end forgets a run, and its schedule when that was the last of one that is to
// go after it.
func (s *Service) end(ctx context.Context, r *run) error {
	return s.file.Write(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM run WHERE id = ?`, r.id); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `DELETE FROM schedule WHERE group_name = ?1 AND name = ?2 AND next IS NULL AND definition ->> 'State' = 'ENABLED'
			AND definition ->> 'ActionAfterCompletion' = 'DELETE' AND NOT EXISTS (SELECT 1 FROM run WHERE group_name = ?1 AND name = ?2)`, r.group, r.name)
		return err
	})
}

// Retries begin after a second or less, and take up to twice as long each time,
// up to ten minutes.
const (
	fastest = time.Second
	slowest = 10 * time.Minute
)

// backoff is how long to wait after a number of failed attempts.
func (s *Service) backoff(failed int) time.Duration {
	wait := slowest
	if failed < 10 {
		wait = min(fastest<<(failed-1), slowest)
	}
	return time.Duration(float64(wait) * (0.5 + 0.5*s.o.Random()))
}
