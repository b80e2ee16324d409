package asl

import (
	"bytes"
	"context"
	"errors"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

const runARN = "arn:aws:states:us-east-1:000000000000:stateMachine:run"

func parsed(t *testing.T, definition string) *Machine {
	t.Helper()
	m, err := Parse([]byte(definition))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func newEngine(t *testing.T, o Options) *Engine {
	t.Helper()
	e, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

// remains says what an engine still knows of.
func remains(e *Engine) map[string]int {
	for _, lock := range []*sync.Mutex{&e.mu, &e.timers.mu, &e.activities.mu} {
		lock.Lock()
		defer lock.Unlock()
	}
	all := map[string]int{
		"byARN": len(e.byARN), "bySeq": len(e.bySeq), "lists": len(e.lists), "ended": len(e.ended.all), "machines": len(e.machines),
		"runs": len(e.runs), "timers": len(e.timers.heap), "activities": len(e.activities.queues),
	}
	for name, n := range all {
		if n == 0 {
			delete(all, name)
		}
	}
	return all
}

func heapSize() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// ephemeralMachine has a task, a wait that ends nothing, and a distributed map.
const ephemeralMachine = `{"StartAt":"T","States":{
	"T":{"Type":"Task","Resource":"arn:aws:lambda:us-east-1:000000000000:function:x","TimeoutSeconds":60,"ResultPath":"$.t","Next":"M"},
	"M":{"Type":"Map","ItemsPath":"$.list","ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"},
		"StartAt":"I","States":{"I":{"Type":"Task","Resource":"arn:aws:lambda:us-east-1:000000000000:function:y","End":true}}},"End":true}}}`

func TestTenThousandEphemeralExecutionsLeaveNothing(t *testing.T) {
	e := newEngine(t, Options{Tasks: TaskFunc(func(_ context.Context, t Task) ([]byte, error) { return t.Input, nil })})
	m := parsed(t, ephemeralMachine)
	input := `{"pad":"` + strings.Repeat("x", 2000) + `","list":[1,2]}`
	run := func(n int) {
		for i := range n {
			out, err := e.Run(t.Context(), StartInput{Machine: m, MachineARN: runARN, Input: []byte(input), Express: i%2 == 0})
			if err != nil || string(out.Output) != `[1,2]` || out.Status != StatusSucceeded {
				t.Fatalf("run %d: %+v, %v", i, out, err)
			}
		}
	}
	run(100)
	before := heapSize()
	run(10000)
	if left := remains(e); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
	if grown := heapSize() - before; grown > 4<<20 { // each has kept more than 4 KiB in its log
		t.Errorf("the heap grew by %d KiB", grown>>10)
	}
}

func TestAnEphemeralExecutionIsThereWhileItRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEngine(t, Options{})
		m := parsed(t, `{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":10,"End":true}}}`)
		arn := runARN[:strings.Index(runARN, "stateMachine")] + "execution:run:n"
		var fromWait Result
		var waiting error
		done := make(chan struct{})
		go func() {
			defer close(done)
			time.Sleep(time.Second)
			fromWait, waiting = e.Wait(t.Context(), arn)
		}()
		go func() {
			time.Sleep(2 * time.Second)
			if _, err := e.Run(t.Context(), StartInput{Machine: m, MachineARN: runARN, Name: "n"}); !errors.Is(err, ErrExecutionAlreadyExists) {
				t.Errorf("of the same name: %v", err)
			}
			if d, err := e.Describe(arn); err != nil || d.Status != StatusRunning {
				t.Errorf("described as %+v, %v", d, err)
			}
			if all, _ := e.List(Listing{}); len(all) != 0 {
				t.Errorf("listed: %v", all)
			}
		}()
		out, err := e.Run(t.Context(), StartInput{Machine: m, MachineARN: runARN, Name: "n", Input: []byte(`[1]`)})
		if err != nil || string(out.Output) != `[1]` || out.ExecutionARN != arn || out.StopDate.Sub(out.StartDate) != 10*time.Second {
			t.Errorf("%+v, %v", out, err)
		}
		<-done
		if waiting != nil || !bytes.Equal(fromWait.Output, out.Output) {
			t.Errorf("somebody else who waited got %+v, %v", fromWait, waiting)
		}
		events, err := out.Events()
		if err != nil || len(events) != 4 || strings.Join(Path(events), " ") != "W" {
			t.Errorf("%d events, %v", len(events), err)
		}
		if _, err := e.Describe(arn); !errors.Is(err, ErrExecutionDoesNotExist) {
			t.Errorf("after its end: %v", err)
		}
	})
}

func TestAnEphemeralExecutionThatNobodyWaitsForIsForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEngine(t, Options{Tasks: TaskFunc(func(ctx context.Context, _ Task) ([]byte, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		})})
		m := parsed(t, ephemeralMachine)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		ran, err := e.Run(ctx, StartInput{Machine: m, MachineARN: runARN})
		if !errors.Is(err, context.DeadlineExceeded) || ran.ExecutionARN == "" || len(remains(e)) == 0 {
			t.Errorf("given up: %v, left %v", err, remains(e))
		}
		time.Sleep(time.Minute) // the task's time limit
		synctest.Wait()
		if left := remains(e); len(left) > 0 {
			t.Errorf("left: %v", left)
		}
	})
}

func TestChildrenOfAStoppedEphemeralExecutionAreForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEngine(t, Options{Tasks: TaskFunc(func(ctx context.Context, task Task) ([]byte, error) {
			if strings.HasSuffix(task.Resource, ":x") {
				return []byte(`{}`), nil
			}
			<-ctx.Done()
			return nil, ctx.Err()
		})})
		m := parsed(t, ephemeralMachine)
		for i := range 5 {
			name := strconv.Itoa(i)
			go func() {
				time.Sleep(time.Second)
				if left := remains(e); left["byARN"] != 4 || left["runs"] != 1 { // itself and three children
					t.Errorf("under way: %v", left)
				}
				if _, err := e.Stop(executionARN(runARN, name, false, nil), "E", "C"); err != nil {
					t.Error(err)
				}
			}()
			ran, err := e.Run(t.Context(), StartInput{Machine: m, MachineARN: runARN, Name: name, Input: []byte(`{"list":[1,2,3]}`)})
			if err != nil || ran.Status != StatusAborted || ran.Error != "E" {
				t.Errorf("%+v, %v", ran, err)
			}
			synctest.Wait()
			if left := remains(e); len(left) > 0 {
				t.Errorf("left: %v", left)
			}
		}
	})
}

func TestTestsOfStatesLeaveNothing(t *testing.T) {
	e := newEngine(t, Options{Tasks: TaskFunc(func(context.Context, Task) ([]byte, error) { return nil, errors.New("no") })})
	tests := []StateTest{
		{Definition: []byte(`{"Type":"Pass","End":true}`)},
		{Definition: []byte(`{"Type":"Task","Resource":"arn:aws:lambda:us-east-1:000000000000:function:x","Retry":[{"ErrorEquals":["States.ALL"]}],"End":true}`)},
		{Definition: []byte(`{"Type":"Task","Resource":"arn:aws:states:us-east-1:000000000000:activity:a","HeartbeatSeconds":9,"End":true}`), Mock: &Mock{Result: []byte(`1`)}},
		{Definition: []byte(ephemeralMachine), StateName: "I", Mock: &Mock{Failure: &TaskError{Name: "E"}}},
	}
	for range 100 {
		for _, in := range tests {
			if _, err := e.TestState(t.Context(), in); err != nil {
				t.Fatal(err)
			}
		}
	}
	if left := remains(e); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}
