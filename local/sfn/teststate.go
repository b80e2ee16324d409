package sfn

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/mayfly-dev/mayfly/local/asl"
)

type mockError struct {
	Error string `json:"error"`
	Cause string `json:"cause"`
}

type mock struct {
	Result      *string    `json:"result"`
	ErrorOutput *mockError `json:"errorOutput"`
}

type testStateInput struct {
	Definition      string  `json:"definition"`
	StateName       string  `json:"stateName"`
	RoleARN         string  `json:"roleArn"`
	Input           *string `json:"input"`
	InspectionLevel string  `json:"inspectionLevel"`
	Variables       string  `json:"variables"`
	Mock            *mock   `json:"mock"`
}

type inspection struct {
	Input  string `json:"input,omitempty"`
	Result string `json:"result,omitempty"`
}

type testStateOutput struct {
	Output         *string     `json:"output,omitempty"`
	Error          string      `json:"error,omitempty"`
	Cause          string      `json:"cause,omitempty"`
	NextState      string      `json:"nextState,omitempty"`
	Status         string      `json:"status"`
	InspectionData *inspection `json:"inspectionData,omitempty"`
}

// testedName is what a state is called that is given without a name.
const testedName = "TestedState"

// testState runs one state by itself: what it does, its output, and where it
// would go on. Retrying is not waited for; it is reported as RETRIABLE.
func (s *Service) testState(ctx context.Context, in testStateInput) (out testStateOutput, err error) {
	if err := required("definition", in.Definition); err != nil {
		return out, err
	}
	level := cmp.Or(in.InspectionLevel, "INFO")
	if level != "INFO" && level != "DEBUG" && level != "TRACE" {
		return out, failf("ValidationException", "1 validation error detected: Value '%s' at 'inspectionLevel' failed to satisfy constraint: "+
			"Member must satisfy enum value set: [INFO, DEBUG, TRACE]", in.InspectionLevel)
	}
	if in.Mock != nil && (in.Mock.Result == nil) == (in.Mock.ErrorOutput == nil) {
		return out, failf("ValidationException", "A mock has either a result or an errorOutput")
	}
	if in.Mock != nil && in.Mock.Result != nil && !json.Valid([]byte(*in.Mock.Result)) {
		return out, failf("ValidationException", "The mock's result is no JSON")
	}
	if in.Variables != "" {
		return out, failf("ValidationException", "variables are not available here")
	}
	tested, err := alone(in)
	if err != nil {
		return out, err
	}
	compiled, err := compile(tested.definition, typeStandard, asl.CheckTasks(checkTask))
	if err != nil {
		return out, err
	}
	events, err := s.runTest(ctx, in, compiled)
	if err != nil {
		return out, err
	}
	out = tested.read(events)
	if level != "INFO" {
		out.InspectionData = inspect(events, in)
	}
	return out, nil
}

// runTest runs the machine that has the state, outside the journal and lists.
func (s *Service) runTest(ctx context.Context, in testStateInput, compiled *asl.Machine) ([]asl.Event, error) {
	input := []byte("{}")
	if in.Input != nil {
		input = []byte(*in.Input)
	}
	arn := s.arn("stateMachine", "TestState/"+s.o.NewID())
	if in.Mock != nil {
		s.mocks.Store(arn, in.Mock)
		defer s.mocks.Delete(arn)
	}
	ran, err := s.engine.Run(ctx, asl.StartInput{Machine: compiled, MachineARN: arn, Input: input, RoleARN: in.RoleARN})
	if err != nil {
		return nil, startError(err, arn, "")
	}
	events, err := ran.Events()
	if err != nil {
		return nil, fmt.Errorf("test state: %w", err)
	}
	return events, nil
}

// answer is what a task with the mock gives.
func (m *mock) answer() ([]byte, error) {
	if m.ErrorOutput != nil {
		return nil, &asl.TaskError{Name: m.ErrorOutput.Error, Cause: m.ErrorOutput.Cause}
	}
	return []byte(*m.Result), nil
}

// testing is a state made into a machine of its own.
type testing struct {
	definition string
	retried    []string // what its Retry would match
	catches    []string // where its Catch leads
}

// alone makes a machine of one state, with an end in the place of every state
// that it may go on to. The definition is a state, or a machine's with the
// state's name.
func alone(in testStateInput) (testing, error) {
	var state map[string]json.RawMessage
	if err := json.Unmarshal([]byte(in.Definition), &state); err != nil {
		return testing{}, failf("InvalidDefinition", "Invalid State Machine Definition: '%s: %v'", asl.CodeInvalidJSON, err)
	}
	name, language := cmp.Or(in.StateName, testedName), state["QueryLanguage"]
	if in.StateName != "" && state["States"] != nil {
		var states map[string]map[string]json.RawMessage
		if err := json.Unmarshal(state["States"], &states); err != nil || states[in.StateName] == nil {
			return testing{}, failf("ValidationException", "State not found in the definition: '%s'", in.StateName)
		}
		state = states[in.StateName]
	}
	var shape struct {
		Next, Default  string
		Choices, Catch []struct{ Next string }
		Retry          []struct{ ErrorEquals []string }
	}
	text, err := json.Marshal(state)
	if err == nil {
		err = json.Unmarshal(text, &shape)
	}
	if err != nil {
		return testing{}, failf("InvalidDefinition", "Invalid State Machine Definition: '%s: %v'", asl.CodeSchema, err)
	}
	t, targets := testing{}, []string{shape.Next, shape.Default}
	for _, r := range shape.Retry {
		t.retried = append(t.retried, r.ErrorEquals...)
	}
	for _, c := range shape.Catch {
		t.catches = append(t.catches, c.Next)
	}
	for _, c := range shape.Choices {
		targets = append(targets, c.Next)
	}
	delete(state, "Retry")
	states := map[string]any{}
	for _, target := range slices.Concat(targets, t.catches) {
		if target != "" {
			states[target] = map[string]string{"Type": "Succeed"}
		}
	}
	states[name] = state
	machine := map[string]any{"StartAt": name, "States": states}
	if language != nil {
		machine["QueryLanguage"] = language
	}
	if text, err = json.Marshal(machine); err != nil {
		return testing{}, failf("InvalidDefinition", "Invalid State Machine Definition: '%v'", err)
	}
	t.definition = string(text)
	return t, nil
}

// read finds in the history what became of the state.
func (t testing) read(events []asl.Event) (out testStateOutput) {
	var entered []asl.Event
	for _, e := range events {
		if strings.HasSuffix(e.Type, "StateEntered") {
			entered = append(entered, e)
		}
		if e.Error != "" {
			out.Error, out.Cause = e.Error, e.Cause
		}
	}
	last := events[len(events)-1]
	retriable := out.Error != "" && slices.ContainsFunc(t.retried, func(name string) bool {
		return name == out.Error || name == asl.ErrorAll || name == asl.ErrorTaskFailed && out.Error != asl.ErrorTimeout
	})
	switch {
	case retriable:
		out.Status = "RETRIABLE"
		return out
	case last.Type != "ExecutionSucceeded":
		out.Status = "FAILED"
		return out
	}
	output := string(last.Output)
	if out.Status = "SUCCEEDED"; len(entered) > 1 {
		next := entered[len(entered)-1]
		out.NextState, output = next.Name, string(next.Input)
		if out.Error != "" && slices.Contains(t.catches, next.Name) {
			out.Status = "CAUGHT_ERROR"
		}
	}
	out.Output = &output
	return out
}

// inspect tells what the state got, and what its task answered.
func inspect(events []asl.Event, in testStateInput) *inspection {
	data := &inspection{Input: "{}"}
	if in.Input != nil {
		data.Input = *in.Input
	}
	for _, e := range events {
		if strings.HasSuffix(e.Type, "Succeeded") && e.Type != "ExecutionSucceeded" && e.Output != nil {
			data.Result = string(e.Output)
		}
	}
	return data
}
