package asl_test

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"pgregory.net/rapid"

	"github.com/mayfly-dev/mayfly/local/asl"
)

// generated draws a valid flow of states, whose names begin with prefix.
func generated(t *rapid.T, depth int, prefix string) string {
	n := rapid.IntRange(1, 5).Draw(t, "states")
	var states []string
	for i := range n {
		next := `"End":true`
		if i < n-1 {
			next = fmt.Sprintf(`"Next":"%s%d"`, prefix, i+1)
		}
		last := fmt.Sprintf("%s%d", prefix, n-1)
		inner := fmt.Sprintf("%s%d_", prefix, i)
		kinds := 6
		if depth > 0 {
			kinds = 8
		}
		state := ""
		switch rapid.IntRange(0, kinds-1).Draw(t, "kind") {
		case 0:
			state = `{"Type":"Pass","Result":{"k":` + fmt.Sprint(i) + `},"ResultPath":"$.r",` + next + `}`
		case 1:
			state = `{"Type":"Pass","Parameters":{"in.$":"$","id.$":"$$.Execution.Id","f.$":"States.Format('{}-{}', $$.State.Name, 1)"},` + next + `}`
		case 2:
			state = `{"Type":"Wait","Seconds":` + fmt.Sprint(rapid.IntRange(0, 100).Draw(t, "seconds")) + `,` + next + `}`
		case 3:
			name := rapid.SampledFrom([]string{"x", "boom", "flaky", "one", "big", "broken"}).Draw(t, "function")
			more := rapid.SampledFrom([]string{``, `"Retry":[{"ErrorEquals":["States.ALL"],"MaxAttempts":2}],`,
				`"Catch":[{"ErrorEquals":["States.ALL"],"ResultPath":"$.e","Next":"` + last + `"}],`, `"ResultPath":"$.task",`, `"TimeoutSeconds":10,`}).Draw(t, "more")
			if name == "broken" {
				more = "" // nobody notices but by the execution's failure
			}
			state = `{"Type":"Task","Resource":"` + function + name + `",` + more + next + `}`
		case 4, 5:
			// A choice leads on, so that every state can be reached.
			state = `{"Type":"Choice","Choices":[{"Variable":"$.r","IsPresent":true,"Next":"` + last + `"},
				{"Variable":"$.task","IsPresent":true,"Next":"` + fmt.Sprintf("%s%d", prefix, i+1) + `"}],"Default":"` + last + `"}`
			if i == n-1 {
				state = rapid.SampledFrom([]string{`{"Type":"Succeed"}`, `{"Type":"Fail","Error":"E"}`}).Draw(t, "end")
			}
		case 6:
			state = `{"Type":"Parallel","Branches":[` + generated(t, depth-1, inner+"a") + `,` + generated(t, depth-1, inner+"b") + `],` + next + `}`
		default:
			state = `{"Type":"Map","ItemsPath":"$$.Execution.Input.list","MaxConcurrency":` + fmt.Sprint(rapid.IntRange(0, 3).Draw(t, "concurrency")) +
				`,"ItemProcessor":` + generated(t, depth-1, inner) + `,` + next + `}`
		}
		states = append(states, fmt.Sprintf(`"%s%d":%s`, prefix, i, state))
	}
	return `{"StartAt":"` + prefix + `0","States":{` + strings.Join(states, ",") + `}}`
}

// mended is echo whose function "broken" works when repaired is set. Nothing is
// answered before gate is closed.
func mended(repaired *atomic.Bool, gate <-chan struct{}) asl.TaskFunc {
	return func(ctx context.Context, t asl.Task) ([]byte, error) {
		<-gate
		if strings.HasSuffix(t.Resource, ":broken") && !repaired.Load() {
			return nil, &asl.TaskError{Name: "Broken"}
		}
		return echo(ctx, t)
	}
}

// finish brings an execution to its end, and on from there by a redrive with
// everything mended when it had failed and was not redriven before.
func finish(t *testing.T, e *asl.Engine, execution string, repaired *atomic.Bool, gate chan struct{}) asl.Result {
	t.Helper()
	d, err := e.Describe(execution)
	if err != nil {
		t.Fatal(err)
	}
	repaired.Store(d.RedriveCount > 0)
	close(gate)
	result, err := e.Wait(t.Context(), execution)
	if err != nil {
		t.Fatal(err)
	}
	after, err := e.Describe(execution)
	if err != nil {
		t.Fatal(err)
	}
	if d.RedriveCount > 0 || after.RedriveStatus != asl.Redrivable {
		return result // or it has run in a circle to the limit of events
	}
	repaired.Store(true)
	if _, err := e.Redrive(execution, "token"); err != nil {
		t.Fatal(err)
	}
	if result, err = e.Wait(t.Context(), execution); err != nil {
		t.Fatal(err)
	}
	return result
}

// TestAnyMachineEndsAndItsJournalGivesTheSameHistory runs generated machines in
// virtual time, and redrives those that fail.
func TestAnyMachineEndsAndItsJournalGivesTheSameHistory(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		definition := generated(r, 2, "S")
		m, err := asl.Parse([]byte(definition))
		if err != nil {
			r.Fatalf("%s: %v", definition, err)
		}
		kept := &memory{}
		var problem string
		synctest.Test(t, func(t *testing.T) {
			var repaired atomic.Bool
			gate := make(chan struct{})
			e, err := asl.New(asl.Options{Journal: kept, Tasks: mended(&repaired, gate)})
			if err != nil {
				t.Fatal(err)
			}
			started, err := e.Start(t.Context(), asl.StartInput{Machine: m, MachineARN: machineARN, Name: "n", Input: []byte(`{"list":[1,{"a":2},"c"]}`)})
			if err != nil {
				t.Fatal(err)
			}
			result := finish(t, e, started.ExecutionARN, &repaired, gate)
			if (result.Status == asl.StatusSucceeded) != (result.Error == "") || result.Status == asl.StatusSucceeded && !json.Valid(result.Output) {
				problem = fmt.Sprintf("ended %+v", result)
			}
			before, err := e.Events(started.ExecutionARN)
			if err != nil {
				t.Fatal(err)
			}
			for i, event := range before {
				if event.ID != int64(i+1) || event.PreviousID >= event.ID {
					problem = fmt.Sprintf("event %d has id %d after %d", i+1, event.ID, event.PreviousID)
				}
			}
			if err := e.Close(); err != nil {
				t.Fatal(err)
			}
			again, err := asl.New(asl.Options{Journal: kept, Tasks: asl.TaskFunc(echo)})
			if err != nil {
				t.Fatal(err)
			}
			after, err := again.Events(started.ExecutionARN)
			if err != nil || !reflect.DeepEqual(before, after) {
				problem = fmt.Sprintf("restored another history: %v", err)
			}
			if err := again.Close(); err != nil {
				t.Fatal(err)
			}
			// Each beginning of the journal is a state from which it ends the same way;
			// which of two failing branches fails first is up to chance.
			records := kept.records
			for n := 1; n < len(records); n += 1 + len(records)/8 {
				gate := make(chan struct{})
				part, err := asl.New(asl.Options{Journal: &memory{records: records[:n:n]}, Tasks: mended(&repaired, gate)})
				if err != nil {
					t.Fatal(err)
				}
				if _, err := part.Describe(started.ExecutionARN); err != nil {
					close(gate)
				} else if got := finish(t, part, started.ExecutionARN, &repaired, gate); got.Status != result.Status || string(got.Output) != string(result.Output) {
					problem = fmt.Sprintf("cut after %d of %d: %+v, not %+v", n, len(records), got, result)
				}
				if err := part.Close(); err != nil {
					t.Fatal(err)
				}
			}
		})
		if problem != "" {
			r.Fatalf("%s: %s", definition, problem)
		}
	})
}

// memory is a journal that keeps records in memory.
type memory struct{ records [][]byte }

func (m *memory) Replay(each func([]byte) error) error {
	for _, record := range m.records {
		if err := each(record); err != nil {
			return err
		}
	}
	return nil
}

func (m *memory) Append(records [][]byte) error {
	for _, record := range records {
		m.records = append(m.records, append([]byte(nil), record...))
	}
	return nil
}

func (m *memory) Compact(func(func([]byte) error) error) error { return context.Canceled }
func (m *memory) Size() int64                                  { return 0 }
func (m *memory) Close() error                                 { return nil }
