package decidenight

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/smithy-go"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/lifecycle"
	"github.com/mayfly-dev/mayfly/night"
)

// Events is what the step needs of EventBridge.
type Events interface {
	PutEvents(context.Context, *eventbridge.PutEventsInput, ...func(*eventbridge.Options)) (*eventbridge.PutEventsOutput, error)
}

// tell puts a warning on the account's event bus. It comes before the warning is
// written down: one that nobody was told of is none, and comes again the next
// night.
func (p *pass) tell(ctx context.Context, plan *night.Plan) error {
	if p.options.Events == nil {
		return nil
	}
	box, d := &plan.Sandbox, plan.Decision
	detail, err := json.Marshal(events.SandboxWarning{
		Sandbox: box.Name, ID: box.ID, Owner: box.Owner, Next: string(d.Next), Due: d.Due.UTC(), Reason: d.Reason,
		Message: "sandbox " + box.Name + ": " + warning(d),
	})
	if err != nil {
		return err
	}
	out, err := p.options.Events.PutEvents(ctx, &eventbridge.PutEventsInput{Entries: []types.PutEventsRequestEntry{{
		Source: aws.String(events.SourceMayfly), DetailType: aws.String(events.DetailSandboxWarned), Detail: aws.String(string(detail)), Time: aws.Time(p.options.Now()),
	}}})
	if err != nil {
		return fmt.Errorf("tell of the warning: %w", err)
	}
	for _, entry := range out.Entries { // PutEvents fails entry by entry
		if code := aws.ToString(entry.ErrorCode); code != "" {
			return fmt.Errorf("tell of the warning: %w", &smithy.GenericAPIError{Code: code, Message: aws.ToString(entry.ErrorMessage)})
		}
	}
	return nil
}

// warning is what a warning says.
func warning(d lifecycle.Decision) string {
	what := "falls asleep"
	if d.Next == lifecycle.Teardown {
		what = "is torn down"
	}
	return fmt.Sprintf("it %s on %s unless it is used: %s", what, d.Due.UTC().Format("Monday 2006-01-02 15:04 MST"), d.Reason)
}
