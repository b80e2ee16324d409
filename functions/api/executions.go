package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	sfntypes "github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"github.com/mayfly-dev/mayfly/awserr"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/functions/api/internal/rest"
	"github.com/mayfly-dev/mayfly/pattern"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// Histories is what the API needs of Step Functions to show machines and
// executions.
type Histories interface {
	ListStateMachines(context.Context, *sfn.ListStateMachinesInput, ...func(*sfn.Options)) (*sfn.ListStateMachinesOutput, error)
	DescribeStateMachine(context.Context, *sfn.DescribeStateMachineInput, ...func(*sfn.Options)) (*sfn.DescribeStateMachineOutput, error)
	DescribeStateMachineForExecution(context.Context, *sfn.DescribeStateMachineForExecutionInput, ...func(*sfn.Options)) (*sfn.DescribeStateMachineForExecutionOutput, error)
	ListExecutions(context.Context, *sfn.ListExecutionsInput, ...func(*sfn.Options)) (*sfn.ListExecutionsOutput, error)
	GetExecutionHistory(context.Context, *sfn.GetExecutionHistoryInput, ...func(*sfn.Options)) (*sfn.GetExecutionHistoryOutput, error)
}

var (
	machineName   = pattern.Of(`^[a-z]{1,40}$`)
	executionName = pattern.Of(`^[0-9A-Za-z_-]{1,80}$`)
)

// machinePrefix is what the ARNs of the installation's machines begin with.
func (a *API) machinePrefix() string { return strings.TrimSuffix(a.Machines.Provision, "provision") }

// machineARN returns the ARN of a machine, or the refusal of what can't be one.
func (a *API) machineARN(name string) (string, error) {
	if !machineName().MatchString(name) {
		return "", noMachine(name)
	}
	return a.machinePrefix() + name, nil
}

func noMachine(name string) error {
	return &refusal{status: http.StatusNotFound, kind: "not-found", title: "There is no such state machine", detail: fmt.Sprintf("no state machine %q; GET /v1/machines lists them", name)}
}

func (a server) ListMachines(ctx context.Context, _ rest.ListMachinesRequestObject) (rest.ListMachinesResponseObject, error) {
	answer := rest.ListMachines200JSONResponse{Machines: []events.MachineState{}}
	pages := sfn.NewListStateMachinesPaginator(a.Histories, &sfn.ListStateMachinesInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list state machines: %w", err)
		}
		for _, m := range page.StateMachines {
			// Another installation of the account is told by what follows its stage.
			name, ours := strings.CutPrefix(aws.ToString(m.StateMachineArn), a.machinePrefix())
			if ours && machineName().MatchString(name) {
				answer.Machines = append(answer.Machines, events.MachineState{Name: name, Arn: *m.StateMachineArn})
			}
		}
	}
	slices.SortFunc(answer.Machines, func(x, y events.MachineState) int { return strings.Compare(x.Name, y.Name) })
	return answer, nil
}

func (a server) GetMachine(ctx context.Context, request rest.GetMachineRequestObject) (rest.GetMachineResponseObject, error) {
	arn, err := a.machineARN(request.Machine)
	if err != nil {
		return nil, err
	}
	found, err := a.Histories.DescribeStateMachine(ctx, &sfn.DescribeStateMachineInput{StateMachineArn: &arn})
	if awserr.Is(err, "StateMachineDoesNotExist") {
		return nil, noMachine(request.Machine)
	}
	if err != nil {
		return nil, fmt.Errorf("describe state machine %s: %w", request.Machine, err)
	}
	return rest.GetMachine200JSONResponse{Name: request.Machine, Arn: arn, Definition: json.RawMessage(aws.ToString(found.Definition))}, nil
}

func (a server) ListExecutions(ctx context.Context, request rest.ListExecutionsRequestObject) (rest.ListExecutionsResponseObject, error) {
	page, err := pageOf(request.Params.Limit, request.Params.Cursor)
	if err != nil {
		return nil, err
	}
	arn, err := a.machineARN(request.Machine)
	if err != nil {
		return nil, err
	}
	status := sfntypes.ExecutionStatus(request.Params.Status)
	if status != "" && !slices.Contains(status.Values(), status) {
		return nil, invalid(events.BrokenRule{Field: "status", Rule: fmt.Sprintf("one of %v", status.Values())})
	}
	found, err := a.Histories.ListExecutions(ctx, &sfn.ListExecutionsInput{
		StateMachineArn: &arn, StatusFilter: status, MaxResults: int32(page.Limit), NextToken: tokenOf(page), //nolint:gosec // at most 1000
	})
	switch {
	case awserr.Is(err, "StateMachineDoesNotExist"):
		return nil, noMachine(request.Machine)
	case err != nil:
		return nil, fmt.Errorf("list executions of %s: %w", request.Machine, asToken(err))
	}
	answer := rest.ListExecutions200JSONResponse{Executions: make([]events.ExecutionState, len(found.Executions)), Next: aws.ToString(found.NextToken)}
	for i, e := range found.Executions {
		answer.Executions[i] = events.ExecutionState{
			Machine: request.Machine, Name: aws.ToString(e.Name), Arn: aws.ToString(e.ExecutionArn), Status: string(e.Status),
			StartedAt: aws.ToTime(e.StartDate).UTC(), StoppedAt: timeOf(e.StopDate),
		}
	}
	return answer, nil
}

func (a server) GetExecution(ctx context.Context, request rest.GetExecutionRequestObject) (rest.GetExecutionResponseObject, error) {
	found, box, err := a.execution(ctx, request.Machine, request.Execution)
	if err != nil {
		return nil, err
	}
	runs, err := a.Histories.DescribeStateMachineForExecution(ctx, &sfn.DescribeStateMachineForExecutionInput{ExecutionArn: found.ExecutionArn})
	if err != nil {
		return nil, fmt.Errorf("describe the state machine of execution %s: %w", request.Execution, err)
	}
	return rest.GetExecution200JSONResponse{
		Machine: request.Machine, Name: request.Execution, Arn: aws.ToString(found.ExecutionArn), Status: string(found.Status), Sandbox: box,
		StartedAt: aws.ToTime(found.StartDate).UTC(), StoppedAt: timeOf(found.StopDate), Error: aws.ToString(found.Error), Cause: aws.ToString(found.Cause),
		Input: aws.ToString(found.Input), Output: aws.ToString(found.Output), Definition: json.RawMessage(aws.ToString(runs.Definition)),
	}, nil
}

// execution returns an execution and the name of the sandbox that it works on,
// if the caller may see it: what is no sandbox's is for those who see all.
func (a *API) execution(ctx context.Context, machine, name string) (*sfn.DescribeExecutionOutput, string, error) {
	missing := &refusal{status: http.StatusNotFound, kind: "not-found", title: "There is no such execution", detail: fmt.Sprintf("%s has no execution %q; Step Functions forgets them after 90 days", machine, name)}
	arn, err := a.machineARN(machine)
	if err != nil {
		return nil, "", err
	}
	if !executionName().MatchString(name) {
		return nil, "", missing
	}
	found, err := a.Executions.DescribeExecution(ctx, &sfn.DescribeExecutionInput{ExecutionArn: aws.String(sandbox.ExecutionARN(arn, name))})
	if awserr.Is(err, "ExecutionDoesNotExist") {
		// Who may not see it is not told that there is none.
		if err := callerOf(ctx).Check(""); err != nil {
			return nil, "", err
		}
		return nil, "", missing
	}
	if err != nil {
		return nil, "", fmt.Errorf("describe execution %s: %w", name, err)
	}
	of := struct{ Sandbox events.Sandbox }{}
	if err := json.Unmarshal([]byte(aws.ToString(found.Input)), &of); err != nil {
		of.Sandbox = events.Sandbox{} // an input of another kind is no sandbox's
	}
	owner := of.Sandbox.Owner
	if s, err := a.Store.Get(ctx, of.Sandbox.Name); err == nil && s.ID == of.Sandbox.ID {
		owner = s.Owner // it may have got another one since
	} else if err != nil && !errors.Is(err, sandbox.ErrNotFound) {
		return nil, "", fmt.Errorf("get sandbox %s: %w", of.Sandbox.Name, err)
	}
	return found, of.Sandbox.Name, callerOf(ctx).Check(owner)
}
