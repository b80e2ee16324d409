package record

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// ending is the end of one flow. Its methods change the record and return the
// event; an event without message says that nothing was to be changed.
type ending struct {
	flow events.Flow
	now  time.Time
	// took is what the last write measured.
	took map[string]time.Duration
}

func (e *ending) ready(s *sandbox.Sandbox) (sandbox.Event, error) {
	switch s.Phase {
	case sandbox.PhaseDeleting:
		return sandbox.Event{}, &sandbox.DeletingError{Name: s.Name}
	case sandbox.PhaseReady:
		return sandbox.Event{}, nil
	}
	if s.ReadyAt.IsZero() {
		s.ReadyAt = e.now
		e.took = map[string]time.Duration{sandbox.DurationProvision: e.now.Sub(s.CreatedAt)}
	} else if d := e.flow.Made.Distribution; d != nil && !d.ChangedAt.IsZero() {
		e.took = map[string]time.Duration{sandbox.DurationUpdate: e.now.Sub(d.ChangedAt)}
	}
	s.Failure, s.FailedStep = nil, ""
	enter(s, sandbox.PhaseReady)
	return sandbox.Event{Type: sandbox.EventPhase, Message: "ready at " + address(s)}, nil
}

// updateFailed brings the sandbox back to ready: it goes on serving what it
// served before.
func (e *ending) updateFailed(s *sandbox.Sandbox) (sandbox.Event, error) {
	if s.Phase != sandbox.PhaseUpdating {
		return sandbox.Event{}, nil
	}
	e.fail(s)
	enter(s, sandbox.PhaseReady)
	return sandbox.Event{Type: sandbox.EventFailed, Step: s.FailedStep, Failure: s.Failure, Message: "the update failed: " + s.Failure.Error}, nil
}

// leftBehind ends a teardown that could not remove everything, or a provision
// whose undoing could not even begin.
func (e *ending) leftBehind(s *sandbox.Sandbox) (sandbox.Event, error) {
	if s.Phase != sandbox.PhaseDeleting && s.Phase != sandbox.PhaseProvisioning {
		return sandbox.Event{}, nil
	}
	e.fail(s)
	enter(s, sandbox.PhaseFailed)
	message := fmt.Sprintf("could not be removed whole (%s); left behind: %s", s.Failure.Error, left(s))
	return sandbox.Event{Type: sandbox.EventFailed, Step: s.FailedStep, Failure: s.Failure, Message: message}, nil
}

func (e *ending) fail(s *sandbox.Sandbox) {
	s.Failure, s.FailedStep = e.flow.Error, s.Step
	if s.Failure == nil {
		s.Failure = &events.Failure{Error: "Unknown", Cause: "the flow carries no error"}
	}
}

func enter(s *sandbox.Sandbox, phase sandbox.Phase) {
	s.Phase, s.Step, s.StepSince = phase, "", time.Time{}
}

// left names what the ledger still has, a line that was never more than an
// intent included.
func left(s *sandbox.Sandbox) string {
	var lines []string
	for kind, r := range s.Resources {
		switch {
		case kind == sandbox.KindVersioning: // goes with its bucket
		case r.Status == sandbox.StatusIntended:
			lines = append(lines, fmt.Sprintf("perhaps %s %s", kind, r.ID))
		default:
			lines = append(lines, fmt.Sprintf("%s %s", kind, r.ID))
		}
	}
	if len(lines) == 0 {
		return "nothing that the ledger knows of"
	}
	slices.Sort(lines)
	return strings.Join(lines, ", ")
}

func address(s *sandbox.Sandbox) string {
	if r, ok := s.Resource(sandbox.KindDistribution); ok && r.DomainName != "" {
		return r.DomainName
	}
	if r, ok := s.Resource(sandbox.KindBucket); ok && r.WebsiteURL != "" {
		return r.WebsiteURL
	}
	return s.Name
}
