package sandbox

import (
	"context"
	"fmt"
)

// ReleaseLostError says that a step of a release runs although the release no
// longer has the sandbox's lock: it has ended, or another one has begun.
type ReleaseLostError struct {
	Name    string
	Release string
}

func (e *ReleaseLostError) Error() string {
	return fmt.Sprintf("release %s of sandbox %q is not under way", e.Release, e.Name)
}

// ErrorName is the name of the error in the state machines.
func (e *ReleaseLostError) ErrorName() string { return "ReleaseLost" }

// BeginReleaseStep notes that a step of a release is under way and returns the
// sandbox as it is. It returns a *DeletingError when the sandbox is being
// deleted and a *ReleaseLostError when the release does not have the lock;
// the step must change nothing then. While the sandbox is still provisioning,
// the step under way that it shows stays the provisioning's.
func (l Ledger) BeginReleaseStep(ctx context.Context, ref Ref, release, step string) (Sandbox, error) {
	now := l.Now().UTC()
	s, err := l.Store.Update(ctx, ref, func(s *Sandbox) ([]Event, error) {
		if s.Phase == PhaseDeleting || s.DeleteRequested {
			return nil, &DeletingError{Name: s.Name}
		}
		if s.ActiveRelease != release {
			return nil, &ReleaseLostError{Name: s.Name, Release: release}
		}
		if s.Phase != PhaseUpdating || s.Step == step {
			return nil, nil
		}
		s.Step, s.StepSince = step, now
		return []Event{{At: now, Type: EventStepStarted, Step: step, Phase: s.Phase, Release: release, Message: step + " started"}}, nil
	})
	if err != nil {
		return Sandbox{}, fmt.Errorf("begin %s of release %s of sandbox %s: %w", step, release, ref.Name, err)
	}
	return s, nil
}

// ReleaseProgress writes one line for a person about a release under way.
func (l Ledger) ReleaseProgress(ctx context.Context, ref Ref, release, step, message string) error {
	now := l.Now().UTC()
	_, err := l.Store.Update(ctx, ref, func(s *Sandbox) ([]Event, error) {
		return []Event{{At: now, Type: EventProgress, Step: step, Phase: s.Phase, Release: release, Message: message}}, nil
	})
	if err != nil {
		return fmt.Errorf("progress of %s of release %s of sandbox %s: %w", step, release, ref.Name, err)
	}
	return nil
}
