package api

import (
	"context"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	sfntypes "github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/functions/api/internal/rest"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// maxData is how much of an input or output a history shows, in bytes. They may
// have 256 KiB each, and an answer of Lambda 6 MB in all.
const maxData = 4096

func (a server) GetHistory(ctx context.Context, request rest.GetHistoryRequestObject) (rest.GetHistoryResponseObject, error) {
	page, err := pageOf(request.Params.Limit, request.Params.Cursor)
	if err != nil {
		return nil, err
	}
	of, _, err := a.execution(ctx, request.Machine, request.Execution)
	if err != nil {
		return nil, err
	}
	found, err := a.Histories.GetExecutionHistory(ctx, &sfn.GetExecutionHistoryInput{
		ExecutionArn: of.ExecutionArn, MaxResults: int32(page.Limit), NextToken: tokenOf(page), IncludeExecutionData: aws.Bool(true), //nolint:gosec // at most 1000
	})
	if err != nil {
		return nil, fmt.Errorf("history of execution %s: %w", request.Execution, asToken(err))
	}
	answer := rest.GetHistory200JSONResponse{Events: make([]events.HistoryEvent, len(found.Events)), Next: aws.ToString(found.NextToken)}
	for i := range found.Events {
		answer.Events[i] = historyEvent(&found.Events[i])
	}
	return answer, nil
}

// historyEvent returns what is the same in all of Step Functions' many kinds.
func historyEvent(e *sfntypes.HistoryEvent) events.HistoryEvent {
	shown := events.HistoryEvent{ID: e.Id, Previous: e.PreviousEventId, At: aws.ToTime(e.Timestamp).UTC(), Type: string(e.Type)}
	failed := func(code, cause *string) { shown.Error, shown.Cause = aws.ToString(code), aws.ToString(cause) }
	switch {
	case e.StateEnteredEventDetails != nil:
		shown.State, shown.Input = aws.ToString(e.StateEnteredEventDetails.Name), cut(e.StateEnteredEventDetails.Input)
	case e.StateExitedEventDetails != nil:
		shown.State, shown.Output = aws.ToString(e.StateExitedEventDetails.Name), cut(e.StateExitedEventDetails.Output)
	case e.LambdaFunctionScheduledEventDetails != nil:
		shown.Input = cut(e.LambdaFunctionScheduledEventDetails.Input)
	case e.LambdaFunctionSucceededEventDetails != nil:
		shown.Output = cut(e.LambdaFunctionSucceededEventDetails.Output)
	case e.LambdaFunctionFailedEventDetails != nil:
		failed(e.LambdaFunctionFailedEventDetails.Error, e.LambdaFunctionFailedEventDetails.Cause)
	case e.LambdaFunctionTimedOutEventDetails != nil:
		failed(e.LambdaFunctionTimedOutEventDetails.Error, e.LambdaFunctionTimedOutEventDetails.Cause)
	case e.LambdaFunctionScheduleFailedEventDetails != nil:
		failed(e.LambdaFunctionScheduleFailedEventDetails.Error, e.LambdaFunctionScheduleFailedEventDetails.Cause)
	case e.TaskScheduledEventDetails != nil:
		shown.Input = cut(e.TaskScheduledEventDetails.Parameters)
	case e.TaskSucceededEventDetails != nil:
		shown.Output = cut(e.TaskSucceededEventDetails.Output)
	case e.TaskFailedEventDetails != nil:
		failed(e.TaskFailedEventDetails.Error, e.TaskFailedEventDetails.Cause)
	case e.TaskTimedOutEventDetails != nil:
		failed(e.TaskTimedOutEventDetails.Error, e.TaskTimedOutEventDetails.Cause)
	case e.TaskStartFailedEventDetails != nil:
		failed(e.TaskStartFailedEventDetails.Error, e.TaskStartFailedEventDetails.Cause)
	case e.TaskSubmitFailedEventDetails != nil:
		failed(e.TaskSubmitFailedEventDetails.Error, e.TaskSubmitFailedEventDetails.Cause)
	case e.MapRunStartedEventDetails != nil:
		shown.MapRun = aws.ToString(e.MapRunStartedEventDetails.MapRunArn)
	case e.MapRunRedrivenEventDetails != nil:
		shown.MapRun = aws.ToString(e.MapRunRedrivenEventDetails.MapRunArn)
	case e.MapIterationStartedEventDetails != nil:
		shown.Index = int(e.MapIterationStartedEventDetails.Index)
	case e.MapRunFailedEventDetails != nil:
		failed(e.MapRunFailedEventDetails.Error, e.MapRunFailedEventDetails.Cause)
	case e.EvaluationFailedEventDetails != nil:
		shown.State = aws.ToString(e.EvaluationFailedEventDetails.State)
		failed(e.EvaluationFailedEventDetails.Error, e.EvaluationFailedEventDetails.Cause)
	case e.ExecutionStartedEventDetails != nil:
		shown.Input = cut(e.ExecutionStartedEventDetails.Input)
	case e.ExecutionSucceededEventDetails != nil:
		shown.Output = cut(e.ExecutionSucceededEventDetails.Output)
	case e.ExecutionFailedEventDetails != nil:
		failed(e.ExecutionFailedEventDetails.Error, e.ExecutionFailedEventDetails.Cause)
	case e.ExecutionAbortedEventDetails != nil:
		failed(e.ExecutionAbortedEventDetails.Error, e.ExecutionAbortedEventDetails.Cause)
	case e.ExecutionTimedOutEventDetails != nil:
		failed(e.ExecutionTimedOutEventDetails.Error, e.ExecutionTimedOutEventDetails.Cause)
	}
	return shown
}

// cut returns at most maxData bytes of a text, whole characters.
func cut(text *string) string {
	s := aws.ToString(text)
	if len(s) <= maxData {
		return s
	}
	end := maxData
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + "…"
}

func timeOf(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.UTC()
}

// tokenOf returns a page's cursor as AWS takes it.
func tokenOf(page sandbox.Page) *string {
	if page.After == "" {
		return nil
	}
	return aws.String(string(page.After))
}
