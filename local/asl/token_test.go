package asl_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mayfly-dev/mayfly/local/asl"
)

func startOne(t *testing.T, e *asl.Engine, definition, input string) string {
	t.Helper()
	started, err := e.Start(t.Context(), asl.StartInput{Machine: machine(t, definition), MachineARN: machineARN, Input: []byte(input)})
	if err != nil {
		t.Fatal(err)
	}
	return started.ExecutionARN
}

func TestTaskTokens(t *testing.T) {
	const callback = `{"StartAt":"T","States":{"T":{"Type":"Task","Resource":"arn:aws:states:::sqs:sendMessage.waitForTaskToken",
		"Parameters":{"t.$":"$$.Task.Token"},"HeartbeatSeconds":5,"TimeoutSeconds":12,"End":true}}}`
	synctest.Test(t, func(t *testing.T) {
		tokens := make(chan string, 10)
		e := engine(t, asl.Options{Tasks: asl.TaskFunc(func(_ context.Context, task asl.Task) ([]byte, error) {
			tokens <- task.Token
			return []byte(`{"sent":true}`), nil
		})})
		wait := func(arn string) asl.Result {
			result, err := e.Wait(t.Context(), arn)
			if err != nil {
				t.Fatal(err)
			}
			return result
		}
		arn := startOne(t, e, callback, `{}`)
		token := <-tokens
		if err := e.SendTaskSuccess(token, []byte(`{`)); !errors.Is(err, asl.ErrInvalidInput) {
			t.Errorf("bad output: %v", err)
		}
		for range 2 {
			time.Sleep(4 * time.Second)
			if err := e.SendTaskHeartbeat(token); err != nil {
				t.Error(err)
			}
		}
		if err := e.SendTaskSuccess(token, []byte(`"ok"`)); err != nil {
			t.Error(err)
		}
		if got := wait(arn); string(got.Output) != `"ok"` {
			t.Errorf("%+v", got)
		}
		if err := e.SendTaskSuccess(token, []byte(`1`)); !errors.Is(err, asl.ErrTaskTimedOut) {
			t.Errorf("answered twice: %v", err)
		}
		if err := e.SendTaskFailure("nonsense", "", ""); !errors.Is(err, asl.ErrInvalidToken) {
			t.Errorf("bad token: %v", err)
		}

		arn = startOne(t, e, callback, `{}`)
		if err := e.SendTaskFailure(<-tokens, "E", "C"); err != nil {
			t.Error(err)
		}
		if got := wait(arn); got.Error != "E" || got.Cause != "C" {
			t.Errorf("%+v", got)
		}

		began := time.Now()
		arn = startOne(t, e, callback, `{}`)
		<-tokens
		if got := wait(arn); got.Error != asl.ErrorTimeout || time.Since(began) != 5*time.Second {
			t.Errorf("no heartbeat: %+v after %v", got, time.Since(began))
		}
		history, err := e.Events(arn)
		if err != nil || !strings.HasSuffix(events(history), "5<4 TaskSubmitted\n6<5 TaskTimedOut\n7<6 ExecutionFailed") {
			t.Errorf("%s %v", events(history), err)
		}
	})
}

func TestActivities(t *testing.T) {
	const activity = "arn:aws:states:us-east-1:000000000000:activity:work"
	synctest.Test(t, func(t *testing.T) {
		e := engine(t, asl.Options{})
		type taken struct {
			task asl.ActivityTask
			err  error
		}
		got := make(chan taken)
		go func() {
			task, err := e.NextActivityTask(t.Context(), activity, "worker")
			got <- taken{task, err}
		}()
		synctest.Wait()
		arn := startOne(t, e, `{"StartAt":"T","States":{"T":{"Type":"Task","Resource":"`+activity+`","End":true}}}`, `{"a":1}`)
		one := <-got
		if one.err != nil || string(one.task.Input) != `{"a":1}` {
			t.Fatalf("%+v", one)
		}
		if err := e.SendTaskSuccess(one.task.Token, []byte(`2`)); err != nil {
			t.Fatal(err)
		}
		result, err := e.Wait(t.Context(), arn)
		if err != nil || string(result.Output) != `2` {
			t.Errorf("%+v %v", result, err)
		}
		history, err := e.Events(arn)
		want := "1<0 ExecutionStarted\n2<0 TaskStateEntered\n3<2 ActivityScheduled\n4<3 ActivityStarted\n5<4 ActivitySucceeded\n6<5 TaskStateExited\n7<6 ExecutionSucceeded"
		if err != nil || events(history) != want || history[3].WorkerName != "worker" {
			t.Errorf("%s %v", events(history), err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if _, err := e.NextActivityTask(ctx, activity, ""); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("nothing to do: %v", err)
		}
	})
}

func TestTimeLimitsAndCancelling(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cancelled := 0
		e := engine(t, asl.Options{Tasks: asl.TaskFunc(func(ctx context.Context, _ asl.Task) ([]byte, error) {
			<-ctx.Done()
			cancelled++
			return nil, ctx.Err()
		})})
		arn := startOne(t, e, `{"StartAt":"T","States":{"T":{"Type":"Task","Resource":"`+function+`x","TimeoutSecondsPath":"$.t",
			"Catch":[{"ErrorEquals":["States.Timeout"],"Next":"C"}],"End":true},"C":{"Type":"Succeed"}}}`, `{"t":7}`)
		began := time.Now()
		result, err := e.Wait(t.Context(), arn)
		synctest.Wait()
		if err != nil || result.Status != asl.StatusSucceeded || time.Since(began) != 7*time.Second || cancelled != 1 {
			t.Errorf("%+v %v after %v, %d cancelled", result, err, time.Since(began), cancelled)
		}
		arn = startOne(t, e, `{"StartAt":"T","States":{"T":{"Type":"Task","Resource":"`+function+`x","End":true}}}`, `{}`)
		synctest.Wait()
		if _, err := e.Stop(arn, "", "enough"); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		history, err := e.Events(arn)
		if err != nil || cancelled != 2 || !strings.HasSuffix(events(history), "5<0 ExecutionAborted") {
			t.Errorf("%s %v", events(history), err)
		}
	})
}

func TestWaitersAreToldThatTheEngineCloses(t *testing.T) {
	e, err := asl.New(asl.Options{})
	if err != nil {
		t.Fatal(err)
	}
	arn := startOne(t, e, `{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":1000,"End":true}}}`, `{}`)
	told := make(chan error)
	go func() {
		_, err := e.Wait(context.Background(), arn)
		told <- err
	}()
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-told; !errors.Is(err, asl.ErrClosed) {
		t.Error(err)
	}
	if _, err := e.Start(t.Context(), asl.StartInput{Machine: machine(t, chain(1, passState)), MachineARN: machineARN}); !errors.Is(err, asl.ErrClosed) {
		t.Error(err)
	}
}
