package sfn_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mayfly-dev/mayfly/local/asl"
)

// started are what only a clock or a response can tell.
func forget(t *testing.T, out map[string]any, names ...string) {
	t.Helper()
	for _, name := range names {
		if ms, ok := out[name].(float64); !ok || ms < 1e12 { // milliseconds since 1970
			t.Errorf("%s is %v", name, out[name])
		}
		delete(out, name)
	}
}

func TestANestedExecutionsResultIsAWSs(t *testing.T) {
	c := start(t, t.TempDir(), nil)
	inner := c.create(t, "inner", `{"StartAt":"P","States":{"P":{"Type":"Pass","Result":{"Arg1":"argument1"},"End":true}}}`)
	failing := c.create(t, "failing", `{"StartAt":"F","States":{"F":{"Type":"Fail","Error":"SomeFailure","Cause":"It failed."}}}`)
	execution := strings.Replace(inner, ":stateMachine:", ":execution:", 1)

	out, failure, cause := c.do(t, "states:startExecution", `{"StateMachineArn":"`+inner+`","Name":"fired","Input":{"Hello":"World"}}`)
	if failure != "" || at(out, "SdkHttpMetadata/HttpStatusCode") != 200.0 || at(out, "SdkHttpMetadata/HttpHeaders/Content-Type") != "application/x-amz-json-1.0" ||
		at(out, "SdkHttpMetadata/HttpHeaders/x-amzn-RequestId") != at(out, "SdkResponseMetadata/RequestId") {
		t.Errorf("%v %s %s", out, failure, cause)
	}
	delete(out, "SdkHttpMetadata")
	delete(out, "SdkResponseMetadata")
	forget(t, out, "StartDate")
	if diff := cmp.Diff(map[string]any{"ExecutionArn": execution + ":fired"}, out); diff != "" {
		t.Error(diff)
	}
	if got := c.finish(t, execution+":fired"); str(got.Input) != `{"Hello":"World"}` {
		t.Errorf("input %s", str(got.Input))
	}

	for pattern, document := range map[string]func(string) any{
		"sync": func(text string) any { return text },
		"sync:2": func(text string) any {
			var v any
			if err := json.Unmarshal([]byte(text), &v); err != nil {
				t.Fatal(err)
			}
			return v
		},
	} {
		name := strings.ReplaceAll(pattern, ":", "")
		out, failure, cause := c.do(t, "states:startExecution."+pattern, `{"StateMachineArn":"`+inner+`","Name":"`+name+`","Input":null}`)
		if failure != "" {
			t.Fatalf("%s: %s", failure, cause)
		}
		forget(t, out, "StartDate", "StopDate")
		want := map[string]any{
			"ExecutionArn": execution + ":" + name, "Name": name, "StateMachineArn": inner, "Status": "SUCCEEDED",
			"Input": document(`{}`), "InputDetails": map[string]any{"Included": true},
			"Output": document(`{"Arg1":"argument1"}`), "OutputDetails": map[string]any{"Included": true},
		}
		if diff := cmp.Diff(want, out); diff != "" {
			t.Errorf("%s: %s", pattern, diff)
		}
	}

	_, failure, cause = c.do(t, "states:startExecution.sync", `{"StateMachineArn":"`+failing+`","Name":"n","Input":"{\"in\": 1}"}`)
	var failed map[string]any
	if err := json.Unmarshal([]byte(cause), &failed); err != nil || failure != asl.ErrorTaskFailed {
		t.Fatalf("%s: %s", failure, cause)
	}
	forget(t, failed, "StartDate", "StopDate")
	if diff := cmp.Diff(map[string]any{
		"ExecutionArn": strings.Replace(failing, ":stateMachine:", ":execution:", 1) + ":n", "Name": "n", "StateMachineArn": failing, "Status": "FAILED",
		"Input": `{"in": 1}`, "InputDetails": map[string]any{"Included": true}, "Error": "SomeFailure", "Cause": "It failed.",
	}, failed); diff != "" {
		t.Error(diff)
	}
}

func TestANestedExecutionThatCannotStartSaysWhy(t *testing.T) {
	c := start(t, t.TempDir(), nil)
	inner := c.create(t, "inner", passing)
	for _, d := range []struct{ parameters, failure, cause string }{
		{`{"StateMachineArn":"` + inner + `x"}`, "StepFunctions.StateMachineDoesNotExistException", "State Machine Does Not Exist: '" + inner +
			"x' (Service: AWSStepFunctions; Status Code: 400; Error Code: StateMachineDoesNotExist; Request ID: "},
		{`{"StateMachineArn":"no-arn"}`, "StepFunctions.InvalidArnException", "Invalid Arn: "},
		{`{"StateMachineArn":"` + inner + `","Name":"a b"}`, "StepFunctions.InvalidNameException", "Invalid Name: 'a b'"},
		{`{"StateMachineArn":"` + inner + `","Input":"no json"}`, "StepFunctions.InvalidExecutionInputException", "Invalid State Machine Execution Input: "},
	} {
		_, failure, cause := c.do(t, "states:startExecution", d.parameters)
		if failure != d.failure || !strings.HasPrefix(cause, d.cause) || !strings.HasSuffix(cause, "; Proxy: null)") {
			t.Errorf("%s: %s: %s", d.parameters, failure, cause)
		}
	}
}

func TestANestedExecutionLearnsWhoStartedIt(t *testing.T) {
	c := start(t, t.TempDir(), nil)
	inner := c.create(t, "inner", passing)
	outer := c.create(t, "outer", task("arn:aws:states:::states:startExecution.sync:2", `,"Parameters":{"StateMachineArn":"`+inner+
		`","Input":{"AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID.$":"$$.Execution.Id"}},"OutputPath":"$.Output"`))
	execution := c.run(t, outer, "", `{}`)
	if done := c.finish(t, execution); str(done.Output) != `{"AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID":"`+execution+`"}` {
		t.Errorf("%s %s %s", str(done.Output), str(done.Error), str(done.Cause))
	}
}

func TestANestedExecutionMayHaveTheTokenOfTheTaskThatStartsIt(t *testing.T) {
	c := start(t, t.TempDir(), nil)
	inner := c.create(t, "inner", passing)
	outer := c.create(t, "outer", task("arn:aws:states:::states:startExecution.waitForTaskToken", `,"Parameters":{"StateMachineArn":"`+inner+
		`","Name":"n","Input":{"token.$":"$$.Task.Token"}}`))
	execution := c.run(t, outer, "", `{}`)
	c.until(t, execution, "TaskSubmitted")
	var in struct{ Token string }
	if err := json.Unmarshal([]byte(str(c.finish(t, strings.Replace(inner, ":stateMachine:", ":execution:", 1)+":n").Input)), &in); err != nil {
		t.Fatal(err)
	}
	if err := c.service.Engine().SendTaskSuccess(in.Token, []byte(`"told"`)); err != nil {
		t.Fatal(err)
	}
	if done := c.finish(t, execution); str(done.Output) != `"told"` {
		t.Errorf("%s %s", str(done.Output), str(done.Error))
	}
}
