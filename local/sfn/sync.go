package sfn

import (
	"cmp"
	"context"
	"strings"
	"time"

	"github.com/mayfly-dev/mayfly/local/asl"
	"github.com/mayfly-dev/mayfly/local/awsjson"
)

type startSyncExecutionOutput struct {
	ExecutionARN    string         `json:"executionArn"`
	StateMachineARN string         `json:"stateMachineArn"`
	Name            string         `json:"name"`
	StartDate       *awsjson.Time  `json:"startDate"`
	StopDate        *awsjson.Time  `json:"stopDate"`
	Status          asl.Status     `json:"status"`
	Error           string         `json:"error,omitempty"`
	Cause           string         `json:"cause,omitempty"`
	Input           string         `json:"input,omitempty"`
	InputDetails    *dataDetails   `json:"inputDetails"`
	Output          *string        `json:"output,omitempty"`
	OutputDetails   *dataDetails   `json:"outputDetails,omitempty"`
	BillingDetails  map[string]int `json:"billingDetails"`
	TraceHeader     string         `json:"traceHeader,omitempty"`
}

// startSyncExecution runs an execution to its end. Nothing is kept of it.
func (s *Service) startSyncExecution(ctx context.Context, in startExecutionInput) (out startSyncExecutionOutput, err error) {
	withData, err := in.data()
	if err != nil {
		return out, err
	}
	start, c, err := s.prepare(in, "")
	if err != nil {
		return out, err
	}
	if c.machine.Type != typeExpress {
		return out, failf("StateMachineTypeNotSupported", "This operation is not supported by this type of state machine")
	}
	ran, err := s.engine.Run(ctx, start)
	if err != nil {
		return out, startError(err, c.machine.ARN, in.Name)
	}
	parts := strings.Split(ran.ExecutionARN, ":")
	out = startSyncExecutionOutput{
		ExecutionARN: ran.ExecutionARN, StateMachineARN: c.machine.ARN, Name: cmp.Or(in.Name, parts[min(7, len(parts)-1)]),
		StartDate: awsjson.At(ran.StartDate), StopDate: awsjson.At(ran.StopDate), Status: ran.Status, Error: ran.Error, Cause: ran.Cause,
		InputDetails: &dataDetails{withData}, BillingDetails: billing(ran.StopDate.Sub(ran.StartDate)), TraceHeader: in.TraceHeader,
	}
	if withData {
		out.Input = string(start.Input)
	}
	if ran.Status == asl.StatusSucceeded {
		out.OutputDetails = &dataDetails{withData}
		if text := string(ran.Output); withData {
			out.Output = &text
		}
	}
	return out, nil
}

// billing counts as AWS does: in steps of 100 ms, at 64 MB.
func billing(took time.Duration) map[string]int {
	return map[string]int{"billedDurationInMilliseconds": int((took.Milliseconds()/100 + 1) * 100), "billedMemoryUsedInMB": 64}
}
