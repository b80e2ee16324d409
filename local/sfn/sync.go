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
	Input           string         `json:"input"`
	InputDetails    *dataDetails   `json:"inputDetails"`
	Output          *string        `json:"output,omitempty"`
	OutputDetails   *dataDetails   `json:"outputDetails,omitempty"`
	BillingDetails  map[string]int `json:"billingDetails"`
}

func (s *Service) startSyncExecution(ctx context.Context, in startExecutionInput) (out startSyncExecutionOutput, err error) {
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
		Input: input, InputDetails: &dataDetails{true}, BillingDetails: billing(result.StopDate.Sub(started.StartDate)),
	}
	if result.Status == asl.StatusSucceeded {
		text := string(result.Output)
		out.Output, out.OutputDetails = &text, &dataDetails{true}
	}
	return out, nil
}

// billing counts as AWS does: in steps of 100 ms, at 64 MB.
func billing(took time.Duration) map[string]int {
	return map[string]int{"billedDurationInMilliseconds": int((took.Milliseconds()/100 + 1) * 100), "billedMemoryUsedInMB": 64}
}
