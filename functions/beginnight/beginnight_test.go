package beginnight_test

import (
	"context"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/functions/beginnight"
	"github.com/mayfly-dev/mayfly/night"
	"github.com/mayfly-dev/mayfly/steptest"
)

// executions are what Step Functions knows of, by ARN.
type executions map[string]types.ExecutionStatus

func (e executions) DescribeExecution(_ context.Context, in *sfn.DescribeExecutionInput, _ ...func(*sfn.Options)) (*sfn.DescribeExecutionOutput, error) {
	switch status, ok := e[*in.ExecutionArn]; {
	case !ok:
		return nil, steptest.Refusal("ExecutionDoesNotExist")
	case status == "denied":
		return nil, steptest.Refusal("AccessDeniedException")
	default:
		return &sfn.DescribeExecutionOutput{Status: status}, nil
	}
}

func TestOneNightAtATime(t *testing.T) {
	for name, tc := range map[string]struct {
		known executions
		begun bool
		fails string
	}{
		"the other runs":              {executions{"other": types.ExecutionStatusRunning}, false, ""},
		"the other is to be redriven": {executions{"other": types.ExecutionStatusPendingRedrive}, false, ""},
		"the other was stopped":       {executions{"other": types.ExecutionStatusAborted}, true, ""},
		"the other failed":            {executions{"other": types.ExecutionStatusFailed}, true, ""},
		"the other is forgotten":      {nil, true, ""},
		"nobody may say":              {executions{"other": "denied"}, false, "AccessDeniedException"},
	} {
		t.Run(name, func(t *testing.T) {
			nights, clock := steptest.NewNights(), &steptest.Clock{}
			step := beginnight.New(tc.known, nights, clock.Now)
			first, err := step.Handle(t.Context(), events.BeginNight{Execution: "other", Input: events.NightAsked{By: "ana"}})
			steptest.WantError(t, err, "")
			if again, err := step.Handle(t.Context(), events.BeginNight{Execution: "other"}); err != nil || again != first || !again.Begun {
				t.Errorf("begun again: %+v, %v", again, err)
			}
			clock.Passed = time.Hour
			got, err := step.Handle(t.Context(), events.BeginNight{Execution: "mine"})
			steptest.WantError(t, err, tc.fails)
			if got.Begun != tc.begun || tc.fails == "" && (got.Night == first.Night) == tc.begun {
				t.Errorf("got %+v after %+v", got, first)
			}
			n, err := nights.GetNight(t.Context(), first.Night)
			steptest.WantError(t, err, "")
			if (n.Status == night.Broken) != tc.begun || n.By != "ana" {
				t.Errorf("the first one is %+v", n)
			}
		})
	}
}
