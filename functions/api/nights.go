package api

import (
	"context"
	"fmt"
	"strconv"

	sfntypes "github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"github.com/mayfly-dev/mayfly/cost"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/functions/api/internal/rest"
	"github.com/mayfly-dev/mayfly/night"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// Nights is where the API reads nights.
type Nights interface {
	GetNight(ctx context.Context, id string) (night.Night, error)
	ListNights(ctx context.Context, page sandbox.Page) ([]night.Night, sandbox.Cursor, error)
	ListItems(ctx context.Context, id string, page sandbox.Page) ([]night.Item, sandbox.Cursor, error)
}

func (a server) ListNights(ctx context.Context, request rest.ListNightsRequestObject) (rest.ListNightsResponseObject, error) {
	page, err := pageOf(request.Params.Limit, request.Params.Cursor)
	if err != nil {
		return nil, err
	}
	found, next, err := a.Nights.ListNights(ctx, page)
	if err != nil {
		return nil, fmt.Errorf("list nights: %w", asCursor(err))
	}
	answer := rest.ListNights200JSONResponse{Nights: make([]events.Night, len(found)), Next: string(next)}
	for i := range found {
		answer.Nights[i] = a.nightState(ctx, &found[i])
	}
	return answer, nil
}

func (a server) GetNight(ctx context.Context, request rest.GetNightRequestObject) (rest.GetNightResponseObject, error) {
	n, err := a.Nights.GetNight(ctx, request.Night)
	if err != nil {
		return nil, err
	}
	return rest.GetNight200JSONResponse(a.nightState(ctx, &n)), nil
}

// nightState tells of a night. One whose execution has ended without ending it
// is broken, though only the next night writes that down. Troubles may name
// sandboxes of other people's.
func (a *API) nightState(ctx context.Context, n *night.Night) events.Night {
	state := events.Night{
		ID: n.ID, Status: events.NightStatus(n.Status), StartedAt: n.StartedAt, EndedAt: n.EndedAt, Execution: n.Execution, By: n.By,
		Counts: events.NightCounts{
			Seen: n.Counts.Seen, Kept: n.Counts.Kept, Warned: n.Counts.Warned, Sleep: n.Counts.Sleep, Teardown: n.Counts.Teardown, Quarantined: n.Counts.Quarantined,
			Ended: n.Counts.Ended, Failed: n.Counts.Failed, Open: n.Counts.Open,
		},
		Orphans: n.Orphans, SavedMicroUSD: n.SavedMicroUSD, Troubles: []string{},
	}
	if !n.Over() && a.endedWithout(ctx, n) {
		state.Status = events.NightStatusBroken
	}
	if callerOf(ctx).Owners() == "" {
		state.Troubles = append(state.Troubles, n.Troubles...)
	}
	return state
}

// endedWithout reports whether the execution of a night that is not over has
// ended. Where Step Functions or the store does not tell, the night is as it was
// read.
func (a *API) endedWithout(ctx context.Context, n *night.Night) bool {
	status, err := a.status(ctx, n.Execution)
	if err != nil || status == absent || status == sfntypes.ExecutionStatusRunning {
		return false
	}
	now, err := a.Nights.GetNight(ctx, n.ID) // it may have ended since it was read
	return err == nil && !now.Over()
}

// ListDecisions tells what a night decided. Pages are of the store's: of an
// owner's, one may be empty and not the last.
func (a server) ListDecisions(ctx context.Context, request rest.ListDecisionsRequestObject) (rest.ListDecisionsResponseObject, error) {
	page, err := pageOf(request.Params.Limit, request.Params.Cursor)
	if err != nil {
		return nil, err
	}
	if _, err := a.Nights.GetNight(ctx, request.Night); err != nil {
		return nil, err
	}
	found, next, err := a.Nights.ListItems(ctx, request.Night, page)
	if err != nil {
		return nil, fmt.Errorf("list the decisions of the night %s: %w", request.Night, asCursor(err))
	}
	answer := rest.ListDecisions200JSONResponse{Decisions: []events.Decision{}, Next: string(next)}
	owner := callerOf(ctx).Owners()
	for _, item := range found {
		if owner != "" && item.Owner != owner {
			continue
		}
		d := item.Decision
		answer.Decisions = append(answer.Decisions, events.Decision{
			Name: item.Name, ID: item.ID, Owner: item.Owner, Act: events.DecisionAct(d.Act), Reason: d.Reason, Next: string(d.Next), Due: d.Due,
			Outcome: string(item.Outcome), Failure: item.Failure,
		})
	}
	return answer, nil
}

// maxPlan is how many sandboxes are decided about in one request: CloudWatch is
// asked about each, and an answer must come within 30 seconds.
const maxPlan = 100

// PlanNight tells what a night would do now, and does nothing.
func (a server) PlanNight(ctx context.Context, request rest.PlanNightRequestObject) (rest.PlanNightResponseObject, error) {
	page, err := pageOf(request.Params.Limit, request.Params.Cursor)
	if err != nil {
		return nil, err
	}
	page.Limit = min(page.Size(), maxPlan)
	planner := night.Planner{
		Sandboxes: a.Store, Uses: a.Activity, Now: a.now,
		Budgets: cost.Budgets{Store: a.Costs, Now: a.now}, Savings: cost.Savings{Store: a.Costs, Prices: a.Prices, Region: a.Region, Now: a.now},
	}
	plans, next, err := planner.Page(ctx, sandbox.Filter{Owner: callerOf(ctx).Owners()}, page)
	if err != nil {
		return nil, fmt.Errorf("plan a night: %w", asCursor(err))
	}
	answer := rest.PlanNight200JSONResponse{Decisions: make([]events.Decision, len(plans)), Next: string(next)}
	for i, p := range plans {
		d := p.Decision
		answer.Decisions[i] = events.Decision{
			Name: p.Sandbox.Name, ID: p.Sandbox.ID, Owner: p.Sandbox.Owner, Act: events.DecisionAct(d.Act), Reason: d.Reason, Next: string(d.Next), Due: d.Due,
		}
		if p.Saves > 0 {
			answer.Decisions[i].Saves = p.Saves.String()
		}
	}
	return answer, nil
}

// BeginNight starts the nightly machine. That another night is under way is for
// the machine to find out.
func (a server) BeginNight(ctx context.Context, _ rest.BeginNightRequestObject) (rest.BeginNightResponseObject, error) {
	arn := sandbox.ExecutionARN(a.Machines.Nightly, "asked-"+strconv.FormatInt(a.now().UnixMicro(), 36))
	if err := a.run(ctx, arn, events.NightAsked{By: callerOf(ctx).Name}); err != nil {
		return nil, err
	}
	return rest.BeginNight202JSONResponse{Execution: arn}, nil
}
