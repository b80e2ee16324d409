// Package beginnight is the step that begins a night, unless one is under way.
package beginnight

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"github.com/mayfly-dev/mayfly/awserr"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/night"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// Executions is what the step needs of Step Functions.
type Executions interface {
	DescribeExecution(context.Context, *sfn.DescribeExecutionInput, ...func(*sfn.Options)) (*sfn.DescribeExecutionOutput, error)
}

// Store is where the step claims the night.
type Store interface {
	ClaimNight(ctx context.Context, n night.Night, over string) (night.Night, bool, error)
}

// Step begins nights.
type Step struct {
	executions Executions
	store      Store
	now        func() time.Time
}

// New returns the step.
func New(executions Executions, store Store, now func() time.Time) *Step {
	return &Step{executions: executions, store: store, now: now}
}

// Handle claims the night for an execution. A night that is under way keeps it,
// unless its execution has ended, as Step Functions says: then that one is
// broken, and this one does what it did not.
func (s *Step) Handle(ctx context.Context, in events.BeginNight) (events.NightFlow, error) {
	now := s.now().UTC()
	n := night.Night{
		ID: night.IDAt(now), Status: night.Deciding, StartedAt: now, Execution: in.Execution, By: cmp.Or(in.Input.By, sandbox.PrincipalSchedule),
	}
	claimed, mine, err := s.store.ClaimNight(ctx, n, "")
	if err == nil && !mine {
		var ended bool
		if ended, err = s.ended(ctx, claimed.Execution); err == nil && ended {
			claimed, mine, err = s.store.ClaimNight(ctx, n, claimed.Execution)
		}
	}
	if err != nil {
		return events.NightFlow{}, err
	}
	return events.NightFlow{Night: claimed.ID, Begun: mine}, nil
}

// ended reports whether an execution has ended, or was never there.
func (s *Step) ended(ctx context.Context, arn string) (bool, error) {
	out, err := s.executions.DescribeExecution(ctx, &sfn.DescribeExecutionInput{ExecutionArn: &arn})
	if awserr.Is(err, "ExecutionDoesNotExist") {
		return true, nil
	}
	if err != nil {
		return false, fmt.Errorf("describe execution %s: %w", arn, err)
	}
	return out.Status != types.ExecutionStatusRunning && out.Status != types.ExecutionStatusPendingRedrive, nil
}
