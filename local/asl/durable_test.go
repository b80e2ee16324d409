package asl_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/mayfly-dev/mayfly/local/asl"
	"github.com/mayfly-dev/mayfly/local/asl/journal"
)

func TestMain(m *testing.M) {
	if folder := os.Getenv(victimFolder); folder != "" {
		fmt.Fprintln(os.Stderr, victim(folder))
		os.Exit(1)
	}
	goleak.VerifyTestMain(m)
}

// busy is a machine with everything that can be under way: waits, retries,
// tasks, branches, iterations, a token.
const busy = `{"StartAt":"P","States":{"P":{"Type":"Parallel","Next":"Done","Branches":[
	{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":3,"Assign":{"v":"w"},"Next":"W2"},"W2":{"Type":"Pass","Parameters":{"v.$":"$v"},"End":true}}},
	{"StartAt":"T","States":{"T":{"Type":"Task","Resource":"` + function + `flaky","Retry":[{"ErrorEquals":["Flaky"],"IntervalSeconds":1}],"End":true}}},
	{"StartAt":"C","States":{"C":{"Type":"Task","Resource":"` + function + `boom","Catch":[{"ErrorEquals":["Boom"],"Next":"C2"}],"End":true},"C2":{"Type":"Succeed"}}},
	{"StartAt":"M","States":{"M":{"Type":"Map","ItemsPath":"$.list","MaxConcurrency":2,"End":true,"ItemProcessor":{
		"StartAt":"I","States":{"I":{"Type":"Task","Resource":"` + function + `x","Next":"J"},"J":{"Type":"Wait","SecondsPath":"$","End":true}}}}}},
	{"StartAt":"K","States":{"K":{"Type":"Task","Resource":"arn:aws:states:::sqs:sendMessage.waitForTaskToken",
		"Parameters":{"token.$":"$$.Task.Token"},"HeartbeatSeconds":100,"End":true}}}]},
	"Done":{"Type":"Task","Resource":"` + function + `x","End":true}}}`

func open(t *testing.T, folder string) *journal.Journal {
	t.Helper()
	j, err := journal.Open(folder, journal.Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// answering answers tasks that wait for a token after two seconds.
func answering(e **asl.Engine) asl.TaskFunc {
	return func(ctx context.Context, t asl.Task) ([]byte, error) {
		if t.Resource == "arn:aws:states:::sqs:sendMessage.waitForTaskToken" {
			token, engine := t.Token, *e
			time.AfterFunc(2*time.Second, func() {
				if err := engine.SendTaskSuccess(token, []byte(`"answered"`)); err != nil && !errors.Is(err, asl.ErrClosed) {
					panic(err)
				}
			})
			return []byte(`{}`), nil
		}
		return echo(ctx, t)
	}
}

// tokenIn finds the token among the parameters of the task that waits for it.
func tokenIn(t *testing.T, history []asl.Event) string {
	t.Helper()
	for _, event := range history {
		var parameters struct{ Token string }
		if event.ResourceType == "sqs" && event.Type == "TaskScheduled" {
			if err := json.Unmarshal(event.Parameters, &parameters); err != nil {
				t.Fatal(err)
			}
			return parameters.Token
		}
	}
	t.Fatal("no token")
	return ""
}

func heap() uint64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}

func TestExecutionsGoOnAfterARestart(t *testing.T) {
	for stop := 0 * time.Millisecond; stop < 5*time.Second; stop += 250 * time.Millisecond {
		t.Run(stop.String(), func(t *testing.T) {
			folder := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				var e *asl.Engine
				var err error
				if e, err = asl.New(asl.Options{Journal: open(t, folder), Tasks: answering(&e)}); err != nil {
					t.Fatal(err)
				}
				started, err := e.Start(t.Context(), asl.StartInput{Machine: machine(t, busy), MachineARN: machineARN, Name: "n", Input: []byte(`{"list":[1,2,3]}`)})
				if err != nil {
					t.Fatal(err)
				}
				time.Sleep(stop)
				synctest.Wait()
				before, err := e.Events(started.ExecutionARN)
				if err != nil {
					t.Fatal(err)
				}
				if err := e.Close(); err != nil {
					t.Fatal(err)
				}
				again, err := asl.New(asl.Options{Journal: open(t, folder), Tasks: answering(&e)})
				if err != nil {
					t.Fatal(err)
				}
				e = again
				after, err := e.Events(started.ExecutionARN)
				if err != nil {
					t.Fatal(err)
				}
				if len(after) < len(before) || !reflect.DeepEqual(before, after[:len(before)]) {
					t.Errorf("history changed:\n%s\n\n%s", events(before), events(after))
				}
				// A token that was handed out before the restart is still good.
				for _, event := range before {
					if event.Type == "TaskSubmitted" {
						token := tokenIn(t, before)
						time.AfterFunc(time.Second, func() { _ = e.SendTaskSuccess(token, []byte(`"answered"`)) })
					}
				}
				result, err := e.Wait(t.Context(), started.ExecutionARN)
				if err != nil {
					t.Fatal(err)
				}
				if want := `[{"v":"w"},{"list":[1,2,3]},{"Error":"Boom","Cause":"it went off"},[1,2,3],"answered"]`; string(result.Output) != want {
					t.Errorf("output %s, error %s %s", result.Output, result.Error, result.Cause)
				}
				if err := e.Close(); err != nil {
					t.Fatal(err)
				}
			})
		})
	}
}

// cutAnywhere calls check with the journal of a folder, cut at every byte: once
// for each number of records that are left.
func cutAnywhere(t *testing.T, folder string, check func(cut int, left *journal.Journal)) {
	t.Helper()
	bytes, err := os.ReadFile(filepath.Join(folder, "00000001.log"))
	if err != nil {
		t.Fatal(err)
	}
	last := -1
	part := t.TempDir()
	for cut := range bytes {
		if err := os.WriteFile(filepath.Join(part, "00000001.log"), bytes[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		left := open(t, part)
		records := 0
		if err := left.Replay(func([]byte) error { records++; return nil }); err != nil {
			t.Fatalf("cut at %d: %v", cut, err)
		}
		if err := left.Close(); err != nil {
			t.Fatal(err)
		}
		if records != last {
			check(cut, open(t, part))
		}
		last = records
	}
}

// timeless is a history without times: a map run that needs no task goes on before
// its history can be looked at.
func timeless(history []asl.Event) []asl.Event {
	history = slices.Clone(history)
	for i := range history {
		history[i].Timestamp = time.Time{}
	}
	return history
}

// TestAnyCut cuts the journal at every byte: what is restored is a beginning of
// the history that was, and the execution ends as it would have. It fails once,
// and is redriven.
func TestAnyCut(t *testing.T) {
	for _, c := range []struct{ does, definition, input string }{
		{"branches and iterations", `{"StartAt":"P","States":{"P":{"Type":"Parallel","Next":"Done","Branches":[
			{"StartAt":"T","States":{"T":{"Type":"Task","Resource":"` + function + `x","End":true}}},
			{"StartAt":"C","States":{"C":{"Type":"Task","Resource":"` + function + `boom","Catch":[{"ErrorEquals":["Boom"],"Next":"C2"}],"End":true},"C2":{"Type":"Succeed"}}},
			{"StartAt":"M","States":{"M":{"Type":"Map","ItemsPath":"$.list","MaxConcurrency":2,"End":true,"ItemProcessor":{
				"StartAt":"I","States":{"I":{"Type":"Task","Resource":"` + function + `x","Next":"B"},"B":{"Type":"Task","Resource":"` + function + `broken","End":true}}}}}}]},
			"Done":{"Type":"Task","Resource":"` + function + `x","End":true}}}`, `{"list":[1,2,3]}`},
		{"a map run of Standard executions", mapping("STANDARD", `"MaxConcurrency":2,"ItemBatcher":{"MaxItemsPerBatch":2},`,
			`"I":{"Type":"Task","Resource":"`+function+`x","Next":"B"},"B":{"Type":"Task","Resource":"`+function+`broken","End":true}`), `[1,2,3,4,5,6,7]`},
		{"a map run of Express executions", mapping("EXPRESS", `"ToleratedFailureCount":1,`,
			`"I":{"Type":"Task","Resource":"`+function+`x","Next":"B"},"B":{"Type":"Task","Resource":"`+function+`broken","End":true}`), `[1,2,3]`},
	} {
		t.Run(c.does, func(t *testing.T) {
			folder := t.TempDir()
			var repaired atomic.Bool
			gate := make(chan struct{})
			e, err := asl.New(asl.Options{Journal: open(t, folder), Tasks: mended(&repaired, gate)})
			if err != nil {
				t.Fatal(err)
			}
			started, err := e.Start(t.Context(), asl.StartInput{Machine: machine(t, c.definition), MachineARN: machineARN, Name: "n", Input: []byte(c.input)})
			if err != nil {
				t.Fatal(err)
			}
			want := finish(t, e, started.ExecutionARN, &repaired, gate)
			if want.Status != asl.StatusSucceeded {
				t.Fatal(want)
			}
			full, err := e.Events(started.ExecutionARN)
			if err != nil {
				t.Fatal(err)
			}
			if err := e.Close(); err != nil {
				t.Fatal(err)
			}
			restored := map[int]bool{}
			cutAnywhere(t, folder, func(cut int, left *journal.Journal) {
				gate := make(chan struct{})
				e, err := asl.New(asl.Options{Journal: left, Tasks: mended(&repaired, gate)})
				if err != nil {
					t.Fatalf("cut at %d: %v", cut, err)
				}
				events, err := e.Events(started.ExecutionARN)
				switch {
				case errors.Is(err, asl.ErrExecutionDoesNotExist):
					close(gate)
				case err != nil:
					t.Fatalf("cut at %d: %v", cut, err)
				case len(events) > len(full) || !reflect.DeepEqual(timeless(events), timeless(full[:len(events)])):
					t.Fatalf("cut at %d: another history", cut)
				default:
					restored[len(events)] = true
					if got := finish(t, e, started.ExecutionARN, &repaired, gate); string(got.Output) != string(want.Output) {
						t.Fatalf("cut at %d: %s %s", cut, got.Output, got.Cause)
					}
					for _, run := range e.MapRuns(started.ExecutionARN) {
						if run.Status != asl.StatusSucceeded || run.Executions.Succeeded != run.Executions.Total || run.Items.Succeeded != run.Items.Total {
							t.Fatalf("cut at %d: %+v", cut, run)
						}
					}
				}
				if err := e.Close(); err != nil {
					t.Fatal(err)
				}
			})
			if len(restored) < 3 {
				t.Errorf("%d different cuts", len(restored))
			}
		})
	}
}

func TestNames(t *testing.T) {
	e, m := engine(t, asl.Options{}), machine(t, `{"StartAt":"A","States":{"A":{"Type":"Wait","Seconds":1000,"End":true}}}`)
	start := func(name, input string) (asl.Started, error) {
		return e.Start(t.Context(), asl.StartInput{Machine: m, MachineARN: machineARN, Name: name, Input: []byte(input)})
	}
	first, err := start("n", `{"a":1}`)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := start("n", `{"a":1}`); err != nil || again.ExecutionARN != first.ExecutionARN || !again.Existing {
		t.Errorf("same name and input: %+v, %v", again, err)
	}
	if _, err := start("n", `{"a":2}`); !errors.Is(err, asl.ErrExecutionAlreadyExists) {
		t.Errorf("same name, other input: %v", err)
	}
	if _, err := e.Stop(first.ExecutionARN, "E", "C"); err != nil {
		t.Error(err)
	}
	if _, err := start("n", `{"a":1}`); !errors.Is(err, asl.ErrExecutionAlreadyExists) {
		t.Errorf("name of an execution that has ended: %v", err)
	}
	if _, err := start("a b", `1`); !errors.Is(err, asl.ErrInvalidName) {
		t.Errorf("bad name: %v", err)
	}
	if _, err := start("m", `{`); !errors.Is(err, asl.ErrInvalidInput) {
		t.Errorf("bad input: %v", err)
	}
	d, err := e.Describe(first.ExecutionARN)
	if err != nil || d.Status != asl.StatusAborted || d.Error != "E" || d.Cause != "C" {
		t.Errorf("%+v %v", d, err)
	}
}

func BenchmarkRestore(b *testing.B) {
	const n = 100_000
	folder := b.TempDir()
	m := machine(b, `{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"W"},"W":{"Type":"Wait","Seconds":100000,"End":true}}}`)
	j, err := journal.Open(folder, journal.Options{NoSync: true})
	if err != nil {
		b.Fatal(err)
	}
	e, err := asl.New(asl.Options{Journal: j})
	if err != nil {
		b.Fatal(err)
	}
	var all sync.WaitGroup
	for w := range 64 {
		all.Go(func() {
			for i := w; i < n; i += 64 {
				if _, err := e.Start(b.Context(), asl.StartInput{Machine: m, MachineARN: machineARN, Name: fmt.Sprint(i),
					Input: []byte(`{"hello":"world","n":1}`)}); err != nil {
					b.Error(err)
				}
			}
		})
	}
	all.Wait()
	if err := e.Close(); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		j, err := journal.Open(folder, journal.Options{NoSync: true})
		if err != nil {
			b.Fatal(err)
		}
		before := heap()
		e, err := asl.New(asl.Options{Journal: j})
		if err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		b.ReportMetric(float64(heap()-before)/n, "B/waiting")
		if page, _ := e.List(asl.Listing{Status: asl.StatusRunning, Limit: 1}); len(page) != 1 {
			b.Fatal("nothing runs")
		}
		if err := e.Close(); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
}

func TestAJournalIsRewrittenWithoutWhatWasPruned(t *testing.T) {
	folder := t.TempDir()
	j := open(t, folder)
	e, err := asl.New(asl.Options{Journal: j, RetainEnded: 2, CompactAt: 20_000})
	if err != nil {
		t.Fatal(err)
	}
	waiting := startOne(t, e, `{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":1000,"End":true}}}`, `{}`)
	m := machine(t, chain(10, passState))
	for range 500 {
		execute(t, e, m, []byte(`{}`))
	}
	if size := j.Size(); size > 60_000 {
		t.Errorf("the journal takes %d bytes", size)
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	if e, err = asl.New(asl.Options{Journal: open(t, folder)}); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	}()
	if d, err := e.Describe(waiting); err != nil || d.Status != asl.StatusRunning {
		t.Errorf("%+v %v", d, err)
	}
	if page, _ := e.List(asl.Listing{}); len(page) > 4 {
		t.Errorf("%d executions are left", len(page))
	}
	execute(t, e, m, []byte(`{}`))
}
