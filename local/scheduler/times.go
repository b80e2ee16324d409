package scheduler

import (
	"fmt"
	"time"

	"github.com/mayfly-dev/mayfly/local/awsjson"
	"github.com/mayfly-dev/mayfly/local/scheduler/expression"
)

func timeOf(t *awsjson.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return time.Time(*t)
}

// when returns the expression of a schedule whose expression was given at a time.
func (d *definition) when(anchor time.Time) (expression.Expression, error) {
	zone, err := expression.LoadZone(d.ScheduleExpressionTimezone)
	if err != nil {
		return nil, err //nolint:wrapcheck // it names the zone
	}
	if start := timeOf(d.StartDate); !start.IsZero() {
		anchor = start
	}
	return expression.Parse(d.ScheduleExpression, zone, anchor) //nolint:wrapcheck // it names the expression
}

// next returns when a schedule is due after a time, within its dates; false for
// never again. Dates are no matter to a schedule for one time.
func (d *definition) next(anchor, after time.Time) (time.Time, bool, error) {
	when, err := d.when(anchor)
	if err != nil {
		return time.Time{}, false, fmt.Errorf("schedule %s: %w", d.Name, err)
	}
	if d.State == "DISABLED" {
		return time.Time{}, false, nil
	}
	start, end := timeOf(d.StartDate), timeOf(d.EndDate)
	if when.Once() {
		start, end = time.Time{}, time.Time{}
	}
	if after.Before(start) {
		after = start.Add(-time.Millisecond)
	}
	at, there := when.Next(after)
	if !end.IsZero() && at.After(end) {
		there = false
	}
	return at, there, nil
}

// grace is how late a run may be that is made like any other; of those that are
// later the last one is made up.
const grace = 10 * time.Minute

// dueTimes returns the runs that have become due since one was: those that are not
// very late, and before them the last one that is.
func dueTimes(first, now time.Time, next func(after time.Time) (time.Time, bool)) []time.Time {
	var times []time.Time
	at, there := first, true
	if early := now.Add(-grace); first.Before(early) {
		at = last(first, early, next)
		times = append(times, at)
		at, there = next(at)
	}
	for there && !at.After(now) {
		times = append(times, at)
		at, there = next(at)
	}
	return times
}

// last returns the last run before a time, of which first is one. It looks at
// ever longer spans before that time, since there may be a run each minute of
// many years.
func last(first, before time.Time, next func(after time.Time) (time.Time, bool)) time.Time {
	for span := time.Hour; ; span *= 8 {
		at := first
		if from := before.Add(-span); from.After(first) {
			found, there := next(from)
			if !there || !found.Before(before) {
				continue
			}
			at = found
		}
		for {
			following, there := next(at)
			if !there || !following.Before(before) {
				return at
			}
			at = following
		}
	}
}
