package asl_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mayfly-dev/mayfly/local/asl"
	"github.com/mayfly-dev/mayfly/local/asl/asltest"
)

const function = "arn:aws:lambda:us-east-1:000000000000:function:"

// echo answers with its input; functions by other names behave as they say.
func echo(ctx context.Context, t asl.Task) ([]byte, error) {
	name := t.Resource[strings.LastIndexByte(t.Resource, ':')+1:]
	switch {
	case name == "slow":
		<-ctx.Done()
		return nil, ctx.Err()
	case name == "credentials":
		return t.Credentials, nil
	case name == "forbidden":
		return nil, &asl.TaskError{Name: asl.ErrorPermissions, Cause: "not allowed"}
	case name == "boom":
		return nil, &asl.TaskError{Name: "Boom", Cause: "it went off"}
	case name == "flaky" && t.Attempt < 2:
		return nil, &asl.TaskError{Name: "Flaky", Cause: "not yet"}
	case name == "big":
		return []byte(`"` + strings.Repeat("x", asl.MaxPayload) + `"`), nil
	case name == "one":
		return []byte(`{"n":1,"list":[1,2,3]}`), nil
	}
	return t.Input, nil
}

func run(t *testing.T, definition, input string) (outcome asltest.Outcome) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		var err error
		outcome, err = asltest.Run(t.Context(), definition, input, asl.TaskFunc(echo))
		if err != nil {
			t.Fatal(err)
		}
	})
	return outcome
}

// events writes a history as "id<previous Type".
func events(history []asl.Event) string {
	var lines []string
	for _, e := range history {
		lines = append(lines, fmt.Sprintf("%d<%d %s", e.ID, e.PreviousID, e.Type))
	}
	return strings.Join(lines, "\n")
}

func TestStates(t *testing.T) {
	for _, c := range []struct {
		does, definition, input, output, failed, path string
		takes                                         time.Duration
	}{
		{
			does:       "Pass gives its input on, untouched",
			definition: `{"StartAt":"A","States":{"A":{"Type":"Pass","End":true}}}`,
			input:      `{"b": 1.0, "a": 12345678901234567890}`, output: `{"b": 1.0, "a": 12345678901234567890}`, path: "A",
		},
		{
			does: "Pass puts its Result where ResultPath says",
			definition: `{"StartAt":"A","States":{"A":{"Type":"Pass","Result":{"x": [1, 2]},"ResultPath":"$.a.b","Next":"B"},
				"B":{"Type":"Pass","OutputPath":"$.a","End":true}}}`,
			input: `{"z":0}`, output: `{"b":{"x":[1,2]}}`, path: "A B",
		},
		{
			does: "Parameters fills in paths and the context",
			definition: `{"StartAt":"A","States":{"A":{"Type":"Pass","InputPath":"$.in","Parameters":
				{"x.$":"$.a[1]","fixed":"f","name.$":"$$.State.Name","deep":{"y.$":"$"}},"End":true}}}`,
			input: `{"in":{"a":[1,{"k":2}]}}`, output: `{"x":{"k":2},"fixed":"f","name":"A","deep":{"y":{"a":[1,{"k":2}]}}}`, path: "A",
		},
		{
			does: "Task applies ResultSelector and ResultPath",
			definition: `{"StartAt":"A","States":{"A":{"Type":"Task","Resource":"` + function + `one","ResultSelector":{"m.$":"$.n"},
				"ResultPath":"$.r","End":true}}}`,
			input: `{"a":1}`, output: `{"a":1,"r":{"m":1}}`, path: "A",
		},
		{
			does: "Choice takes the first rule that holds",
			definition: `{"StartAt":"A","States":{"A":{"Type":"Choice","Choices":[
				{"And":[{"Variable":"$.n","NumericGreaterThan":5},{"Not":{"Variable":"$.x","IsPresent":true}}],"Next":"Big"},
				{"Variable":"$.n","NumericEquals":5,"Next":"Five"}],"Default":"Other"},
				"Big":{"Type":"Succeed"},"Five":{"Type":"Succeed"},"Other":{"Type":"Succeed"}}}`,
			input: `{"n":5}`, output: `{"n":5}`, path: "A Five",
		},
		{
			does:       "Choice without a match fails",
			definition: `{"StartAt":"A","States":{"A":{"Type":"Choice","Choices":[{"Variable":"$.n","BooleanEquals":true,"Next":"B"}]},"B":{"Type":"Succeed"}}}`,
			input:      `{"n":5}`, failed: "States.Runtime", path: "A",
		},
		{
			does:       "Wait takes its time",
			definition: `{"StartAt":"A","States":{"A":{"Type":"Wait","SecondsPath":"$.s","End":true}}}`,
			input:      `{"s":604800}`, output: `{"s":604800}`, path: "A", takes: 7 * 24 * time.Hour,
		},
		{
			does:       "Wait until a moment that has passed takes none",
			definition: `{"StartAt":"A","States":{"A":{"Type":"Wait","Timestamp":"1999-01-01T00:00:00Z","End":true}}}`,
			input:      `1`, output: `1`, path: "A",
		},
		{
			does:       "Fail names its error",
			definition: `{"StartAt":"A","States":{"A":{"Type":"Fail","ErrorPath":"$.e","Cause":"c"}}}`,
			input:      `{"e":"E"}`, failed: "E", path: "A",
		},
		{
			does: "Retry waits longer each time",
			definition: `{"StartAt":"A","States":{"A":{"Type":"Task","Resource":"` + function + `flaky",
				"Retry":[{"ErrorEquals":["Flaky"],"IntervalSeconds":2,"BackoffRate":3,"MaxAttempts":2}],"End":true}}}`,
			input: `1`, output: `1`, path: "A", takes: 8 * time.Second,
		},
		{
			does: "Catch goes on with the error",
			definition: `{"StartAt":"A","States":{"A":{"Type":"Task","Resource":"` + function + `boom","Catch":[
				{"ErrorEquals":["States.TaskFailed"],"ResultPath":"$.error","Next":"B"}],"End":true},"B":{"Type":"Pass","End":true}}}`,
			input: `{"a":1}`, output: `{"a":1,"error":{"Error":"Boom","Cause":"it went off"}}`, path: "A B",
		},
		{
			does: "Parallel joins its branches in their order",
			definition: `{"StartAt":"P","States":{"P":{"Type":"Parallel","End":true,"Branches":[
				{"StartAt":"A","States":{"A":{"Type":"Wait","Seconds":5,"Next":"A2"},"A2":{"Type":"Pass","Result":"a","End":true}}},
				{"StartAt":"B","States":{"B":{"Type":"Task","Resource":"` + function + `one","OutputPath":"$.n","End":true}}}]}}}`,
			input: `{}`, output: `["a",1]`, path: "P A B A2", takes: 5 * time.Second,
		},
		{
			does: "a failing branch ends the others",
			definition: `{"StartAt":"P","States":{"P":{"Type":"Parallel","Next":"No","Catch":[{"ErrorEquals":["States.ALL"],"Next":"Caught"}],"Branches":[
				{"StartAt":"A","States":{"A":{"Type":"Wait","Seconds":500,"End":true}}},
				{"StartAt":"B","States":{"B":{"Type":"Wait","Seconds":1,"Next":"F"},"F":{"Type":"Fail","Error":"X"}}}]},
				"No":{"Type":"Fail"},"Caught":{"Type":"Succeed"}}}`,
			input: `{}`, output: `{"Error":"X","Cause":""}`, path: "P A B F Caught", takes: time.Second,
		},
		{
			does: "Map works on each item",
			definition: `{"StartAt":"M","States":{"M":{"Type":"Map","ItemsPath":"$.l","MaxConcurrency":2,"ItemSelector":
				{"i.$":"$$.Map.Item.Index","v.$":"$$.Map.Item.Value","all.$":"$.k"},"ItemProcessor":
				{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":1,"End":true}}},"End":true}}}`,
			input: `{"k":"k","l":[7,8,9]}`, output: `[{"i":0,"v":7,"all":"k"},{"i":1,"v":8,"all":"k"},{"i":2,"v":9,"all":"k"}]`,
			path: "M W W W", takes: 2 * time.Second,
		},
		{
			does: "States.ALL does not catch States.Runtime",
			definition: `{"StartAt":"A","States":{"A":{"Type":"Task","InputPath":"$.no","Resource":"` + function + `x","Catch":[
				{"ErrorEquals":["States.ALL"],"Next":"B"}],"End":true},"B":{"Type":"Pass","End":true}}}`,
			input: `{}`, failed: "States.Runtime", path: "A",
		},
		{
			does:       "a result over 256 KiB is an error",
			definition: `{"StartAt":"A","States":{"A":{"Type":"Task","Resource":"` + function + `big","End":true}}}`,
			input:      `{}`, failed: "States.DataLimitExceeded", path: "A",
		},
		{
			does: "a loop ends at 25,000 events",
			definition: `{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"B"},
				"B":{"Type":"Choice","Choices":[{"Variable":"$.end","IsPresent":true,"Next":"C"}],"Default":"A"},"C":{"Type":"Succeed"}}}`,
			input: `{}`, failed: "States.Runtime", path: strings.TrimSpace(strings.Repeat("A B ", 6250)),
		},
		{
			does:       "the machine's time limit ends it",
			definition: `{"TimeoutSeconds":10,"StartAt":"A","States":{"A":{"Type":"Wait","Seconds":100,"End":true}}}`,
			input:      `{}`, path: "A", takes: 10 * time.Second,
		},
		{
			does: "variables are assigned and read",
			definition: `{"StartAt":"A","States":{"A":{"Type":"Pass","Assign":{"x.$":"$.a","y":2},"Next":"B"},
				"B":{"Type":"Pass","Parameters":{"x.$":"$x.b","y.$":"$y"},"End":true}}}`,
			input: `{"a":{"b":1}}`, output: `{"x":1,"y":2}`, path: "A B",
		},
	} {
		t.Run(c.does, func(t *testing.T) {
			got := run(t, c.definition, c.input)
			if got.Output != c.output || got.Error != c.failed {
				t.Errorf("output %s, error %s (%s)", got.Output, got.Error, got.Cause)
			}
			if path := strings.Join(got.Path, " "); path != c.path {
				t.Errorf("path %s, want %s", path, c.path)
			}
			if got.Duration != c.takes {
				t.Errorf("took %v, want %v", got.Duration, c.takes)
			}
			for _, e := range got.Events {
				if text := e.AppendJSON(nil, true); !json.Valid(text) {
					t.Fatalf("event is not JSON: %s", text)
				}
			}
		})
	}
}

func TestHistoryHasTheEventsOfAWS(t *testing.T) {
	// Ids and previous ids as AWS was recorded to give them.
	got := run(t, `{"StartAt":"S","States":{"S":{"Type":"Pass","Result":[1,2],"Next":"M"},"M":{"Type":"Map","MaxConcurrency":1,
		"ItemProcessor":{"StartAt":"H","States":{"H":{"Type":"Pass","End":true}}},"End":true}}}`, `{}`)
	want := `1<0 ExecutionStarted
2<0 PassStateEntered
3<2 PassStateExited
4<3 MapStateEntered
5<4 MapStateStarted
6<5 MapIterationStarted
7<6 PassStateEntered
8<7 PassStateExited
9<8 MapIterationSucceeded
10<8 MapIterationStarted
11<10 PassStateEntered
12<11 PassStateExited
13<12 MapIterationSucceeded
14<13 MapStateSucceeded
15<13 MapStateExited
16<15 ExecutionSucceeded`
	if events(got.Events) != want {
		t.Errorf("got\n%s", events(got.Events))
	}
	got = run(t, `{"StartAt":"M","States":{"M":{"Type":"Map","Retry":[{"ErrorEquals":["States.ALL"],"MaxAttempts":1}],
		"Catch":[{"ErrorEquals":["States.ALL"],"Next":"C"}],
		"ItemProcessor":{"StartAt":"H","States":{"H":{"Type":"Fail","Error":"E","Cause":"C"}}},"End":true},"C":{"Type":"Pass","End":true}}}`, `[1]`)
	want = `1<0 ExecutionStarted
2<0 MapStateEntered
3<2 MapStateStarted
4<3 MapIterationStarted
5<4 FailStateEntered
6<5 MapIterationFailed
7<5 MapStateStarted
8<7 MapIterationStarted
9<8 FailStateEntered
10<9 MapIterationFailed
11<9 MapStateFailed
12<11 MapStateExited
13<12 PassStateEntered
14<13 PassStateExited
15<14 ExecutionSucceeded`
	if events(got.Events) != want {
		t.Errorf("got\n%s", events(got.Events))
	}
}
