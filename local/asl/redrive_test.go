package asl_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mayfly-dev/mayfly/local/asl"
)

// workshop has functions whose names begin with "broken" and which fail until
// they are mended. It notes every call.
type workshop struct {
	mu     sync.Mutex
	calls  []string
	mended bool
}

func (w *workshop) RunTask(_ context.Context, t asl.Task) ([]byte, error) {
	name := t.Resource[strings.LastIndexByte(t.Resource, ':')+1:]
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls = append(w.calls, name+string(t.Input))
	switch {
	case strings.HasPrefix(name, "broken") && !w.mended:
		return nil, &asl.TaskError{Name: "Broken"}
	case name == "half":
		return []byte(`"` + strings.Repeat("x", asl.MaxPayload/2) + `"`), nil
	}
	return t.Input, nil
}

// mend lets every function work, and forgets the calls.
func (w *workshop) mend() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls, w.mended = nil, true
}

// tail is what an execution's history says from its first redrive on.
func tail(history []asl.Event) string {
	i := slices.IndexFunc(history, func(e asl.Event) bool { return e.Type == "ExecutionRedriven" })
	return events(history[max(0, i-1):])
}

func TestRedrivenExecutionsDoWhatHadNotSucceeded(t *testing.T) {
	work := func(name, more string) string {
		return `{"Type":"Task","Resource":"` + function + name + `",` + more + `"End":true}`
	}
	for _, c := range []struct {
		does, definition, input string
		stop                    time.Duration // stops the execution after that long
		output, failed, events  string
		calls                   string // after the redrive
	}{
		{
			does:       "a task",
			definition: `{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"B"},"B":` + work("broken", "") + `}}`,
			input:      `1`, output: `1`, calls: `broken1`,
			events: `8<7 ExecutionFailed
9<8 ExecutionRedriven
10<4 LambdaFunctionScheduled
11<10 LambdaFunctionStarted
12<11 LambdaFunctionSucceeded
13<12 TaskStateExited
14<13 ExecutionSucceeded`,
		},
		{
			does: "the branches of a Parallel state that failed or were aborted",
			definition: `{"StartAt":"P","States":{"P":{"Type":"Parallel","End":true,"Branches":[
				{"StartAt":"A","States":{"A":` + work("a", "") + `}},
				{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":9,"End":true}}},
				{"StartAt":"S","States":{"S":{"Type":"Wait","Seconds":1,"Next":"B"},"B":` + work("broken", "") + `}}]}}}`,
			input: `1`, output: `[1,1,1]`, calls: `broken1`,
			events: `19<18 ExecutionFailed
20<19 ExecutionRedriven
21<12 LambdaFunctionScheduled
22<21 LambdaFunctionStarted
23<22 LambdaFunctionSucceeded
24<23 TaskStateExited
25<7 WaitStateExited
26<25 ParallelStateSucceeded
27<25 ParallelStateExited
28<27 ExecutionSucceeded`,
		},
		{
			does: "the iterations of a Map state that did not succeed or had not begun",
			definition: `{"StartAt":"M","States":{"M":{"Type":"Map","MaxConcurrency":1,"End":true,"ItemProcessor":{"StartAt":"C","States":{
				"C":{"Type":"Choice","Choices":[{"Variable":"$","NumericEquals":2,"Next":"B"}],"Default":"A"},
				"A":` + work("a", "") + `,"B":` + work("broken", "") + `}}}}}`,
			input: `[1,2,3]`, output: `[1,2,3]`, calls: `broken2 a3`,
			events: `23<22 ExecutionFailed
24<23 ExecutionRedriven
25<16 LambdaFunctionScheduled
26<25 LambdaFunctionStarted
27<26 LambdaFunctionSucceeded
28<27 TaskStateExited
29<28 MapIterationSucceeded
30<28 MapIterationStarted
31<30 ChoiceStateEntered
32<31 ChoiceStateExited
33<32 TaskStateEntered
34<33 LambdaFunctionScheduled
35<34 LambdaFunctionStarted
36<35 LambdaFunctionSucceeded
37<36 TaskStateExited
38<37 MapIterationSucceeded
39<38 MapStateSucceeded
40<38 MapStateExited
41<40 ExecutionSucceeded`,
		},
		{
			does: "what had not succeeded at every depth",
			definition: `{"StartAt":"M","States":{"M":{"Type":"Map","End":true,"ItemProcessor":{"StartAt":"P","States":{"P":{"Type":"Parallel","End":true,"Branches":[
				{"StartAt":"A","States":{"A":` + work("a", "") + `}},{"StartAt":"B","States":{"B":{"Type":"Wait","SecondsPath":"$","Next":"B2"},"B2":` + work("broken", "") + `}}]}}}}}}`,
			input: `[1,2]`, output: `[[1,1],[2,2]]`, calls: `broken1 broken2`,
		},
		{
			does: "every try of a retrier",
			definition: `{"StartAt":"B","States":{"B":` +
				work("broken", `"Retry":[{"ErrorEquals":["States.ALL"],"MaxAttempts":1}],`) + `}}`,
			input: `1`, failed: "Broken", calls: `broken1 broken1`,
		},
		{
			does:       "a Fail state, which is entered again",
			definition: `{"StartAt":"F","States":{"F":{"Type":"Fail","Error":"E"}}}`, input: `1`, failed: "E",
			events: "3<2 ExecutionFailed\n4<3 ExecutionRedriven\n5<2 FailStateEntered\n6<5 ExecutionFailed",
		},
		{
			does:       "a Wait state that was stopped",
			definition: `{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":9,"Next":"A"},"A":` + work("a", "") + `}}`,
			input:      `1`, stop: time.Second, output: `1`, calls: `a1`,
			events: `3<0 ExecutionAborted
4<3 ExecutionRedriven
5<2 WaitStateExited
6<5 TaskStateEntered
7<6 LambdaFunctionScheduled
8<7 LambdaFunctionStarted
9<8 LambdaFunctionSucceeded
10<9 TaskStateExited
11<10 ExecutionSucceeded`,
		},
		{
			does:       "an execution that timed out, with its whole time",
			definition: `{"TimeoutSeconds":5,"StartAt":"W","States":{"W":{"Type":"Wait","TimestampPath":"$","End":true}}}`,
			input:      `"2000-01-01T00:00:06Z"`, output: `"2000-01-01T00:00:06Z"`,
			events: "3<0 ExecutionTimedOut\n4<3 ExecutionRedriven\n5<2 WaitStateExited\n6<5 ExecutionSucceeded",
		},
		{
			does: "branches that were stopped while they waited for a retry",
			definition: `{"StartAt":"P","States":{"P":{"Type":"Parallel","End":true,"Branches":[
				{"StartAt":"B","States":{"B":` + work("broken", `"Retry":[{"ErrorEquals":["States.ALL"],"IntervalSeconds":60}],`) + `}}]}}}`,
			input: `1`, stop: time.Second, output: `[1]`, calls: `broken1`,
		},
		{
			does: "an iteration whose input could not be made",
			definition: `{"StartAt":"M","States":{"M":{"Type":"Map","End":true,"ItemSelector":{"v.$":"$$.Map.Item.Value","t.$":"$$.Execution.RedriveTime"},
				"ItemProcessor":{"StartAt":"A","States":{"A":{"Type":"Pass","InputPath":"$.v","End":true}}}}}}`,
			input: `[1,2]`, output: `[1,2]`,
			events: `7<6 ExecutionFailed
8<7 ExecutionRedriven
9<4 PassStateEntered
10<9 PassStateExited
11<10 MapIterationSucceeded
12<3 MapIterationStarted
13<12 PassStateEntered
14<13 PassStateExited
15<14 MapIterationSucceeded
16<15 MapStateSucceeded
17<15 MapStateExited
18<17 ExecutionSucceeded`,
		},
		{
			does: "all branches, when their results were too much",
			definition: `{"StartAt":"P","States":{"P":{"Type":"Parallel","End":true,"Branches":[
				{"StartAt":"A","States":{"A":` + work("half", "") + `}},{"StartAt":"B","States":{"B":` + work("half", "") + `}}]}}}`,
			input: `1`, failed: asl.ErrorDataLimitExceeded, calls: `half1 half1`,
		},
	} {
		t.Run(c.does, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tasks := &workshop{}
				e := engine(t, asl.Options{Tasks: tasks})
				started, err := e.Start(t.Context(), asl.StartInput{Machine: machine(t, c.definition), MachineARN: machineARN, Input: []byte(c.input)})
				if err != nil {
					t.Fatal(err)
				}
				if c.stop > 0 {
					time.Sleep(c.stop)
					if _, err := e.Stop(started.ExecutionARN, "", ""); err != nil {
						t.Fatal(err)
					}
				}
				first, err := e.Wait(t.Context(), started.ExecutionARN)
				if err != nil || first.Status == asl.StatusSucceeded {
					t.Fatalf("%+v %v", first, err)
				}
				if c.failed == "" || c.failed == asl.ErrorDataLimitExceeded {
					tasks.mend()
				} else {
					tasks.calls = nil
				}
				time.Sleep(time.Second)
				if _, err := e.Redrive(started.ExecutionARN, ""); err != nil {
					t.Fatal(err)
				}
				got, err := e.Wait(t.Context(), started.ExecutionARN)
				if err != nil || string(got.Output) != c.output || got.Error != c.failed {
					t.Errorf("output %s, error %s %s %v", got.Output, got.Error, got.Cause, err)
				}
				history, err := e.Events(started.ExecutionARN)
				if err != nil {
					t.Fatal(err)
				}
				if c.events != "" && tail(history) != c.events {
					t.Errorf("history\n%s", tail(history))
				}
				if calls := strings.Join(tasks.calls, " "); calls != c.calls {
					t.Errorf("called %s, want %s", calls, c.calls)
				}
			})
		})
	}
}

func TestRedrivesAreKnownByTheirTokensForAQuarterOfAnHour(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := engine(t, asl.Options{Tasks: &workshop{}})
		execution := startOne(t, e, `{"StartAt":"F","States":{"F":{"Type":"Fail"}}}`, `{}`)
		redrive := func(token string) time.Time {
			at, err := e.Redrive(execution, token)
			if err != nil {
				t.Fatal(err)
			}
			return at
		}
		first := redrive("a")
		time.Sleep(15*time.Minute - time.Millisecond)
		if again := redrive("a"); !again.Equal(first) {
			t.Errorf("redriven at %v and, for the same token, at %v", first, again)
		}
		time.Sleep(time.Millisecond)
		if again := redrive("a"); again.Equal(first) {
			t.Error("the token is known after fifteen minutes")
		}
		for _, token := range strings.Split("bcdefghijk", "") {
			redrive(token)
		}
		redrive("a") // of the last ten, it was none
		d, err := e.Describe(execution)
		if err != nil || d.RedriveCount != 13 {
			t.Errorf("redriven %d times, %v", d.RedriveCount, err)
		}
		if redrive(""); redrive("").IsZero() {
			t.Error("no date")
		}
	})
}
