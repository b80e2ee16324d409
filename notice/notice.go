// Package notice tells people of what they should know before it costs or hurts:
// as events on the account's event bus, where rules take them to wherever people
// read. The stack has a rule to its own topic.
package notice

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/smithy-go"

	"github.com/mayfly-dev/mayfly/events"
)

// Bus is what is needed of EventBridge.
type Bus interface {
	PutEvents(context.Context, *eventbridge.PutEventsInput, ...func(*eventbridge.Options)) (*eventbridge.PutEventsOutput, error)
}

// Teller puts notices on the account's event bus. The zero Teller tells nobody.
type Teller struct {
	Bus Bus
	// Stage is the installation's: several may share an account and its bus, so it
	// is in each notice.
	Stage string
	Now   func() time.Time
}

// Tell puts a notice on the bus: its detail type, and its detail, which is one
// of package events. When it returns an error nobody was told, or it is not
// known whether somebody was: then it is to be told again.
func (t Teller) Tell(ctx context.Context, detailType string, detail any) error {
	if t.Bus == nil {
		return nil
	}
	text, err := json.Marshal(detail)
	if err != nil {
		return err
	}
	out, err := t.Bus.PutEvents(ctx, &eventbridge.PutEventsInput{Entries: []types.PutEventsRequestEntry{{
		Source: aws.String(events.SourceMayfly), DetailType: &detailType, Detail: aws.String(string(text)), Time: aws.Time(t.Now()),
	}}})
	if err != nil {
		return fmt.Errorf("put the event %s: %w", detailType, err)
	}
	for _, entry := range out.Entries { // PutEvents fails entry by entry
		if code := aws.ToString(entry.ErrorCode); code != "" {
			return fmt.Errorf("put the event %s: %w", detailType, &smithy.GenericAPIError{Code: code, Message: aws.ToString(entry.ErrorMessage)})
		}
	}
	return nil
}
