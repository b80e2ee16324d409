package sfn

import (
	"context"
	"errors"

	"github.com/mayfly-dev/mayfly/local/asl"
)

type mockErrorOutput struct {
	Error string `json:"error"`
	Cause string `json:"cause"`
}

type mockInput struct {
	Result              *string          `json:"result"`
	ErrorOutput         *mockErrorOutput `json:"errorOutput"`
	FieldValidationMode string           `json:"fieldValidationMode"`
}

type testStateConfiguration struct {
	RetrierRetryCount        int     `json:"retrierRetryCount"`
	ErrorCausedByState       string  `json:"errorCausedByState"`
	MapIterationFailureCount int     `json:"mapIterationFailureCount"`
	MapItemReaderData        *string `json:"mapItemReaderData"`
}

type testStateInput struct {
	Definition         string                 `json:"definition"`
	StateName          *string                `json:"stateName"`
	RoleARN            string                 `json:"roleArn"`
	Input              *string                `json:"input"`
	Variables          *string                `json:"variables"`
	Context            *string                `json:"context"`
	InspectionLevel    string                 `json:"inspectionLevel"`
	RevealSecrets      bool                   `json:"revealSecrets"`
	Mock               *mockInput             `json:"mock"`
	StateConfiguration testStateConfiguration `json:"stateConfiguration"`
}

type testStateOutput struct {
	Output         *string          `json:"output,omitempty"`
	Error          string           `json:"error,omitempty"`
	Cause          string           `json:"cause,omitempty"`
	NextState      string           `json:"nextState,omitempty"`
	Status         asl.TestedStatus `json:"status"`
	InspectionData map[string]any   `json:"inspectionData,omitempty"`
}

// testState runs one state by itself. What that means is the engine's business;
// this checks what AWS checks before it looks at the state, and mocks against the
// models of the services.
func (s *Service) testState(ctx context.Context, in testStateInput) (out testStateOutput, err error) {
	if err := in.check(); err != nil {
		return out, err
	}
	tested, err := s.engine.TestState(ctx, asl.StateTest{
		Definition: []byte(in.Definition), StateName: text(in.StateName, ""), ParseOptions: []asl.ParseOption{asl.CheckTasks(checkTask)},
		MachineARN: s.arn("stateMachine", s.o.NewID()),
		Input:      bytesOf(in.Input), Variables: bytesOf(in.Variables), Context: bytesOf(in.Context), RoleARN: in.RoleARN,
		Mock: in.Mock.mock(), Level: asl.InspectionLevel(in.InspectionLevel), RevealSecrets: in.RevealSecrets,
		Configuration: asl.StateConfiguration{
			RetrierRetryCount: in.StateConfiguration.RetrierRetryCount, ErrorCausedByState: in.StateConfiguration.ErrorCausedByState,
			MapIterationFailureCount: in.StateConfiguration.MapIterationFailureCount,
			MapItemReaderData:        bytesOf(in.StateConfiguration.MapItemReaderData),
		},
		Check: in.checkState,
	})
	if err != nil {
		return out, testError(err)
	}
	out = testStateOutput{Status: tested.Status, Error: tested.Error, Cause: tested.Cause, NextState: tested.NextState}
	if tested.Output != nil {
		output := string(tested.Output)
		out.Output = &output
	}
	if tested.Inspection != nil {
		out.InspectionData = inspectionData(tested.Inspection)
	}
	return out, nil
}

// check refuses what has the wrong shape, whatever the state is.
func (in *testStateInput) check() error {
	c := in.StateConfiguration
	err := errors.Join(required("definition", in.Definition), oneOf("inspectionLevel", in.InspectionLevel, "INFO", "DEBUG", "TRACE"),
		atMost("variables", in.Variables, asl.MaxPayload), atMost("context", in.Context, asl.MaxPayload),
		atMost("stateConfiguration.mapItemReaderData", c.MapItemReaderData, asl.MaxPayload),
		notNegative("stateConfiguration.retrierRetryCount", c.RetrierRetryCount),
		notNegative("stateConfiguration.mapIterationFailureCount", c.MapIterationFailureCount))
	if in.StateName != nil && *in.StateName == "" {
		err = errors.Join(err, failf("ValidationException",
			"1 validation error detected: Value '' at 'stateName' failed to satisfy constraint: Member must have length greater than or equal to 1"))
	}
	if m := in.Mock; m != nil {
		err = errors.Join(err, oneOf("mock.fieldValidationMode", m.FieldValidationMode, "STRICT", "PRESENT", "NONE"), atMost("mock.result", m.Result, asl.MaxPayload))
		if m.ErrorOutput != nil {
			err = errors.Join(err, atMost("mock.errorOutput.error", &m.ErrorOutput.Error, 256), atMost("mock.errorOutput.cause", &m.ErrorOutput.Cause, 32768))
		}
	}
	if in.RoleARN != "" {
		err = errors.Join(err, checkRole(in.RoleARN))
	}
	return err
}

// checkState refuses what does not fit the state: a task needs a role or a mock,
// and a mock must be what the task's service could answer.
func (in *testStateInput) checkState(state *asl.State) error {
	switch {
	case state.Kind() != asl.KindTask:
		return nil
	case in.Mock == nil && in.RoleARN == "":
		return failf("ValidationException", "RoleArn must be specified when testing a Task state")
	case in.Mock == nil || in.Mock.Result == nil || in.Mock.FieldValidationMode == "NONE":
		return nil
	}
	return checkMock(state.Resource(), []byte(*in.Mock.Result), in.Mock.FieldValidationMode != "PRESENT")
}

func (m *mockInput) mock() *asl.Mock {
	if m == nil {
		return nil
	}
	out := &asl.Mock{Result: bytesOf(m.Result)}
	if m.ErrorOutput != nil {
		out.Failure = &asl.TaskError{Name: m.ErrorOutput.Error, Cause: m.ErrorOutput.Cause}
	}
	return out
}

// testError gives the engine's errors their names.
func testError(err error) error {
	var invalid *asl.DefinitionError
	var refused *asl.TestError
	switch {
	case errors.As(err, &invalid):
		return invalidDefinition(invalid)
	case errors.As(err, &refused) && refused.Definition:
		return failf("InvalidDefinition", "%s", refused.Message)
	case refused != nil:
		return failf("ValidationException", "%s", refused.Message)
	}
	return startError(err, "", "")
}

func bytesOf(member *string) []byte {
	if member == nil {
		return nil
	}
	return []byte(*member)
}
