package night

import (
	"context"
	"fmt"
	"time"

	"github.com/mayfly-dev/mayfly/activity"
	"github.com/mayfly-dev/mayfly/cost"
	"github.com/mayfly-dev/mayfly/lifecycle"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// Sandboxes is where a plan finds sandboxes.
type Sandboxes interface {
	List(ctx context.Context, filter sandbox.Filter, page sandbox.Page) ([]sandbox.Sandbox, sandbox.Cursor, error)
}

// Uses tells how sandboxes were used; *metered.Reader does.
type Uses interface {
	Read(ctx context.Context, subjects []activity.Subject, since time.Time) []activity.Activity
}

// Budgets tells who has spent the month's budget.
type Budgets interface {
	OverBudget(ctx context.Context, owner string) (bool, error)
}

// Savings tells what ending a sandbox saves in 30 days, or putting it to sleep,
// when what it holds stays; false when that is not known.
type Savings interface {
	Saves(ctx context.Context, box *sandbox.Sandbox, stays bool) (cost.USD, bool, error)
}

// Planner decides about sandboxes, and does nothing: what it says is what a
// night would do now.
type Planner struct {
	Sandboxes Sandboxes
	Uses      Uses
	// Budgets is asked about each owner; nil is that nobody has spent one. One of
	// whom it is not known has not.
	Budgets Budgets
	// Savings is asked what ending a sandbox saves; nil is that nobody knows.
	Savings Savings
	Now     func() time.Time
}

// Plan is what is to be done with a sandbox.
type Plan struct {
	Sandbox  sandbox.Sandbox
	Used     activity.Activity
	Decision lifecycle.Decision
	// Saves is what sleep or teardown saves in 30 days; 0 when nobody knows.
	Saves cost.USD
}

// Page decides about a page of sandboxes, in the order of their names. Those
// whose use can't be found out are kept, each with the reason.
func (p Planner) Page(ctx context.Context, filter sandbox.Filter, page sandbox.Page) ([]Plan, sandbox.Cursor, error) {
	boxes, next, err := p.Sandboxes.List(ctx, filter, page)
	if err != nil {
		return nil, "", fmt.Errorf("list sandboxes: %w", err)
	}
	now := p.Now().UTC()
	used := p.used(ctx, boxes, now)
	over := map[string]bool{}
	plans := make([]Plan, len(boxes))
	for i := range boxes {
		box := &boxes[i]
		if _, asked := over[box.Owner]; !asked && p.Budgets != nil {
			over[box.Owner], err = p.Budgets.OverBudget(ctx, box.Owner)
			if err != nil {
				over[box.Owner] = false // not known is not spent
			}
		}
		plans[i] = Plan{Sandbox: *box, Used: used[i], Decision: lifecycle.Decide(lifecycle.Case{Sandbox: box, Used: used[i], OverBudget: over[box.Owner], Now: now})}
		plans[i].Saves = p.saves(ctx, &plans[i])
	}
	return plans, next, nil
}

// saves says what a decision saves. That this is not known keeps nothing from
// being done.
func (p Planner) saves(ctx context.Context, plan *Plan) cost.USD {
	act := plan.Decision.Act
	if p.Savings == nil || act != lifecycle.Sleep && act != lifecycle.Teardown {
		return 0
	}
	saves, known, err := p.Savings.Saves(ctx, &plan.Sandbox, act == lifecycle.Sleep)
	if err != nil || !known {
		return 0
	}
	return saves
}

// used reads the activity of sandboxes. Those that must be looked back at about
// equally far are asked about together: CloudWatch keeps what is long ago less
// finely, and sends more of it.
func (p Planner) used(ctx context.Context, boxes []sandbox.Sandbox, now time.Time) []activity.Activity {
	groups := map[time.Duration][]int{}
	from := make([]time.Time, len(boxes))
	for i := range boxes {
		from[i] = lifecycle.LookBack(&boxes[i], now)
		span := 2 * time.Hour
		for span < now.Sub(from[i]) {
			span *= 4
		}
		groups[span] = append(groups[span], i)
	}
	all := make([]activity.Activity, len(boxes))
	for _, group := range groups {
		subjects, since := make([]activity.Subject, len(group)), now
		for i, of := range group {
			subjects[i] = activity.Of(&boxes[of])
			subjects[i].InUse = lifecycle.InUse(&boxes[of], now)
			if from[of].Before(since) {
				since = from[of]
			}
		}
		for i, read := range p.Uses.Read(ctx, subjects, since) {
			all[group[i]] = read
		}
	}
	return all
}
