package sfn

import (
	"cmp"
	"context"
	"strings"
	"time"

	"github.com/mayfly-dev/mayfly/local/asl"
)

type startSyncExecutionOutput struct {
	ExecutionARN    string         `json:"executionArn"`
	StateMachineARN string         `json:"stateMachineArn"`
	Name            string         `json:"name"`
	StartDate       *instant       `json:"startDate"`
	StopDate        *instant       `json:"stopDate"`
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

func (s *Service) startSyncExecution(ctx context.Context, in startExecutionInput) (out startSyncExecutionOutput, err error) {
	withData, err := in.data()
	if err != nil {
		return out, err
	}
	started, c, err := s.start(ctx, in, starting{sync: true})
	if err != nil {
		return out, err
	}
	result, err := s.engine.Wait(ctx, started.ExecutionARN)
	if err != nil {
		return out, err //nolint:wrapcheck // an internal failure, said by the engine
	}
	parts := strings.Split(started.ExecutionARN, ":")
	input := "{}"
	if in.Input != nil {
		input = *in.Input
	}
	out = startSyncExecutionOutput{
		ExecutionARN: started.ExecutionARN, StateMachineARN: c.machine.ARN, Name: cmp.Or(in.Name, parts[min(7, len(parts)-1)]),
		StartDate: at(started.StartDate), StopDate: at(result.StopDate), Status: result.Status, Error: result.Error, Cause: result.Cause,
		InputDetails: &dataDetails{withData}, BillingDetails: billing(result.StopDate.Sub(started.StartDate)), TraceHeader: in.TraceHeader,
	}
	if withData {
		out.Input = input
	}
	if result.Status == asl.StatusSucceeded {
		out.OutputDetails = &dataDetails{withData}
		if text := string(result.Output); withData {
			out.Output = &text
		}
	}
	return out, nil
}

// billing counts as AWS does: in steps of 100 ms, at 64 MB.
func billing(took time.Duration) map[string]int {
	return map[string]int{"billedDurationInMilliseconds": int((took.Milliseconds()/100 + 1) * 100), "billedMemoryUsedInMB": 64}
}
