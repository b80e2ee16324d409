package sfn_test

import (
	"context"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/mayfly-dev/mayfly/local/asl"
	"github.com/mayfly-dev/mayfly/local/sfn"
)

func mocked(result string) *types.MockInput { return &types.MockInput{Result: &result} }

func mockedError(name, cause string) *types.MockInput {
	return &types.MockInput{ErrorOutput: &types.MockErrorOutput{Error: &name, Cause: &cause}}
}

const (
	twoBranches = `"Branches":[{"StartAt":"L","States":{"L":{"Type":"Pass","End":true}}},{"StartAt":"R","States":{"R":{"Type":"Pass","End":true}}}]`
	oneByOne    = `"ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"},"StartAt":"I","States":{"I":{"Type":"Pass","End":true}}}`
)

// TestEachTypeOfStateIsTestedByItself asks for each type of state at each level.
func TestEachTypeOfStateIsTestedByItself(t *testing.T) {
	c := start(t, t.TempDir(), functions{
		functionARN("f"): func(_ context.Context, payload []byte) ([]byte, error) { return payload, nil },
		functionARN("bad"): func(context.Context, []byte) ([]byte, error) {
			return nil, &sfn.FunctionError{ErrorType: "Bad", ErrorMessage: "it is"}
		},
	})
	s := aws.String
	for name, d := range map[string]struct {
		in      api.TestStateInput
		status  types.TestExecutionStatus
		output  string
		next    string
		failure string
		want    types.InspectionData
	}{
		"pass": {
			in:     api.TestStateInput{Definition: s(`{"Type":"Pass","InputPath":"$.a","Result":1,"ResultPath":"$.r","Next":"N"}`), Input: s(`{"a":2}`)},
			status: "SUCCEEDED", output: `{"a":2,"r":1}`, next: "N",
			want: types.InspectionData{Input: s(`{"a":2}`), Result: s(`1`), AfterResultSelector: s(`1`), AfterResultPath: s(`{"a":2,"r":1}`)},
		},
		"variables": {
			in:     api.TestStateInput{Definition: s(`{"Type":"Pass","QueryLanguage":"JSONata","Output":"{% $v + 1 %}","Assign":{"w":2},"End":true}`), Variables: s(`{"v":1}`)},
			status: "SUCCEEDED", output: `2`, want: types.InspectionData{Input: s(`{}`), Variables: s(`{"v":1,"w":2}`)},
		},
		"choice": {
			in:     api.TestStateInput{Definition: s(`{"Type":"Choice","Choices":[{"Variable":"$.a","NumericEquals":2,"Next":"Two"}],"Default":"Other"}`), Input: s(`{"a":2}`)},
			status: "SUCCEEDED", output: `{"a":2}`, next: "Two", want: types.InspectionData{Input: s(`{"a":2}`), AfterInputPath: s(`{"a":2}`)},
		},
		"wait": {
			in: api.TestStateInput{Definition: s(`{"Type":"Wait","Seconds":100,"Next":"N"}`)}, status: "SUCCEEDED", output: `{}`, next: "N",
			want: types.InspectionData{Input: s(`{}`), AfterInputPath: s(`{}`)},
		},
		"succeed": {
			in: api.TestStateInput{Definition: s(`{"Type":"Succeed"}`), Input: s(`7`)}, status: "SUCCEEDED", output: `7`,
			want: types.InspectionData{Input: s(`7`), AfterInputPath: s(`7`)},
		},
		"fail": {
			in: api.TestStateInput{Definition: s(`{"Type":"Fail","Error":"E","Cause":"C"}`)}, status: "FAILED", failure: "E: C",
			want: types.InspectionData{Input: s(`{}`), AfterInputPath: s(`{}`)},
		},
		"task": {
			in:     api.TestStateInput{Definition: s(`{"Type":"Task","Resource":"` + functionARN("f") + `","Parameters":{"p.$":"$.a"},"ResultSelector":{"s.$":"$.p"},"End":true}`), Input: s(`{"a":2}`), RoleArn: s(role)},
			status: "SUCCEEDED", output: `{"s":2}`,
			want: types.InspectionData{
				Input: s(`{"a":2}`), AfterInputPath: s(`{"a":2}`), AfterParameters: s(`{"p":2}`), Result: s(`{"p":2}`), AfterResultSelector: s(`{"s":2}`), AfterResultPath: s(`{"s":2}`),
			},
		},
		"task that fails": {
			in:     api.TestStateInput{Definition: s(`{"Type":"Task","Resource":"` + functionARN("bad") + `","End":true}`), RoleArn: s(role)},
			status: "FAILED", failure: `Bad: {"errorMessage":"it is","errorType":"Bad"}`,
			want: types.InspectionData{Input: s(`{}`), AfterInputPath: s(`{}`), AfterParameters: s(`{}`)},
		},
		"task that is tried again": {
			in: api.TestStateInput{Definition: s(`{"Type":"Task","QueryLanguage":"JSONata","Resource":"arn:aws:states:::lambda:invoke","Arguments":{"FunctionName":"foo"},
				"Retry":[{"ErrorEquals":["E"],"IntervalSeconds":1,"MaxAttempts":5,"BackoffRate":2}],"End":true}`),
				Mock: mockedError("E", "C"), StateConfiguration: &types.TestStateConfiguration{RetrierRetryCount: aws.Int32(4)}},
			status: "RETRIABLE", failure: "E: C",
			want: types.InspectionData{
				Input: s(`{}`), AfterArguments: s(`{"FunctionName":"foo"}`),
				ErrorDetails: &types.InspectionErrorDetails{RetryIndex: aws.Int32(0), RetryBackoffIntervalSeconds: aws.Int32(16)},
			},
		},
		"task whose error is caught": {
			in: api.TestStateInput{Definition: s(`{"Type":"Task","QueryLanguage":"JSONata","Resource":"arn:aws:states:::lambda:invoke","Arguments":{"FunctionName":"foo"},
				"Catch":[{"ErrorEquals":["F"],"Next":"A"},{"ErrorEquals":["E"],"Next":"B"}],"End":true}`), Mock: mockedError("E", "C")},
			status: "CAUGHT_ERROR", failure: "E: C", next: "B", output: `{"Error":"E","Cause":"C"}`,
			want: types.InspectionData{Input: s(`{}`), AfterArguments: s(`{"FunctionName":"foo"}`), ErrorDetails: &types.InspectionErrorDetails{CatchIndex: aws.Int32(1)}},
		},
		"activity": {
			in:     api.TestStateInput{Definition: s(`{"Type":"Task","QueryLanguage":"JSONata","Resource":"arn:aws:states:us-east-1:000000000000:activity:a","End":true}`), Mock: mocked(`1`)},
			status: "SUCCEEDED", output: `1`, want: types.InspectionData{Input: s(`{}`), AfterArguments: s(`{}`), Result: s(`1`)},
		},
		"task token": {
			in: api.TestStateInput{Definition: s(`{"Type":"Task","QueryLanguage":"JSONata","Resource":"arn:aws:states:::sqs:sendMessage.waitForTaskToken","Arguments":{"QueueUrl":"q","MessageBody":"{% $states.context.Task.Token %}"},"End":true}`),
				Mock: mocked(`{"MessageId":7}`), Context: s(`{"Task":{"Token":"abc"}}`)},
			status: "SUCCEEDED", output: `{"MessageId":7}`, want: types.InspectionData{Input: s(`{}`), AfterArguments: s(`{"QueueUrl":"q","MessageBody":"abc"}`), Result: s(`{"MessageId":7}`)},
		},
		"sync": {
			in: api.TestStateInput{Definition: s(`{"Type":"Task","QueryLanguage":"JSONata","Resource":"arn:aws:states:::states:startExecution.sync:2","Arguments":{"StateMachineArn":"m"},"Output":"{% $states.result.Output.n %}","End":true}`),
				Mock: mocked(`{"ExecutionArn":"e","StateMachineArn":"m","Status":"SUCCEEDED","StartDate":"2025-01-01","Output":{"n":1}}`)},
			status: "SUCCEEDED", output: `1`,
			want: types.InspectionData{
				Input: s(`{}`), AfterArguments: s(`{"StateMachineArn":"m"}`), Result: s(`{"ExecutionArn":"e","StateMachineArn":"m","Status":"SUCCEEDED","StartDate":"2025-01-01","Output":{"n":1}}`),
			},
		},
		"parallel": {
			in:     api.TestStateInput{Definition: s(`{"Type":"Parallel",` + twoBranches + `,"ResultPath":"$.r","OutputPath":"$.r","Next":"N"}`), Mock: mocked(`[1,2]`)},
			status: "SUCCEEDED", output: `[1,2]`, next: "N",
			want: types.InspectionData{Input: s(`{}`), AfterInputPath: s(`{}`), AfterParameters: s(`{}`), AfterResultSelector: s(`[1,2]`), AfterResultPath: s(`{"r":[1,2]}`)},
		},
		"map": {
			in: api.TestStateInput{Definition: s(`{"Type":"Map",` + oneByOne + `,"ItemsPath":"$.list","ItemSelector":{"v.$":"$$.Map.Item.Value"},"ItemBatcher":{"MaxItemsPerBatch":2},
				"MaxConcurrency":3,"ToleratedFailureCount":1,"ToleratedFailurePercentage":62.5,"Next":"N"}`), Input: s(`{"list":[1,2,3]}`), Mock: mocked(`[[1,2],[3]]`),
				StateConfiguration: &types.TestStateConfiguration{MapIterationFailureCount: aws.Int32(1)}},
			status: "SUCCEEDED", output: `[[1,2],[3]]`, next: "N",
			want: types.InspectionData{
				Input: s(`{"list":[1,2,3]}`), AfterInputPath: s(`{"list":[1,2,3]}`), AfterItemsPath: s(`[1,2,3]`), AfterItemSelector: s(`[{"v":1},{"v":2},{"v":3}]`),
				AfterItemBatcher: s(`[{"Items":[{"v":1},{"v":2}]},{"Items":[{"v":3}]}]`), MaxConcurrency: aws.Int32(3), ToleratedFailureCount: aws.Int32(1),
				ToleratedFailurePercentage: aws.Float32(62.5), AfterResultSelector: s(`[[1,2],[3]]`), AfterResultPath: s(`[[1,2],[3]]`),
			},
		},
		"map with a reader": {
			in: api.TestStateInput{Definition: s(`{"Type":"Map","QueryLanguage":"JSONata",` + oneByOne + `,"ItemReader":{"Resource":"arn:aws:states:::s3:getObject",
				"ReaderConfig":{"InputType":"JSON","ItemsPointer":"/list"},"Arguments":{"Bucket":"b","Key":"k"}},"End":true}`), Mock: mocked(`[1,4]`),
				StateConfiguration: &types.TestStateConfiguration{MapItemReaderData: s(`{"list":[1,2]}`)}},
			status: "SUCCEEDED", output: `[1,4]`, want: types.InspectionData{Input: s(`{}`), AfterItemsPointer: s(`[1,2]`), MaxConcurrency: aws.Int32(0)},
		},
		"map that fails too often": {
			in: api.TestStateInput{Definition: s(`{"Type":"Map","QueryLanguage":"JSONata",` + oneByOne + `,"ToleratedFailureCount":1,"Retry":[{"ErrorEquals":["States.ExceedToleratedFailureThreshold"]}],"End":true}`),
				Input: s(`[1,2,3]`), Mock: mocked(`[0,0,1]`), StateConfiguration: &types.TestStateConfiguration{MapIterationFailureCount: aws.Int32(2)}},
			status: "RETRIABLE", failure: "States.ExceedToleratedFailureThreshold: The specified tolerated failure threshold was exceeded",
			want: types.InspectionData{
				Input: s(`[1,2,3]`), MaxConcurrency: aws.Int32(0), ToleratedFailureCount: aws.Int32(1),
				ErrorDetails: &types.InspectionErrorDetails{RetryIndex: aws.Int32(0), RetryBackoffIntervalSeconds: aws.Int32(1)},
			},
		},
		"map's state, whose error is the map's": {
			in: api.TestStateInput{Definition: s(`{"StartAt":"M","States":{"M":{"Type":"Map","ItemProcessor":{"StartAt":"I","States":{"I":{"Type":"Task","Resource":"` + functionARN("f") + `","End":true}}},
				"Catch":[{"ErrorEquals":["E"],"Next":"H"}],"End":true},"H":{"Type":"Succeed"}}}`), StateName: s("I"), Mock: mockedError("E", "")},
			status: "CAUGHT_ERROR", failure: "E", output: `{"Error":"E","Cause":""}`, next: "H",
			want: types.InspectionData{Input: s(`{}`), AfterInputPath: s(`{}`), AfterParameters: s(`{}`), ErrorDetails: &types.InspectionErrorDetails{CatchIndex: aws.Int32(0)}},
		},
		"map's error of a state in it": {
			in: api.TestStateInput{Definition: s(`{"Type":"Map",` + oneByOne + `,"Catch":[{"ErrorEquals":["States.TaskFailed"],"Next":"H"}],"End":true}`), Input: s(`[1]`), Mock: mockedError("E", ""),
				StateConfiguration: &types.TestStateConfiguration{ErrorCausedByState: s("I")}},
			status: "CAUGHT_ERROR", failure: "E", output: `{"Error":"E","Cause":""}`, next: "H",
			want: types.InspectionData{
				Input: s(`[1]`), AfterInputPath: s(`[1]`), AfterItemsPath: s(`[1]`), MaxConcurrency: aws.Int32(0),
				ErrorDetails: &types.InspectionErrorDetails{CatchIndex: aws.Int32(0)},
			},
		},
		"named": {
			in: api.TestStateInput{Definition: s(passing), StateName: s("A"), Input: s(`7`)}, status: "SUCCEEDED", output: `7`, next: "B",
			want: types.InspectionData{Input: s(`7`), AfterInputPath: s(`7`), AfterParameters: s(`7`), AfterResultSelector: s(`7`), AfterResultPath: s(`7`)},
		},
	} {
		t.Run(name, func(t *testing.T) {
			for _, level := range append([]types.InspectionLevel{""}, types.InspectionLevelInfo.Values()...) {
				d.in.InspectionLevel = level
				out, err := c.TestState(t.Context(), &d.in)
				if err != nil {
					t.Fatal(err)
				}
				failure := strings.TrimSuffix(str(out.Error)+": "+str(out.Cause), ": ")
				if out.Status != d.status || str(out.Output) != d.output || str(out.NextState) != d.next || failure != d.failure {
					t.Errorf("%s %s, output %s, next %s, error %s", level, out.Status, str(out.Output), str(out.NextState), failure)
				}
				if level == "" || level == types.InspectionLevelInfo {
					if out.InspectionData != nil {
						t.Errorf("%s tells %+v", level, out.InspectionData)
					}
				} else if diff := cmp.Diff(&d.want, out.InspectionData, cmpopts.IgnoreUnexported(types.InspectionData{}, types.InspectionErrorDetails{})); diff != "" {
					t.Errorf("%s: %s", level, diff)
				}
			}
		})
	}
	if all, _ := c.service.Engine().List(asl.Listing{}); len(all) != 0 {
		t.Errorf("tests left %d executions", len(all))
	}
}

func TestWhatTestStateRefuses(t *testing.T) {
	c := start(t, t.TempDir(), nil)
	task := `{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke","Parameters":{"FunctionName":"f"},"End":true}`
	long := strings.Repeat("x", asl.MaxPayload)
	for _, r := range []struct {
		what    string
		in      api.TestStateInput
		code    string
		message string
	}{
		{"a state that is none", api.TestStateInput{Definition: aws.String(`{"Type":"Nope"}`)}, "InvalidDefinition", "State type must be one of"},
		{"a definition that is no JSON", api.TestStateInput{Definition: aws.String(`{`)}, "InvalidDefinition", "Definition must be a valid JSON object"},
		{"no definition", api.TestStateInput{Definition: aws.String("")}, "ValidationException", "Value null at 'definition'"},
		{"a state with a name", api.TestStateInput{Definition: &task, StateName: aws.String("T")}, "InvalidDefinition", "These fields are required: [States, StartAt]"},
		{"a name that is empty", api.TestStateInput{Definition: aws.String(passing), StateName: aws.String("")}, "ValidationException", "'stateName'"},
		{"a state that is not there", api.TestStateInput{Definition: aws.String(passing), StateName: aws.String("Z")}, "ValidationException", "State not found in definition"},
		{"a level that is none", api.TestStateInput{Definition: aws.String(passing), InspectionLevel: "ALL"}, "ValidationException", "enum value set: [INFO, DEBUG, TRACE]"},
		{"a task of no service", api.TestStateInput{Definition: aws.String(`{"Type":"Task","Resource":"arn:aws:states:::nope:doIt","Parameters":{},"End":true}`)}, "InvalidDefinition", "is not recognized"},
		{"a map without a mock", api.TestStateInput{Definition: aws.String(`{"Type":"Map",` + oneByOne + `,"End":true}`)}, "InvalidDefinition", "TestState API does not support Map or Parallel states. Supported"},
		{"a task without a role", api.TestStateInput{Definition: &task}, "ValidationException", "RoleArn must be specified when testing a Task state"},
		{"a role that is none", api.TestStateInput{Definition: &task, RoleArn: aws.String("arn:aws:iam::000000000000:user/u")}, "InvalidArn", "Invalid Arn"},
		{"an input that is no JSON", api.TestStateInput{Definition: aws.String(`{"Type":"Succeed"}`), Input: aws.String(`{`)}, "InvalidExecutionInput", "Invalid State Machine Execution Input"},
		{"a mock for Pass", api.TestStateInput{Definition: aws.String(`{"Type":"Pass","End":true}`), Mock: mocked(`{}`)}, "ValidationException", "State type 'Pass' is not supported when a mock is specified"},
		{"an empty mock", api.TestStateInput{Definition: &task, Mock: &types.MockInput{}}, "ValidationException", "only one of the following fields: [result, errorOutput]"},
		{"a mock with secrets", api.TestStateInput{Definition: &task, Mock: mocked(`{}`), RevealSecrets: true}, "ValidationException", "does not support RevealSecrets"},
		{"a mode that is none", api.TestStateInput{Definition: &task, Mock: &types.MockInput{Result: aws.String(`{}`), FieldValidationMode: "LAX"}}, "ValidationException", "'mock.fieldValidationMode'"},
		{"an error without a name", api.TestStateInput{Definition: &task, Mock: &types.MockInput{ErrorOutput: &types.MockErrorOutput{}}}, "ValidationException", "An error was not specified"},
		{"a name too long", api.TestStateInput{Definition: &task, Mock: mockedError(long[:257], "")}, "ValidationException", "'mock.errorOutput.error'"},
		{"a result too long", api.TestStateInput{Definition: &task, Mock: mocked(`"` + long + `"`)}, "ValidationException", "'mock.result'"},
		{"a context of nothing", api.TestStateInput{Definition: &task, RoleArn: aws.String(role), Context: aws.String(`{}`)}, "ValidationException", "if a mock is specified"},
		{"a context with a Map", api.TestStateInput{Definition: &task, Mock: mocked(`{}`), Context: aws.String(`{"Map":{}}`)}, "ValidationException", "Invalid Context object provided: 'Map'"},
		{"variables that are none", api.TestStateInput{Definition: &task, Mock: mocked(`{}`), Variables: aws.String(`1`)}, "ValidationException", "Variables"},
		{"a negative count", api.TestStateInput{Definition: &task, Mock: mocked(`{}`), StateConfiguration: &types.TestStateConfiguration{RetrierRetryCount: aws.Int32(-1)}}, "ValidationException", "'stateConfiguration.retrierRetryCount'"},
	} {
		_, err := c.TestState(t.Context(), &r.in)
		refused(t, r.what, err, r.code)
		if err != nil && !strings.Contains(err.Error(), r.message) {
			t.Errorf("%s: %v, want %s", r.what, err, r.message)
		}
	}
}
