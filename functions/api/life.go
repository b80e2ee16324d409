package api

import (
	"context"
	"fmt"
	"unicode/utf8"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/functions/api/internal/rest"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// maxReason is how long a reason may be, in bytes.
const maxReason = 200

func (a server) ExtendSandbox(ctx context.Context, request rest.ExtendSandboxRequestObject) (rest.ExtendSandboxResponseObject, error) {
	span, err := sandbox.ParseSpan("for", request.Body.For)
	if err := together(err, checkReason(request.Body.Reason)); err != nil {
		return nil, err
	}
	state, err := a.attend(ctx, request.Name, func(s *sandbox.Sandbox) ([]sandbox.Event, error) {
		return s.Extend(a.now().Add(span).UTC(), request.Body.Reason)
	})
	return rest.ExtendSandbox200JSONResponse(state), err
}

func (a server) PinSandbox(ctx context.Context, request rest.PinSandboxRequestObject) (rest.PinSandboxResponseObject, error) {
	reason := ""
	if request.Body != nil {
		reason = request.Body.Reason
	}
	if err := checkReason(reason); err != nil {
		return nil, err
	}
	state, err := a.attend(ctx, request.Name, func(s *sandbox.Sandbox) ([]sandbox.Event, error) { return s.Pin(reason) })
	return rest.PinSandbox200JSONResponse(state), err
}

func (a server) UnpinSandbox(ctx context.Context, request rest.UnpinSandboxRequestObject) (rest.UnpinSandboxResponseObject, error) {
	state, err := a.attend(ctx, request.Name, func(s *sandbox.Sandbox) ([]sandbox.Event, error) { return s.Unpin() })
	return rest.UnpinSandbox200JSONResponse(state), err
}

func (a server) SleepSandbox(ctx context.Context, request rest.SleepSandboxRequestObject) (rest.SleepSandboxResponseObject, error) {
	reason := "asked for by " + callerOf(ctx).Name
	if request.Body != nil && request.Body.Reason != "" {
		reason += ": " + request.Body.Reason
	}
	if err := checkReason(reason); err != nil {
		return nil, err
	}
	state, underWay, err := a.turn(ctx, request.Name, func(s *sandbox.Sandbox) ([]sandbox.Event, error) {
		log, err := s.BeginSleep(a.Machines.Sleep, reason, a.now())
		if len(log) > 0 {
			s.ChangedAt = a.now()
		}
		return log, err
	})
	if err != nil || !underWay {
		return rest.SleepSandbox200JSONResponse(state), err
	}
	return rest.SleepSandbox202JSONResponse{Body: state, Headers: rest.SleepSandbox202ResponseHeaders{Location: location(state.Name)}}, nil
}

func (a server) WakeSandbox(ctx context.Context, request rest.WakeSandboxRequestObject) (rest.WakeSandboxResponseObject, error) {
	state, underWay, err := a.turn(ctx, request.Name, func(s *sandbox.Sandbox) ([]sandbox.Event, error) {
		return s.BeginWake(a.Machines.Wake, a.now())
	})
	if err != nil || !underWay {
		return rest.WakeSandbox200JSONResponse(state), err
	}
	return rest.WakeSandbox202JSONResponse{Body: state, Headers: rest.WakeSandbox202ResponseHeaders{Location: location(state.Name)}}, nil
}

// attend makes a change of a sandbox's record that needs no flow: its people
// see to it, which is a use of it.
func (a *API) attend(ctx context.Context, name string, change func(*sandbox.Sandbox) ([]sandbox.Event, error)) (events.SandboxState, error) {
	s, err := a.find(ctx, name)
	if err != nil {
		return events.SandboxState{}, err
	}
	after, err := a.Store.Update(ctx, s.Ref(), func(current *sandbox.Sandbox) ([]sandbox.Event, error) {
		log, err := change(current)
		if len(log) > 0 {
			current.ChangedAt = a.now()
		}
		return log, err
	})
	if err != nil {
		return events.SandboxState{}, fmt.Errorf("change sandbox %s: %w", name, err)
	}
	return a.state(ctx, &after, a.history())
}

// turn makes a change that a flow carries out, and starts the flow. When there
// was nothing to change it sees that what is under way really is.
func (a *API) turn(ctx context.Context, name string, begin func(*sandbox.Sandbox) ([]sandbox.Event, error)) (state events.SandboxState, underWay bool, err error) {
	s, err := a.find(ctx, name)
	if err != nil {
		return events.SandboxState{}, false, err
	}
	begun := false
	after, err := a.Store.Update(ctx, s.Ref(), func(current *sandbox.Sandbox) ([]sandbox.Event, error) {
		log, err := begin(current)
		begun = len(log) > 0
		return log, err
	})
	if err != nil {
		return events.SandboxState{}, false, fmt.Errorf("change sandbox %s: %w", name, err)
	}
	if begun {
		err = a.run(ctx, after.Execution, a.input(&after))
	} else {
		after, err = a.heal(ctx, after)
	}
	if err != nil {
		return events.SandboxState{}, false, err
	}
	state, err = a.state(ctx, &after, a.history())
	return state, after.Phase == sandbox.PhaseUpdating, err
}

func checkReason(reason string) error {
	if len(reason) > maxReason || !utf8.ValidString(reason) {
		return &sandbox.FieldError{Field: "reason", Rule: fmt.Sprintf("text of at most %d bytes", maxReason), Value: reason[:min(len(reason), 40)]}
	}
	for _, r := range reason {
		if r < ' ' || r == 0x7f {
			return &sandbox.FieldError{Field: "reason", Rule: "one line of text", Value: ""}
		}
	}
	return nil
}
