// Package endnight is the step that ends a night: it adds up what has come of
// it, tells people of what it leaves to them, and lets the next one begin.
package endnight

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/metric"
	"github.com/mayfly-dev/mayfly/night"
	"github.com/mayfly-dev/mayfly/notice"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// Nights is where the step writes.
type Nights interface {
	UpdateNight(ctx context.Context, id string, change func(*night.Night) error) (night.Night, error)
	ListItems(ctx context.Context, id string, page sandbox.Page) ([]night.Item, sandbox.Cursor, error)
}

// Step ends nights.
type Step struct {
	nights  Nights
	notices notice.Teller
	now     func() time.Time
}

// New returns the step.
func New(nights Nights, notices notice.Teller, now func() time.Time) *Step {
	return &Step{nights: nights, notices: notices, now: now}
}

// Handle ends the night as done or, when the machine failed, as broken. The same
// again changes nothing.
func (s *Step) Handle(ctx context.Context, in events.NightFlow) (events.NightEnded, error) {
	var ended, failed, open int
	for after := sandbox.Cursor(""); ; {
		items, next, err := s.nights.ListItems(ctx, in.Night, sandbox.Page{Limit: sandbox.MaxPage, After: after})
		if err != nil {
			return events.NightEnded{}, err
		}
		for _, item := range items {
			switch item.Outcome {
			case night.Ended:
				ended++
			case night.Failed:
				failed++
			case night.Open, night.Started:
				open++
			}
		}
		if after = next; next == "" {
			break
		}
	}
	n, err := s.nights.UpdateNight(ctx, in.Night, func(n *night.Night) error {
		if n.Over() {
			return nil
		}
		n.Status, n.EndedAt = night.Done, s.now().UTC()
		n.Counts.Ended, n.Counts.Failed, n.Counts.Open = ended, failed, open
		if in.Orphans != nil {
			n.Orphans = &in.Orphans.Orphans
			if left := in.Orphans.Proven; left > 0 {
				n.Trouble(fmt.Sprintf("%d resources of sandboxes that are gone could not be removed: see mayfly orphans --last", left))
			}
		}
		if in.NotLooked != nil {
			n.Trouble("the account was not compared with the records: " + cmp.Or(in.NotLooked.Cause, in.NotLooked.Error))
		}
		if in.Error != nil {
			n.Status = night.Broken
			n.Trouble("the night broke off: " + cmp.Or(in.Error.Cause, in.Error.Error))
		}
		return nil
	})
	if err != nil {
		return events.NightEnded{}, err
	}
	if err := s.tell(ctx, n, in.Orphans); err != nil {
		return events.NightEnded{}, err
	}
	metric.Add(ctx, metric.SandboxesSwept, float64(n.Counts.Ended))
	metric.Add(ctx, metric.SweepsFailed, float64(n.Counts.Failed))
	metric.Add(ctx, metric.SandboxesQuarantined, float64(n.Counts.Quarantined))
	return events.NightEnded{Status: string(n.Status)}, nil
}
