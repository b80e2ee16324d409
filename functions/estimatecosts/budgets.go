package estimatecosts

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/mayfly-dev/mayfly/cost"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// budgets tells of each budget that has come to 80 or to 100 per cent since the
// last time, and returns the owners whose budget is used up.
func (s *Step) budgets(ctx context.Context, month cost.Month, spent map[string]cost.USD) (over []string, err error) {
	var failed []error // one does not keep it from the others
	for page := (sandbox.Page{Limit: sandbox.MaxPage}); ; {
		found, next, err := s.Store.ListBudgets(ctx, page)
		if err != nil {
			return nil, err
		}
		for i := range found {
			b := &found[i]
			if b.State(spent[b.Owner]) == cost.BudgetOver {
				over = append(over, b.Owner)
			}
			if err := s.notice(ctx, b, month, spent[b.Owner]); err != nil {
				failed = append(failed, fmt.Errorf("budget of %s: %w", b.Owner, err))
			}
		}
		if page.After = next; next == "" {
			slices.Sort(over)
			return over, errors.Join(failed...)
		}
	}
}

// notice tells of a budget, and then writes down that it did: should the step
// die between the two, it is told twice and not never.
func (s *Step) notice(ctx context.Context, b *cost.Budget, month cost.Month, spent cost.USD) error {
	seen := *b
	warn, stop := seen.Change(month, spent)
	if !warn && !stop {
		return nil
	}
	told := events.BudgetNotice{
		Stage: s.Notices.Stage, Owner: b.Owner, Month: string(month), State: string(b.State(spent)), Limit: b.Limit.String(), Spent: spent.String(), Percent: b.Percent(spent),
	}
	told.Message = fmt.Sprintf("sandboxes of %s cost %s USD in %s so far, %d %% of its budget of %s USD", b.Owner, spent.Short(), month, told.Percent, b.Limit.Short())
	if stop {
		told.Message += ": nothing new is made for it, and what is idle goes to sleep"
	}
	if err := s.Notices.Tell(ctx, events.DetailBudgetNotice, told); err != nil {
		return err
	}
	now := s.Now().UTC()
	entry := sandbox.Audit{
		ID: sandbox.AuditIDAt(now) + "-budget-" + told.State + "-" + b.Owner,
		At: now, Action: "budget " + told.State, Owner: b.Owner, Resource: "budget of " + b.Owner,
		Actor: sandbox.Actor{Principal: sandbox.PrincipalSchedule}, After: map[string]string{"spent": told.Spent, "limit": told.Limit},
	}
	if err := s.Store.AddAudit(ctx, entry); err != nil {
		return err
	}
	_, err := s.Store.UpdateBudget(ctx, b.Owner, func(b *cost.Budget) error {
		b.Change(month, spent)
		return nil
	})
	return err
}
