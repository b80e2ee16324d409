package asl_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mayfly-dev/mayfly/local/asl"
)

// mapping is a machine with one distributed map.
func mapping(kind, fields, states string) string {
	return `{"StartAt":"M","States":{"M":{"Type":"Map","Label":"m","End":true,` + fields + `"ItemProcessor":{
		"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"` + kind + `"},"StartAt":"I","States":{` + states + `}}}}}`
}

// brokenAt is the states of a child execution that waits as long as its item
// says, and then fails until everything is mended.
const brokenAt = `"I":{"Type":"Wait","SecondsPath":"$","Next":"B"},"B":{"Type":"Task","Resource":"` + function + `broken","End":true}`

// onlyMap returns the map run of an execution that has one.
func onlyMap(t *testing.T, e *asl.Engine, execution string) asl.MapRun {
	t.Helper()
	runs := e.MapRuns(execution)
	if len(runs) != 1 {
		t.Fatalf("%d map runs", len(runs))
	}
	return runs[0]
}

// children lists a map run's executions, the oldest first.
func children(t *testing.T, e *asl.Engine, run string) []asl.Description {
	t.Helper()
	var all []asl.Description
	listing := asl.Listing{MapRunARN: run, Limit: 2}
	for {
		page, token := e.List(listing)
		all = append(page, all...)
		for i, j := 0, len(page)-1; i < j; i, j = i+1, j-1 {
			all[i], all[j] = all[j], all[i]
		}
		if token == "" {
			return all
		}
		listing.Token = token
	}
}

// stand writes where the child executions stand: "SUCCEEDED/0" with the number
// of redrives.
func stand(all []asl.Description) string {
	var words []string
	for _, d := range all {
		words = append(words, fmt.Sprintf("%s/%d", d.Status, d.RedriveCount))
	}
	return strings.Join(words, " ")
}

func TestMapRunsAreRedrivenInPlace(t *testing.T) {
	for _, c := range []struct {
		does, definition, input string
		stop                    time.Duration
		before, after           string // where the children stand
		output, calls, events   string
		again                   int // how many map runs there are in the end
	}{
		{
			does: "Standard executions go on from where they failed", definition: mapping("STANDARD", "", brokenAt),
			input: `[2,1,5]`, before: "ABORTED/0 FAILED/0 ABORTED/0", after: "SUCCEEDED/1 SUCCEEDED/1 SUCCEEDED/1",
			output: `[2,1,5]`, calls: "broken1 broken2 broken5",
			events: `7<6 ExecutionFailed
8<7 ExecutionRedriven
9<3 MapRunRedriven
10<9 MapRunSucceeded
11<10 MapStateSucceeded
12<9 MapStateExited
13<12 ExecutionSucceeded`,
		},
		{
			does: "what was pending is started", definition: mapping("STANDARD", `"MaxConcurrency":1,`, brokenAt),
			input: `[1,2,3]`, before: "FAILED/0", after: "SUCCEEDED/1 SUCCEEDED/0 SUCCEEDED/0",
			output: `[1,2,3]`, calls: "broken1 broken2 broken3",
		},
		{
			does:       "what succeeded stays",
			definition: mapping("STANDARD", "", `"I":{"Type":"Choice","Choices":[{"Variable":"$","NumericEquals":0,"Next":"A"}],"Default":"B"},"A":{"Type":"Task","Resource":"`+function+`a","End":true},"B":{"Type":"Wait","SecondsPath":"$","Next":"C"},"C":{"Type":"Task","Resource":"`+function+`broken","End":true}`),
			input:      `[0,1,0]`, before: "SUCCEEDED/0 FAILED/0 SUCCEEDED/0", after: "SUCCEEDED/0 SUCCEEDED/1 SUCCEEDED/0",
			output: `[0,1,0]`, calls: "broken1",
		},
		{
			does: "Express executions begin anew", definition: mapping("EXPRESS", "", brokenAt),
			input: `[2,1]`, before: "FAILED/0 FAILED/0", after: "SUCCEEDED/1 SUCCEEDED/1",
			output: `[2,1]`, calls: "broken1 broken2",
		},
		{
			does: "batches are what they were", definition: mapping("STANDARD", `"MaxConcurrency":1,"ItemBatcher":{"MaxItemsPerBatch":2},`,
				`"I":{"Type":"Task","Resource":"`+function+`broken","End":true}`),
			input: `[1,2,3]`, before: "FAILED/0", after: "SUCCEEDED/1 SUCCEEDED/0",
			output: `[{"Items":[1,2]},{"Items":[3]}]`, calls: `broken{"Items":[1,2]} broken{"Items":[3]}`,
		},
		{
			does: "a stopped execution's map run goes on", definition: mapping("STANDARD", `"MaxConcurrency":2,`, brokenAt),
			input: `[9,9,1]`, stop: time.Second, before: "ABORTED/0 ABORTED/0", after: "SUCCEEDED/1 SUCCEEDED/1 SUCCEEDED/0",
			output: `[9,9,1]`, calls: "broken9 broken9 broken1",
			events: `5<0 ExecutionAborted
6<5 ExecutionRedriven
7<3 MapRunRedriven
8<7 MapRunSucceeded
9<8 MapStateSucceeded
10<7 MapStateExited
11<10 ExecutionSucceeded`,
		},
		{
			does: "in a branch, beside what had succeeded",
			definition: `{"StartAt":"P","States":{"P":{"Type":"Parallel","End":true,"Branches":[
				{"StartAt":"A","States":{"A":{"Type":"Task","Resource":"` + function + `a","End":true}}},
				{"StartAt":"M","States":{"M":{"Type":"Map","Label":"m","End":true,"ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"},
					"StartAt":"I","States":{` + brokenAt + `}}}}},
				{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":1,"Next":"F"},"F":{"Type":"Task","Resource":"` + function + `broken","End":true}}}]}}}`,
			input: `[5,5]`, before: "ABORTED/0 ABORTED/0", after: "SUCCEEDED/1 SUCCEEDED/1",
			output: `[[5,5],[5,5],[5,5]]`, calls: "broken[5,5] broken5 broken5",
		},
		{
			does:       "another begins when what was made of the results failed",
			definition: mapping("STANDARD", `"OutputPath":"$[7]",`, `"I":{"Type":"Task","Resource":"`+function+`a","End":true}`),
			input:      `[1]`, before: "SUCCEEDED/0", after: "SUCCEEDED/0", calls: "a1", again: 2,
		},
		{
			does:       "another begins when the results were too much",
			definition: mapping("STANDARD", "", `"I":{"Type":"Task","Resource":"`+function+`half","End":true}`),
			input:      `[1,2]`, before: "SUCCEEDED/0 SUCCEEDED/0", after: "SUCCEEDED/0 SUCCEEDED/0", calls: "half1 half2", again: 2,
		},
	} {
		t.Run(c.does, func(t *testing.T) {
			folder := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				tasks := &workshop{}
				e, err := asl.New(asl.Options{Tasks: tasks, Journal: open(t, folder)})
				if err != nil {
					t.Fatal(err)
				}
				defer func() {
					if err := e.Close(); err != nil {
						t.Error(err)
					}
				}()
				started, err := e.Start(t.Context(), asl.StartInput{Machine: machine(t, c.definition), MachineARN: machineARN, Input: []byte(c.input)})
				if err != nil {
					t.Fatal(err)
				}
				execution := started.ExecutionARN
				if c.stop > 0 {
					time.Sleep(c.stop)
					if _, err := e.Stop(execution, "", ""); err != nil {
						t.Fatal(err)
					}
				}
				if result, err := e.Wait(t.Context(), execution); err != nil || result.Status == asl.StatusSucceeded {
					t.Fatalf("%+v %v", result, err)
				}
				synctest.Wait()
				run := onlyMap(t, e, execution)
				if got := stand(children(t, e, run.MapRunARN)); got != c.before {
					t.Errorf("before the redrive %s", got)
				}
				tasks.mend()
				if _, err := e.Redrive(execution, ""); err != nil {
					t.Fatal(err)
				}
				result, err := e.Wait(t.Context(), execution)
				if err != nil || string(result.Output) != c.output {
					t.Errorf("output %s, error %s %s %v", result.Output, result.Error, result.Cause, err)
				}
				runs := e.MapRuns(execution)
				if len(runs) != max(c.again, 1) || c.again == 0 && (runs[0].RedriveCount != 1 || runs[0].RedriveDate.IsZero() || runs[0].MapRunARN != run.MapRunARN) {
					t.Fatalf("map runs %+v", runs)
				}
				if got := stand(children(t, e, runs[0].MapRunARN)); got != c.after {
					t.Errorf("after the redrive %s", got)
				}
				if calls := strings.Join(tasks.calls, " "); !sameWords(calls, c.calls) {
					t.Errorf("called %s, want %s", calls, c.calls)
				}
				history, err := e.Events(execution)
				if err != nil {
					t.Fatal(err)
				}
				if c.events != "" && tail(history) != c.events {
					t.Errorf("history\n%s", tail(history))
				}
				total := len(children(t, e, runs[0].MapRunARN))
				if counts := runs[0].Executions; counts.Total != total || c.again == 0 && counts.Succeeded != total || counts.PendingRedrive != 0 || counts.Pending != 0 {
					t.Errorf("counts %+v", counts)
				}
				before := fmt.Sprintf("%+v %s", runs, stand(children(t, e, run.MapRunARN)))
				if err := e.Close(); err != nil {
					t.Fatal(err)
				}
				if e, err = asl.New(asl.Options{Tasks: tasks, Journal: open(t, folder)}); err != nil {
					t.Fatal(err)
				}
				if after := fmt.Sprintf("%+v %s", e.MapRuns(execution), stand(children(t, e, run.MapRunARN))); after != before {
					t.Errorf("restored\n%s\nnot\n%s", after, before)
				}
			})
		})
	}
}

// sameWords says whether two texts have the same words, in any order.
func sameWords(a, b string) bool {
	count := map[string]int{}
	for _, word := range strings.Fields(a) {
		count[word]++
	}
	for _, word := range strings.Fields(b) {
		count[word]--
	}
	for _, n := range count {
		if n != 0 {
			return false
		}
	}
	return true
}

// TestMapRunsWithinMapRunsAreRedriven has child executions with maps of their own.
func TestMapRunsWithinMapRunsAreRedriven(t *testing.T) {
	folder := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		tasks := &workshop{}
		definition := mapping("STANDARD", "", `"I":{"Type":"Map","Label":"n","End":true,"ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"},
			"StartAt":"C","States":{"C":{"Type":"Choice","Choices":[{"Variable":"$","NumericEquals":2,"Next":"B"}],"Default":"A"},
			"A":{"Type":"Task","Resource":"`+function+`a","End":true},"B":{"Type":"Wait","Seconds":1,"Next":"D"},"D":{"Type":"Task","Resource":"`+function+`broken","End":true}}}}`)
		e, err := asl.New(asl.Options{Tasks: tasks, Journal: open(t, folder)})
		if err != nil {
			t.Fatal(err)
		}
		started, err := e.Start(t.Context(), asl.StartInput{Machine: machine(t, definition), MachineARN: machineARN, Input: []byte(`[[1,2],[3]]`)})
		if err != nil {
			t.Fatal(err)
		}
		if result, err := e.Wait(t.Context(), started.ExecutionARN); err != nil || result.Error != asl.ErrorExceedTolerated {
			t.Fatal(result, err)
		}
		synctest.Wait()
		if err := e.Close(); err != nil {
			t.Fatal(err)
		}
		if e, err = asl.New(asl.Options{Tasks: tasks, Journal: open(t, folder)}); err != nil {
			t.Fatal(err)
		}
		tasks.mend()
		if _, err := e.Redrive(started.ExecutionARN, ""); err != nil {
			t.Fatal(err)
		}
		result, err := e.Wait(t.Context(), started.ExecutionARN)
		if err != nil || string(result.Output) != `[[1,2],[3]]` || strings.Join(tasks.calls, " ") != "broken2" {
			t.Errorf("%s %s, called %v, %v", result.Output, result.Cause, tasks.calls, err)
		}
		outer := children(t, e, onlyMap(t, e, started.ExecutionARN).MapRunARN)
		if stand(outer) != "SUCCEEDED/1 SUCCEEDED/0" {
			t.Errorf("outer %s", stand(outer))
		}
		inner := onlyMap(t, e, outer[0].ExecutionARN)
		if all := children(t, e, inner.MapRunARN); stand(all) != "SUCCEEDED/0 SUCCEEDED/1" || inner.RedriveCount != 1 || all[0].MachineARN != machineARN+"/m/n" {
			t.Errorf("inner %s, %+v", stand(all), inner)
		}
		if err := e.Close(); err != nil {
			t.Fatal(err)
		}
	})
}
