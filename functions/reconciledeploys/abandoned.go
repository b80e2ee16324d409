package reconciledeploys

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"github.com/mayfly-dev/mayfly/awserr"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// Executions is what the step needs of Step Functions.
type Executions interface {
	DescribeExecution(context.Context, *sfn.DescribeExecutionInput, ...func(*sfn.Options)) (*sfn.DescribeExecutionOutput, error)
}

// absent is the status of an execution that was never started.
const absent types.ExecutionStatus = ""

// starting is how long a release may hold the lock before its execution is
// there: who takes the lock starts it at once.
const starting = 5 * time.Minute

// free ends the release under way of a sandbox if its execution has ended
// without writing so: one that was stopped by hand, or that failed in a way
// that no Catch catches. It returns the sandbox as it is then.
func (s *Step) free(ctx context.Context, box sandbox.Sandbox) (sandbox.Sandbox, error) {
	r, err := s.store.GetRelease(ctx, box.Ref(), box.ActiveRelease)
	if err != nil {
		return box, fmt.Errorf("release under way: %w", err)
	}
	status, err := s.status(ctx, r.Execution)
	if err != nil {
		return box, err
	}
	switch status {
	case types.ExecutionStatusRunning, types.ExecutionStatusPendingRedrive:
		return box, nil
	case absent:
		if waits, err := s.awaited(ctx, &r); err != nil || waits {
			return box, err
		}
		err = sandbox.EndUnstarted(ctx, s.store, box.Ref(), r.ID, s.now())
	default:
		err = sandbox.EndAbandoned(ctx, s.store, box.Ref(), r.ID, string(status), s.now())
	}
	if err != nil {
		return box, err
	}
	return s.store.Get(ctx, box.Name)
}

// awaited reports whether somebody may still start a release's execution: the
// deploy that began it, or, for one by hand, the API.
func (s *Step) awaited(ctx context.Context, r *sandbox.Release) (bool, error) {
	if s.now().Sub(r.CreatedAt) < starting {
		return true, nil
	}
	if !r.Pushed() {
		return false, nil
	}
	status, err := s.status(ctx, r.Deploy)
	return status == types.ExecutionStatusRunning || status == types.ExecutionStatusPendingRedrive, err
}

// status returns how an execution is, absent when there is none.
func (s *Step) status(ctx context.Context, arn string) (types.ExecutionStatus, error) {
	out, err := s.executions.DescribeExecution(ctx, &sfn.DescribeExecutionInput{ExecutionArn: &arn})
	if awserr.Is(err, "ExecutionDoesNotExist") {
		return absent, nil
	}
	if err != nil {
		return absent, fmt.Errorf("describe execution %s: %w", arn, err)
	}
	return out.Status, nil
}
