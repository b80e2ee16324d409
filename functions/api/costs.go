package api

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/mayfly-dev/mayfly/cost"
	"github.com/mayfly-dev/mayfly/cost/meter"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/functions/api/internal/rest"
	"github.com/mayfly-dev/mayfly/sandbox"
)

const (
	// meteredAtOnce is how many sandboxes one request meters: their metrics cost
	// 0.004 USD, and API Gateway waits 30 seconds.
	meteredAtOnce = 100
	// young is how old an estimate is before it is brought up to date.
	young = 5 * time.Minute
)

// ListCosts tells what sandboxes cost, as it was estimated last.
func (a server) ListCosts(ctx context.Context, request rest.ListCostsRequestObject) (rest.ListCostsResponseObject, error) {
	page, err := pageOf(request.Params.Limit, request.Params.Cursor)
	if err != nil {
		return nil, err
	}
	month := cost.MonthOf(a.now())
	if request.Params.Month != "" {
		if month, err = cost.ParseMonth(request.Params.Month); err != nil {
			return nil, invalid(events.BrokenRule{Field: "month", Rule: parameterRule("month")})
		}
	}
	owner, err := a.whose(ctx, request.Params.Owner)
	if err != nil {
		return nil, err
	}
	answer := rest.ListCosts200JSONResponse{Month: string(month), Prices: a.Prices.Checked.Format(time.DateOnly), Costs: []events.Cost{}}
	if old := a.Prices.Old(a.now()); old != "" {
		answer.Warnings = []string{old}
	}
	var found []cost.Estimate
	var next sandbox.Cursor
	if name := request.Params.Sandbox; name != "" {
		found, err = a.costsOf(ctx, month, owner, name)
	} else {
		found, next, err = a.Costs.ListEstimates(ctx, month, owner, page)
	}
	if err != nil {
		return nil, fmt.Errorf("list costs: %w", asCursor(err))
	}
	answer.Next = string(next)
	for i := range found {
		answer.Costs = append(answer.Costs, costOf(&found[i], request.Params.Lines))
	}
	return answer, nil
}

// costSoFar returns what a sandbox costs this month, as it was estimated last; the
// zero value when it never was.
func (a *API) costSoFar(ctx context.Context, s *sandbox.Sandbox) (events.CostSoFar, error) {
	e, err := a.Costs.GetEstimate(ctx, cost.MonthOf(a.now()), cost.KeyOf(s))
	if errors.Is(err, sandbox.ErrNotFound) {
		return events.CostSoFar{}, nil
	}
	return events.CostSoFar{Amount: e.USD.String(), Forecast: e.Forecast.String(), Until: e.Until}, err
}

// whose returns the only owner whose sandboxes a request is about, "" for
// everybody's.
func (a *API) whose(ctx context.Context, asked string) (string, error) {
	only := callerOf(ctx).Owners()
	if only != "" && asked != "" && asked != only {
		return "", callerOf(ctx).Check(asked)
	}
	if only != "" {
		return only, nil
	}
	return asked, nil
}

// costsOf returns the estimates of sandboxes with a name: of the one that is
// there at once, and of those that are gone by the month's list.
func (a *API) costsOf(ctx context.Context, month cost.Month, owner, name string) ([]cost.Estimate, error) {
	var of []cost.Estimate
	for page := (sandbox.Page{Limit: sandbox.MaxPage}); ; {
		found, next, err := a.Costs.ListEstimates(ctx, month, owner, page)
		if err != nil {
			return nil, err
		}
		for i := range found {
			if found[i].Sandbox == name {
				of = append(of, found[i])
			}
		}
		if page.After = next; next == "" {
			return of, nil
		}
	}
}

func costOf(e *cost.Estimate, lines bool) events.Cost {
	c := events.Cost{
		Sandbox: e.Sandbox, SandboxID: e.SandboxID, Owner: e.Owner, From: e.From, Until: e.Until, Ended: e.Ended,
		Amount: e.USD.String(), Forecast: e.Forecast.String(), Saved: e.Saved.String(), BilledAt: e.BilledAt,
		Unknown: append([]string{}, e.Unknown...),
	}
	if e.Billed != nil {
		c.Billed = e.Billed.String()
	}
	if lines {
		for _, line := range e.Lines {
			c.Lines = append(c.Lines, events.CostLine{
				Item: string(line.Item), Label: line.Item.Label(), Quantity: line.Units(e.Month), Unit: line.Unit, Each: line.Each,
				Amount: line.USD.String(), Forecast: line.Forecast.String(), Note: line.Note, Free: line.Free,
			})
		}
	}
	return c
}

// MeterCosts brings the estimates of one page of sandboxes up to date.
func (a server) MeterCosts(ctx context.Context, request rest.MeterCostsRequestObject) (rest.MeterCostsResponseObject, error) {
	var body events.CostMetering
	if request.Body != nil {
		body = *request.Body
	}
	owner, err := a.whose(ctx, body.Owner)
	if err != nil {
		return nil, err
	}
	walk := meter.Walk{Meter: a.meter(), Lists: a.lists(), Size: meteredAtOnce, Young: young}
	page, err := walk.Next(ctx, owner, body.Next)
	if err != nil {
		return nil, fmt.Errorf("meter what sandboxes cost: %w", asCursor(err))
	}
	return rest.MeterCosts200JSONResponse{Metered: page.Metered, Ended: page.Ended, Troubles: append([]string{}, page.Troubles...), Next: page.After}, nil
}

func (a *API) meter() *meter.Meter {
	return &meter.Meter{Activity: a.Activity, Records: a.Store, Estimates: a.Costs, Prices: a.Prices, Region: a.Region, Now: a.Now}
}

// lists are both stores' lists.
func (a *API) lists() meter.Lists {
	return struct {
		sandbox.Store
		cost.EstimateLister
	}{a.Store, a.Costs}
}
