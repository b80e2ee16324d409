package asl_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mayfly-dev/mayfly/local/asl"
)

// handled writes what Retry and Catch did: "retry 0 after 2s", "catch 1".
func handled(i *asl.Inspection) (out string) {
	if i == nil || i.Error == nil {
		return ""
	}
	if r := i.Error.RetryIndex; r != nil {
		out += fmt.Sprintf("retry %d ", *r)
	}
	if s := i.Error.RetryBackoffSeconds; s != nil {
		out += fmt.Sprintf("after %ds ", *s)
	}
	if c := i.Error.CatchIndex; c != nil {
		out += fmt.Sprintf("catch %d ", *c)
	}
	return out
}

func TestRetryAndCatchOfATestedState(t *testing.T) {
	e := engine(t, asl.Options{Jitter: func() float64 { return 0.5 }})
	task := func(more string) string {
		return `{"Type":"Task",` + lambdaInvoke + more + `,"Next":"N"}`
	}
	retry := `,"Retry":[{"ErrorEquals":["Other"]},{"ErrorEquals":["E"],"IntervalSeconds":1,"MaxAttempts":5,"BackoffRate":2}]`
	catch := `,"Catch":[{"ErrorEquals":["Other"],"Next":"A"},{"ErrorEquals":["States.ALL"],"ResultPath":"$.error","Next":"B"}]`
	for _, c := range []struct {
		does, definition string
		mock             *asl.Mock
		state            asl.StateConfiguration
		status           asl.TestedStatus
		output, next     string
		handled          string
	}{
		{does: "first try", definition: task(retry), mock: failure("E", "C"), status: asl.TestedRetriable, handled: "retry 1 after 1s "},
		{does: "fifth try", definition: task(retry), mock: failure("E", "C"), state: asl.StateConfiguration{RetrierRetryCount: 4}, status: asl.TestedRetriable, handled: "retry 1 after 16s "},
		{does: "no try left", definition: task(retry), mock: failure("E", "C"), state: asl.StateConfiguration{RetrierRetryCount: 5}, status: asl.TestedFailed, handled: "retry 1 "},
		{
			does: "no try left, caught", definition: task(retry + catch), mock: failure("E", "C"), state: asl.StateConfiguration{RetrierRetryCount: 5},
			status: asl.TestedCaught, output: `{"a":1,"error":{"Error":"E","Cause":"C"}}`, next: "B", handled: "retry 1 catch 1 ",
		},
		{does: "no retrier matches", definition: task(retry + catch), mock: failure("Other2", "C"), status: asl.TestedCaught, output: `{"a":1,"error":{"Error":"Other2","Cause":"C"}}`, next: "B", handled: "catch 1 "},
		{
			does: "longest delay and jitter", definition: task(`,"Retry":[{"ErrorEquals":["States.TaskFailed"],"IntervalSeconds":9,"MaxDelaySeconds":30,"JitterStrategy":"FULL","MaxAttempts":9}]`),
			mock: failure("E", "C"), state: asl.StateConfiguration{RetrierRetryCount: 7}, status: asl.TestedRetriable, handled: "retry 0 after 15s ",
		},
		{does: "a retrier without tries", definition: task(`,"Retry":[{"ErrorEquals":["E"],"MaxAttempts":0}]`), mock: failure("E", "C"), status: asl.TestedFailed, handled: "retry 0 "},
		{does: "States.TaskFailed stands not for a timeout", definition: task(`,"Catch":[{"ErrorEquals":["States.TaskFailed"],"Next":"A"},{"ErrorEquals":["States.Timeout"],"Next":"B"}]`),
			mock: failure("States.Timeout", ""), status: asl.TestedCaught, output: `{"Error":"States.Timeout","Cause":""}`, next: "B", handled: "catch 1 "},
		{does: "States.Runtime is never handled", definition: task(retry + catch), mock: failure("States.Runtime", "C"), status: asl.TestedFailed},
		{
			does: "the catcher itself fails", definition: `{"Type":"Task","QueryLanguage":"JSONata",` + lambdaInvoke + `,"Catch":[{"ErrorEquals":["E"],"Output":"{% $states.input.none %}","Next":"A"}],"End":true}`,
			mock: failure("E", "C"), status: asl.TestedFailed,
		},
		{
			does: "a catcher's Assign and Output", definition: `{"Type":"Task","QueryLanguage":"JSONata",` + lambdaInvoke + `,"Catch":[{"ErrorEquals":["E"],"Output":"{% $states.errorOutput.Cause %}",
				"Assign":{"x":1},"Next":"A"}],"End":true}`,
			mock: failure("E", "C"), status: asl.TestedCaught, output: `"C"`, next: "A", handled: "catch 0 ",
		},
		{
			does: "a Parallel state's", definition: `{"Type":"Parallel",` + branches + `,"Catch":[{"ErrorEquals":["States.TaskFailed"],"Next":"A"}],"End":true}`, mock: failure("E", "C"),
			state: asl.StateConfiguration{ErrorCausedByState: "R"}, status: asl.TestedCaught, output: `{"Error":"E","Cause":"C"}`, next: "A", handled: "catch 0 ",
		},
		{
			does: "a Map state's", definition: `{"Type":"Map",` + inline + `,"ItemsPath":"$$.Execution.Input.list","Retry":[{"ErrorEquals":["E"],"IntervalSeconds":3}],"End":true}`, mock: failure("E", "C"),
			state: asl.StateConfiguration{ErrorCausedByState: "Inner"}, status: asl.TestedRetriable, handled: "retry 0 after 3s ",
		},
	} {
		t.Run(c.does, func(t *testing.T) {
			got, err := e.TestState(t.Context(), asl.StateTest{
				Definition: []byte(c.definition), Input: []byte(`{"a":1}`), Mock: c.mock, Configuration: c.state, Level: asl.InspectDebug,
				Context: []byte(`{"Execution":{"Input":{"list":[1,2]}}}`),
			})
			if err != nil {
				t.Fatal(err)
			}
			if got.Status != c.status || string(got.Output) != c.output || got.NextState != c.next || handled(got.Inspection) != c.handled {
				t.Errorf("%s, output %s, next %s, error %s: %s, %s", got.Status, got.Output, got.NextState, got.Error, got.Cause, handled(got.Inspection))
			}
		})
	}
}

func TestTheFailuresThatATestedMapTolerates(t *testing.T) {
	e := engine(t, asl.Options{})
	fields := `{"Type":"Map",` + inChildren + `,"MaxConcurrency":4,"Catch":[{"ErrorEquals":["States.ExceedToleratedFailureThreshold"],"Next":"H"}],"End":true`
	for _, c := range []struct {
		does, definition string
		failures         int
		mock             *asl.Mock
		status           asl.TestedStatus
		count            int
		percentage       float64
	}{
		{"nothing is said of failures", fields + `}`, 3, result(`[1,2,3]`), asl.TestedSucceeded, -1, -1},
		{"as many as are tolerated", fields + `,"ToleratedFailureCount":1}`, 1, result(`[1,2,3]`), asl.TestedSucceeded, 1, -1},
		{"one more", fields + `,"ToleratedFailureCount":1}`, 2, result(`[1,2,3]`), asl.TestedCaught, 1, -1},
		{"a percentage", fields + `,"ToleratedFailurePercentagePath":"$[0]"}`, 1, result(`[1,2,3]`), asl.TestedSucceeded, -1, 34},
		{"more than the percentage", fields + `,"ToleratedFailurePercentagePath":"$[0]"}`, 2, result(`[1,2,3]`), asl.TestedCaught, -1, 34},
		{"a mocked failure is the map's own", fields + `,"ToleratedFailureCount":1}`, 2, failure("E", "C"), asl.TestedFailed, 1, -1},
	} {
		t.Run(c.does, func(t *testing.T) {
			got, err := e.TestState(t.Context(), asl.StateTest{
				Definition: []byte(c.definition), Input: []byte(`[34,2,3]`), Mock: c.mock, Level: asl.InspectDebug,
				Configuration: asl.StateConfiguration{MapIterationFailureCount: c.failures},
			})
			if err != nil {
				t.Fatal(err)
			}
			i := got.Inspection
			if got.Status != c.status || c.status == asl.TestedCaught && (got.Error != asl.ErrorExceedTolerated || got.NextState != "H") {
				t.Errorf("%s, error %s, next %s", got.Status, got.Error, got.NextState)
			}
			if *i.MaxConcurrency != 4 || (i.ToleratedFailureCount != nil) != (c.count >= 0) || c.count >= 0 && *i.ToleratedFailureCount != c.count ||
				(i.ToleratedFailurePercentage != nil) != (c.percentage >= 0) || c.percentage >= 0 && *i.ToleratedFailurePercentage != c.percentage {
				t.Errorf("limits %v, %v, %v", i.MaxConcurrency, i.ToleratedFailureCount, i.ToleratedFailurePercentage)
			}
		})
	}
}

// stateInStates is a machine with states within states; those within answer to handlers
// around them.
const stateInStates = `{"StartAt":"Outer","States":{
	"Outer":{"Type":"Map","ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"},"StartAt":"Both","States":{
		"Both":{"Type":"Parallel","Branches":[{"StartAt":"Work","States":{
			"Work":{"Type":"Task",` + lambdaInvoke + `,"Parameters":{"i.$":"$$.Map.Item.Index","v.$":"$$.Map.Item.Value"},
				"Retry":[{"ErrorEquals":["Mine"],"MaxAttempts":1}],"Catch":[{"ErrorEquals":["Mine"],"Next":"Rest"}],"Next":"Rest"},
			"Rest":{"Type":"Pass","End":true}}}],
			"Retry":[{"ErrorEquals":["Both"],"IntervalSeconds":7}],"Catch":[{"ErrorEquals":["Parallel"],"ResultPath":"$.e","Next":"After"}],"End":true},
		"After":{"Type":"Succeed"}}},
		"ToleratedFailureCount":2,"Catch":[{"ErrorEquals":["States.ExceedToleratedFailureThreshold"],"Next":"Over"}],"End":true},
	"Over":{"Type":"Fail"}}}`

func TestAnErrorGoesToTheStatesAroundATestedOne(t *testing.T) {
	e := engine(t, asl.Options{})
	for _, c := range []struct {
		does     string
		mock     *asl.Mock
		state    asl.StateConfiguration
		status   asl.TestedStatus
		failed   string
		next     string
		output   string
		handlers string
	}{
		{does: "none", mock: result(`{"ok":1}`), status: asl.TestedSucceeded, next: "Rest", output: `{"ok":1}`},
		{does: "its own retrier", mock: failure("Mine", ""), status: asl.TestedRetriable, failed: "Mine", handlers: "retry 0 after 1s "},
		{
			does: "its own catcher", mock: failure("Mine", ""), state: asl.StateConfiguration{RetrierRetryCount: 1}, status: asl.TestedCaught, failed: "Mine",
			next: "Rest", output: `{"Error":"Mine","Cause":""}`, handlers: "retry 0 catch 0 ",
		},
		{does: "the Parallel state's retrier", mock: failure("Both", ""), status: asl.TestedRetriable, failed: "Both", handlers: "retry 0 after 7s "},
		{
			does: "the Parallel state's catcher", mock: failure("Parallel", "C"), status: asl.TestedCaught, failed: "Parallel", next: "After",
			output: `{"n":1,"e":{"Error":"Parallel","Cause":"C"}}`, handlers: "catch 0 ",
		},
		{does: "an iteration's failure that the map tolerates", mock: failure("E", ""), state: asl.StateConfiguration{MapIterationFailureCount: 1}, status: asl.TestedFailed, failed: "E"},
		{
			does: "one more than the map tolerates", mock: failure("E", ""), state: asl.StateConfiguration{MapIterationFailureCount: 2}, status: asl.TestedCaught,
			failed: asl.ErrorExceedTolerated, next: "Over", handlers: "catch 0 ",
			output: `{"Error":"States.ExceedToleratedFailureThreshold","Cause":"The specified tolerated failure threshold was exceeded"}`,
		},
	} {
		t.Run(c.does, func(t *testing.T) {
			got, err := e.TestState(t.Context(), asl.StateTest{
				Definition: []byte(stateInStates), StateName: "Work", Input: []byte(`{"n":1}`), Mock: c.mock, Configuration: c.state, Level: asl.InspectDebug,
			})
			if err != nil {
				t.Fatal(err)
			}
			if got.Status != c.status || got.Error != c.failed || got.NextState != c.next || string(got.Output) != c.output || handled(got.Inspection) != c.handlers {
				t.Errorf("%s, error %s, next %s, output %s, %s", got.Status, got.Error, got.NextState, got.Output, handled(got.Inspection))
			}
			if p := string(got.Inspection.Stages[asl.StageParameters]); p != `{"i":0,"v":{"n":1}}` {
				t.Errorf("parameters %s", p)
			}
		})
	}
}

func TestATestedStateTakesFiveMinutesAtMost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := engine(t, asl.Options{})
		hangs := asl.TaskFunc(func(ctx context.Context, _ asl.Task) ([]byte, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		})
		task := `{"Type":"Task","Resource":"` + function + `x"`
		for _, c := range []struct {
			does, definition string
			takes            time.Duration
			status           asl.TestedStatus
			failed           string
		}{
			{"a short wait", `{"Type":"Wait","Seconds":299,"Next":"N"}`, 0, asl.TestedSucceeded, ""},
			{"a wait until yesterday", `{"Type":"Wait","Timestamp":"1999-12-31T00:00:00Z","Next":"N"}`, 0, asl.TestedSucceeded, ""},
			{"a wait that AWS would not see the end of", `{"Type":"Wait","Seconds":300,"Next":"N"}`, 0, asl.TestedFailed, asl.ErrorTimeout},
			{"a task", task + `,"Catch":[{"ErrorEquals":["States.ALL"],"Next":"H"}],"Next":"N"}`, 5 * time.Minute, asl.TestedFailed, asl.ErrorTimeout},
			{"a task with a limit of its own", task + `,"TimeoutSeconds":9,"Catch":[{"ErrorEquals":["States.Timeout"],"Next":"H"}],"Next":"N"}`, 9 * time.Second, asl.TestedCaught, asl.ErrorTimeout},
		} {
			began := time.Now()
			got, err := e.TestState(t.Context(), asl.StateTest{Definition: []byte(c.definition), Tasks: hangs})
			if err != nil || got.Status != c.status || got.Error != c.failed || time.Since(began) != c.takes {
				t.Errorf("%s: %+v, %v after %v", c.does, got, err, time.Since(began))
			}
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := e.TestState(ctx, asl.StateTest{Definition: []byte(task + `,"End":true}`), Tasks: hangs}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("given up: %v", err)
		}
		if err := e.Close(); err != nil { // waits for the task, which was told to stop
			t.Error(err)
		}
		if _, err := e.TestState(t.Context(), asl.StateTest{Definition: []byte(`{"Type":"Succeed"}`)}); !errors.Is(err, asl.ErrClosed) {
			t.Errorf("after closing: %v", err)
		}
	})
}
