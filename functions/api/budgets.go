package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/mayfly-dev/mayfly/cost"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/functions/api/internal/rest"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// ListBudgets tells owners' budgets, and how far they are used.
func (a server) ListBudgets(ctx context.Context, request rest.ListBudgetsRequestObject) (rest.ListBudgetsResponseObject, error) {
	page, err := pageOf(request.Params.Limit, request.Params.Cursor)
	if err != nil {
		return nil, err
	}
	answer := rest.ListBudgets200JSONResponse{Month: string(cost.MonthOf(a.now())), Budgets: []events.BudgetState{}}
	var found []cost.Budget
	var next sandbox.Cursor
	if only := callerOf(ctx).Owners(); only != "" {
		one, err := a.Costs.GetBudget(ctx, only)
		if errors.Is(err, sandbox.ErrNotFound) {
			return answer, nil
		}
		if err != nil {
			return nil, err
		}
		found = append(found, one)
	} else if found, next, err = a.Costs.ListBudgets(ctx, page); err != nil {
		return nil, fmt.Errorf("list budgets: %w", asCursor(err))
	}
	answer.Next = string(next)
	for i := range found {
		state, err := a.budgetState(ctx, &found[i])
		if err != nil {
			return nil, err
		}
		answer.Budgets = append(answer.Budgets, state)
	}
	return answer, nil
}

// budgetState tells a budget with what was spent of it.
func (a *API) budgetState(ctx context.Context, b *cost.Budget) (events.BudgetState, error) {
	spent, err := cost.Spent(ctx, a.Costs, cost.MonthOf(a.now()), b.Owner)
	return events.BudgetState{
		Owner: b.Owner, Limit: b.Limit.String(), Spent: spent.USD.String(), Forecast: spent.Forecast.String(),
		Percent: b.Percent(spent.USD), State: events.BudgetStateState(b.State(spent.USD)), By: b.By, At: b.At,
	}, err
}

// SetBudget sets what an owner's sandboxes may cost in a month.
func (a server) SetBudget(ctx context.Context, request rest.SetBudgetRequestObject) (rest.SetBudgetResponseObject, error) {
	limit, err := cost.ParseUSD(request.Body.Limit)
	if err != nil || cost.CheckLimit(limit) != nil {
		return nil, invalid(events.BrokenRule{Field: "limit", Rule: "US dollars a month from 0 to 1000000, such as 20 or 12.50"})
	}
	if err := sandbox.CheckOwner(request.Owner); err != nil {
		return nil, err
	}
	entry, err := a.budgetAudit(ctx, request.Owner)
	if err != nil {
		return nil, err
	}
	b, err := a.Costs.UpdateBudget(ctx, request.Owner, func(b *cost.Budget) error {
		entry.Before = nil
		if b.Version > 0 {
			entry.Before = map[string]string{"limit": b.Limit.String()}
		}
		entry.After = map[string]string{"limit": limit.String()}
		b.Limit, b.By, b.At = limit, callerOf(ctx).Name, a.now()
		// Another limit has warnings of its own.
		b.Warned, b.Stopped = "", ""
		return nil
	})
	if err != nil {
		return nil, err
	}
	if err := a.Store.AddAudit(ctx, entry); err != nil {
		return nil, err
	}
	state, err := a.budgetState(ctx, &b)
	return rest.SetBudget200JSONResponse(state), err
}

// RemoveBudget removes an owner's budget.
func (a server) RemoveBudget(ctx context.Context, request rest.RemoveBudgetRequestObject) (rest.RemoveBudgetResponseObject, error) {
	there, err := a.Costs.GetBudget(ctx, request.Owner)
	if errors.Is(err, sandbox.ErrNotFound) {
		return rest.RemoveBudget204Response{}, nil
	}
	if err != nil {
		return nil, err
	}
	entry, err := a.budgetAudit(ctx, request.Owner)
	if err != nil {
		return nil, err
	}
	entry.Before = map[string]string{"limit": there.Limit.String()}
	if err := a.Costs.RemoveBudget(ctx, request.Owner); err != nil {
		return nil, err
	}
	return rest.RemoveBudget204Response{}, a.Store.AddAudit(ctx, entry)
}

// actionBudget is the audit's name for a change of a budget.
const actionBudget = "budget"

func (a *API) budgetAudit(ctx context.Context, owner string) (sandbox.Audit, error) {
	now := a.now()
	id, err := sandbox.NewAuditID(now, a.Random)
	who, _ := sandbox.ActorOf(ctx)
	return sandbox.Audit{ID: id, At: now, Action: actionBudget, Owner: owner, Resource: "budget of " + owner, Actor: who}, err
}

// afford refuses to make something new for an owner whose budget is used up.
func (a *API) afford(ctx context.Context, owner string) error {
	b, err := a.Costs.GetBudget(ctx, owner)
	if errors.Is(err, sandbox.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	month := cost.MonthOf(a.now())
	spent, err := cost.Spent(ctx, a.Costs, month, owner)
	if err != nil || b.State(spent.USD) != cost.BudgetOver {
		return err
	}
	return &refusal{
		status: http.StatusConflict, kind: "budget-used-up", title: "The budget is used up", owner: owner,
		detail: fmt.Sprintf("sandboxes of %s cost %s USD in %s so far, and its budget is %s USD a month: nothing new is made until %s, or until an admin raises it (mayfly budget set %s AMOUNT); deleting sandboxes makes the rest of the month cheaper (mayfly cost shows which are dear)",
			owner, spent.USD.Short(), month, b.Limit.Short(), month.End().Format("2 January"), owner),
	}
}
