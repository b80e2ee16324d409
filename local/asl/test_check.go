package asl

import (
	"fmt"

	"github.com/mayfly-dev/mayfly/local/asl/rawjson"
)

// TestError says why a state cannot be tested as asked. AWS answers with a
// ValidationException or, when it blames the definition, InvalidDefinition.
type TestError struct {
	// Message is in AWS's words, where those are known.
	Message string
	// Definition is set when the definition is to blame.
	Definition bool
}

// Error returns the message.
func (e *TestError) Error() string { return e.Message }

func refuse(format string, args ...any) error {
	return &TestError{Message: fmt.Sprintf(format, args...)}
}

// check refuses what does not fit the state.
func (in *StateTest) check(s *State) error {
	for _, check := range []func(*State) error{in.checkMock, in.checkConfiguration, in.checkContext, in.checkVariables, in.Check} {
		if check == nil {
			continue
		}
		if err := check(s); err != nil {
			return err
		}
	}
	return nil
}

func (in *StateTest) checkMock(s *State) error {
	m := in.Mock
	switch s.kind {
	case KindMap, KindParallel:
		if m == nil {
			return &TestError{Definition: true, Message: "TestState API does not support Map or Parallel states. " +
				"Supported state types include: [Task, Wait, Pass, Succeed, Fail, Choice]"}
		}
	case KindTask:
		switch {
		case m != nil:
		case s.task.pattern == patternActivity:
			return refuse("TestState API does not support Activity tasks when a mock is not specified")
		case s.task.pattern != patternRequest:
			return refuse("TestState API does not support '.sync' or '.waitForTaskToken' integration patterns when a mock is not specified")
		}
	default:
		if m != nil {
			return refuse("State type '%s' is not supported when a mock is specified", s.kind)
		}
	}
	switch {
	case m == nil:
		return nil
	case in.RevealSecrets:
		return refuse("TestState does not support RevealSecrets when a mock is specified.")
	case (m.Result == nil) == (m.Failure == nil):
		return refuse("A test mock should have only one of the following fields: [result, errorOutput].")
	case m.Failure == nil:
		return m.checkResult(s)
	case m.Failure.Name == "":
		return refuse("An error was not specified in the mocked error output.")
	}
	return nil
}

// checkResult refuses a result that the state cannot have.
func (m *Mock) checkResult(s *State) error {
	if rawjson.Valid(m.Result) != nil {
		return refuse("Mocked result must be valid JSON")
	}
	kind := (value{raw: m.Result}).kind()
	switch {
	case s.kind == KindMap && s.mapping.writer != nil && s.mapping.writer.store:
		if kind != '{' {
			return refuse("Mocked result must be a JSON object.")
		}
	case s.kind == KindTask:
	case kind != '[':
		return refuse("Mocked result must be an array.")
	case s.kind == KindParallel && rawjson.Len(m.Result) != len(s.parallel.branches):
		return refuse("Mocked result must contain the same number of items as number of Parallel branches.")
	}
	return nil
}

func (in *StateTest) checkConfiguration(s *State) error {
	c := in.Configuration
	inMap := s.kind == KindMap
	for _, owner := range s.owners() {
		inMap = inMap || owner.kind == KindMap
	}
	mocksFailure := in.Mock != nil && in.Mock.Failure != nil
	switch {
	case c.RetrierRetryCount < 0 || c.MapIterationFailureCount < 0:
		return refuse("retrierRetryCount and mapIterationFailureCount must not be negative")
	case c.MapIterationFailureCount > 0 && (!inMap || in.Mock == nil):
		return refuse("mapIterationFailureCount is only supported for a Map state, or a state within one, when a mock is specified")
	case c.MapItemReaderData != nil && (s.kind != KindMap || s.mapping.reader == nil):
		return refuse("mapItemReaderData is only supported for a Map state with ItemReader specified")
	case c.ErrorCausedByState == "":
		return nil
	case !mocksFailure || s.kind != KindMap && s.kind != KindParallel:
		return refuse("errorCausedByState is only supported when an error is mocked for a Map or Parallel state")
	case !s.contains(c.ErrorCausedByState):
		return refuse("errorCausedByState '%s' is not a state within '%s'", c.ErrorCausedByState, s.name)
	}
	return nil
}

// contains says whether a state of that name is within a Map or Parallel state.
func (s *State) contains(name string) bool {
	flows := []*flow{}
	if s.mapping != nil {
		flows = append(flows, s.mapping.processor)
	}
	if s.parallel != nil {
		flows = append(flows, s.parallel.branches...)
	}
	for _, f := range flows {
		for _, inner := range f.states {
			if inner.name == name || inner.contains(name) {
				return true
			}
		}
	}
	return false
}

func (in *StateTest) checkVariables(*State) error {
	if in.Variables == nil {
		return nil
	}
	if rawjson.Valid(in.Variables) != nil || (value{raw: in.Variables}).kind() != '{' {
		return refuse("Variables must be a valid JSON object")
	}
	for name := range rawjson.Members(in.Variables) {
		if name == "states" || !identifier(name) {
			return refuse("Invalid variable name: '%s'", name)
		}
	}
	return nil
}
