package api

import (
	"context"
	"fmt"

	sfntypes "github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"github.com/mayfly-dev/mayfly/functions/api/internal/rest"
	"github.com/mayfly-dev/mayfly/sandbox"
)

func (a server) DeleteSandbox(ctx context.Context, request rest.DeleteSandboxRequestObject) (rest.DeleteSandboxResponseObject, error) {
	s, err := a.find(ctx, request.Name)
	if err != nil {
		return nil, err
	}
	deleting, err := a.delete(ctx, s)
	if err != nil {
		return nil, err
	}
	state, err := a.state(ctx, &deleting, a.history())
	if err != nil {
		return nil, err
	}
	return rest.DeleteSandbox202JSONResponse{Body: state, Headers: rest.DeleteSandbox202ResponseHeaders{Location: location(s.Name)}}, nil
}

// delete writes that s is to go and makes sure that a teardown comes.
//
// A provision under way is left to find out by itself: its next write to the
// ledger is refused, and it undoes what it made. A teardown beside it could
// miss what it is just making. Everything else is torn down beside whatever
// still runs, for nothing else makes anything new.
func (a *API) delete(ctx context.Context, s sandbox.Sandbox) (sandbox.Sandbox, error) {
	status, err := a.status(ctx, s.Execution)
	if err != nil {
		return s, err
	}
	undoesItself := isOf(s.Execution, a.Machines.Provision) && (status == sfntypes.ExecutionStatusRunning || status == absent)
	var execution string
	after, err := a.Store.Update(ctx, s.Ref(), func(current *sandbox.Sandbox) ([]sandbox.Event, error) {
		execution = ""
		was := current.Phase
		if current.Phase, current.DeleteRequested = sandbox.PhaseDeleting, true; was == sandbox.PhaseDeleting {
			return nil, nil
		}
		// A provision that was under way a moment ago may have written its end
		// meanwhile, and then undoes nothing.
		if !undoesItself || was != sandbox.PhaseProvisioning {
			current.Attempt++
			execution = sandbox.ExecutionARN(a.Machines.Teardown, teardownName(current.ID, current.Attempt))
			current.Execution = execution
		}
		return []sandbox.Event{{Type: sandbox.EventPhase, Message: "deletion asked for by " + callerOf(ctx).Name}}, nil
	})
	if err != nil {
		return s, fmt.Errorf("delete sandbox %s: %w", s.Name, err)
	}
	if execution != "" {
		return after, a.run(ctx, execution, a.input(&after))
	}
	// Asked before, or left to the provision: see that it really is under way.
	return a.heal(ctx, after)
}
