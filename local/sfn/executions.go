package sfn

import (
	"context"
	"errors"
	"strings"

	"github.com/mayfly-dev/mayfly/local/asl"
	"github.com/mayfly-dev/mayfly/local/awsjson"
)

// execution describes an execution, or says in AWS's words that there is none.
func (s *Service) execution(arn string) (asl.Description, error) {
	if err := required("executionArn", arn); err != nil {
		return asl.Description{}, err
	}
	if err := checkExecutionARN(arn); err != nil {
		return asl.Description{}, err
	}
	d, err := s.engine.Describe(arn)
	if errors.Is(err, asl.ErrExecutionDoesNotExist) {
		err = noExecution(arn)
	}
	return d, err
}

type executionInput struct {
	ExecutionARN string `json:"executionArn"`
}

type describeExecutionInput struct {
	executionInput
	included
}

type dataDetails struct {
	Included bool `json:"included"`
}

type describeExecutionOutput struct {
	ExecutionARN           string            `json:"executionArn"`
	StateMachineARN        string            `json:"stateMachineArn"`
	Name                   string            `json:"name"`
	Status                 asl.Status        `json:"status"`
	StartDate              *awsjson.Time     `json:"startDate"`
	StopDate               *awsjson.Time     `json:"stopDate,omitempty"`
	Input                  string            `json:"input,omitempty"`
	InputDetails           *dataDetails      `json:"inputDetails"`
	Output                 *string           `json:"output,omitempty"`
	OutputDetails          *dataDetails      `json:"outputDetails,omitempty"`
	Error                  string            `json:"error,omitempty"`
	Cause                  string            `json:"cause,omitempty"`
	StateMachineVersionARN string            `json:"stateMachineVersionArn,omitempty"`
	StateMachineAliasARN   string            `json:"stateMachineAliasArn,omitempty"`
	MapRunARN              string            `json:"mapRunArn,omitempty"`
	RedriveCount           int               `json:"redriveCount"`
	RedriveDate            *awsjson.Time     `json:"redriveDate,omitempty"`
	RedriveStatus          asl.RedriveStatus `json:"redriveStatus"`
	RedriveStatusReason    string            `json:"redriveStatusReason,omitempty"`
	TraceHeader            string            `json:"traceHeader,omitempty"`
}

func (s *Service) describeExecution(_ context.Context, in describeExecutionInput) (out describeExecutionOutput, err error) {
	withData, err := in.data()
	if err != nil {
		return out, err
	}
	d, err := s.execution(in.ExecutionARN)
	if err != nil {
		return out, err
	}
	meta, err := readMeta(d)
	if err != nil {
		return out, err
	}
	out = describeExecutionOutput{
		ExecutionARN: d.ExecutionARN, StateMachineARN: d.MachineARN, Name: d.Name, Status: d.Status, StartDate: awsjson.At(d.StartDate), StopDate: awsjson.At(d.StopDate),
		InputDetails: &dataDetails{withData}, TraceHeader: meta.TraceHeader, Error: d.Error, Cause: d.Cause, StateMachineVersionARN: d.VersionARN,
		StateMachineAliasARN: d.AliasARN, MapRunARN: d.MapRunARN, RedriveCount: d.RedriveCount, RedriveDate: awsjson.At(d.RedriveDate),
	}
	if d.Express && d.MapRunARN != "" {
		// AWS gives it the end of its ARN.
		out.Name = strings.Join(strings.Split(d.ExecutionARN, ":")[7:], ":")
	}
	if withData {
		out.Input = string(d.Input)
	}
	if d.Output != nil {
		out.OutputDetails = &dataDetails{withData}
		if text := string(d.Output); withData {
			out.Output = &text
		}
	}
	out.RedriveStatus, out.RedriveStatusReason = d.RedriveStatus, d.RedriveReason
	return out, nil
}

type listExecutionsInput struct {
	StateMachineARN string `json:"stateMachineArn"`
	MapRunARN       string `json:"mapRunArn"`
	StatusFilter    string `json:"statusFilter"`
	RedriveFilter   string `json:"redriveFilter"`
	MaxResults      int    `json:"maxResults"`
	NextToken       string `json:"nextToken"`
}

type executionItem struct {
	ExecutionARN           string        `json:"executionArn"`
	StateMachineARN        string        `json:"stateMachineArn"`
	Name                   string        `json:"name"`
	Status                 asl.Status    `json:"status"`
	StartDate              *awsjson.Time `json:"startDate"`
	StopDate               *awsjson.Time `json:"stopDate,omitempty"`
	MapRunARN              string        `json:"mapRunArn,omitempty"`
	ItemCount              *int          `json:"itemCount,omitempty"`
	StateMachineVersionARN string        `json:"stateMachineVersionArn,omitempty"`
	StateMachineAliasARN   string        `json:"stateMachineAliasArn,omitempty"`
	RedriveCount           int           `json:"redriveCount"`
	RedriveDate            *awsjson.Time `json:"redriveDate,omitempty"`
}

type listExecutionsOutput struct {
	Executions []executionItem `json:"executions"`
	NextToken  string          `json:"nextToken,omitempty"`
}

func (s *Service) listExecutions(_ context.Context, in listExecutionsInput) (out listExecutionsOutput, err error) {
	limit, err := limited(in.MaxResults, 100)
	if err != nil {
		return out, err
	}
	keep, err := s.executionFilter(in)
	if err != nil {
		return out, err
	}
	ref := machineRef{}
	if in.StateMachineARN != "" {
		if ref, err = parseMachineARN(in.StateMachineARN); err != nil {
			return out, err
		}
	}
	listing := asl.Listing{MachineARN: ref.base, MapRunARN: in.MapRunARN, Status: asl.Status(in.StatusFilter), Limit: 1, Token: in.NextToken}
	if in.NextToken != "" && strings.Trim(in.NextToken, "0123456789") != "" {
		return out, invalidToken()
	}
	out.Executions = []executionItem{}
	for len(out.Executions) < limit {
		listing.Limit = limit - len(out.Executions)
		page, next := s.engine.List(listing)
		for _, d := range page {
			if keep(d) {
				out.Executions = append(out.Executions, item(d))
			}
		}
		out.NextToken, listing.Token = next, next
		if next == "" {
			break
		}
	}
	return out, nil
}

// executionFilter checks what to list, and selects by what the engine does not.
func (s *Service) executionFilter(in listExecutionsInput) (func(asl.Description) bool, error) {
	switch in.StatusFilter {
	case "", "RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED", "PENDING_REDRIVE":
	default:
		return nil, failf("ValidationException", "1 validation error detected: Value '%s' at 'statusFilter' failed to satisfy constraint: "+
			"Member must satisfy enum value set: [RUNNING, SUCCEEDED, FAILED, TIMED_OUT, ABORTED, PENDING_REDRIVE]", in.StatusFilter)
	}
	switch in.RedriveFilter {
	case "", "REDRIVEN", "NOT_REDRIVEN":
	default:
		return nil, failf("ValidationException", "1 validation error detected: Value '%s' at 'redriveFilter' failed to satisfy constraint: "+
			"Member must satisfy enum value set: [REDRIVEN, NOT_REDRIVEN]", in.RedriveFilter)
	}
	if (in.StateMachineARN == "") == (in.MapRunARN == "") {
		return nil, failf("ValidationException", "Must specify exactly one of stateMachineArn and mapRunArn")
	}
	if in.MapRunARN != "" {
		if _, err := s.mapRun(in.MapRunARN); err != nil {
			return nil, err
		}
	}
	qualified := ""
	if in.StateMachineARN != "" {
		if in.RedriveFilter != "" || in.StatusFilter == string(asl.StatusPendingRedrive) {
			return nil, failf("ValidationException", "redriveFilter and the status PENDING_REDRIVE are only supported with mapRunArn")
		}
		c, err := s.choose(in.StateMachineARN, nil)
		switch {
		case err != nil:
			return nil, err
		case c.machine.Type == typeExpress:
			return nil, failf("StateMachineTypeNotSupported", "This operation is not supported by this type of state machine")
		case c.version != nil:
			qualified = in.StateMachineARN
		}
	}
	return func(d asl.Description) bool {
		return (qualified == "" || qualified == d.VersionARN || qualified == d.AliasARN) &&
			(in.RedriveFilter == "" || (in.RedriveFilter == "REDRIVEN") == (d.RedriveCount > 0))
	}, nil
}

func item(d asl.Description) executionItem {
	out := executionItem{
		ExecutionARN: d.ExecutionARN, StateMachineARN: d.MachineARN, Name: d.Name, Status: d.Status, StartDate: awsjson.At(d.StartDate), StopDate: awsjson.At(d.StopDate),
		MapRunARN: d.MapRunARN, StateMachineVersionARN: d.VersionARN, StateMachineAliasARN: d.AliasARN, RedriveCount: d.RedriveCount, RedriveDate: awsjson.At(d.RedriveDate),
	}
	if d.MapRunARN != "" {
		out.ItemCount = &d.ItemCount
	}
	return out
}

type stopExecutionInput struct {
	ExecutionARN string `json:"executionArn"`
	Error        string `json:"error"`
	Cause        string `json:"cause"`
}

type stopExecutionOutput struct {
	StopDate *awsjson.Time `json:"stopDate"`
}

func (s *Service) stopExecution(_ context.Context, in stopExecutionInput) (out stopExecutionOutput, err error) {
	d, err := s.execution(in.ExecutionARN)
	if err != nil {
		return out, err
	}
	if d.Express && d.MapRunARN != "" {
		return out, failf("InvalidArn", "Invalid Arn: 'Resource type not valid in this context: express'")
	}
	if len([]rune(in.Error)) > 256 || len([]rune(in.Cause)) > 32768 {
		return out, failf("ValidationException", "1 validation error detected: error has at most 256 characters, and cause 32768")
	}
	stopped, err := s.engine.Stop(in.ExecutionARN, in.Error, in.Cause)
	return stopExecutionOutput{StopDate: awsjson.At(stopped)}, err //nolint:wrapcheck // an internal failure, said by the engine
}
