package asl

import (
	"cmp"
	"context"
	"fmt"
)

// TestedStatus is how the test of a state ended.
type TestedStatus string

// Statuses, as TestState has them.
const (
	TestedSucceeded TestedStatus = "SUCCEEDED"
	TestedFailed    TestedStatus = "FAILED"
	TestedRetriable TestedStatus = "RETRIABLE"
	TestedCaught    TestedStatus = "CAUGHT_ERROR"
)

// StateTest is a state to be tested by itself.
type StateTest struct {
	// Definition is the state's, whose targets need not exist; with a StateName,
	// a whole machine's.
	Definition []byte
	// StateName is a state of the machine, or of a branch or iteration in it. An
	// error that such a state does not handle goes to the states around it.
	StateName string
	// ParseOptions are those that the definition is parsed with.
	ParseOptions []ParseOption
	// MachineARN is what the context object says; "" has one made.
	MachineARN string
	// Input is a JSON text of at most 256 KiB; nil is {}.
	Input []byte
	// Variables is a JSON object of what earlier states assigned; nil is none.
	Variables []byte
	// Context is the context object; nil has one made. It is only allowed with a
	// Mock.
	Context []byte
	RoleARN string
	// Mock stands in for the work of a Task, Map or Parallel state. Map and
	// Parallel states, activities, .sync and .waitForTaskToken need one.
	Mock *Mock
	// Level is how much is told; "" is InspectInfo.
	Level InspectionLevel
	// RevealSecrets lets a task's runner tell secrets of its request; not with a
	// Mock.
	RevealSecrets bool
	Configuration StateConfiguration
	// Tasks does the work of a Task state; nil asks the engine's.
	Tasks TaskRunner
	// Check, unless nil, may refuse the state that was found before it runs;
	// TestState returns its error as it is.
	Check func(*State) error
}

// Mock is what a state's work comes to: a Result, a JSON text, or a Failure.
type Mock struct {
	Result  []byte
	Failure *TaskError
}

// StateConfiguration says at which point of an execution a state is tested.
type StateConfiguration struct {
	// RetrierRetryCount is how often the retrier that matches was used before.
	RetrierRetryCount int
	// ErrorCausedByState is the state, within a Map or Parallel state, that the
	// mocked failure comes from. It must be there; nothing else follows from it,
	// since States.TaskFailed stands for an error of any state here.
	ErrorCausedByState string
	// MapIterationFailureCount is how many iterations of the Map state failed, or
	// of the one around the state had failed before.
	MapIterationFailureCount int
	// MapItemReaderData is what an ItemReader reads, in its own format.
	MapItemReaderData []byte
}

// StateTested is what became of it.
type StateTested struct {
	Status TestedStatus
	// Output is nil unless the status is SUCCEEDED or CAUGHT_ERROR.
	Output       []byte
	Error, Cause string
	// NextState is where the execution would go on; "" for nowhere.
	NextState string
	// Inspection is nil at level INFO.
	Inspection *Inspection
}

// TestState runs one state and stops, within five minutes, as on AWS. A Wait
// state does not wait; one that would do so for longer than that times out at
// once. The error is a [*DefinitionError], a [*TestError], wraps
// [ErrInvalidInput] or [ErrClosed], or is the context's.
func (e *Engine) TestState(ctx context.Context, in StateTest) (StateTested, error) {
	machine, state, err := in.compile()
	if err != nil {
		return StateTested{}, err
	}
	if err := in.check(state); err != nil {
		return StateTested{}, err
	}
	arn := cmp.Or(in.MachineARN, "arn:aws:states:"+e.region+":000000000000:stateMachine:"+e.newID())
	// Express executions are those with five minutes.
	start := StartInput{Machine: machine, MachineARN: arn, Name: e.newID(), Input: in.Input, RoleARN: in.RoleARN, Express: true}
	if err := checkStart(&start); err != nil {
		return StateTested{}, err
	}
	t := &tested{in: &in, state: state, seen: Inspection{Stages: map[Stage][]byte{StageInput: start.Input}}}
	ran, err := e.run(ctx, &start, t)
	if err != nil {
		if ran.x != nil {
			ran.x.giveUp()
		}
		return StateTested{}, fmt.Errorf("test state %q: %w", state.name, err)
	}
	ran.x.mu.Lock()
	defer ran.x.mu.Unlock()
	return t.outcome(ran.Result)
}

// giveUp ends an execution that nobody waits for any more.
func (x *execution) giveUp() {
	defer x.e.hold()()
	x.mu.Lock()
	if x.status == StatusRunning {
		x.abort("", "")
	}
	x.settle(false)
}

// tested is a test as it goes on. The execution's lock guards it.
type tested struct {
	in    *StateTest
	state *State
	// frame is the state's or, once its error has gone there, that of a state
	// around it.
	frame     *frame
	next      string
	caught    *TaskError
	retriable bool
	refused   *TestError
	seen      Inspection
}

func (t *tested) outcome(r Result) (StateTested, error) {
	if t.refused != nil {
		return StateTested{}, t.refused
	}
	out := StateTested{Status: TestedFailed, Error: r.Error, Cause: r.Cause}
	switch {
	case t.retriable:
		out.Status = TestedRetriable
	case r.Status == StatusTimedOut:
		out.Error = ErrorTimeout
	case r.Status == StatusSucceeded:
		out.Status, out.Output, out.NextState = TestedSucceeded, r.Output, t.next
		if t.caught != nil {
			out.Status = TestedCaught
		}
	}
	if t.in.Level == InspectDebug || t.in.Level == InspectTrace {
		out.Inspection = &t.seen
	}
	return out, nil
}
