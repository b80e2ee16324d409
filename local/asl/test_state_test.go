package asl_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mayfly-dev/mayfly/local/asl"
)

const (
	lambdaInvoke = `"Resource":"arn:aws:states:::lambda:invoke"`
	inChildren   = `"ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"},
		"StartAt":"Inner","States":{"Inner":{"Type":"Pass","End":true}}}`
	inline   = `"ItemProcessor":{"StartAt":"Inner","States":{"Inner":{"Type":"Pass","End":true}}}`
	branches = `"Branches":[{"StartAt":"L","States":{"L":{"Type":"Pass","End":true}}},{"StartAt":"R","States":{"R":{"Type":"Pass","End":true}}}]`
)

// stages are a tested state's, as texts.
type stages map[asl.Stage]string

func texts(all map[asl.Stage][]byte) stages {
	out := stages{}
	for stage, text := range all {
		out[stage] = string(text)
	}
	return out
}

func result(text string) *asl.Mock { return &asl.Mock{Result: []byte(text)} }

func failure(name, cause string) *asl.Mock {
	return &asl.Mock{Failure: &asl.TaskError{Name: name, Cause: cause}}
}

// TestEachTypeOfStateIsInspected holds the stages to what AWS itself tells, which
// leaves some out for some types: afterParameters for Map states, result for
// states that pass their input on.
func TestEachTypeOfStateIsInspected(t *testing.T) {
	e := engine(t, asl.Options{})
	for _, c := range []struct {
		does, definition, input string
		mock                    *asl.Mock
		state                   asl.StateConfiguration
		output, next            string
		want                    stages
	}{
		{
			does: "Pass", definition: `{"Type":"Pass","InputPath":"$.payload","Parameters":{"data":1},"ResultPath":"$.result","OutputPath":"$.result.data","Next":"N"}`,
			input: `{"payload":{"foo":"bar"}}`, output: `1`, next: "N",
			want: stages{
				"input": `{"payload":{"foo":"bar"}}`, "afterInputPath": `{"foo":"bar"}`, "afterParameters": `{"data":1}`,
				"afterResultSelector": `{"data":1}`, "afterResultPath": `{"payload":{"foo":"bar"},"result":{"data":1}}`,
			},
		},
		{
			does: "Pass with a Result", definition: `{"Type":"Pass","InputPath":"$.a","Parameters":{"p":1},"Result":{"r":1},"ResultPath":"$.b","End":true}`,
			input: `{"a":{}}`, output: `{"a":{},"b":{"r":1}}`,
			want: stages{"input": `{"a":{}}`, "result": `{"r":1}`, "afterResultSelector": `{"r":1}`, "afterResultPath": `{"a":{},"b":{"r":1}}`},
		},
		{
			does: "Pass in JSONata", definition: `{"Type":"Pass","QueryLanguage":"JSONata","Output":{"n":"{% $states.input.a + 1 %}"},"Assign":{"v":"{% $states.input.a %}"},"End":true}`,
			input: `{"a":1}`, output: `{"n":2}`, want: stages{"input": `{"a":1}`, "variables": `{"v":1}`},
		},
		{
			does: "Task", definition: `{"Type":"Task",` + lambdaInvoke + `,"InputPath":"$.in","Parameters":{"FunctionName":"f","Payload.$":"$.p"},
				"ResultSelector":{"code.$":"$.StatusCode"},"ResultPath":"$.out","OutputPath":"$.out","Next":"N"}`,
			input: `{"in":{"p":1}}`, mock: result(`{"StatusCode":200,"Payload":2}`), output: `{"code":200}`, next: "N",
			want: stages{
				"input": `{"in":{"p":1}}`, "afterInputPath": `{"p":1}`, "afterParameters": `{"FunctionName":"f","Payload":1}`,
				"result": `{"StatusCode":200,"Payload":2}`, "afterResultSelector": `{"code":200}`, "afterResultPath": `{"in":{"p":1},"out":{"code":200}}`,
			},
		},
		{
			does: "Task in JSONata", definition: `{"Type":"Task","QueryLanguage":"JSONata",` + lambdaInvoke + `,"Arguments":{"Payload":"{% $states.input.p %}"},
				"Output":"{% $states.result.n * 2 %}","End":true}`,
			input: `{"p":1}`, mock: result(`{"n":21}`), output: `42`,
			want: stages{"input": `{"p":1}`, "afterArguments": `{"Payload":1}`, "result": `{"n":21}`},
		},
		{
			does: "Task that is run", definition: `{"Type":"Task","Resource":"` + function + `x","End":true}`, input: `{"p":1}`, output: `{"p":1}`,
			want: stages{
				"input": `{"p":1}`, "afterInputPath": `{"p":1}`, "afterParameters": `{"p":1}`, "result": `{"p":1}`,
				"afterResultSelector": `{"p":1}`, "afterResultPath": `{"p":1}`,
			},
		},
		{
			does: "activity", definition: `{"Type":"Task","Resource":"arn:aws:states:us-east-1:000000000000:activity:a","TimeoutSeconds":9,"HeartbeatSeconds":3,"End":true}`,
			input: `1`, mock: result(`2`), output: `2`,
			want: stages{"input": `1`, "afterInputPath": `1`, "afterParameters": `1`, "result": `2`, "afterResultSelector": `2`, "afterResultPath": `2`},
		},
		{
			does: "task token", definition: `{"Type":"Task","QueryLanguage":"JSONata","Resource":"arn:aws:states:::sqs:sendMessage.waitForTaskToken","HeartbeatSeconds":3,
				"Arguments":{"MessageBody":"{% $length($states.context.Task.Token) > 10 %}"},"End":true}`,
			input: `{}`, mock: result(`{"ok":true}`), output: `{"ok":true}`,
			want: stages{"input": `{}`, "afterArguments": `{"MessageBody":true}`, "result": `{"ok":true}`},
		},
		{
			does: "sync", definition: `{"Type":"Task","QueryLanguage":"JSONata","Resource":"arn:aws:states:::states:startExecution.sync:2",
				"Arguments":{"StateMachineArn":"m"},"Output":"{% $states.result.Output %}","End":true}`,
			input: `{}`, mock: result(`{"Status":"SUCCEEDED","Output":{"n":1}}`), output: `{"n":1}`,
			want: stages{"input": `{}`, "afterArguments": `{"StateMachineArn":"m"}`, "result": `{"Status":"SUCCEEDED","Output":{"n":1}}`},
		},
		{
			does: "Choice", definition: `{"Type":"Choice","InputPath":"$.in","Choices":[{"Variable":"$.n","NumericEquals":1,"Next":"One"}],"Default":"Other"}`,
			input: `{"in":{"n":1}}`, output: `{"n":1}`, next: "One", want: stages{"input": `{"in":{"n":1}}`, "afterInputPath": `{"n":1}`},
		},
		{
			does: "Choice in JSONata", definition: `{"Type":"Choice","QueryLanguage":"JSONata","Choices":[{"Condition":"{% $states.input.n = 1 %}","Next":"One"}],"Default":"Other"}`,
			input: `{"n":2}`, output: `{"n":2}`, next: "Other", want: stages{"input": `{"n":2}`},
		},
		{
			does: "Wait", definition: `{"Type":"Wait","InputPath":"$.in","SecondsPath":"$.s","Next":"N"}`,
			input: `{"in":{"s":20}}`, output: `{"s":20}`, next: "N", want: stages{"input": `{"in":{"s":20}}`, "afterInputPath": `{"s":20}`},
		},
		{
			does: "Wait in JSONata", definition: `{"Type":"Wait","QueryLanguage":"JSONata","Seconds":"{% $states.input.s %}","Output":1,"Next":"N"}`,
			input: `{"s":20}`, output: `1`, next: "N", want: stages{"input": `{"s":20}`},
		},
		{
			does: "Succeed", definition: `{"Type":"Succeed","InputPath":"$.a","OutputPath":"$.b"}`, input: `{"a":{"b":1}}`, output: `1`,
			want: stages{"input": `{"a":{"b":1}}`, "afterInputPath": `{"b":1}`},
		},
		{
			does: "Parallel", definition: `{"Type":"Parallel",` + branches + `,"InputPath":"$.in","Parameters":{"p.$":"$.k"},"ResultSelector":{"left.$":"$[0]"},
				"ResultPath":"$.out","OutputPath":"$.out","Next":"N"}`,
			input: `{"in":{"k":1}}`, mock: result(`[{"l":1},{"r":2}]`), output: `{"left":{"l":1}}`, next: "N",
			want: stages{
				"input": `{"in":{"k":1}}`, "afterInputPath": `{"k":1}`, "afterParameters": `{"p":1}`, "afterResultSelector": `{"left":{"l":1}}`,
				"afterResultPath": `{"in":{"k":1},"out":{"left":{"l":1}}}`,
			},
		},
		{
			does: "Parallel in JSONata", definition: `{"Type":"Parallel","QueryLanguage":"JSONata",` + branches + `,"Arguments":{"a":"{% $states.input.k %}"},
				"Output":"{% $sum($states.result) %}","Assign":{"n":"{% $count($states.result) %}"},"End":true}`,
			input: `{"k":1}`, mock: result(`[1,2]`), output: `3`,
			want: stages{"input": `{"k":1}`, "afterArguments": `{"a":1}`, "variables": `{"n":2}`},
		},
		{
			does: "Map", definition: `{"Type":"Map",` + inline + `,"InputPath":"$.in","ItemsPath":"$.list","ItemSelector":{"i.$":"$$.Map.Item.Index","v.$":"$$.Map.Item.Value","k.$":"$.k"},
				"ResultSelector":{"all.$":"$[*]"},"ResultPath":"$.out","OutputPath":"$.out.all","Next":"N"}`,
			input: `{"in":{"k":7,"list":["a","b"]}}`, mock: result(`["A","B"]`), output: `["A","B"]`, next: "N",
			want: stages{
				"input": `{"in":{"k":7,"list":["a","b"]}}`, "afterInputPath": `{"k":7,"list":["a","b"]}`, "afterItemsPath": `["a","b"]`,
				"afterItemSelector":   `[{"i":0,"v":"a","k":7},{"i":1,"v":"b","k":7}]`,
				"afterResultSelector": `{"all":["A","B"]}`, "afterResultPath": `{"in":{"k":7,"list":["a","b"]},"out":{"all":["A","B"]}}`,
			},
		},
		{
			does: "Map in JSONata", definition: `{"Type":"Map","QueryLanguage":"JSONata",` + inline + `,"Items":"{% $states.input.list %}",
				"ItemSelector":{"n":"{% $states.context.Map.Item.Value * 10 %}"},"Output":"{% $count($states.result) %}","End":true}`,
			input: `{"list":[1,2]}`, mock: result(`[0,0]`), output: `2`,
			want: stages{"input": `{"list":[1,2]}`, "afterItemSelector": `[{"n":10},{"n":20}]`},
		},
		{
			does: "distributed Map with batches", definition: `{"Type":"Map",` + inChildren + `,"ItemsPath":"$.o","ItemBatcher":{"MaxItemsPerBatch":2,"BatchInput":{"k.$":"$.k"}},"End":true}`,
			input: `{"k":7,"o":{"a":1,"b":2,"c":3}}`, mock: result(`[[1,2],[3]]`), output: `[[1,2],[3]]`,
			want: stages{
				"input": `{"k":7,"o":{"a":1,"b":2,"c":3}}`, "afterInputPath": `{"k":7,"o":{"a":1,"b":2,"c":3}}`, "afterItemsPath": `{"a":1,"b":2,"c":3}`,
				"afterItemBatcher":    `[{"BatchInput":{"k":7},"Items":[{"Key":"a","Value":1},{"Key":"b","Value":2}]},{"BatchInput":{"k":7},"Items":[{"Key":"c","Value":3}]}]`,
				"afterResultSelector": `[[1,2],[3]]`, "afterResultPath": `[[1,2],[3]]`,
			},
		},
		{
			does: "Map with an ItemReader and a pointer", definition: `{"Type":"Map",` + inChildren + `,"ItemReader":{"Resource":"arn:aws:states:::s3:getObject",
				"ReaderConfig":{"InputType":"JSON","ItemsPointer":"/a/list","MaxItems":2},"Parameters":{"Bucket.$":"$.b","Key":"k"}},"End":true}`,
			input: `{"b":"x"}`, state: asl.StateConfiguration{MapItemReaderData: []byte(`{"a":{"list":[1,2,3]}}`)}, mock: result(`[1,4]`), output: `[1,4]`,
			want: stages{"input": `{"b":"x"}`, "afterInputPath": `{"b":"x"}`, "afterItemsPointer": `[1,2]`, "afterResultSelector": `[1,4]`, "afterResultPath": `[1,4]`},
		},
		{
			does: "Map with an ItemReader of CSV", definition: `{"Type":"Map",` + inChildren + `,"ItemReader":{"Resource":"arn:aws:states:::s3:getObject",
				"ReaderConfig":{"InputType":"CSV","CSVHeaderLocation":"FIRST_ROW"},"Parameters":{"Bucket":"b","Key":"k"}},"ResultPath":null,"End":true}`,
			input: `{}`, state: asl.StateConfiguration{MapItemReaderData: []byte("n,s\n1,one\n2,two\n")}, mock: result(`[1,2]`), output: `{}`,
			want: stages{"input": `{}`, "afterInputPath": `{}`, "afterItemsPath": `[{"n":"1","s":"one"},{"n":"2","s":"two"}]`, "afterResultSelector": `[1,2]`, "afterResultPath": `{}`},
		},
		{
			does: "Map whose items stand in the input as if read", definition: `{"Type":"Map",` + inChildren + `,"ItemReader":{"Resource":"arn:aws:states:::s3:getObject",
				"Parameters":{"Bucket":"b","Key":"k"}},"ItemsPath":"$.orders","End":true}`,
			input: `{"orders":[1,2]}`, mock: result(`[3,4]`), output: `[3,4]`,
			want: stages{"input": `{"orders":[1,2]}`, "afterInputPath": `{"orders":[1,2]}`, "afterItemsPath": `[1,2]`, "afterResultSelector": `[3,4]`, "afterResultPath": `[3,4]`},
		},
		{
			does: "Map with a ResultWriter", definition: `{"Type":"Map","QueryLanguage":"JSONata",` + inChildren + `,"ResultWriter":{"Resource":"arn:aws:states:::s3:putObject",
				"Arguments":{"Bucket":"b","Prefix":"p"}},"End":true}`,
			input: `[1]`, mock: result(`{"MapRunArn":"m","ResultWriterDetails":{}}`), output: `{"MapRunArn":"m","ResultWriterDetails":{}}`,
			want: stages{"input": `[1]`},
		},
	} {
		t.Run(c.does, func(t *testing.T) {
			for _, level := range []asl.InspectionLevel{"", asl.InspectInfo, asl.InspectDebug, asl.InspectTrace} {
				got, err := e.TestState(t.Context(), asl.StateTest{
					Definition: []byte(c.definition), Input: []byte(c.input), Mock: c.mock, Configuration: c.state, Level: level,
				})
				if err != nil {
					t.Fatal(err)
				}
				if got.Status != asl.TestedSucceeded || string(got.Output) != c.output || got.NextState != c.next || got.Error != "" {
					t.Errorf("%s %s, output %s, next %s, error %s %s", level, got.Status, got.Output, got.NextState, got.Error, got.Cause)
				}
				if told := level == asl.InspectDebug || level == asl.InspectTrace; !told {
					if got.Inspection != nil {
						t.Errorf("%s tells %+v", level, got.Inspection)
					}
					continue
				}
				if diff := cmp.Diff(c.want, texts(got.Inspection.Stages)); diff != "" {
					t.Errorf("%s: %s", level, diff)
				}
				if got.Inspection.Error != nil || got.Inspection.Request != nil {
					t.Errorf("%s tells %+v", level, got.Inspection)
				}
			}
		})
	}
}

// TestAFailedStateIsInspectedAsFarAsItCame has a failure at each stage.
func TestAFailedStateIsInspectedAsFarAsItCame(t *testing.T) {
	e := engine(t, asl.Options{})
	task := `{"Type":"Task",` + lambdaInvoke + `,"InputPath":"$.in","Parameters":{"p.$":"$.p"},`
	for _, c := range []struct {
		does, definition, input string
		mock                    *asl.Mock
		failed, cause           string
		want                    stages
	}{
		{"Fail", `{"Type":"Fail","Error":"E","Cause":"C"}`, `{"a":1}`, nil, "E", "C", stages{"input": `{"a":1}`, "afterInputPath": `{"a":1}`}},
		{"Fail in JSONata", `{"Type":"Fail","QueryLanguage":"JSONata","Error":"{% $states.input.e %}"}`, `{"e":"E"}`, nil, "E", "", stages{"input": `{"e":"E"}`}},
		{"InputPath", task + `"End":true}`, `{}`, result(`1`), "States.Runtime", `Invalid path '$.in' in InputPath: it names nothing in '{}'`, stages{"input": `{}`}},
		{
			"Parameters", task + `"End":true}`, `{"in":{}}`, result(`1`), "States.Runtime",
			`The JSONPath '$.p' specified for the field 'p.$' could not be found in the input '{}'`, stages{"input": `{"in":{}}`, "afterInputPath": `{}`},
		},
		{
			"the task", task + `"End":true}`, `{"in":{"p":1}}`, failure("E", "C"), "E", "C",
			stages{"input": `{"in":{"p":1}}`, "afterInputPath": `{"p":1}`, "afterParameters": `{"p":1}`},
		},
		{
			"ResultSelector", task + `"ResultSelector":{"r.$":"$.r"},"End":true}`, `{"in":{"p":1}}`, result(`{}`), "States.Runtime",
			`The JSONPath '$.r' specified for the field 'r.$' could not be found in the input '{}'`,
			stages{"input": `{"in":{"p":1}}`, "afterInputPath": `{"p":1}`, "afterParameters": `{"p":1}`, "result": `{}`},
		},
		{
			"ItemsPath", `{"Type":"Map",` + inline + `,"ItemsPath":"$.list","End":true}`, `{"list":{}}`, result(`[]`), "States.Runtime",
			`Reference path "$.list" must point to array.`, stages{"input": `{"list":{}}`, "afterInputPath": `{"list":{}}`},
		},
		{
			"ItemSelector", `{"Type":"Map",` + inline + `,"ItemSelector":{"x.$":"$.x"},"End":true}`, `[1]`, result(`[1]`), "States.Runtime",
			`The JSONPath '$.x' specified for the field 'x.$' could not be found in the input '[1]'`,
			stages{"input": `[1]`, "afterInputPath": `[1]`, "afterItemsPath": `[1]`},
		},
		{
			"the ItemReader's data", `{"Type":"Map","QueryLanguage":"JSONata",` + inChildren + `,"ItemReader":{"Resource":"arn:aws:states:::s3:getObject","Arguments":{"Bucket":"b","Key":"k"}},"End":true}`,
			`{}`, result(`[1]`), "States.ItemReaderFailed", "the data set is neither an array nor an object", stages{"input": `{}`},
		},
		{
			"a Choice without a way", `{"Type":"Choice","Choices":[{"Variable":"$.n","IsPresent":true,"Next":"A"}]}`, `{}`, nil, "States.Runtime",
			"Failed to transition out of the state. The state does not point to a next state.", stages{"input": `{}`, "afterInputPath": `{}`},
		},
		{
			"JSONata", `{"Type":"Pass","QueryLanguage":"JSONata","Output":"{% $states.input.x %}","End":true}`, `{}`, nil, "States.QueryEvaluationError",
			"The JSONata expression '$states.input.x' specified for the field 'Output' returned nothing (undefined).", stages{"input": `{}`},
		},
	} {
		t.Run(c.does, func(t *testing.T) {
			in := asl.StateTest{Definition: []byte(c.definition), Input: []byte(c.input), Mock: c.mock, Level: asl.InspectDebug}
			if c.failed == "States.ItemReaderFailed" {
				in.Configuration.MapItemReaderData = []byte(`7`)
			}
			got, err := e.TestState(t.Context(), in)
			if err != nil {
				t.Fatal(err)
			}
			if got.Status != asl.TestedFailed || got.Output != nil || got.NextState != "" || got.Error != c.failed || got.Cause != c.cause {
				t.Errorf("%s, output %s, next %s, error %s: %s", got.Status, got.Output, got.NextState, got.Error, got.Cause)
			}
			if diff := cmp.Diff(c.want, texts(got.Inspection.Stages)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestVariablesAreThoseBeforeAndThoseAssigned(t *testing.T) {
	e := engine(t, asl.Options{})
	in := asl.StateTest{
		Definition: []byte(`{"Type":"Pass","Parameters":{"old.$":"$b"},"Assign":{"a.$":"$.old","c":3},"Next":"N"}`),
		Variables:  []byte(`{"b":[1, 2],"a":"x"}`), Level: asl.InspectDebug,
	}
	got, err := e.TestState(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	if vars := string(got.Inspection.Stages[asl.StageVariables]); string(got.Output) != `{"old":[1, 2]}` || vars != `{"a":[1, 2],"b":[1, 2],"c":3}` {
		t.Errorf("output %s, variables %s", got.Output, vars)
	}
}

func TestATraceTellsOfTheRequest(t *testing.T) {
	e := engine(t, asl.Options{Tasks: asl.TaskFunc(func(context.Context, asl.Task) ([]byte, error) { return nil, context.Canceled })})
	for _, c := range []struct {
		level  asl.InspectionLevel
		reveal bool
		told   bool
	}{{asl.InspectInfo, true, false}, {asl.InspectDebug, true, false}, {asl.InspectTrace, false, true}, {asl.InspectTrace, true, true}} {
		got, err := e.TestState(t.Context(), asl.StateTest{
			Definition: []byte(`{"Type":"Task","Resource":"arn:aws:states:::http:invoke","End":true}`), Level: c.level, RevealSecrets: c.reveal,
			Tasks: asl.TaskFunc(func(_ context.Context, task asl.Task) ([]byte, error) {
				if (task.Trace != nil) != c.told || c.told && task.RevealSecrets != c.reveal {
					t.Errorf("at %s, trace %v, secrets %v", c.level, task.Trace != nil, task.RevealSecrets)
				}
				if task.Trace != nil {
					task.Trace(asl.HTTPRequest{Method: "GET", URL: "https://example.com"}, asl.HTTPResponse{StatusMessage: "OK"})
				}
				return []byte(`{}`), nil
			}),
		})
		if err != nil {
			t.Fatal(err)
		}
		switch i := got.Inspection; {
		case got.Status != asl.TestedSucceeded || (i != nil && i.Request != nil) != c.told:
			t.Errorf("at %s: %s, %+v", c.level, got.Status, i)
		case c.told && (i.Request.URL != "https://example.com" || i.Response.StatusMessage != "OK"):
			t.Errorf("%+v, %+v", i.Request, i.Response)
		}
	}
}
