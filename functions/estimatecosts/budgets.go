package estimatecosts

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/smithy-go"

	"github.com/mayfly-dev/mayfly/cost"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// Events is what the step needs of EventBridge.
type Events interface {
	PutEvents(context.Context, *eventbridge.PutEventsInput, ...func(*eventbridge.Options)) (*eventbridge.PutEventsOutput, error)
}

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
		Owner: b.Owner, Month: string(month), State: string(b.State(spent)), Limit: b.Limit.String(), Spent: spent.String(), Percent: b.Percent(spent),
	}
	told.Message = fmt.Sprintf("sandboxes of %s cost %s USD in %s so far, %d %% of its budget of %s USD", b.Owner, spent.Short(), month, told.Percent, b.Limit.Short())
	if stop {
		told.Message += ": nothing new is made for it, and what is idle goes to sleep"
	}
	if err := s.publish(ctx, told); err != nil {
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

// publish puts the notice on the account's event bus.
func (s *Step) publish(ctx context.Context, told events.BudgetNotice) error {
	if s.Events == nil {
		return nil
	}
	detail, err := json.Marshal(told)
	if err != nil {
		return err
	}
	text := string(detail)
	out, err := s.Events.PutEvents(ctx, &eventbridge.PutEventsInput{Entries: []types.PutEventsRequestEntry{{
		Source: aws.String(events.SourceMayfly), DetailType: aws.String(events.DetailBudgetNotice), Detail: &text, Time: aws.Time(s.Now()),
	}}})
	if err != nil {
		return fmt.Errorf("put the event: %w", err)
	}
	for _, entry := range out.Entries { // PutEvents fails entry by entry
		if code := aws.ToString(entry.ErrorCode); code != "" {
			return fmt.Errorf("put the event: %w", &smithy.GenericAPIError{Code: code, Message: aws.ToString(entry.ErrorMessage)})
		}
	}
	return nil
}
