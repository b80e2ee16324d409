package sfn

import (
	"context"
	"encoding/base64"
	"errors"

	"github.com/mayfly-dev/mayfly/local/asl"
	"github.com/mayfly-dev/mayfly/local/awsjson"
)

type mapRunInput struct {
	MapRunARN                  string   `json:"mapRunArn"`
	MaxConcurrency             *int     `json:"maxConcurrency"`
	ToleratedFailureCount      *int64   `json:"toleratedFailureCount"`
	ToleratedFailurePercentage *float64 `json:"toleratedFailurePercentage"`
}

type mapRunCounts struct {
	Pending               int `json:"pending"`
	Running               int `json:"running"`
	Succeeded             int `json:"succeeded"`
	Failed                int `json:"failed"`
	TimedOut              int `json:"timedOut"`
	Aborted               int `json:"aborted"`
	Total                 int `json:"total"`
	ResultsWritten        int `json:"resultsWritten"`
	FailuresNotRedrivable int `json:"failuresNotRedrivable"`
	PendingRedrive        int `json:"pendingRedrive"`
}

type describeMapRunOutput struct {
	MapRunARN                  string        `json:"mapRunArn"`
	ExecutionARN               string        `json:"executionArn"`
	Status                     asl.Status    `json:"status"`
	StartDate                  *awsjson.Time `json:"startDate"`
	StopDate                   *awsjson.Time `json:"stopDate,omitempty"`
	MaxConcurrency             int           `json:"maxConcurrency"`
	ToleratedFailurePercentage float64       `json:"toleratedFailurePercentage"`
	ToleratedFailureCount      int64         `json:"toleratedFailureCount"`
	ItemCounts                 mapRunCounts  `json:"itemCounts"`
	ExecutionCounts            mapRunCounts  `json:"executionCounts"`
	RedriveCount               int           `json:"redriveCount"`
	RedriveDate                *awsjson.Time `json:"redriveDate,omitempty"`
}

func (s *Service) mapRun(arn string) (asl.MapRun, error) {
	if err := required("mapRunArn", arn); err != nil {
		return asl.MapRun{}, err
	}
	if _, err := resource(arn, "mapRun", 8, 8); err != nil {
		return asl.MapRun{}, err
	}
	run, err := s.engine.DescribeMapRun(arn)
	if errors.Is(err, asl.ErrExecutionDoesNotExist) {
		err = noResource(arn)
	}
	return run, err
}

func (s *Service) describeMapRun(_ context.Context, in mapRunInput) (out describeMapRunOutput, err error) {
	run, err := s.mapRun(in.MapRunARN)
	if err != nil {
		return out, err
	}
	return describeMapRunOutput{
		MapRunARN: run.MapRunARN, ExecutionARN: run.ExecutionARN, Status: run.Status, StartDate: awsjson.At(run.StartDate), StopDate: awsjson.At(run.StopDate),
		MaxConcurrency: run.MaxConcurrency, ToleratedFailureCount: run.ToleratedFailureCount, ToleratedFailurePercentage: run.ToleratedFailurePercentage,
		ItemCounts: mapRunCounts(run.Items), ExecutionCounts: mapRunCounts(run.Executions), RedriveCount: run.RedriveCount, RedriveDate: awsjson.At(run.RedriveDate),
	}, nil
}

// updateMapRun changes a running map run's concurrency and tolerated failures.
func (s *Service) updateMapRun(ctx context.Context, in mapRunInput) (nothing, error) {
	if _, err := s.mapRun(in.MapRunARN); err != nil {
		return nothing{}, err
	}
	switch {
	case in.MaxConcurrency == nil && in.ToleratedFailureCount == nil && in.ToleratedFailurePercentage == nil:
		return nothing{}, failf("ValidationException", "Must specify at least one of maxConcurrency, toleratedFailureCount and toleratedFailurePercentage")
	case in.MaxConcurrency != nil && *in.MaxConcurrency < 0:
		return nothing{}, outOfRange("maxConcurrency", *in.MaxConcurrency, "greater than or equal to 0")
	case in.ToleratedFailureCount != nil && *in.ToleratedFailureCount < 0:
		return nothing{}, outOfRange("toleratedFailureCount", *in.ToleratedFailureCount, "greater than or equal to 0")
	case in.ToleratedFailurePercentage != nil && *in.ToleratedFailurePercentage < 0:
		return nothing{}, outOfRange("toleratedFailurePercentage", *in.ToleratedFailurePercentage, "greater than or equal to 0")
	case in.ToleratedFailurePercentage != nil && *in.ToleratedFailurePercentage > 100:
		return nothing{}, outOfRange("toleratedFailurePercentage", *in.ToleratedFailurePercentage, "less than or equal to 100")
	}
	err := s.engine.UpdateMapRun(ctx, in.MapRunARN, asl.MapRunChange{
		MaxConcurrency: in.MaxConcurrency, ToleratedFailureCount: in.ToleratedFailureCount, ToleratedFailurePercentage: in.ToleratedFailurePercentage,
	})
	if errors.Is(err, asl.ErrMapRunEnded) {
		return nothing{}, failf("ValidationException", "Map Run is not running: '%s'", in.MapRunARN)
	}
	return nothing{}, err //nolint:wrapcheck // an internal failure, said by the engine
}

func outOfRange(name string, number any, bound string) *Error {
	return failf("ValidationException", "1 validation error detected: Value '%v' at '%s' failed to satisfy constraint: Member must have value %s", number, name, bound)
}

type listMapRunsInput struct {
	ExecutionARN string `json:"executionArn"`
	pageInput
}

type mapRunItem struct {
	MapRunARN       string        `json:"mapRunArn"`
	ExecutionARN    string        `json:"executionArn"`
	StateMachineARN string        `json:"stateMachineArn"`
	StartDate       *awsjson.Time `json:"startDate"`
	StopDate        *awsjson.Time `json:"stopDate,omitempty"`
}

type listMapRunsOutput struct {
	MapRuns   []mapRunItem `json:"mapRuns"`
	NextToken string       `json:"nextToken,omitempty"`
}

// listMapRuns lists the map runs of an execution, the latest first.
func (s *Service) listMapRuns(_ context.Context, in listMapRunsInput) (out listMapRunsOutput, err error) {
	if _, err := s.execution(in.ExecutionARN); err != nil {
		return out, err
	}
	limit, err := limited(in.MaxResults, 100)
	if err != nil {
		return out, err
	}
	after, err := base64.RawURLEncoding.DecodeString(in.NextToken)
	if err != nil {
		return out, invalidToken()
	}
	out.MapRuns = []mapRunItem{}
	skipping := len(after) > 0
	for _, run := range s.engine.MapRuns(in.ExecutionARN) {
		if skipping {
			skipping = run.MapRunARN != string(after)
			continue
		}
		if len(out.MapRuns) == limit {
			out.NextToken = base64.RawURLEncoding.EncodeToString([]byte(out.MapRuns[limit-1].MapRunARN))
			break
		}
		out.MapRuns = append(out.MapRuns, mapRunItem{
			run.MapRunARN, run.ExecutionARN, run.MachineARN + "/" + run.Label, awsjson.At(run.StartDate), awsjson.At(run.StopDate),
		})
	}
	return out, nil
}
