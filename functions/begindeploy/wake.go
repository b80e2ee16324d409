package begindeploy

import (
	"context"
	"fmt"
	"strings"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// wake begins to wake a sandbox that sleeps, for an image that was pushed to
// it, and returns the execution that does; nil when it does not sleep. One that
// is being woken already has its execution named again: that may be what an
// earlier run wrote down before its reply was lost, and never started.
func (s *Step) wake(ctx context.Context, ref sandbox.Ref, image events.Image) (*events.WakeUp, error) {
	ctx = sandbox.As(ctx, sandbox.Actor{
		Principal: sandbox.PrincipalPush, Trigger: fmt.Sprintf("push of %s@%s as %s", image.Repository, image.Digest, image.Tag),
	})
	after, err := s.store.Update(ctx, ref, func(box *sandbox.Sandbox) ([]sandbox.Event, error) {
		if box.Phase != sandbox.PhaseSleeping {
			return nil, nil
		}
		return box.BeginWake(s.machines.Wake, s.now().UTC())
	})
	if err != nil {
		return nil, fmt.Errorf("wake sandbox %s: %w", ref.Name, err)
	}
	name, woken := strings.CutPrefix(after.Execution, sandbox.ExecutionARN(s.machines.Wake, ""))
	if !woken || after.Phase != sandbox.PhaseUpdating || after.ActiveRelease != "" {
		return nil, nil
	}
	return &events.WakeUp{Name: name, Flow: after.SleepFlow()}, nil
}
