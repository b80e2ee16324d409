package sfn_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"github.com/mayfly-dev/mayfly/local/asl"
	"github.com/mayfly-dev/mayfly/local/sfn"
)

func TestTasksCallFunctions(t *testing.T) {
	c := start(t, t.TempDir(), functions{
		functionARN("echo"):  func(_ context.Context, payload []byte) ([]byte, error) { return payload, nil },
		functionARN("empty"): func(context.Context, []byte) ([]byte, error) { return nil, nil },
		functionARN("fails"): func(context.Context, []byte) ([]byte, error) {
			return nil, &sfn.FunctionError{ErrorType: "TooManyBuckets", ErrorMessage: "100 are there"}
		},
		functionARN("typed"): func(context.Context, []byte) ([]byte, error) {
			return nil, &sfn.FunctionError{ErrorType: "Odd", Payload: []byte(`{"errorType":"Odd","trace":[]}`)}
		},
		functionARN("broken") + ":7": func(context.Context, []byte) ([]byte, error) { return nil, errors.New("connection refused") },
	})
	invoke := func(function, more string) string {
		return task("arn:aws:states:::lambda:invoke", `,"Parameters":{"FunctionName":"`+function+`","Payload.$":"$"`+more+`}`)
	}
	for name, d := range map[string]struct{ definition, output, failure, cause string }{
		"direct":         {definition: task(functionARN("echo"), ""), output: `{"a":1}`},
		"direct-empty":   {definition: task(functionARN("empty"), ""), output: `null`},
		"direct-fails":   {definition: task(functionARN("fails"), ""), failure: "TooManyBuckets", cause: `{"errorMessage":"100 are there","errorType":"TooManyBuckets"}`},
		"direct-typed":   {definition: task(functionARN("typed"), ""), failure: "Odd", cause: `{"errorType":"Odd","trace":[]}`},
		"direct-missing": {definition: task(functionARN("nope"), ""), failure: "Lambda.ResourceNotFoundException", cause: "Function not found"},
		"direct-broken":  {definition: task(functionARN("broken")+":7", ""), failure: "Lambda.SdkClientException", cause: "connection refused"},
		"invoke-name":    {definition: invoke("echo", ""), output: `"Payload":{"a":1}`},
		"invoke-arn":     {definition: invoke(functionARN("echo"), ""), output: `"StatusCode":200`},
		"invoke-partial": {definition: invoke("000000000000:function:echo", ""), output: `"ExecutedVersion":"$LATEST"`},
		"invoke-fails":   {definition: invoke("fails", ""), failure: "TooManyBuckets", cause: "100 are there"},
		"invoke-version": {definition: invoke("broken", `,"Qualifier":"7"`), failure: "Lambda.SdkClientException", cause: "connection refused"},
		"invoke-event":   {definition: invoke("fails", `,"InvocationType":"Event"`), output: `"StatusCode":202`},
	} {
		t.Run(name, func(t *testing.T) {
			got := c.finish(t, c.run(t, c.create(t, name, d.definition), "", `{"a":1}`))
			switch {
			case d.failure == "" && (got.Status != types.ExecutionStatusSucceeded || !strings.Contains(*got.Output, d.output)):
				t.Errorf("%s, output %s %v %v", got.Status, str(got.Output), str(got.Error), str(got.Cause))
			case d.failure != "" && (got.Status != types.ExecutionStatusFailed || str(got.Error) != d.failure || !strings.Contains(str(got.Cause), d.cause)):
				t.Errorf("%s, error %s, cause %s", got.Status, str(got.Error), str(got.Cause))
			}
		})
	}
}

func str(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func TestATaskStartsAnExecution(t *testing.T) {
	c := start(t, t.TempDir(), nil)
	inner := c.create(t, "inner", `{"StartAt":"C","States":{"C":{"Type":"Choice","Choices":[{"Variable":"$.fail","IsPresent":true,"Next":"F"}],"Default":"P"},
"P":{"Type":"Pass","Result":{"made":true},"End":true},"F":{"Type":"Fail","Error":"Inner","Cause":"asked for"}}}`)
	outer := func(name, pattern, more string) string {
		return c.create(t, name, task("arn:aws:states:::states:startExecution"+pattern, `,"Parameters":{"StateMachineArn":"`+inner+`","Input.$":"$"`+more+`}`))
	}
	field := func(text *string) map[string]any {
		t.Helper()
		var out map[string]any
		if err := json.Unmarshal([]byte(str(text)), &out); err != nil {
			t.Fatal(err)
		}
		return out
	}
	started := field(c.finish(t, c.run(t, outer("fire", "", ""), "", `{}`)).Output)
	if arn, _ := started["ExecutionArn"].(string); !strings.Contains(arn, ":execution:inner:") {
		t.Errorf("request and response: %v", started)
	} else {
		c.finish(t, arn)
	}
	synced := field(c.finish(t, c.run(t, outer("sync", ".sync", ""), "", `{}`)).Output)
	if synced["Status"] != "SUCCEEDED" || synced["Output"] != `{"made":true}` || synced["Input"] != `{}` {
		t.Errorf(".sync: %v", synced)
	}
	synced = field(c.finish(t, c.run(t, outer("sync2", ".sync:2", ""), "", `{}`)).Output)
	if output, _ := synced["Output"].(map[string]any); output["made"] != true {
		t.Errorf(".sync:2: %v", synced)
	}
	failed := c.finish(t, c.run(t, outer("fails", ".sync:2", ""), "", `{"fail":1}`))
	if str(failed.Error) != asl.ErrorTaskFailed || field(failed.Cause)["Error"] != "Inner" || field(failed.Cause)["Status"] != "FAILED" {
		t.Errorf("failed: %s %s", str(failed.Error), str(failed.Cause))
	}
	named := outer("named", "", `,"Name":"once"`)
	c.finish(t, c.run(t, named, "", `{}`))
	again := c.finish(t, c.run(t, named, "", `{"other":1}`))
	if str(again.Error) != "StepFunctions.ExecutionAlreadyExistsException" {
		t.Errorf("a name in use: %s %s", str(again.Error), str(again.Cause))
	}
	gone := c.create(t, "gone", task("arn:aws:states:::states:startExecution", `,"Parameters":{"StateMachineArn":"`+inner+`x"}`))
	if got := c.finish(t, c.run(t, gone, "", `{}`)); str(got.Error) != "StepFunctions.StateMachineDoesNotExistException" {
		t.Errorf("a machine that is not there: %s %s", str(got.Error), str(got.Cause))
	}
}

func TestStoppingAnExecutionStopsTheOneItWaitsFor(t *testing.T) {
	c := start(t, t.TempDir(), nil)
	inner := c.create(t, "inner", waiting)
	outer := c.create(t, "outer", task("arn:aws:states:::states:startExecution.sync:2", `,"Parameters":{"StateMachineArn":"`+inner+`","Name":"child"}`))
	execution := c.run(t, outer, "", `{}`)
	child := strings.Replace(inner, "stateMachine", "execution", 1) + ":child"
	c.until(t, execution, "TaskSubmitted")
	if _, err := c.service.Engine().Stop(execution, "", ""); err != nil {
		t.Fatal(err)
	}
	if done := c.finish(t, child); done.Status != types.ExecutionStatusAborted {
		t.Errorf("the nested execution is %s", done.Status)
	}
}

func TestEverythingGoesOnAfterARestart(t *testing.T) {
	dir := t.TempDir()
	c := start(t, dir, nil)
	inner := c.create(t, "inner", task("arn:aws:states:::lambda:invoke.waitForTaskToken", `,"Parameters":{"FunctionName":"f","Payload":{"token.$":"$$.Task.Token"}}`))
	outer := c.create(t, "outer", task("arn:aws:states:::states:startExecution.sync:2", `,"Parameters":{"StateMachineArn":"`+inner+`"},"ResultSelector":{"arn.$":"$.ExecutionArn","out.$":"$.Output"}`))
	c.close()

	tokens := make(chan string, 1)
	hands := functions{functionARN("f"): func(_ context.Context, payload []byte) ([]byte, error) {
		var in struct{ Token string }
		if err := json.Unmarshal(payload, &in); err != nil {
			return nil, err
		}
		tokens <- in.Token
		return []byte(`{}`), nil
	}}
	c = start(t, dir, hands)
	execution := c.run(t, outer, "", `{}`)
	c.until(t, execution, "TaskSubmitted")
	token := <-tokens
	children, _ := c.service.Engine().List(asl.Listing{MachineARN: inner})
	if len(children) != 1 {
		t.Fatalf("%d nested executions", len(children))
	}
	c.until(t, children[0].ExecutionARN, "TaskSubmitted")
	c.close()

	c = start(t, dir, hands)
	if err := c.service.Engine().SendTaskSuccess(token, []byte(`{"answer":42}`)); err != nil {
		t.Fatal(err)
	}
	done := c.finish(t, execution)
	if want := `{"arn":"` + children[0].ExecutionARN + `","out":{"answer":42}}`; str(done.Output) != want {
		t.Errorf("output %s, want %s (%s %s)", str(done.Output), want, str(done.Error), str(done.Cause))
	}
	if children, _ = c.service.Engine().List(asl.Listing{MachineARN: inner}); len(children) != 1 {
		t.Errorf("%d nested executions after the restart", len(children))
	}
}
