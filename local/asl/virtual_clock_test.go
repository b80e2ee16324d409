package asl_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mayfly-dev/mayfly/local/asl"
	"github.com/mayfly-dev/mayfly/local/asl/asltest"
	"github.com/mayfly-dev/mayfly/local/asl/journal"
)

// epoch is when virtual time begins.
var epoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// virtually runs a machine to its end in virtual time, the same way each time.
func virtually(t *testing.T, clock *asl.VirtualClock, definition, input string, tasks asl.TaskRunner) asltest.Outcome {
	t.Helper()
	source := rand.New(rand.NewPCG(1, 2))
	e := engine(t, asl.Options{Clock: clock, Tasks: tasks, Random: source.Uint64, Jitter: source.Float64})
	began := clock.Now()
	outcome, err := asltest.RunOn(t.Context(), e, machine(t, definition), input)
	if err != nil {
		t.Fatal(err)
	}
	outcome.Duration = clock.Now().Sub(began)
	return outcome
}

func TestAMachineThatWaitsAWeekEndsAtOnce(t *testing.T) {
	clock := asl.NewVirtualClock(epoch)
	got := virtually(t, clock, `{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":604800,"Next":"U"},
		"U":{"Type":"Wait","Timestamp":"2026-02-01T00:00:00Z","End":true}}}`, `{}`, nil)
	if got.Status != asl.StatusSucceeded || !clock.Now().Equal(epoch.AddDate(0, 1, 0)) {
		t.Errorf("%s at %s", got.Status, clock.Now())
	}
	if left := got.Events[2]; left.Type != "WaitStateExited" || !left.Timestamp.Equal(epoch.AddDate(0, 0, 7)) {
		t.Errorf("%s at %s", left.Type, left.Timestamp)
	}
}

// manyThings is a machine of 40 branches in which everything happens that takes time.
func manyThings() string {
	branches := make([]string, 0, 40)
	for i := range 10 {
		n, fn := fmt.Sprint(i), `"Type":"Task","Resource":"`+function
		branches = append(branches,
			`{"StartAt":"W`+n+`","States":{"W`+n+`":{"Type":"Wait","Seconds":`+fmt.Sprint(20-i%4)+`,"Next":"T`+n+`"},"T`+n+`":{`+fn+`x","End":true}}}`,
			`{"StartAt":"R`+n+`","States":{"R`+n+`":{`+fn+`flaky","Retry":[{"ErrorEquals":["Flaky"],"IntervalSeconds":`+fmt.Sprint(1+i%3)+
				`,"BackoffRate":3,"MaxAttempts":9,"MaxDelaySeconds":40}],"End":true}}}`,
			`{"StartAt":"M`+n+`","States":{"M`+n+`":{"Type":"Map","ItemsPath":"$.list","MaxConcurrency":`+fmt.Sprint(1+i%3)+`,"End":true,"ItemProcessor":{
				"StartAt":"I`+n+`","States":{"I`+n+`":{`+fn+`x","Next":"J`+n+`"},"J`+n+`":{"Type":"Wait","SecondsPath":"$","End":true}}}}}}`,
			`{"StartAt":"L`+n+`","States":{"L`+n+`":{`+fn+`slow","TimeoutSeconds":`+fmt.Sprint(4+2*i)+`,"Catch":[{"ErrorEquals":["States.Timeout"],"Next":"C`+n+`"}],
				"End":true},"C`+n+`":{"Type":"Pass","End":true}}}`)
	}
	return `{"StartAt":"P","States":{"P":{"Type":"Parallel","End":true,"Branches":[` + strings.Join(branches, ",") + `]}}}`
}

// things does manyThings' tasks: flaky fails four times, slow takes seven
// seconds as sleep has them.
func things(sleep func(context.Context, time.Duration) error) asl.TaskRunner {
	return asl.TaskFunc(func(ctx context.Context, t asl.Task) ([]byte, error) {
		switch strings.TrimPrefix(t.Resource, function) {
		case "flaky":
			if t.Attempt < 4 {
				return nil, &asl.TaskError{Name: "Flaky"}
			}
		case "slow":
			if err := sleep(ctx, 7*time.Second); err != nil {
				return nil, err
			}
		}
		return t.Input, nil
	})
}

func realSleep(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// moments are what happened and when, in an order that does not depend on what
// happened at the same time.
func moments(events []asl.Event) []string {
	all := make([]string, len(events))
	for i, e := range events {
		all[i] = fmt.Sprintf("%8s %s %s %s", e.Timestamp.Sub(events[0].Timestamp), e.Type, e.Name, e.Error)
	}
	slices.Sort(all)
	return all
}

func TestVirtualTimeIsAsRealTime(t *testing.T) {
	clock := asl.NewVirtualClock(epoch)
	got := virtually(t, clock, manyThings(), `{"list":[3,1,2]}`, things(clock.Sleep))
	synctest.Test(t, func(t *testing.T) {
		want, err := asltest.Run(t.Context(), manyThings(), `{"list":[3,1,2]}`, things(realSleep))
		if err != nil {
			t.Fatal(err)
		}
		if got.Status != want.Status || got.Output != want.Output || got.Duration != want.Duration || got.Duration < 20*time.Second {
			t.Errorf("%s %s in %v, want %s %s in %v", got.Status, got.Output, got.Duration, want.Status, want.Output, want.Duration)
		}
		if diff := cmp.Diff(moments(want.Events), moments(got.Events)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestVirtualRunsAreTheSameByteForByte(t *testing.T) {
	var first []byte
	for range 10 {
		clock := asl.NewVirtualClock(epoch)
		definition := strings.ReplaceAll(manyThings(), `"BackoffRate":3`, `"BackoffRate":3,"JitterStrategy":"FULL"`)
		got := virtually(t, clock, definition, `{"list":[3,1,2]}`, things(clock.Sleep))
		var history []byte
		for i := range got.Events {
			history = append(got.Events[i].AppendJSON(history, true), '\n')
		}
		if first == nil {
			first = history
		}
		if string(history) != string(first) {
			t.Fatal(cmp.Diff(string(first), string(history)))
		}
	}
}

func TestNoTimePassesWhileATaskIsAtWork(t *testing.T) {
	clock := asl.NewVirtualClock(epoch)
	got := virtually(t, clock, `{"StartAt":"P","TimeoutSeconds":5,"States":{"P":{"Type":"Parallel","End":true,"Branches":[
		{"StartAt":"T","States":{"T":{"Type":"Task","Resource":"`+function+`x","TimeoutSeconds":1,"End":true}}},
		{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":2,"End":true}}}]}}}`, `{}`,
		asl.TaskFunc(func(ctx context.Context, _ asl.Task) ([]byte, error) {
			for range 1000 {
				runtime.Gosched()
			}
			if !clock.Now().Equal(epoch) || ctx.Err() != nil {
				return nil, errors.New("time has passed")
			}
			return []byte(`1`), nil
		}))
	if got.Status != asl.StatusSucceeded || got.Output != `[1,{}]` || got.Duration != 2*time.Second {
		t.Errorf("%s %s %s in %v", got.Status, got.Output, got.Cause, got.Duration)
	}
}

func TestTasksThatSleepAreTimedOut(t *testing.T) {
	clock := asl.NewVirtualClock(epoch)
	woken := make(chan error, 1)
	got := virtually(t, clock, `{"StartAt":"T","States":{"T":{"Type":"Task","Resource":"`+function+`x","TimeoutSeconds":3,"End":true}}}`, `{}`,
		asl.TaskFunc(func(ctx context.Context, _ asl.Task) ([]byte, error) {
			woken <- clock.Sleep(ctx, time.Hour)
			return nil, clock.Sleep(ctx, time.Hour)
		}))
	if got.Status != asl.StatusFailed || got.Error != asl.ErrorTimeout || got.Events[len(got.Events)-1].Timestamp.Sub(epoch) != 3*time.Second {
		t.Errorf("%s %s in %v", got.Status, got.Error, got.Duration)
	}
	if err := <-woken; !errors.Is(err, context.Canceled) || got.Duration != 3*time.Second {
		t.Errorf("the task slept on for %v: %v", got.Duration, err)
	}
}

const anActivity = "arn:aws:states:us-east-1:000000000000:activity:a"

func TestWorkersTakeTurnsWithTheEngine(t *testing.T) {
	for name, c := range map[string]struct {
		resource, parameters string
		beats                int
		took                 time.Duration
		failure              string
	}{
		"activity that beats":      {resource: anActivity, beats: 3, took: 32 * time.Second},
		"activity that stops":      {resource: anActivity, beats: -1, took: 10 * time.Second, failure: asl.ErrorTimeout},
		"token that is kept alive": {resource: "arn:aws:states:::sqs:sendMessage.waitForTaskToken", beats: 2, took: 24 * time.Second},
		"token that nobody has":    {resource: "arn:aws:states:::sqs:sendMessage.waitForTaskToken", beats: -1, took: 10 * time.Second, failure: asl.ErrorTimeout},
	} {
		t.Run(name, func(t *testing.T) {
			clock := asl.NewVirtualClock(epoch)
			var e *asl.Engine
			answer := func(ctx context.Context, token string) {
				for range c.beats {
					if err := clock.Sleep(ctx, 8*time.Second); err != nil {
						t.Error(err)
					}
					if err := e.SendTaskHeartbeat(token); err != nil {
						t.Error(err)
					}
				}
				if c.beats < 0 {
					return
				}
				if err := errors.Join(clock.Sleep(ctx, 8*time.Second), e.SendTaskSuccess(token, []byte(`"done"`))); err != nil {
					t.Error(err)
				}
			}
			e = engine(t, asl.Options{Clock: clock, Tasks: asl.TaskFunc(func(_ context.Context, task asl.Task) ([]byte, error) {
				clock.Go(t.Context(), func(ctx context.Context) { answer(ctx, task.Token) })
				return []byte(`{}`), nil
			})})
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			clock.Go(ctx, func(ctx context.Context) {
				for {
					task, err := e.NextActivityTask(ctx, anActivity, "w")
					if err != nil {
						return
					}
					if task.StateName != "T" || task.ExecutionARN == "" {
						t.Errorf("task of %q in %q", task.StateName, task.ExecutionARN)
					}
					answer(ctx, task.Token)
				}
			})
			got, err := asltest.RunOn(t.Context(), e, machine(t, `{"StartAt":"T","States":{"T":{"Type":"Task","Resource":"`+c.resource+`",
				"HeartbeatSeconds":10,"TimeoutSeconds":100,"End":true}}}`), `{}`)
			if err != nil {
				t.Fatal(err)
			}
			last := got.Events[len(got.Events)-1]
			if got.Error != c.failure || last.Timestamp.Sub(epoch) != c.took {
				t.Errorf("%s %s %s in %v", got.Status, got.Error, got.Cause, last.Timestamp.Sub(epoch))
			}
		})
	}
}

func TestATaskMayWaitForAnExecution(t *testing.T) {
	clock := asl.NewVirtualClock(epoch)
	child := machine(t, `{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":60,"Next":"T"},"T":{"Type":"Task","Resource":"`+function+`leaf","End":true}}}`)
	var e *asl.Engine
	e = engine(t, asl.Options{Clock: clock, Tasks: asl.TaskFunc(func(ctx context.Context, task asl.Task) ([]byte, error) {
		if task.Resource == function+"leaf" {
			return []byte(`1`), nil
		}
		started, err := e.Start(ctx, asl.StartInput{Machine: child, MachineARN: asltest.MachineARN + "-child"})
		if err != nil {
			return nil, err
		}
		result, err := e.Wait(ctx, started.ExecutionARN)
		return result.Output, err
	})})
	got, err := asltest.RunOn(t.Context(), e, machine(t, `{"StartAt":"P","States":{"P":{"Type":"Parallel","End":true,"Branches":[
		{"StartAt":"A","States":{"A":{"Type":"Task","Resource":"`+function+`parent","End":true}}},
		{"StartAt":"B","States":{"B":{"Type":"Task","Resource":"`+function+`parent","TimeoutSeconds":59,"Catch":[{"ErrorEquals":["States.Timeout"],"Next":"C"}],"End":true},"C":{"Type":"Succeed"}}},
		{"StartAt":"D","States":{"D":{"Type":"Wait","Seconds":600,"End":true}}}]}}}`), `{}`)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(got.Output, `[1,{"Error":"States.Timeout"`) {
		t.Errorf("%s %s", got.Status, got.Output)
	}
	for _, event := range got.Events {
		if event.Name == "A" && event.Type == "TaskStateExited" && event.Timestamp.Sub(epoch) != time.Minute {
			t.Errorf("the nested execution took %v", event.Timestamp.Sub(epoch))
		}
	}
}

func TestVirtualTimeStandsStillUntilTheJournalIsWritten(t *testing.T) {
	folder := t.TempDir()
	clock := asl.NewVirtualClock(epoch)
	j, err := journal.Open(folder, journal.Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	e := engine(t, asl.Options{Clock: clock, Journal: j, Tasks: things(clock.Sleep)})
	got, err := asltest.RunOn(t.Context(), e, machine(t, manyThings()), `{"list":[3,1,2]}`)
	if err != nil {
		t.Fatal(err)
	}
	memory := asl.NewVirtualClock(epoch)
	want := virtually(t, memory, manyThings(), `{"list":[3,1,2]}`, things(memory.Sleep))
	if diff := cmp.Diff(moments(want.Events), moments(got.Events)); diff != "" {
		t.Error(diff)
	}
}

func TestExecutionsThatStartWhileTheClockIsHeldStartAtTheSameTime(t *testing.T) {
	clock := asl.NewVirtualClock(epoch)
	e, m := engine(t, asl.Options{Clock: clock}), machine(t, `{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":5,"End":true}}}`)
	release := clock.Hold()
	var all []string
	for range 100 {
		started, err := e.Start(t.Context(), asl.StartInput{Machine: m, MachineARN: asltest.MachineARN})
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, started.ExecutionARN)
	}
	release()
	release() // a second time does nothing
	for _, arn := range all {
		result, err := e.Wait(t.Context(), arn)
		if err != nil || !result.StopDate.Equal(epoch.Add(5*time.Second)) {
			t.Fatalf("%s %v", result.StopDate, err)
		}
	}
}

func TestAnEngineClosesInTheMiddleOfVirtualTime(t *testing.T) {
	clock := asl.NewVirtualClock(epoch)
	asleep, ended := make(chan struct{}), make(chan error, 1)
	e, err := asl.New(asl.Options{Clock: clock, Tasks: asl.TaskFunc(func(ctx context.Context, _ asl.Task) ([]byte, error) {
		release := clock.Hold() // no time is to pass before Close
		close(asleep)
		go func() {
			<-ctx.Done()
			release()
		}()
		return nil, clock.Sleep(ctx, time.Hour)
	})})
	if err != nil {
		t.Fatal(err)
	}
	started, err := e.Start(t.Context(), asl.StartInput{Machine: machine(t, chain(1, taskState)), MachineARN: asltest.MachineARN})
	if err != nil {
		t.Fatal(err)
	}
	clock.Go(t.Context(), func(ctx context.Context) {
		_, err := e.Wait(ctx, started.ExecutionARN)
		ended <- err
	})
	<-asleep
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; !errors.Is(err, asl.ErrClosed) {
		t.Error(err)
	}
}

func TestCallsOfAVirtualClock(t *testing.T) {
	clock := asl.NewVirtualClock(epoch)
	var calls []string
	done := make(chan struct{})
	call := func(name string) func() {
		return func() { calls = append(calls, fmt.Sprint(name, clock.Now().Sub(epoch))) }
	}
	release := clock.Hold()
	clock.AfterFunc(2*time.Second, call("c"))
	clock.AfterFunc(time.Second, call("a"))
	clock.AfterFunc(time.Second, call("b"))
	clock.AfterFunc(-time.Second, call("now"))
	stop := clock.AfterFunc(time.Second, call("stopped"))
	if !stop() || stop() {
		t.Error("a call is stopped once")
	}
	clock.AfterFunc(time.Hour, func() { close(done) })
	release()
	<-done
	if want := "now0s a1s b1s c2s"; strings.Join(calls, " ") != want {
		t.Errorf("%v, want %s", calls, want)
	}
	if err := clock.Sleep(t.Context(), time.Minute); err != nil || clock.Now().Sub(epoch) != time.Hour+time.Minute {
		t.Errorf("%v at %v", err, clock.Now().Sub(epoch))
	}
	over, stopped := context.WithCancel(t.Context())
	stopped()
	if err := clock.Sleep(over, time.Hour); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
