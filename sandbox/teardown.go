package sandbox

import (
	"fmt"
	"time"

	"github.com/mayfly-dev/mayfly/events"
)

// TeardownName returns the name of the execution that tears a sandbox down in an
// attempt.
func TeardownName(id string, attempt int) string { return fmt.Sprintf("teardown-%s-%d", id, attempt) }

// BeginTeardown begins to tear s down by an execution of a machine, whose name
// it writes down with the change; whoever wrote it starts the execution, with
// [TeardownFlow] as input. What failed and left something behind is kept as a
// record, for its owner to read why, and so is a provision that died; of
// everything else nothing is left.
func (s *Sandbox) BeginTeardown(machine, reason string, now time.Time) []Event {
	switch {
	case s.Phase == PhaseProvisioning && s.Failure == nil:
		s.Failure = &events.Failure{Error: "ExecutionEnded", Cause: "its provision has said nothing since " + s.UpdatedAt.UTC().Format(time.RFC3339)}
		s.FailedStep = s.Step
	case s.Phase == PhaseFailed && len(s.Resources) > 0, s.Phase == PhaseDeleting:
	default:
		s.DeleteRequested = true
	}
	s.Attempt++
	s.Phase, s.ChangedAt = PhaseDeleting, now
	s.Execution = ExecutionARN(machine, TeardownName(s.ID, s.Attempt))
	return []Event{{Type: EventPhase, Message: "torn down: " + reason}}
}

// TeardownFlow returns the input of the execution that tears s down. It follows
// from the record alone.
func (s *Sandbox) TeardownFlow() events.Flow {
	flow := events.Flow{Sandbox: s.Event(), Execution: s.Execution}
	if !s.DeleteRequested {
		flow.Keep, flow.Error = events.KeepFailed, s.Failure
	}
	return flow
}
