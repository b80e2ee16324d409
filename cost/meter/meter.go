// Package meter brings estimates of cost up to date: from what CloudWatch and
// ECR count of sandboxes, and from their records.
//
// It may be run at any time and as often as wanted. What a month's metrics come
// to is read anew each time; what is held is added up from one time to the next.
package meter

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/mayfly-dev/mayfly/activity"
	"github.com/mayfly-dev/mayfly/cost"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// Activity is what the package needs of package activity: an *metered.Reader.
type Activity interface {
	Meter(ctx context.Context, subjects []activity.Subject, start, end time.Time) []activity.Metered
}

// Records is what it needs of the store of sandboxes.
type Records interface {
	Get(ctx context.Context, name string) (sandbox.Sandbox, error)
	List(ctx context.Context, filter sandbox.Filter, page sandbox.Page) ([]sandbox.Sandbox, sandbox.Cursor, error)
	ListReleases(ctx context.Context, ref sandbox.Ref, page sandbox.Page) ([]sandbox.Release, sandbox.Cursor, error)
	ListAudit(ctx context.Context, filter sandbox.AuditFilter, page sandbox.Page) ([]sandbox.Audit, sandbox.Cursor, error)
}

// Estimates is what it needs of the store of estimates.
type Estimates interface {
	GetEstimate(ctx context.Context, month cost.Month, key cost.Key) (cost.Estimate, error)
	UpdateEstimate(ctx context.Context, month cost.Month, key cost.Key, change func(*cost.Estimate) error) (cost.Estimate, error)
	RemoveEstimate(ctx context.Context, month cost.Month, key cost.Key) error
}

// Meter brings estimates up to date. All fields are needed.
type Meter struct {
	Activity  Activity
	Records   Records
	Estimates Estimates
	Prices    cost.Prices
	// Region is the one whose prices apply.
	Region string
	Now    func() time.Time
}

const (
	// atOnce is how many sandboxes' records are asked about at once.
	atOnce = 8
	// late is how long into a month the one before is still brought up to date:
	// S3 and CloudWatch tell late.
	late = 3 * 24 * time.Hour
)

// Metered is what became of one sandbox.
type Metered struct {
	Estimate cost.Estimate
	Err      error
}

// Update brings the estimates of sandboxes for the month under way up to date,
// and early in a month those for the one before, too. It returns the former in
// the order of the sandboxes; one that fails does not keep it from the others.
func (m *Meter) Update(ctx context.Context, boxes []sandbox.Sandbox) []Metered {
	now := m.Now().UTC()
	month := cost.MonthOf(now)
	var before []Metered
	if now.Sub(month.Start()) < late {
		var older []sandbox.Sandbox
		for i := range boxes {
			if boxes[i].CreatedAt.Before(month.Start()) {
				older = append(older, boxes[i])
			}
		}
		before = m.update(ctx, older, month.Before(), month.Start())
	}
	all := m.update(ctx, boxes, month, now)
	failed := make(map[string]error)
	for i := range before {
		if err := before[i].Err; err != nil {
			failed[before[i].Estimate.SandboxID] = err
		}
	}
	for i := range all {
		all[i].Err = errors.Join(all[i].Err, failed[boxes[i].ID])
	}
	return all
}

// update brings one month's estimates up to date, up to a time.
func (m *Meter) update(ctx context.Context, boxes []sandbox.Sandbox, month cost.Month, until time.Time) []Metered {
	if len(boxes) == 0 {
		return nil
	}
	subjects := make([]activity.Subject, len(boxes))
	for i := range boxes {
		subjects[i] = activity.Of(&boxes[i])
	}
	counted := m.Activity.Meter(ctx, subjects, month.Start(), until)
	out := make([]Metered, len(boxes))
	sharing := sync.OnceValues(func() (uint64, error) { return m.sharing(ctx) })
	var working errgroup.Group
	working.SetLimit(atOnce)
	for i := range boxes {
		working.Go(func() error {
			out[i].Estimate, out[i].Err = m.one(ctx, &boxes[i], &subjects[i], &counted[i], sharing, month, until)
			out[i].Estimate.SandboxID = boxes[i].ID
			return nil
		})
	}
	_ = working.Wait() // each tells its own error
	return out
}

// errNewer says that an estimate is of a later time already.
var errNewer = errors.New("the estimate is newer")

// one brings one estimate up to date.
func (m *Meter) one(ctx context.Context, box *sandbox.Sandbox, subject *activity.Subject, counted *activity.Metered, sharing func() (uint64, error), month cost.Month, until time.Time) (cost.Estimate, error) {
	key := cost.KeyOf(box)
	there, err := m.Estimates.GetEstimate(ctx, month, key)
	if err != nil && !errors.Is(err, sandbox.ErrNotFound) {
		return cost.Estimate{}, err
	}
	began, err := m.began(ctx, box, month, &there)
	if err != nil {
		return cost.Estimate{}, err
	}
	var released releases
	if changed := there.Version == 0 || box.UpdatedAt.After(there.Seen.Changed); changed {
		if released, err = m.releases(ctx, box.Ref(), month); err != nil {
			return cost.Estimate{}, err
		}
	}
	var sharers uint64
	if protected(box) {
		if sharers, err = sharing(); err != nil {
			return cost.Estimate{}, err
		}
	}
	e, err := m.Estimates.UpdateEstimate(ctx, month, key, func(e *cost.Estimate) error {
		if until.Before(e.Until) {
			there = *e
			return errNewer
		}
		if e.Version == 0 {
			e.From, e.Until = began.from, began.from
			e.Seen.Attempt, e.Seen.Sleeps, e.Seen.Wakes = began.attempt, began.sleeps, began.wakes
		}
		e.Ended, e.Unknown = time.Time{}, counted.Unknown
		see(e, subject, box)
		released.count(e)
		fill(e, counted, until)
		executions(e, box)
		share(e, sharers, until)
		e.Until = until
		e.Price(m.rates(e))
		return nil
	})
	if errors.Is(err, errNewer) {
		return there, nil
	}
	return e, err
}

func (m *Meter) rates(e *cost.Estimate) cost.Rates {
	return m.Prices.Rates(m.Region, e.Seen.PriceClass, m.Now())
}

// beginning is where a month's new estimate begins, and the flows that were
// counted before it.
type beginning struct {
	from                   time.Time
	attempt, sleeps, wakes int
}

// began returns where the estimate of a sandbox begins in a month: where the one
// of the month before ended, if there is one.
func (m *Meter) began(ctx context.Context, box *sandbox.Sandbox, month cost.Month, there *cost.Estimate) (beginning, error) {
	if there.Version > 0 {
		return beginning{}, nil
	}
	if !box.CreatedAt.Before(month.Start()) {
		return beginning{from: box.CreatedAt}, nil
	}
	before, err := m.Estimates.GetEstimate(ctx, month.Before(), cost.KeyOf(box))
	switch {
	case errors.Is(err, sandbox.ErrNotFound): // Mayfly was updated since, or slept
		return beginning{from: month.Start(), attempt: box.Attempt, sleeps: box.Sleeps, wakes: box.Wakes}, nil
	case err != nil:
		return beginning{}, fmt.Errorf("where %s begins in %s: %w", box.Name, month, err)
	}
	seen := &before.Seen
	return beginning{from: month.Start(), attempt: seen.Attempt, sleeps: seen.Sleeps, wakes: seen.Wakes}, nil
}
