package asl_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/mayfly-dev/mayfly/local/asl"
)

// TestWhatCannotBeTested has AWS's own words where they are known.
func TestWhatCannotBeTested(t *testing.T) {
	e := engine(t, asl.Options{})
	task := `{"Type":"Task",` + lambdaInvoke + `,"End":true}`
	token := `{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke.waitForTaskToken","End":true}`
	mapping := `{"Type":"Map",` + inline + `,"End":true}`
	writer := `{"Type":"Map",` + inChildren + `,"ResultWriter":{"Resource":"arn:aws:states:::s3:putObject","Parameters":{"Bucket":"b"}},"End":true}`
	reader := `{"Type":"Map",` + inChildren + `,"ItemReader":{"Resource":"arn:aws:states:::s3:getObject"},"End":true}`
	parallel := `{"Type":"Parallel",` + branches + `,"End":true}`
	ok := result(`{}`)
	for _, c := range []struct {
		does, definition string
		in               asl.StateTest
		message          string
		blamesDefinition bool
	}{
		{"Map without a mock", mapping, asl.StateTest{}, "TestState API does not support Map or Parallel states. Supported state types include: [Task, Wait, Pass, Succeed, Fail, Choice]", true},
		{"Parallel without a mock", parallel, asl.StateTest{}, "TestState API does not support Map or Parallel states. Supported state types include: [Task, Wait, Pass, Succeed, Fail, Choice]", true},
		{"activity without a mock", `{"Type":"Task","Resource":"arn:aws:states:us-east-1:000000000000:activity:a","End":true}`, asl.StateTest{}, "TestState API does not support Activity tasks when a mock is not specified", false},
		{"token without a mock", token, asl.StateTest{}, "TestState API does not support '.sync' or '.waitForTaskToken' integration patterns when a mock is not specified", false},
		{"sync without a mock", strings.Replace(token, ".waitForTaskToken", ".sync", 1), asl.StateTest{}, "TestState API does not support '.sync' or '.waitForTaskToken' integration patterns when a mock is not specified", false},
		{"mock for Pass", `{"Type":"Pass","End":true}`, asl.StateTest{Mock: ok}, "State type 'Pass' is not supported when a mock is specified", false},
		{"mock for Fail", `{"Type":"Fail"}`, asl.StateTest{Mock: failure("E", "")}, "State type 'Fail' is not supported when a mock is specified", false},
		{"mock for Succeed", `{"Type":"Succeed"}`, asl.StateTest{Mock: ok}, "State type 'Succeed' is not supported when a mock is specified", false},
		{"mock for Wait", `{"Type":"Wait","Seconds":1,"End":true}`, asl.StateTest{Mock: ok}, "State type 'Wait' is not supported when a mock is specified", false},
		{"mock for Choice", `{"Type":"Choice","Choices":[{"Variable":"$.a","IsNull":true,"Next":"N"}]}`, asl.StateTest{Mock: ok}, "State type 'Choice' is not supported when a mock is specified", false},
		{"result and failure", task, asl.StateTest{Mock: &asl.Mock{Result: []byte(`{}`), Failure: &asl.TaskError{Name: "E"}}}, "A test mock should have only one of the following fields: [result, errorOutput].", false},
		{"neither", task, asl.StateTest{Mock: &asl.Mock{}}, "A test mock should have only one of the following fields: [result, errorOutput].", false},
		{"failure without a name", task, asl.StateTest{Mock: failure("", "C")}, "An error was not specified in the mocked error output.", false},
		{"secrets and a mock", task, asl.StateTest{Mock: ok, RevealSecrets: true}, "TestState does not support RevealSecrets when a mock is specified.", false},
		{"result that is no JSON", task, asl.StateTest{Mock: result(`not JSON`)}, "Mocked result must be valid JSON", false},
		{"object for a Map", mapping, asl.StateTest{Mock: ok}, "Mocked result must be an array.", false},
		{"array for a Map with a ResultWriter", writer, asl.StateTest{Mock: result(`[]`)}, "Mocked result must be a JSON object.", false},
		{"object for a Parallel", parallel, asl.StateTest{Mock: ok}, "Mocked result must be an array.", false},
		{"too few branches", parallel, asl.StateTest{Mock: result(`[1]`)}, "Mocked result must contain the same number of items as number of Parallel branches.", false},
		{"more failures than items", mapping, asl.StateTest{Mock: result(`[1]`), Input: []byte(`[1,2]`), Configuration: asl.StateConfiguration{MapIterationFailureCount: 3}},
			"Map iteration failure count must be less than or equal to the number of Map iterations.", false},
		{"failures of no map", task, asl.StateTest{Mock: ok, Configuration: asl.StateConfiguration{MapIterationFailureCount: 1}},
			"mapIterationFailureCount is only supported for a Map state, or a state within one, when a mock is specified", false},
		{"fewer tries than none", task, asl.StateTest{Mock: ok, Configuration: asl.StateConfiguration{RetrierRetryCount: -1}}, "retrierRetryCount and mapIterationFailureCount must not be negative", false},
		{"a reader's data for no reader", mapping, asl.StateTest{Mock: result(`[]`), Configuration: asl.StateConfiguration{MapItemReaderData: []byte(`[]`)}},
			"mapItemReaderData is only supported for a Map state with ItemReader specified", false},
		{"no data for a reader", reader, asl.StateTest{Mock: result(`[]`)}, "ItemReader data must be specified when testing a Map state with ItemReader specified.", false},
		{"cause of no failure", parallel, asl.StateTest{Mock: result(`[1,2]`), Configuration: asl.StateConfiguration{ErrorCausedByState: "L"}},
			"errorCausedByState is only supported when an error is mocked for a Map or Parallel state", false},
		{"cause that is not there", parallel, asl.StateTest{Mock: failure("E", ""), Configuration: asl.StateConfiguration{ErrorCausedByState: "M"}}, "errorCausedByState 'M' is not a state within 'StateName'", false},
		{"variables that are none", task, asl.StateTest{Mock: ok, Variables: []byte(`[1]`)}, "Variables must be a valid JSON object", false},
		{"a variable that cannot be", task, asl.StateTest{Mock: ok, Variables: []byte(`{"states":1}`)}, "Invalid variable name: 'states'", false},
		{"context without a mock", `{"Type":"Pass","End":true}`, asl.StateTest{Context: []byte(`{}`)}, "A Context object may only be specified if a mock is specified", false},
		{"context that is none", task, asl.StateTest{Mock: ok, Context: []byte(`7`)}, "Invalid Context object provided: it must be a valid JSON object", false},
		{"a number as Id", task, asl.StateTest{Mock: ok, Context: []byte(`{"Execution":{"Id":1}}`)}, "Invalid Context object provided: Execution.Id must be a string", false},
		{"a string as RetryCount", task, asl.StateTest{Mock: ok, Context: []byte(`{"State":{"RetryCount":"1"}}`)}, "Invalid Context object provided: State.RetryCount must be a number", false},
		{"Map in the context", task, asl.StateTest{Mock: ok, Context: []byte(`{"Map":{}}`)}, "Invalid Context object provided: 'Map' field is not supported when mocking a Context object", false},
		{"unknown in the context", task, asl.StateTest{Mock: ok, Context: []byte(`{"Pokedex":{}}`)}, "Invalid Context object provided: Field 'Pokedex' is not allowed", false},
		{"unknown deeper", task, asl.StateTest{Mock: ok, Context: []byte(`{"Execution":{"pokemon":1}}`)}, "Invalid Context object provided: Field 'pokemon' is not allowed", false},
		{"a part that is none", task, asl.StateTest{Mock: ok, Context: []byte(`{"State":1}`)}, "Invalid Context object provided: State must be an object", false},
		{"a token where there is none", task, asl.StateTest{Mock: ok, Context: []byte(`{"Task":{"Token":"t"}}`)},
			"Invalid Context object provided: Context object contains 'Task' when state is not a Task state with a '.sync' or '.waitForTaskToken' service integration pattern", false},
		{"a state that is not there", stateInStates, asl.StateTest{StateName: "None"}, "State not found in definition", false},
	} {
		t.Run(c.does, func(t *testing.T) {
			c.in.Definition = []byte(c.definition)
			_, err := e.TestState(t.Context(), c.in)
			var refused *asl.TestError
			if !errors.As(err, &refused) || refused.Error() != c.message || refused.Definition != c.blamesDefinition {
				t.Errorf("%v, want %s", err, c.message)
			}
		})
	}
	for _, definition := range []string{`{"Type":"Nap"}`, `not JSON`, `[]`, stateInStates} {
		var refused *asl.DefinitionError
		if _, err := e.TestState(t.Context(), asl.StateTest{Definition: []byte(definition)}); !errors.As(err, &refused) {
			t.Errorf("%s: %v", definition, err)
		}
	}
	own := errors.New("not this one")
	_, err := e.TestState(t.Context(), asl.StateTest{Definition: []byte(task), Check: func(s *asl.State) error {
		if s.Resource() != "arn:aws:states:::lambda:invoke" {
			t.Errorf("asked about %s", s.Resource())
		}
		return own
	}})
	if !errors.Is(err, own) {
		t.Errorf("a check's error: %v", err)
	}
	if _, err := e.TestState(t.Context(), asl.StateTest{Definition: []byte(`{"Type":"Succeed"}`), Input: []byte(`{`)}); !errors.Is(err, asl.ErrInvalidInput) {
		t.Errorf("input that is no JSON: %v", err)
	}
}

func TestTheContextObjectOfATestedState(t *testing.T) {
	e := engine(t, asl.Options{Region: "eu-west-1", NewID: func() string { return "id" }})
	all := `{"Type":"Task",` + lambdaInvoke + `,"ResultSelector":{"c.$":"$$"},"OutputPath":"$.c","End":true}`
	for _, c := range []struct{ does, definition, name, context, want string }{
		{"as it is given", all, "", `{"Execution":{"Name":"n","Input":{"x":[1]}},"State":{}}`, `{"Execution":{"Name":"n","Input":{"x":[1]}},"State":{}}`},
		{"empty", all, "", ` { } `, `{}`},
		{"a given token", `{"Type":"Task","QueryLanguage":"JSONata","Resource":"arn:aws:states:::sqs:sendMessage.waitForTaskToken","Output":"{% $states.context.Task.Token %}","End":true}`, "", `{"Task":{"Token":"abc"}}`, `"abc"`},
		{"in an iteration, the first item", strings.Replace(stateInStates, `"Parameters"`, `"ResultSelector":{"c.$":"$$.Map.Item"},"OutputPath":"$.c","Parameters"`, 1), "Work", `{"State":{"Name":"s"}}`, `{"Index":0,"Value":{"in":1},"Source":"STATE_DATA"}`},
		{"made up: a state without a name", strings.Replace(all, `"$$"`, `"$$.State.Name"`, 1), "", "", `"StateName"`},
		{"made up: a machine", strings.Replace(all, `"$$"`, `"$$.StateMachine"`, 1), "", "", `{"Id":"arn:aws:states:eu-west-1:000000000000:stateMachine:id","Name":"id"}`},
		{"made up: an Express execution", strings.Replace(all, `"$$"`, `"$$.Execution.Id"`, 1), "", "", `"arn:aws:states:eu-west-1:000000000000:express:id:id:id"`},
	} {
		t.Run(c.does, func(t *testing.T) {
			in := asl.StateTest{Definition: []byte(c.definition), StateName: c.name, Input: []byte(`{"in":1}`), Mock: result(`{}`)}
			if c.context != "" {
				in.Context = []byte(c.context)
			}
			got, err := e.TestState(t.Context(), in)
			if err != nil || string(got.Output) != c.want {
				t.Errorf("%s: %s %s, %v", got.Output, got.Error, got.Cause, err)
			}
		})
	}
}
