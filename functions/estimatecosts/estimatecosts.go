// Package estimatecosts is the step that brings the estimates of cost of all
// sandboxes up to date, page by page and as long as a function may run: it
// returns where it is to go on. At the end it compares them with what Cost
// Explorer tells of the bill, and looks after the owners' budgets.
package estimatecosts

import (
	"context"
	"fmt"
	"time"

	"github.com/mayfly-dev/mayfly/cost"
	"github.com/mayfly-dev/mayfly/cost/meter"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/metric"
	"github.com/mayfly-dev/mayfly/notice"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// Store is where the step keeps what it finds.
type Store interface {
	cost.Store
	meter.Lists
	AddAudit(ctx context.Context, entry sandbox.Audit) error
}

// Options says what the step works with. All but Bill, Notices and Margin are
// needed.
type Options struct {
	Meter *meter.Meter
	Store Store
	// Bill is Cost Explorer; nil where there is none, as on one machine.
	Bill Bill
	// Notices tells of budgets.
	Notices notice.Teller
	// Page is how many sandboxes are metered together.
	Page int
	// Margin is how long before the end of its time the step returns.
	Margin time.Duration
	Now    func() time.Time
}

// Step estimates costs.
type Step struct{ Options }

// New returns the step.
func New(options Options) *Step { return &Step{options} }

// shown is how many troubles are told; the log has them all.
const shown = 10

// The place at which all sandboxes are metered and what is left is to sum up.
const sums = "sums"

// Handle goes on until all is done or its time is up.
func (s *Step) Handle(ctx context.Context, in events.CostsFlow) (events.CostsPage, error) {
	var out events.CostsPage
	if in.Costs != nil {
		out = *in.Costs
	}
	walk := meter.Walk{Meter: s.Meter, Lists: s.Store, Size: s.Page}
	for out.After != sums {
		page, err := walk.Next(ctx, "", out.After)
		if err != nil {
			return out, fmt.Errorf("estimate costs: %w", err)
		}
		out.Metered, out.Ended, out.Failed = out.Metered+page.Metered, out.Ended+page.Ended, out.Failed+len(page.Troubles)
		out.Troubles = append(out.Troubles, page.Troubles[:min(len(page.Troubles), max(shown-len(out.Troubles), 0))]...)
		if out.After = page.After; out.After == "" {
			out.After = sums
		}
		if s.late(ctx) {
			return out, nil
		}
	}
	if err := s.sum(ctx, &out); err != nil {
		return out, fmt.Errorf("sum up costs: %w", err)
	}
	out.After, out.Done = "", true
	return out, nil
}

// late reports whether the step's time is nearly up, by the machine's clock, by
// which the deadline is.
func (s *Step) late(ctx context.Context) bool {
	deadline, ok := ctx.Deadline()
	return ok && time.Until(deadline) < s.Margin
}

// sum writes what Cost Explorer tells to the estimates, adds the month up, and
// looks after budgets.
func (s *Step) sum(ctx context.Context, out *events.CostsPage) error {
	month := cost.MonthOf(s.Now())
	first, _, err := s.Store.ListEstimates(ctx, month, "", sandbox.Page{Limit: 1})
	if err != nil {
		return err
	}
	var billed map[string]cost.USD
	if out.Billed = "nothing to compare with a bill"; len(first) > 0 {
		billed, out.Billed = s.billed(ctx, month)
	}
	all, spent := cost.Total{}, make(map[string]cost.USD)
	for page := (sandbox.Page{Limit: sandbox.MaxPage}); ; {
		found, next, err := s.Store.ListEstimates(ctx, month, "", page)
		if err != nil {
			return err
		}
		for i := range found {
			all.Add(&found[i])
			spent[found[i].Owner] = spent[found[i].Owner].Plus(found[i].USD)
			if billed != nil {
				if err := s.compare(ctx, month, &found[i], billed); err != nil {
					return err
				}
			}
		}
		if page.After = next; next == "" {
			break
		}
	}
	out.Month, out.USD, out.Forecast, out.Saved = string(month), all.USD.String(), all.Forecast.String(), all.Saved.String()
	metric.Add(ctx, metric.EstimatedCost, float64(all.USD)/float64(cost.Dollar))
	metric.Add(ctx, metric.ForecastCost, float64(all.Forecast)/float64(cost.Dollar))
	over, err := s.budgets(ctx, month, spent)
	out.OverBudget = over
	return err
}
