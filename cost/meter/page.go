package meter

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/mayfly-dev/mayfly/cost"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// Lists is what pages need of the stores beside what a Meter does.
type Lists interface {
	List(ctx context.Context, filter sandbox.Filter, page sandbox.Page) ([]sandbox.Sandbox, sandbox.Cursor, error)
	ListEstimates(ctx context.Context, month cost.Month, owner string, page sandbox.Page) ([]cost.Estimate, sandbox.Cursor, error)
}

// Walk is a walk over all sandboxes, or an owner's, page by page: first each that
// is there is metered, then each estimate whose sandbox is gone is ended.
type Walk struct {
	*Meter
	Lists Lists
	// Size is how many are looked at in one page.
	Size int
	// Young is how old an estimate must be to be brought up to date; of one that is
	// younger, CloudWatch, which asks money for each metric, is not asked.
	Young time.Duration
}

// Page is what became of one page.
type Page struct {
	// Metered and Ended count the estimates that were brought up to date.
	Metered, Ended int
	// Troubles says what went wrong with single ones, each as a line.
	Troubles []string
	// After is where the next page begins; "" when this was the last.
	After string
}

// The pages of a walk begin with one of these.
const (
	there = "there:"
	ended = "ended:"
)

// Next looks at the page of a walk that begins at a place, "" for the first one.
// One sandbox that fails does not keep it from the others: its trouble is told.
// It returns a *sandbox.FieldError for what is no such place.
func (w Walk) Next(ctx context.Context, owner, after string) (Page, error) {
	switch kind, cursor, _ := strings.Cut(after, ":"); {
	case after == "":
		return w.sandboxes(ctx, owner, "")
	case kind+":" == there:
		return w.sandboxes(ctx, owner, sandbox.Cursor(cursor))
	case kind+":" == ended:
		return w.ends(ctx, owner, sandbox.Cursor(cursor))
	}
	return Page{}, &sandbox.FieldError{Field: "after", Rule: "a place that the page before returned", Value: after}
}

func (w Walk) sandboxes(ctx context.Context, owner string, after sandbox.Cursor) (Page, error) {
	boxes, next, err := w.Lists.List(ctx, sandbox.Filter{Owner: owner}, sandbox.Page{Limit: w.Size, After: after})
	if err != nil {
		return Page{}, fmt.Errorf("list sandboxes: %w", err)
	}
	page := Page{After: ended}
	if next != "" {
		page.After = there + string(next)
	}
	if w.Young > 0 {
		if boxes, err = w.old(ctx, boxes); err != nil {
			return Page{}, err
		}
	}
	for i, got := range w.Update(ctx, boxes) {
		if got.Err != nil {
			page.Troubles = append(page.Troubles, fmt.Sprintf("sandbox %s: %v", boxes[i].Name, got.Err))
			continue
		}
		page.Metered++
	}
	return page, nil
}

// old returns the sandboxes whose estimate is not young.
func (w Walk) old(ctx context.Context, boxes []sandbox.Sandbox) ([]sandbox.Sandbox, error) {
	now := w.Now().UTC()
	young := make([]bool, len(boxes))
	var looking errgroup.Group
	looking.SetLimit(atOnce)
	for i := range boxes {
		looking.Go(func() error {
			e, err := w.Estimates.GetEstimate(ctx, cost.MonthOf(now), cost.KeyOf(&boxes[i]))
			if errors.Is(err, sandbox.ErrNotFound) {
				return nil
			}
			young[i] = err == nil && now.Sub(e.Until) < w.Young
			return err
		})
	}
	if err := looking.Wait(); err != nil {
		return nil, err
	}
	var old []sandbox.Sandbox
	for i := range boxes {
		if !young[i] {
			old = append(old, boxes[i])
		}
	}
	return old, nil
}

// ends ends the estimates of the month, and early in a month of the one before,
// whose sandboxes are gone.
func (w Walk) ends(ctx context.Context, owner string, after sandbox.Cursor) (Page, error) {
	now := w.Now().UTC()
	month := cost.MonthOf(now)
	if after == "" && now.Sub(month.Start()) < late {
		after = "before."
	}
	text, before := strings.CutPrefix(strings.TrimPrefix(string(after), "this."), "before.")
	if before {
		month = month.Before()
	}
	estimates, next, err := w.Lists.ListEstimates(ctx, month, owner, sandbox.Page{Limit: w.Size, After: sandbox.Cursor(text)})
	if err != nil {
		return Page{}, err
	}
	var page Page
	for i := range estimates {
		did, err := w.End(ctx, &estimates[i])
		if err != nil {
			page.Troubles = append(page.Troubles, fmt.Sprintf("sandbox %s: %v", estimates[i].Sandbox, err))
		}
		if did {
			page.Ended++
		}
	}
	switch {
	case next != "" && before:
		page.After = ended + "before." + string(next)
	case next != "":
		page.After = ended + string(next)
	case before:
		page.After = ended + "this."
	}
	return page, nil
}
