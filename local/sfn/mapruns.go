package sfn

import (
	"context"
	"encoding/base64"
	"errors"
	"strings"

	"github.com/mayfly-dev/mayfly/local/asl"
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
	MapRunARN                  string       `json:"mapRunArn"`
	ExecutionARN               string       `json:"executionArn"`
	Status                     asl.Status   `json:"status"`
	StartDate                  *instant     `json:"startDate"`
	StopDate                   *instant     `json:"stopDate,omitempty"`
	MaxConcurrency             int          `json:"maxConcurrency"`
	ToleratedFailurePercentage float64      `json:"toleratedFailurePercentage"`
	ToleratedFailureCount      int64        `json:"toleratedFailureCount"`
	ItemCounts                 mapRunCounts `json:"itemCounts"`
	ExecutionCounts            mapRunCounts `json:"executionCounts"`
	RedriveCount               int          `json:"redriveCount"`
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
	c := run.Counts
	counts := mapRunCounts{
		Pending: c.Pending, Running: c.Running, Succeeded: c.Succeeded, Failed: c.Failed, TimedOut: c.TimedOut, Aborted: c.Aborted,
		Total: c.Total, ResultsWritten: c.ResultsWritten,
	}
	return describeMapRunOutput{
		MapRunARN: run.MapRunARN, ExecutionARN: run.ExecutionARN, Status: run.Status, StartDate: at(run.StartDate), StopDate: at(run.StopDate),
		MaxConcurrency: run.MaxConcurrency, ItemCounts: counts, ExecutionCounts: counts,
	}, nil
}

// updateMapRun changes a running map run's concurrency. Its tolerated failures
// stay as the definition has them.
func (s *Service) updateMapRun(_ context.Context, in mapRunInput) (nothing, error) {
	run, err := s.mapRun(in.MapRunARN)
	if err != nil {
		return nothing{}, err
	}
	switch {
	case in.ToleratedFailureCount != nil || in.ToleratedFailurePercentage != nil:
		return nothing{}, failf("ValidationException", "the tolerated failures of a map run cannot be changed here")
	case in.MaxConcurrency == nil:
		return nothing{}, failf("ValidationException", "Must specify at least one of maxConcurrency, toleratedFailureCount and toleratedFailurePercentage")
	case *in.MaxConcurrency < 0:
		return nothing{}, failf("ValidationException", "1 validation error detected: Value '%d' at 'maxConcurrency' failed to satisfy constraint: Member must have value greater than or equal to 0", *in.MaxConcurrency)
	case run.Status != asl.StatusRunning:
		return nothing{}, failf("ValidationException", "Map Run is not running: '%s'", in.MapRunARN)
	}
	return nothing{}, s.engine.UpdateMapRun(in.MapRunARN, *in.MaxConcurrency) //nolint:wrapcheck // an internal failure, said by the engine
}

type listMapRunsInput struct {
	ExecutionARN string `json:"executionArn"`
	pageInput
}

type mapRunItem struct {
	MapRunARN       string   `json:"mapRunArn"`
	ExecutionARN    string   `json:"executionArn"`
	StateMachineARN string   `json:"stateMachineArn"`
	StartDate       *instant `json:"startDate"`
	StopDate        *instant `json:"stopDate,omitempty"`
}

type listMapRunsOutput struct {
	MapRuns   []mapRunItem `json:"mapRuns"`
	NextToken string       `json:"nextToken,omitempty"`
}

// listMapRuns lists the map runs of an execution in the order of their start.
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
		machine, label, _ := strings.Cut(strings.Split(run.MapRunARN, ":")[6], "/")
		out.MapRuns = append(out.MapRuns, mapRunItem{
			run.MapRunARN, run.ExecutionARN, s.arn("stateMachine", machine+"/"+label), at(run.StartDate), at(run.StopDate),
		})
	}
	return out, nil
}
