package sandbox

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/mayfly-dev/mayfly/events"
)

// ExecutionARN returns the ARN of a machine's execution with a name.
func ExecutionARN(machine, name string) string {
	return strings.Replace(machine, ":stateMachine:", ":execution:", 1) + ":" + name
}

// SleepName returns the name of the execution that puts a sandbox to sleep in
// an attempt.
func SleepName(id string, attempt int) string { return fmt.Sprintf("sleep-%s-%d", id, attempt) }

// WakeName is to waking what SleepName is to sleep.
func WakeName(id string, attempt int) string { return fmt.Sprintf("wake-%s-%d", id, attempt) }

// Silent is after how long a flow that has written nothing is taken for dead: far
// longer than CloudFront takes to spread a change.
const Silent = 6 * time.Hour

// BeginSleep begins to put s to sleep by an execution of a machine, whose name
// it writes down with the change; whoever wrote it starts the execution, with
// [SleepFlow] as input. One that sleeps, or is being put to sleep, is left as
// it is, unless its last sleep failed or began in the future: there are no
// events then, and nothing is to be started.
//
// It returns a *DeletingError, a *ReleaseUnderwayError, or a *PhaseError for
// one that is not ready.
func (s *Sandbox) BeginSleep(machine, reason string, now time.Time) ([]Event, error) {
	switch {
	case s.Phase == PhaseDeleting:
		return nil, &DeletingError{Name: s.Name}
	case s.ActiveRelease != "":
		return nil, &ReleaseUnderwayError{Name: s.Name, Release: s.ActiveRelease}
	case s.FallingAsleep() && !s.silent(now), s.Phase == PhaseSleeping && s.Failure == nil && !s.AsleepSince.After(now):
		return nil, nil
	case s.Phase != PhaseReady && s.Phase != PhaseSleeping && (s.Phase != PhaseUpdating || !s.silent(now)):
		return nil, &PhaseError{Name: s.Name, Phase: s.Phase, Want: "it can be put to sleep when it is ready"}
	}
	s.Attempt, s.Sleeps = s.Attempt+1, s.Sleeps+1
	s.Phase, s.SleepReason, s.AsleepSince = PhaseUpdating, cmp.Or(reason, "asked for"), time.Time{}
	s.Execution = ExecutionARN(machine, SleepName(s.ID, s.Attempt))
	return []Event{{Type: EventPhase, Message: "put to sleep: " + s.SleepReason}}, nil
}

// BeginWake begins to wake s, as BeginSleep puts it to sleep. One that is
// awake, or is being woken, is left as it is.
//
// It returns a *DeletingError, or a *PhaseError for one that neither sleeps nor
// is awake.
func (s *Sandbox) BeginWake(machine string, now time.Time) ([]Event, error) {
	switch {
	case s.Phase == PhaseDeleting:
		return nil, &DeletingError{Name: s.Name}
	case s.Phase == PhaseReady, s.Phase == PhaseUpdating && !s.FallingAsleep():
		return nil, nil
	case s.Phase != PhaseSleeping:
		return nil, &PhaseError{Name: s.Name, Phase: s.Phase, Want: "it can be woken when it sleeps"}
	}
	s.Attempt, s.Wakes = s.Attempt+1, s.Wakes+1
	s.Phase, s.SleepReason, s.WarnedAt, s.FailedNights, s.ChangedAt = PhaseUpdating, "", time.Time{}, 0, now
	s.Execution = ExecutionARN(machine, WakeName(s.ID, s.Attempt))
	return []Event{{Type: EventPhase, Message: "being woken"}}, nil
}

// silent reports whether the flow under way has died without a word.
func (s *Sandbox) silent(now time.Time) bool { return now.Sub(s.UpdatedAt) >= Silent }

// FallingAsleep reports whether s is being put to sleep.
func (s *Sandbox) FallingAsleep() bool { return s.Phase == PhaseUpdating && s.SleepReason != "" }

// SleepFlow returns the input of the executions that put s to sleep and wake
// it. It follows from the record alone.
func (s *Sandbox) SleepFlow() events.Flow {
	return events.Flow{Sandbox: s.Event(), Made: s.Made(), Execution: s.Execution}
}

// Warn writes down that the people of s were told what will happen.
func (s *Sandbox) Warn(message string, now time.Time) []Event {
	s.WarnedAt = now
	return []Event{{Type: EventWarned, Message: message}}
}

// TakeBackWarning writes down that no warning holds any more; there is no event
// when none was given.
func (s *Sandbox) TakeBackWarning(reason string) []Event {
	if s.WarnedAt.IsZero() {
		return nil
	}
	s.WarnedAt = time.Time{}
	return []Event{{Type: EventProgress, Message: "the warning is taken back: " + reason}}
}

// Extend keeps s until a time at least, for a reason: it is not idle before, and
// does not expire. There is no event when it is kept longer already.
//
// It returns a *DeletingError for one that is being deleted, as Pin and Unpin do.
func (s *Sandbox) Extend(until time.Time, reason string) ([]Event, error) {
	if s.Phase == PhaseDeleting {
		return nil, &DeletingError{Name: s.Name}
	}
	longer := until.After(s.KeptUntil)
	if !longer && reason == s.ExtendReason {
		return nil, nil
	}
	s.ExtendReason = reason
	if longer {
		s.KeptUntil = until
	}
	if !s.ExpiresAt.IsZero() && until.After(s.ExpiresAt) {
		s.ExpiresAt = until
	}
	s.attended()
	return []Event{{Type: EventProgress, Message: because("kept until "+s.KeptUntil.UTC().Format(time.RFC3339), reason)}}, nil
}

// Pin keeps s until it is unpinned.
func (s *Sandbox) Pin(reason string) ([]Event, error) {
	switch {
	case s.Phase == PhaseDeleting:
		return nil, &DeletingError{Name: s.Name}
	case s.Pinned && s.PinReason == reason:
		return nil, nil
	}
	s.Pinned, s.PinReason = true, reason
	s.attended()
	return []Event{{Type: EventProgress, Message: because("pinned", reason)}}, nil
}

// Unpin ends what Pin began.
func (s *Sandbox) Unpin() ([]Event, error) {
	switch {
	case s.Phase == PhaseDeleting:
		return nil, &DeletingError{Name: s.Name}
	case !s.Pinned:
		return nil, nil
	}
	s.Pinned, s.PinReason = false, ""
	return []Event{{Type: EventProgress, Message: "unpinned"}}, nil
}

// attended notes that a person saw to s: no warning holds, and its failures are
// forgiven.
func (s *Sandbox) attended() { s.WarnedAt, s.FailedNights = time.Time{}, 0 }

func because(what, reason string) string {
	if reason == "" {
		return what
	}
	return what + ": " + reason
}
