package notice_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/smithy-go"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/notice"
)

// bus answers as EventBridge does: a request may succeed while its entry fails.
type bus struct {
	got          []types.PutEventsRequestEntry
	fails, entry error
}

func (b *bus) PutEvents(_ context.Context, in *eventbridge.PutEventsInput, _ ...func(*eventbridge.Options)) (*eventbridge.PutEventsOutput, error) {
	if b.fails != nil {
		return nil, b.fails
	}
	b.got = append(b.got, in.Entries...)
	var refused smithy.APIError
	if errors.As(b.entry, &refused) {
		return &eventbridge.PutEventsOutput{FailedEntryCount: 1, Entries: []types.PutEventsResultEntry{{ErrorCode: aws.String(refused.ErrorCode()), ErrorMessage: aws.String(refused.ErrorMessage())}}}, nil
	}
	return &eventbridge.PutEventsOutput{Entries: []types.PutEventsResultEntry{{EventId: aws.String("1")}}}, nil
}

func TestTell(t *testing.T) {
	refused := &smithy.GenericAPIError{Code: "AccessDeniedException", Message: "not authorized to perform: events:PutEvents"}
	failed := &smithy.GenericAPIError{Code: "InternalFailure", Message: "try again"}
	at := time.Date(2026, 11, 27, 3, 0, 0, 0, time.UTC)
	for name, test := range map[string]struct {
		bus  *bus
		code string
	}{
		"told":            {&bus{}, ""},
		"request refused": {&bus{fails: refused}, "AccessDeniedException"},
		"entry failed":    {&bus{entry: failed}, "InternalFailure"},
	} {
		t.Run(name, func(t *testing.T) {
			teller := notice.Teller{Bus: test.bus, Stage: "dev", Now: func() time.Time { return at }}
			err := teller.Tell(t.Context(), events.DetailBudgetNotice, events.BudgetNotice{Stage: teller.Stage, Owner: "ana", Message: "80 %"})
			var api smithy.APIError
			if errors.As(err, &api) != (test.code != "") || api != nil && api.ErrorCode() != test.code {
				t.Fatalf("got %v", err)
			}
			if test.bus.fails != nil {
				return
			}
			got := test.bus.got[0]
			want := `{"stage":"dev","owner":"ana","month":"","state":"","limit":"","spent":"","percent":0,"message":"80 %"}`
			if *got.Source != "mayfly" || *got.DetailType != "Mayfly Budget" || *got.Detail != want || !got.Time.Equal(at) || got.EventBusName != nil {
				t.Errorf("put %s %s %s at %s", *got.Source, *got.DetailType, *got.Detail, got.Time)
			}
		})
	}
	if err := (notice.Teller{}).Tell(t.Context(), "x", struct{}{}); err != nil {
		t.Errorf("nobody to tell is no failure: %v", err)
	}
	if err := (notice.Teller{Bus: &bus{}}).Tell(t.Context(), "x", func() {}); err == nil {
		t.Error("what is no JSON is told")
	}
}
