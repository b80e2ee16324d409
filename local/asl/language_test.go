package asl_test

import (
	"strings"
	"testing"
	"time"
)

// one is a machine of a state that ends it, with an end to go to.
func one(state string) string {
	return `{"StartAt":"A","States":{"A":` + state + `}}`
}

// caught is a machine whose task fails and is caught.
func caught(catcher string) string {
	return `{"StartAt":"A","States":{"A":{"Type":"Task","Resource":"` + function + `boom","End":true,"Catch":[` + catcher + `]},"B":{"Type":"Pass","End":true}}}`
}

// retried is a machine whose task fails twice.
func retried(retrier string) string {
	return one(`{"Type":"Task","Resource":"` + function + `flaky","End":true,"Retry":[` + retrier + `]}`)
}

// query is a state in JSONata.
func query(state string) string { return one(`{"QueryLanguage":"JSONata",` + state[1:]) }

// TestLanguage has a case for each field of the States Language; the page
// docs/states-language.md names them.
func TestLanguage(t *testing.T) {
	const branch = `[{"StartAt":"B","States":{"B":{"Type":"Pass","End":true}}},{"StartAt":"C","States":{"C":{"Type":"Pass","Result":2,"End":true}}}]`
	const each = `{"StartAt":"B","States":{"B":{"Type":"Wait","Seconds":1,"End":true}}}`
	echoing := `"Type":"Task","Resource":"` + function + `x","End":true`
	for _, c := range []struct {
		field, definition, input, output, failed string
		takes                                    time.Duration
	}{
		// Machines.
		{field: "StartAt", definition: `{"StartAt":"B","States":{"A":{"Type":"Succeed"},"B":{"Type":"Pass","Result":1,"Next":"A"}}}`, output: `1`},
		{field: "Version", definition: `{"Version":"1.0","Comment":"c","StartAt":"A","States":{"A":{"Type":"Succeed","Comment":"s"}}}`, output: `{}`},
		{field: "QueryLanguage", definition: `{"QueryLanguage":"JSONata","StartAt":"A","States":{"A":{"Type":"Pass","Output":"{% 1 + 1 %}","End":true}}}`, output: `2`},
		{field: "QueryLanguage of a state", definition: query(`{"Type":"Pass","Output":"{% 1 + 1 %}","End":true}`), output: `2`},

		// What shapes the input and the output of JSONPath states.
		{field: "InputPath", definition: one(`{"Type":"Pass","InputPath":"$.a","End":true}`), input: `{"a":[1]}`, output: `[1]`},
		{field: "InputPath null", definition: one(`{"Type":"Pass","InputPath":null,"End":true}`), input: `{"a":1}`, output: `{}`},
		{field: "InputPath of the context", definition: one(`{"Type":"Pass","InputPath":"$$.State.Name","End":true}`), output: `"A"`},
		{field: "OutputPath", definition: one(`{"Type":"Pass","OutputPath":"$.a","End":true}`), input: `{"a":1}`, output: `1`},
		{field: "OutputPath null", definition: one(`{"Type":"Pass","OutputPath":null,"End":true}`), input: `{"a":1}`, output: `{}`},
		{field: "Parameters", definition: one(`{"Type":"Pass","Parameters":{"a.$":"$.x","b":[{"c.$":"$$.State.Name"}],"d":null},"End":true}`), input: `{"x":1}`,
			output: `{"a":1,"b":[{"c":"A"}],"d":null}`},
		{field: "Parameters that name nothing", definition: one(`{"Type":"Pass","Parameters":{"a.$":"$.x"},"End":true}`), failed: "States.Runtime"},
		{field: "ResultSelector", definition: one(`{"Type":"Task","Resource":"` + function + `one","ResultSelector":{"second.$":"$.list[1]"},"End":true}`), output: `{"second":2}`},
		{field: "ResultPath", definition: one(`{` + echoing + `,"InputPath":"$.a","ResultPath":"$.b.c"}`), input: `{"a":1}`, output: `{"a":1,"b":{"c":1}}`},
		{field: "ResultPath null", definition: one(`{` + echoing + `,"InputPath":"$.a","ResultPath":null}`), input: `{"a":1}`, output: `{"a":1}`},
		{field: "ResultPath of an element", definition: one(`{"Type":"Pass","Result":9,"ResultPath":"$[1].x","End":true}`), input: `[{"a":1},{"b":2}]`, output: `[{"a":1},{"b":2,"x":9}]`},
		{field: "ResultPath where nothing is", definition: one(`{"Type":"Pass","Result":9,"ResultPath":"$[2]","End":true}`), input: `[1]`, failed: "States.ResultPathMatchFailure"},

		// The same of JSONata states.
		{field: "Arguments", definition: query(`{` + echoing + `,"Arguments":{"n":"{% $states.input.a + 1 %}","s":"{%'x'%}","l":["{% $states.context.State.Name %}"]}}`), input: `{"a":1}`,
			output: `{"n":2,"s":"x","l":["A"]}`},
		{field: "Output", definition: query(`{` + echoing + `,"Output":{"in":"{% $states.input %}","out":"{% $states.result %}"}}`), input: `1`, output: `{"in":1,"out":1}`},
		{field: "Output undefined", definition: query(`{"Type":"Pass","Output":"{% $states.input.none %}","End":true}`), failed: "States.QueryEvaluationError"},
		{field: "Assign", definition: `{"StartAt":"A","States":{"A":{"Type":"Pass","Assign":{"x.$":"$.n","y":{"z.$":"States.MathAdd($.n, 1)"}},"Next":"B"},
			"B":{"Type":"Pass","Parameters":{"x.$":"$x","z.$":"$y.z"},"End":true}}}`, input: `{"n":1}`, output: `{"x":1,"z":2}`},
		{field: "Assign in JSONata", definition: `{"QueryLanguage":"JSONata","StartAt":"A","States":{"A":{"Type":"Pass","Assign":{"x":"{% $states.input.n %}"},"Next":"B"},
			"B":{"Type":"Pass","Output":"{% $x * 2 %}","End":true}}}`, input: `{"n":4}`, output: `8`},
		{field: "Assign over 256 KiB", definition: `{"StartAt":"A","States":{"A":{"Type":"Pass","Assign":{"x.$":"$","y.$":"$"},"End":true}}}`,
			input: `"` + strings.Repeat("x", 200_000) + `"`, failed: "States.DataLimitExceeded"},
		{field: "variables of a flow around", definition: `{"StartAt":"A","States":{"A":{"Type":"Pass","Assign":{"x":1},"Next":"M"},
			"M":{"Type":"Map","End":true,"ItemProcessor":{"StartAt":"B","States":{"B":{"Type":"Pass","Assign":{"y.$":"$"},"Next":"C"},"C":{"Type":"Pass","Parameters":{"x.$":"$x","y.$":"$y"},"End":true}}}}}}`,
			input: `[7,8]`, output: `[{"x":1,"y":7},{"x":1,"y":8}]`},
		{field: "variables that are not assigned", definition: one(`{"Type":"Pass","Parameters":{"a.$":"$x"},"End":true}`), failed: "States.Runtime"},

		// Pass.
		{field: "Result", definition: one(`{"Type":"Pass","Result":{"a": "$.x"},"End":true}`), output: `{"a":"$.x"}`},

		// Task.
		{field: "TimeoutSeconds", definition: one(`{"Type":"Task","Resource":"` + function + `slow","TimeoutSeconds":3,"End":true}`), failed: "States.Timeout", takes: 3 * time.Second},
		{field: "TimeoutSecondsPath", definition: one(`{"Type":"Task","Resource":"` + function + `slow","TimeoutSecondsPath":"$.t","End":true}`), input: `{"t":4}`, failed: "States.Timeout", takes: 4 * time.Second},
		{field: "TimeoutSeconds in JSONata", definition: query(`{"Type":"Task","Resource":"` + function + `slow","TimeoutSeconds":"{% $states.input.t %}","End":true}`), input: `{"t":5}`, failed: "States.Timeout", takes: 5 * time.Second},
		{field: "HeartbeatSeconds", definition: one(`{"Type":"Task","Resource":"arn:aws:states:::sqs:sendMessage.waitForTaskToken","HeartbeatSeconds":2,"End":true}`), failed: "States.Timeout", takes: 2 * time.Second},
		{field: "HeartbeatSecondsPath", definition: one(`{"Type":"Task","Resource":"arn:aws:states:::sqs:sendMessage.waitForTaskToken","HeartbeatSecondsPath":"$.h","TimeoutSeconds":9,"End":true}`),
			input: `{"h":6}`, failed: "States.Timeout", takes: 6 * time.Second},
		{field: "Credentials", definition: one(`{"Type":"Task","Resource":"` + function + `credentials","Credentials":{"RoleArn.$":"$.role"},"End":true}`), input: `{"role":"r"}`, output: `{"RoleArn":"r"}`},

		// Retry.
		{field: "ErrorEquals", definition: retried(`{"ErrorEquals":["Other"]},{"ErrorEquals":["X","Flaky"]}`), output: `{}`, takes: 3 * time.Second},
		{field: "IntervalSeconds", definition: retried(`{"ErrorEquals":["Flaky"],"IntervalSeconds":10}`), output: `{}`, takes: 30 * time.Second},
		{field: "MaxAttempts", definition: retried(`{"ErrorEquals":["Flaky"],"MaxAttempts":1}`), failed: "Flaky", takes: time.Second},
		{field: "MaxAttempts 0", definition: retried(`{"ErrorEquals":["Flaky"],"MaxAttempts":0},{"ErrorEquals":["States.ALL"]}`), failed: "Flaky"},
		{field: "BackoffRate", definition: retried(`{"ErrorEquals":["Flaky"],"BackoffRate":1.5}`), output: `{}`, takes: 2500 * time.Millisecond},
		{field: "MaxDelaySeconds", definition: retried(`{"ErrorEquals":["Flaky"],"IntervalSeconds":5,"BackoffRate":9,"MaxDelaySeconds":6}`), output: `{}`, takes: 11 * time.Second},
		{field: "JitterStrategy", definition: retried(`{"ErrorEquals":["Flaky"],"IntervalSeconds":2,"JitterStrategy":"FULL"}`), output: `{}`, takes: 6 * time.Second},

		// Catch.
		{field: "Catch", definition: caught(`{"ErrorEquals":["Other"],"Next":"A"},{"ErrorEquals":["Boom"],"Next":"B"}`), output: `{"Error":"Boom","Cause":"it went off"}`},
		{field: "ResultPath of a catcher", definition: caught(`{"ErrorEquals":["States.ALL"],"ResultPath":"$.e","Next":"B"}`), input: `{"a":1}`, output: `{"a":1,"e":{"Error":"Boom","Cause":"it went off"}}`},
		{field: "ResultPath null of a catcher", definition: caught(`{"ErrorEquals":["States.ALL"],"ResultPath":null,"Next":"B"}`), input: `{"a":1}`, output: `{"a":1}`},
		{field: "Assign of a catcher", definition: `{"StartAt":"A","States":{"A":{"Type":"Task","Resource":"` + function + `boom","End":true,"Catch":[{"ErrorEquals":["States.ALL"],"Assign":{"e.$":"$.Error"},"Next":"B"}]},
			"B":{"Type":"Pass","Parameters":{"e.$":"$e"},"End":true}}}`, output: `{"e":"Boom"}`},
		{field: "Output of a catcher", definition: `{"QueryLanguage":"JSONata","StartAt":"A","States":{"A":{"Type":"Task","Resource":"` + function + `boom","End":true,
			"Catch":[{"ErrorEquals":["States.ALL"],"Output":{"c":"{% $states.errorOutput.Cause %}","i":"{% $states.input %}"},"Next":"B"}]},"B":{"Type":"Succeed"}}}`, input: `1`, output: `{"c":"it went off","i":1}`},

		// Choice.
		{field: "Condition", definition: `{"QueryLanguage":"JSONata","StartAt":"A","States":{"A":{"Type":"Choice","Choices":[{"Condition":"{% $states.input > 5 %}","Next":"B"}],"Default":"C"},
			"B":{"Type":"Pass","Output":"big","End":true},"C":{"Type":"Pass","Output":"small","End":true}}}`, input: `7`, output: `"big"`},
		{field: "Condition that is no boolean", definition: `{"QueryLanguage":"JSONata","StartAt":"A","States":{"A":{"Type":"Choice","Choices":[{"Condition":"{% 1 %}","Next":"B"}],"Default":"B"},"B":{"Type":"Succeed"}}}`,
			failed: "States.QueryEvaluationError"},
		{field: "Default", definition: `{"StartAt":"A","States":{"A":{"Type":"Choice","Choices":[{"Variable":"$.x","IsPresent":true,"Next":"B"}],"Default":"C"},"B":{"Type":"Fail"},"C":{"Type":"Succeed"}}}`, output: `{}`},
		{field: "Assign of a rule", definition: `{"StartAt":"A","States":{"A":{"Type":"Choice","Choices":[{"Variable":"$.n","NumericEquals":1,"Assign":{"v":"rule"},"Next":"B"}],"Assign":{"v":"state"},"Default":"B"},
			"B":{"Type":"Pass","Parameters":{"v.$":"$v"},"End":true}}}`, input: `{"n":1}`, output: `{"v":"rule"}`},
		{field: "Output of a rule", definition: `{"QueryLanguage":"JSONata","StartAt":"A","States":{"A":{"Type":"Choice","Choices":[{"Condition":true,"Output":"{% $states.input + 1 %}","Next":"B"}]},"B":{"Type":"Succeed"}}}`, input: `1`, output: `2`},

		// Wait.
		{field: "Seconds", definition: one(`{"Type":"Wait","Seconds":3,"End":true}`), output: `{}`, takes: 3 * time.Second},
		{field: "SecondsPath", definition: one(`{"Type":"Wait","SecondsPath":"$.s","End":true}`), input: `{"s":4}`, output: `{"s":4}`, takes: 4 * time.Second},
		{field: "Seconds in JSONata", definition: query(`{"Type":"Wait","Seconds":"{% $states.input + 1 %}","End":true}`), input: `4`, output: `4`, takes: 5 * time.Second},
		{field: "Timestamp", definition: one(`{"Type":"Wait","Timestamp":"2000-01-01T00:00:10Z","End":true}`), output: `{}`, takes: 10 * time.Second},
		{field: "TimestampPath", definition: one(`{"Type":"Wait","TimestampPath":"$.t","End":true}`), input: `{"t":"2000-01-01T01:00:20+01:00"}`, output: `{"t":"2000-01-01T01:00:20+01:00"}`, takes: 20 * time.Second},
		{field: "Timestamp in JSONata", definition: query(`{"Type":"Wait","Timestamp":"{% $states.input %}","End":true}`), input: `"2000-01-01T00:00:30Z"`, output: `"2000-01-01T00:00:30Z"`, takes: 30 * time.Second},
		{field: "Timestamp that is none", definition: one(`{"Type":"Wait","TimestampPath":"$.t","End":true}`), input: `{"t":"soon"}`, failed: "States.Runtime"},

		// Succeed and Fail.
		{field: "Succeed", definition: one(`{"Type":"Succeed","InputPath":"$.a","OutputPath":"$.b"}`), input: `{"a":{"b":1}}`, output: `1`},
		{field: "Succeed in JSONata", definition: query(`{"Type":"Succeed","Output":"{% $states.input.a %}"}`), input: `{"a":1}`, output: `1`},
		{field: "Error", definition: one(`{"Type":"Fail","Error":"E","Cause":"C"}`), failed: "E: C"},
		{field: "ErrorPath", definition: one(`{"Type":"Fail","ErrorPath":"$.e","CausePath":"$.c"}`), input: `{"e":"E","c":"C"}`, failed: "E: C"},
		{field: "CausePath as a function", definition: one(`{"Type":"Fail","Error":"E","CausePath":"States.Format('{}!', $.c)"}`), input: `{"c":"C"}`, failed: "E: C!"},
		{field: "Error in JSONata", definition: query(`{"Type":"Fail","Error":"{% 'E' & $states.input %}","Cause":"{% 'C' %}"}`), input: `1`, failed: "E1: C"},

		// Parallel.
		{field: "Branches", definition: one(`{"Type":"Parallel","End":true,"Branches":` + branch + `}`), input: `1`, output: `[1,2]`},
		{field: "Parameters of Parallel", definition: one(`{"Type":"Parallel","End":true,"Parameters":{"p.$":"$"},"ResultSelector":{"first.$":"$[0]"},"ResultPath":"$.r","Branches":` + branch + `}`),
			input: `{"a":1}`, output: `{"a":1,"r":{"first":{"p":{"a":1}}}}`},
		{field: "Arguments of Parallel", definition: `{"QueryLanguage":"JSONata","StartAt":"A","States":{"A":{"Type":"Parallel","End":true,"Arguments":"{% $states.input + 1 %}","Output":"{% $states.result[0] %}",
			"Branches":[{"StartAt":"B","States":{"B":{"Type":"Pass","End":true}}}]}}}`, input: `1`, output: `2`},
		{field: "Retry of Parallel", definition: one(`{"Type":"Parallel","End":true,"Retry":[{"ErrorEquals":["E"],"IntervalSeconds":7,"MaxAttempts":1}],"Branches":[{"StartAt":"B","States":{"B":{"Type":"Fail","Error":"E"}}}]}`),
			failed: "E", takes: 7 * time.Second},

		// Map, inline.
		{field: "ItemsPath", definition: one(`{"Type":"Map","ItemsPath":"$.l","MaxConcurrency":1,"ItemProcessor":` + each + `,"End":true}`), input: `{"l":[1,2]}`, output: `[1,2]`, takes: 2 * time.Second},
		{field: "ItemsPath that names no array", definition: one(`{"Type":"Map","ItemsPath":"$.l","ItemProcessor":` + each + `,"End":true}`), input: `{"l":1}`, failed: "States.Runtime"},
		{field: "Items", definition: query(`{"Type":"Map","Items":"{% $states.input.l %}","ItemProcessor":` + each + `,"End":true}`), input: `{"l":[1,2]}`, output: `[1,2]`, takes: time.Second},
		{field: "Items as an array", definition: query(`{"Type":"Map","Items":[1,"{% $states.input %}"],"ItemProcessor":` + each + `,"End":true}`), input: `5`, output: `[1,5]`, takes: time.Second},
		{field: "ItemSelector", definition: one(`{"Type":"Map","ItemsPath":"$.l","ItemSelector":{"i.$":"$$.Map.Item.Index","v.$":"$$.Map.Item.Value","k.$":"$.k"},"ItemProcessor":` + each + `,"End":true}`),
			input: `{"l":["x"],"k":1}`, output: `[{"i":0,"v":"x","k":1}]`, takes: time.Second},
		{field: "ItemSelector in JSONata", definition: query(`{"Type":"Map","ItemSelector":{"v":"{% $states.context.Map.Item.Value * 2 %}"},"ItemProcessor":` + each + `,"End":true}`), input: `[4]`, output: `[{"v":8}]`, takes: time.Second},
		{field: "Parameters of Map", definition: one(`{"Type":"Map","Parameters":{"v.$":"$$.Map.Item.Value"},"Iterator":` + each + `,"End":true}`), input: `[1]`, output: `[{"v":1}]`, takes: time.Second},
		{field: "Iterator", definition: one(`{"Type":"Map","Iterator":` + each + `,"End":true}`), input: `[1]`, output: `[1]`, takes: time.Second},
		{field: "ProcessorConfig", definition: one(`{"Type":"Map","ItemProcessor":{"ProcessorConfig":{"Mode":"INLINE"},` + each[1:] + `,"End":true}`), input: `[1]`, output: `[1]`, takes: time.Second},
		{field: "MaxConcurrency", definition: one(`{"Type":"Map","MaxConcurrency":2,"ItemProcessor":` + each + `,"End":true}`), input: `[1,2,3]`, output: `[1,2,3]`, takes: 2 * time.Second},
		{field: "MaxConcurrencyPath", definition: one(`{"Type":"Map","ItemsPath":"$.l","MaxConcurrencyPath":"$.c","ItemProcessor":` + each + `,"End":true}`), input: `{"l":[1,2,3],"c":1}`, output: `[1,2,3]`, takes: 3 * time.Second},
		{field: "MaxConcurrency in JSONata", definition: query(`{"Type":"Map","MaxConcurrency":"{% 1 + 0 %}","ItemProcessor":` + each + `,"End":true}`), input: `[1,2]`, output: `[1,2]`, takes: 2 * time.Second},
		{field: "Map of no items", definition: one(`{"Type":"Map","ItemProcessor":` + each + `,"End":true}`), input: `[]`, output: `[]`},

		// Reserved errors.
		{field: "States.ALL", definition: caught(`{"ErrorEquals":["States.ALL"],"Next":"B"}`), output: `{"Error":"Boom","Cause":"it went off"}`},
		{field: "States.TaskFailed", definition: caught(`{"ErrorEquals":["States.TaskFailed"],"Next":"B"}`), output: `{"Error":"Boom","Cause":"it went off"}`},
		{field: "States.Timeout", definition: `{"StartAt":"A","States":{"A":{"Type":"Task","Resource":"` + function + `slow","TimeoutSeconds":1,"End":true,"Catch":[{"ErrorEquals":["States.TaskFailed"],"Next":"F"},{"ErrorEquals":["States.Timeout"],"Next":"B"}]},
			"B":{"Type":"Pass","Result":"caught","End":true},"F":{"Type":"Fail"}}}`, output: `"caught"`, takes: time.Second},
		{field: "States.HeartbeatTimeout", definition: `{"StartAt":"A","States":{"A":{"Type":"Task","Resource":"arn:aws:states:::sqs:sendMessage.waitForTaskToken","HeartbeatSeconds":1,"End":true,
			"Catch":[{"ErrorEquals":["States.HeartbeatTimeout"],"Next":"B"}]},"B":{"Type":"Pass","Result":"caught","End":true}}}`, output: `"caught"`, takes: time.Second},
		{field: "States.Permissions", definition: `{"StartAt":"A","States":{"A":{"Type":"Task","Resource":"` + function + `forbidden","End":true,"Catch":[{"ErrorEquals":["States.Permissions"],"Next":"B"}]},
			"B":{"Type":"Pass","Result":"caught","End":true}}}`, output: `"caught"`},
		{field: "States.NoChoiceMatched", definition: `{"StartAt":"A","States":{"A":{"Type":"Choice","Choices":[{"Variable":"$.x","IsPresent":true,"Next":"B"}]},"B":{"Type":"Succeed"}}}`, failed: "States.Runtime"},
		{field: "States.IntrinsicFailure", definition: one(`{"Type":"Pass","Parameters":{"a.$":"States.ArrayGetItem($.l, 5)"},"End":true}`), input: `{"l":[]}`, failed: "States.IntrinsicFailure"},
		{field: "States.DataLimitExceeded", definition: one(`{"Type":"Pass","Parameters":{"a.$":"$","b.$":"$"},"End":true}`), input: `"` + strings.Repeat("x", 200_000) + `"`, failed: "States.DataLimitExceeded"},
		{field: "States.DataLimitExceeded is not among States.ALL", definition: `{"StartAt":"A","States":{"A":{` + echoing[:len(echoing)-len(`,"End":true`)] + `,"Parameters":{"a.$":"$","b.$":"$"},"End":true,
			"Catch":[{"ErrorEquals":["States.ALL"],"Next":"B"}]},"B":{"Type":"Succeed"}}}`, input: `"` + strings.Repeat("x", 200_000) + `"`, failed: "States.DataLimitExceeded"},
	} {
		t.Run(c.field, func(t *testing.T) {
			input := c.input
			if input == "" {
				input = `{}`
			}
			got := run(t, c.definition, input)
			failed := got.Error
			if strings.Contains(c.failed, ": ") {
				failed += ": " + got.Cause
			}
			if got.Output != c.output || failed != c.failed {
				t.Errorf("output %.200s, error %s (%.300s)", got.Output, got.Error, got.Cause)
			}
			if got.Duration != c.takes {
				t.Errorf("took %v, want %v", got.Duration, c.takes)
			}
		})
	}
}

// TestContextObject asks for each member of the context object.
func TestContextObject(t *testing.T) {
	for path, want := range map[string]string{
		"$$.Execution.Id":           `"arn:aws:states:us-east-1:000000000000:execution:test:`,
		"$$.Execution.Input":        `{"l":[5]}`,
		"$$.Execution.Name":         `"`,
		"$$.Execution.RoleArn":      `""`,
		"$$.Execution.StartTime":    `"2000-01-01T00:00:00.000Z"`,
		"$$.Execution.RedriveCount": `0`,
		"$$.StateMachine.Id":        `"arn:aws:states:us-east-1:000000000000:stateMachine:test"`,
		"$$.StateMachine.Name":      `"test"`,
		"$$.State.Name":             `"A"`,
		"$$.State.EnteredTime":      `"2000-01-01T00:00:00.000Z"`,
		"$$.State.RetryCount":       `0`,
		"$$.Map.Item.Index":         `0`,
		"$$.Map.Item.Value":         `5`,
		"$$.Task.Token":             `"AAAA`,
	} {
		state := `{"Type":"Task","Resource":"` + function + `x","Parameters":{"v.$":"` + path + `"},"OutputPath":"$.v","End":true}`
		definition := one(state)
		if strings.HasPrefix(path, "$$.Map") {
			definition = `{"StartAt":"M","States":{"M":{"Type":"Map","ItemsPath":"$.l","OutputPath":"$[0]","End":true,"ItemProcessor":` + one(state) + `}}}`
		}
		if got := run(t, definition, `{"l":[5]}`); !strings.HasPrefix(got.Output, want) {
			t.Errorf("%s: %s, %s %s", path, got.Output, got.Error, got.Cause)
		}
	}
}

func TestAnInnerFlowCannotAssignAnOuterVariable(t *testing.T) {
	wantRefusal(t, `{"StartAt":"A","States":{"A":{"Type":"Pass","Assign":{"x":1},"Next":"M"},"M":{"Type":"Map","End":true,
		"ItemProcessor":{"StartAt":"B","States":{"B":{"Type":"Pass","Assign":{"x.$":"$"},"End":true}}}}}}`,
		"SCHEMA_VALIDATION_FAILED: Variable 'x' is assigned in an outer scope at /States/M/ItemProcessor/States/B/Assign/x.$")
	// Branches beside each other may.
	machine(t, `{"StartAt":"P","States":{"P":{"Type":"Parallel","End":true,"Branches":[
		{"StartAt":"A","States":{"A":{"Type":"Pass","Assign":{"x":1},"End":true}}},{"StartAt":"B","States":{"B":{"Type":"Pass","Assign":{"x":2},"End":true}}}]}}}`)
}
