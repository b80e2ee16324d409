package trace_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mayfly-dev/mayfly/local/asl"
	"github.com/mayfly-dev/mayfly/local/asl/asltest"
	"github.com/mayfly-dev/mayfly/local/asl/trace"
)

const fn = `"Type":"Task","Resource":"arn:aws:lambda:us-east-1:000000000000:function:`

// follow runs a machine in virtual time and returns the trace of its history.
// A function fails as often as the number at the end of its name says.
func follow(t *testing.T, definition, input string) *trace.Trace {
	t.Helper()
	m, err := asl.Parse([]byte(definition))
	if err != nil {
		t.Fatal(err)
	}
	e, err := asl.New(asl.Options{Clock: asl.NewVirtualClock(asltest.Epoch), Tasks: asl.TaskFunc(func(_ context.Context, task asl.Task) ([]byte, error) {
		var fails int
		if _, err := fmt.Sscanf(task.Resource[strings.LastIndexByte(task.Resource, ':')+1:], "x%d", &fails); err != nil || task.Attempt < fails {
			return nil, &asl.TaskError{Name: "Boom", Cause: task.StateName}
		}
		return task.Input, nil
	})})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	outcome, err := asltest.RunOn(t.Context(), e, m, input)
	if err != nil {
		t.Fatal(err)
	}
	got := trace.New()
	for i := range outcome.Events {
		got.Add(&outcome.Events[i])
	}
	if got.Ended.Sub(got.Began) != outcome.Duration {
		t.Errorf("it took %v, want %v", got.Ended.Sub(got.Began), outcome.Duration)
	}
	return got
}

// show writes a thread on one line.
func show(th *trace.Thread, began time.Time) string {
	var parts []string
	for _, v := range th.Visits {
		s := fmt.Sprintf("%s:%s@%s", v.State, v.Type, v.Entered.Sub(began))
		if !v.Left.IsZero() {
			s += "-" + v.Left.Sub(began).String()
		}
		for _, try := range v.Tries {
			for _, thread := range try.Threads {
				s += fmt.Sprintf(" %d[%s]", thread.Index, show(thread, began))
			}
			if try.Failure != nil {
				s += fmt.Sprintf(" !%s@%s", try.Failure.Error, try.Ended.Sub(began))
			}
		}
		if v.Failed {
			s += " failed"
		}
		if v.Aborted {
			s += " aborted"
		}
		if v.Caught() {
			s += " caught by " + v.Next().State
		}
		parts = append(parts, s)
	}
	end := ""
	if th.Failed {
		end = " FAILED"
	}
	if th.Aborted {
		end = " ABORTED"
	}
	return strings.Join(parts, ", ") + end
}

func TestTraces(t *testing.T) {
	for _, c := range []struct{ name, definition, input, want string }{
		{"a chain", `{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"B"},"B":{"Type":"Wait","Seconds":5,"Next":"C"},"C":{"Type":"Succeed"}}}`, `{}`,
			`A:Pass@0s-0s, B:Wait@0s-5s, C:Succeed@5s-5s`},
		{"retries", `{"StartAt":"A","States":{"A":{` + fn + `x2","Retry":[{"ErrorEquals":["Boom"]}],"End":true}}}`, `{}`,
			`A:Task@0s-3s !Boom@0s !Boom@1s`},
		{"caught", `{"StartAt":"A","States":{"A":{` + fn + `x9","Retry":[{"ErrorEquals":["Boom"],"MaxAttempts":1}],"Catch":[{"ErrorEquals":["Boom"],"Next":"B"}],"End":true},"B":{"Type":"Pass","End":true}}}`, `{}`,
			`A:Task@0s-1s !Boom@0s !Boom@1s caught by B, B:Pass@1s-1s`},
		{"not caught", `{"StartAt":"A","States":{"A":{` + fn + `x9","End":true}}}`, `{}`,
			`A:Task@0s !Boom@0s failed`},
		{"failed by itself", `{"StartAt":"A","States":{"A":{"Type":"Pass","InputPath":"$.a","End":true}}}`, `{}`,
			`A:Pass@0s !States.Runtime@0s failed`},
		{"Fail", `{"StartAt":"A","States":{"A":{"Type":"Fail","Error":"Mine"}}}`, `{}`,
			`A:Fail@0s !Mine@0s failed`},
		{"timed out", `{"StartAt":"A","TimeoutSeconds":3,"States":{"A":{"Type":"Wait","Seconds":5,"End":true}}}`, `{}`,
			`A:Wait@0s aborted`},
		{"JSONata", `{"QueryLanguage":"JSONata","StartAt":"A","States":{"A":{` + fn + `x0","Output":"{% $error('no') %}","Catch":[{"ErrorEquals":["States.ALL"],"Next":"B"}],"End":true},"B":{"Type":"Pass","End":true}}}`, `{}`,
			`A:Task@0s-0s !States.QueryEvaluationError@0s caught by B, B:Pass@0s-0s`},
		{"branches", `{"StartAt":"P","States":{"P":{"Type":"Parallel","Next":"Z","Branches":[
			{"StartAt":"A","States":{"A":{"Type":"Wait","Seconds":2,"Next":"B"},"B":{"Type":"Pass","End":true}}},
			{"StartAt":"C","States":{"C":{"Type":"Parallel","End":true,"Branches":[{"StartAt":"D","States":{"D":{"Type":"Pass","End":true}}}]}}}]},"Z":{"Type":"Pass","End":true}}}`, `{}`,
			`P:Parallel@0s-2s 0[A:Wait@0s-2s, B:Pass@2s-2s] 1[C:Parallel@0s-0s 0[D:Pass@0s-0s]], Z:Pass@2s-2s`},
		{"a branch fails and is caught", `{"StartAt":"P","States":{"P":{"Type":"Parallel","Catch":[{"ErrorEquals":["States.ALL"],"Next":"Z"}],"Next":"Z","Branches":[
			{"StartAt":"A","States":{"A":{"Type":"Wait","Seconds":2,"End":true}}},{"StartAt":"B","States":{"B":{` + fn + `x9","End":true}}}]},"Z":{"Type":"Pass","End":true}}}`, `{}`,
			`P:Parallel@0s-0s 0[A:Wait@0s aborted] 1[B:Task@0s !Boom@0s failed] !Boom@0s caught by Z, Z:Pass@0s-0s`},
		{"a branch fails and nothing catches", `{"StartAt":"P","States":{"P":{"Type":"Parallel","End":true,"Branches":[
			{"StartAt":"A","States":{"A":{"Type":"Wait","Seconds":2,"End":true}}},{"StartAt":"B","States":{"B":{` + fn + `x9","End":true}}}]}}}`, `{}`,
			`P:Parallel@0s 0[A:Wait@0s aborted] 1[B:Task@0s !Boom@0s failed] !Boom@0s failed`},
		{"a Parallel state is tried again", `{"StartAt":"P","States":{"P":{"Type":"Parallel","Retry":[{"ErrorEquals":["States.ALL"],"MaxAttempts":1}],"Catch":[{"ErrorEquals":["States.ALL"],"Next":"Z"}],"Next":"Z","Branches":[
			{"StartAt":"A","States":{"A":{"Type":"Wait","Seconds":2,"Next":"B"},"B":{` + fn + `x9","End":true}}}]},"Z":{"Type":"Pass","End":true}}}`, `{}`,
			`P:Parallel@0s-5s 0[A:Wait@0s-2s, B:Task@2s !Boom@2s failed] !Boom@2s 0[A:Wait@3s-5s, B:Task@5s !Boom@5s failed] !Boom@5s caught by Z, Z:Pass@5s-5s`},
		{"iterations, two at once", `{"StartAt":"M","States":{"M":{"Type":"Map","MaxConcurrency":2,"End":true,"ItemProcessor":{"StartAt":"W","States":{"W":{"Type":"Wait","SecondsPath":"$","Next":"P"},"P":{"Type":"Pass","End":true}}}}}}`, `[3,1,1]`,
			`M:Map@0s-3s 0[W:Wait@0s-3s, P:Pass@3s-3s] 1[W:Wait@0s-1s, P:Pass@1s-1s] 2[W:Wait@1s-2s, P:Pass@2s-2s]`},
		{"maps within maps", `{"StartAt":"M","States":{"M":{"Type":"Map","MaxConcurrency":1,"End":true,"ItemProcessor":{"StartAt":"N","States":{"N":{"Type":"Map","MaxConcurrency":1,"End":true,"ItemProcessor":{"StartAt":"P","States":{"P":{"Type":"Wait","SecondsPath":"$","End":true}}}}}}}}}`, `[[1,2],[3]]`,
			`M:Map@0s-6s 0[N:Map@0s-3s 0[P:Wait@0s-1s] 1[P:Wait@1s-3s]] 1[N:Map@3s-6s 0[P:Wait@3s-6s]]`},
		{"an iteration fails", `{"StartAt":"M","States":{"M":{"Type":"Map","End":true,"ItemProcessor":{"StartAt":"W","States":{"W":{"Type":"Wait","SecondsPath":"$","Next":"T"},"T":{` + fn + `x9","End":true}}}}}}`, `[3,1]`,
			`M:Map@0s 0[W:Wait@0s aborted ABORTED] 1[W:Wait@0s-1s, T:Task@1s !Boom@1s failed FAILED] !Boom@1s failed`},
		{"deep inside", `{"StartAt":"P","States":{"P":{"Type":"Parallel","End":true,"Branches":[{"StartAt":"M","States":{"M":{"Type":"Map","End":true,"ItemProcessor":{
			"StartAt":"T","States":{"T":{` + fn + `x9","End":true}}}}}},{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":9,"End":true}}}]}}}`, `[1]`,
			`P:Parallel@0s 0[M:Map@0s 0[T:Task@0s !Boom@0s failed FAILED] !Boom@0s failed] 1[W:Wait@0s aborted] !Boom@0s failed`},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := follow(t, c.definition, c.input)
			if diff := cmp.Diff(c.want, show(got.Root, got.Began)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestADistributedMapHasItsRun(t *testing.T) {
	got := follow(t, `{"StartAt":"M","States":{"M":{"Type":"Map","Label":"M","End":true,"ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"},
		"StartAt":"T","States":{"T":{`+fn+`x9","End":true}}}}}}`, `[1,2]`)
	v := got.Root.Visits[0]
	if !strings.Contains(v.MapRunARN, ":mapRun:test/M:") || !v.Failed || v.Failure().Error != asl.ErrorExceedTolerated {
		t.Errorf("%+v %+v", v, v.Failure())
	}
}
