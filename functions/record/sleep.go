package record

import (
	"time"

	"github.com/mayfly-dev/mayfly/sandbox"
)

// asleep ends a flow that put a sandbox to sleep.
func (e *ending) asleep(s *sandbox.Sandbox) (sandbox.Event, error) {
	switch {
	case s.Phase == sandbox.PhaseDeleting:
		return sandbox.Event{}, &sandbox.DeletingError{Name: s.Name}
	case !s.FallingAsleep():
		return sandbox.Event{}, nil
	}
	s.AsleepSince, s.Failure, s.FailedStep, s.FailedNights = e.now, nil, "", 0
	enter(s, sandbox.PhaseSleeping)
	return sandbox.Event{Type: sandbox.EventPhase, Message: "asleep; its content is kept, and it wakes when asked to (mayfly wake " + s.Name + ")"}, nil
}

// sleepFailed leaves the sandbox asleep, though perhaps not wholly: what serves
// it may be switched off already. Asked again, it is put to sleep or woken from
// wherever it is.
func (e *ending) sleepFailed(s *sandbox.Sandbox) (sandbox.Event, error) {
	if !s.FallingAsleep() {
		return sandbox.Event{}, nil
	}
	e.fail(s)
	s.AsleepSince = e.now
	enter(s, sandbox.PhaseSleeping)
	return sandbox.Event{Type: sandbox.EventFailed, Step: s.FailedStep, Failure: s.Failure, Message: "it may not sleep wholly: " + s.Failure.Error}, nil
}

// awake ends a flow that woke a sandbox.
func (e *ending) awake(s *sandbox.Sandbox) (sandbox.Event, error) {
	switch {
	case s.Phase == sandbox.PhaseDeleting:
		return sandbox.Event{}, &sandbox.DeletingError{Name: s.Name}
	case s.Phase != sandbox.PhaseUpdating || s.FallingAsleep():
		return sandbox.Event{}, nil
	}
	s.AsleepSince, s.Failure, s.FailedStep = time.Time{}, nil, ""
	enter(s, sandbox.PhaseReady)
	return sandbox.Event{Type: sandbox.EventPhase, Message: "awake at " + address(s)}, nil
}

// wakeFailed leaves the sandbox asleep, though perhaps not wholly.
func (e *ending) wakeFailed(s *sandbox.Sandbox) (sandbox.Event, error) {
	if s.Phase != sandbox.PhaseUpdating || s.FallingAsleep() {
		return sandbox.Event{}, nil
	}
	e.fail(s)
	enter(s, sandbox.PhaseSleeping)
	return sandbox.Event{Type: sandbox.EventFailed, Step: s.FailedStep, Failure: s.Failure, Message: "it could not be woken: " + s.Failure.Error}, nil
}
