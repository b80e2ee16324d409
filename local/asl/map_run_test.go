package asl_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mayfly-dev/mayfly/local/asl"
)

// failing is the states of a child execution that fails when its item, or the
// first of its batch, is odd.
const failing = `"I":{"Type":"Task","Resource":"` + function + `odd","End":true}`

func odd(ctx context.Context, task asl.Task) ([]byte, error) {
	if strings.HasSuffix(task.Resource, ":odd") {
		digits := strings.TrimPrefix(string(task.Input), `{"Items":[`)
		if (digits[0]-'0')%2 == 1 {
			return nil, &asl.TaskError{Name: "Odd"}
		}
	}
	return echo(ctx, task)
}

func TestToleratedFailures(t *testing.T) {
	const jsonata = `"QueryLanguage":"JSONata",`
	for _, c := range []struct{ does, fields, input, failed string }{
		{"none by itself", ``, `[1,2,4,6]`, asl.ErrorExceedTolerated},
		{"none at all", `"ToleratedFailureCount":0,`, `[2,4]`, ""},
		{"as many as the count", `"ToleratedFailureCount":2,`, `[1,3,4,6]`, ""},
		{"not one more than the count", `"ToleratedFailureCount":2,`, `[1,3,5,6]`, asl.ErrorExceedTolerated},
		{"as many as the percentage", `"ToleratedFailurePercentage":50,`, `[1,3,4,6]`, ""},
		{"not one more than the percentage", `"ToleratedFailurePercentage":50,`, `[1,3,5,6]`, asl.ErrorExceedTolerated},
		{"a fraction of a percent", `"ToleratedFailurePercentage":33.3,`, `[1,2,4]`, asl.ErrorExceedTolerated},
		{"everything", `"ToleratedFailurePercentage":100,`, `[1,3,5]`, ""},
		{"not more than the count, whatever the percentage", `"ToleratedFailureCount":1,"ToleratedFailurePercentage":100,`, `[1,3,4]`, asl.ErrorExceedTolerated},
		{"not more than the percentage, whatever the count", `"ToleratedFailureCount":9,"ToleratedFailurePercentage":10,`, `[1,2,4]`, asl.ErrorExceedTolerated},
		{"a failed batch is as many failures as it has items", `"ToleratedFailureCount":1,"ItemBatcher":{"MaxItemsPerBatch":2},`, `[1,2,4,6]`, asl.ErrorExceedTolerated},
		{"a batch's share of the items", `"ToleratedFailurePercentage":50,"ItemBatcher":{"MaxItemsPerBatch":2},`, `[1,2,4,6]`, ""},
		{"a count in the input", `"ToleratedFailureCountPath":"$[0]",`, `[1,2,4]`, ""},
		{"a percentage in the input", `"ToleratedFailurePercentagePath":"$[1]",`, `[2,40,1]`, ""},
		{"a count that is computed", jsonata + `"ToleratedFailureCount":"{% $states.input[0] %}",`, `[1,2,4]`, ""},
		{"a percentage that is computed", jsonata + `"ToleratedFailurePercentage":"{% 100 / 2 %}",`, `[1,2]`, ""},
		{"a count below zero", `"ToleratedFailureCountPath":"$[0]",`, `[-1]`, asl.ErrorRuntime},
		{"a percentage over a hundred", `"ToleratedFailurePercentagePath":"$[0]",`, `[101]`, asl.ErrorRuntime},
		{"a percentage over a hundred that is computed", jsonata + `"ToleratedFailurePercentage":"{% 101 %}",`, `[2]`, asl.ErrorQueryEvaluation},
		{"a count that is a text", jsonata + `"ToleratedFailureCount":"{% 'x' %}",`, `[2]`, asl.ErrorQueryEvaluation},
	} {
		t.Run(c.does, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := engine(t, asl.Options{Tasks: asl.TaskFunc(odd)})
				execution := startOne(t, e, mapping("STANDARD", c.fields, failing), c.input)
				result, err := e.Wait(t.Context(), execution)
				if err != nil || result.Error != c.failed || (c.failed == "") != (result.Status == asl.StatusSucceeded) {
					t.Errorf("%s: error %s %s, %v", result.Status, result.Error, result.Cause, err)
				}
			})
		})
	}
}

func TestMapRunsCountItemsAndExecutions(t *testing.T) {
	type counts = asl.MapRunCounts
	for _, c := range []struct {
		does, definition, input string
		after                   time.Duration // how long it has run
		items, executions       counts
	}{
		{
			"while it runs", mapping("STANDARD", `"MaxConcurrency":2,"ItemBatcher":{"MaxItemsPerBatch":2},`, `"I":{"Type":"Wait","Seconds":10,"End":true}`),
			`[1,2,3,4,5,6,7]`, 15 * time.Second,
			counts{Running: 3, Succeeded: 4, Total: 7}, counts{Running: 2, Succeeded: 2, Total: 4},
		},
		{
			"what is pending", mapping("STANDARD", `"MaxConcurrency":1,"ItemBatcher":{"MaxItemsPerBatch":2},`, `"I":{"Type":"Wait","Seconds":10,"End":true}`),
			`[1,2,3,4,5]`, time.Second,
			counts{Pending: 3, Running: 2, Total: 5}, counts{Pending: 2, Running: 1, Total: 3},
		},
		{
			"in the end", mapping("STANDARD", `"ToleratedFailurePercentage":100,"ItemBatcher":{"MaxItemsPerBatch":2},`, failing),
			`[1,2,4,6,8]`, time.Second,
			counts{Succeeded: 3, Failed: 2, Total: 5, ResultsWritten: 5}, counts{Succeeded: 2, Failed: 1, Total: 3, ResultsWritten: 3},
		},
		{
			"when it fails", mapping("STANDARD", `"MaxConcurrency":2,`, `"I":{"Type":"Wait","SecondsPath":"$","Next":"F"},"F":{"Type":"Fail"}`),
			`[9,1,5,5]`, 2 * time.Second,
			counts{Pending: 2, Failed: 1, Aborted: 1, Total: 4, ResultsWritten: 2}, counts{Pending: 2, Failed: 1, Aborted: 1, Total: 4, ResultsWritten: 2},
		},
		{
			"when Express executions time out", mapping("EXPRESS", `"ToleratedFailurePercentage":100,`, `"I":{"Type":"Wait","SecondsPath":"$","End":true}`),
			`[1,1000]`, 10 * time.Minute,
			counts{Succeeded: 1, TimedOut: 1, Total: 2, ResultsWritten: 2}, counts{Succeeded: 1, TimedOut: 1, Total: 2, ResultsWritten: 2},
		},
		{
			"of nothing", mapping("STANDARD", "", keepStates), `[]`, time.Second, counts{}, counts{},
		},
	} {
		t.Run(c.does, func(t *testing.T) {
			folder := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				e, err := asl.New(asl.Options{Tasks: asl.TaskFunc(odd), Journal: open(t, folder)})
				if err != nil {
					t.Fatal(err)
				}
				started, err := e.Start(t.Context(), asl.StartInput{Machine: machine(t, c.definition), MachineARN: machineARN, Input: []byte(c.input)})
				if err != nil {
					t.Fatal(err)
				}
				for range 2 { // before a restart and after it
					time.Sleep(c.after)
					c.after = 0
					synctest.Wait()
					run := onlyMap(t, e, started.ExecutionARN)
					if run.Items != c.items || run.Executions != c.executions {
						t.Errorf("items %+v, executions %+v", run.Items, run.Executions)
					}
					for i, d := range children(t, e, run.MapRunARN) {
						if d.MapRunARN != run.MapRunARN || d.MachineARN != machineARN+"/m" || d.ItemCount == 0 || len(d.Name) != 36 && !d.Express {
							t.Errorf("child execution %d: %+v", i, d)
						}
					}
					if err := e.Close(); err != nil {
						t.Fatal(err)
					}
					if e, err = asl.New(asl.Options{Tasks: asl.TaskFunc(odd), Journal: open(t, folder)}); err != nil {
						t.Fatal(err)
					}
				}
				if err := e.Close(); err != nil {
					t.Fatal(err)
				}
			})
		})
	}
}

const keepStates = `"I":{"Type":"Pass","End":true}`

func TestAMapRunThatFailsStopsItsStandardExecutions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := engine(t, asl.Options{})
		const states = `"I":{"Type":"Wait","SecondsPath":"$","Next":"C"},"C":{"Type":"Choice","Choices":[{"Variable":"$","NumericEquals":1,"Next":"F"}],"Default":"K"},"F":{"Type":"Fail"},"K":{"Type":"Succeed"}`
		for kind, want := range map[string]string{"STANDARD": "ABORTED/0 FAILED/0 ABORTED/0", "EXPRESS": "SUCCEEDED/0 FAILED/0 SUCCEEDED/0"} {
			execution := startOne(t, e, mapping(kind, "", states), `[9,1,5]`)
			result, err := e.Wait(t.Context(), execution)
			if err != nil || result.Error != asl.ErrorExceedTolerated {
				t.Fatal(result, err)
			}
			run := onlyMap(t, e, execution)
			all := children(t, e, run.MapRunARN)
			if run.Status != asl.StatusFailed || stand(all) != want {
				t.Errorf("%s: %s, %s", kind, run.Status, stand(all))
			}
			if kind == "STANDARD" && (all[0].Cause != "The parent Map Run was stopped." || all[0].RedriveStatus != asl.RedrivableByMapRun) {
				t.Errorf("%+v", all[0])
			}
		}
	})
}

func TestMapRunsAreUpdated(t *testing.T) {
	folder := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		e, err := asl.New(asl.Options{Tasks: asl.TaskFunc(odd), Journal: open(t, folder)})
		if err != nil {
			t.Fatal(err)
		}
		definition := mapping("STANDARD", `"MaxConcurrency":1,`, `"I":{"Type":"Wait","Seconds":10,"Next":"J"},"J":{"Type":"Task","Resource":"`+function+`odd","End":true}`)
		started, err := e.Start(t.Context(), asl.StartInput{Machine: machine(t, definition), MachineARN: machineARN, Input: []byte(`[1,3,5,7,2,4,6]`)})
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		run := onlyMap(t, e, started.ExecutionARN)
		concurrency, count, percentage := 3, int64(3), 90.5
		err = e.UpdateMapRun(t.Context(), run.MapRunARN, asl.MapRunChange{MaxConcurrency: &concurrency, ToleratedFailureCount: &count, ToleratedFailurePercentage: &percentage})
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if run = onlyMap(t, e, started.ExecutionARN); run.Executions.Running != 3 || run.MaxConcurrency != 3 || run.ToleratedFailureCount != 3 || run.ToleratedFailurePercentage != 90.5 {
			t.Errorf("%+v", run)
		}
		if err := e.Close(); err != nil {
			t.Fatal(err)
		}
		if e, err = asl.New(asl.Options{Tasks: asl.TaskFunc(odd), Journal: open(t, folder)}); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if run = onlyMap(t, e, started.ExecutionARN); run.Executions.Running != 3 || run.MaxConcurrency != 3 || run.ToleratedFailureCount != 3 || run.ToleratedFailurePercentage != 90.5 {
			t.Errorf("restored %+v", run)
		}
		time.Sleep(10 * time.Second) // three have failed
		synctest.Wait()
		if run = onlyMap(t, e, started.ExecutionARN); run.Status != asl.StatusRunning || run.Executions.Failed != 3 || run.Executions.Running != 3 {
			t.Errorf("three failures are tolerated: %+v", run)
		}
		fewer := int64(2)
		if err := e.UpdateMapRun(t.Context(), run.MapRunARN, asl.MapRunChange{ToleratedFailureCount: &fewer}); err != nil {
			t.Fatal(err)
		}
		result, err := e.Wait(t.Context(), started.ExecutionARN)
		if err != nil || result.Error != asl.ErrorExceedTolerated {
			t.Errorf("three failures are not tolerated any more: %+v %v", result, err)
		}
		if err := e.UpdateMapRun(t.Context(), run.MapRunARN, asl.MapRunChange{ToleratedFailureCount: &fewer}); !errors.Is(err, asl.ErrMapRunEnded) {
			t.Errorf("update of a map run that has ended: %v", err)
		}
		if err := e.UpdateMapRun(t.Context(), "arn", asl.MapRunChange{}); !errors.Is(err, asl.ErrExecutionDoesNotExist) {
			t.Errorf("update of no map run: %v", err)
		}
		if err := e.Close(); err != nil {
			t.Fatal(err)
		}
	})
}

func TestRedrivenExecutionsWaitForTheirTurn(t *testing.T) {
	folder := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		e, err := asl.New(asl.Options{Journal: open(t, folder)})
		if err != nil {
			t.Fatal(err)
		}
		started, err := e.Start(t.Context(), asl.StartInput{Machine: machine(t, mapping("STANDARD", "", `"I":{"Type":"Wait","Seconds":10,"End":true}`)), MachineARN: machineARN, Input: []byte(`[1,2,3]`)})
		if err != nil {
			t.Fatal(err)
		}
		execution := started.ExecutionARN
		stop := func() {
			if _, err := e.Stop(execution, "", ""); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
		}
		redrive := func() {
			if _, err := e.Redrive(execution, ""); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
		}
		time.Sleep(time.Second)
		synctest.Wait()
		run, one := onlyMap(t, e, execution).MapRunARN, 1
		if err := e.UpdateMapRun(t.Context(), run, asl.MapRunChange{MaxConcurrency: &one}); err != nil {
			t.Fatal(err)
		}
		stop()
		redrive()
		for range 2 {
			if got := stand(children(t, e, run)); got != "RUNNING/1 PENDING_REDRIVE/0 PENDING_REDRIVE/0" {
				t.Errorf("redriven %s", got)
			}
			if page, _ := e.List(asl.Listing{MapRunARN: run, Status: asl.StatusPendingRedrive}); len(page) != 2 {
				t.Errorf("%d are to be redriven", len(page))
			}
			if counts := onlyMap(t, e, execution).Executions; counts != (asl.MapRunCounts{Running: 1, PendingRedrive: 2, Total: 3}) {
				t.Errorf("counts %+v", counts)
			}
			// It is so after a restart, too.
			if err := e.Close(); err != nil {
				t.Fatal(err)
			}
			if e, err = asl.New(asl.Options{Journal: open(t, folder)}); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
		}
		stop()
		if got := stand(children(t, e, run)); got != "ABORTED/1 ABORTED/0 ABORTED/0" {
			t.Errorf("stopped %s", got)
		}
		if d := onlyMap(t, e, execution); d.Status != asl.StatusAborted || d.Executions != (asl.MapRunCounts{Aborted: 3, Total: 3}) {
			t.Errorf("%+v", d)
		}
		redrive()
		if got := stand(children(t, e, run)); got != "RUNNING/2 PENDING_REDRIVE/0 PENDING_REDRIVE/0" {
			t.Errorf("redriven again %s", got)
		}
		result, err := e.Wait(t.Context(), execution)
		if err != nil || string(result.Output) != `[1,2,3]` {
			t.Errorf("%+v %v", result, err)
		}
		if got, d := stand(children(t, e, run)), onlyMap(t, e, execution); got != "SUCCEEDED/2 SUCCEEDED/1 SUCCEEDED/1" || d.RedriveCount != 2 {
			t.Errorf("%s, %+v", got, d)
		}
		if err := e.Close(); err != nil {
			t.Fatal(err)
		}
	})
}

// TestWhatCannotBeRedrivenStaysFailed has a child execution that failed more than
// fourteen days before the one that it is part of.
func TestWhatCannotBeRedrivenStaysFailed(t *testing.T) {
	for tolerated, want := range map[string]struct{ output, failed string }{
		"1": {`{"first":"FAILED","second":2}`, ""},
		"0": {"", asl.ErrorExceedTolerated},
	} {
		synctest.Test(t, func(t *testing.T) {
			tasks := &workshop{}
			e := engine(t, asl.Options{Tasks: tasks})
			definition := mapping("STANDARD", `"ToleratedFailureCountPath":"$.tolerated","ItemsPath":"$.items","ResultSelector":{"first.$":"$[0].Status","second.$":"$[1]"},`,
				`"I":{"Type":"Choice","Choices":[{"Variable":"$","NumericEquals":1,"Next":"B"}],"Default":"W"},
				"W":{"Type":"Wait","Seconds":1814400,"Next":"B"},"B":{"Type":"Task","Resource":"`+function+`broken","End":true}`)
			execution := startOne(t, e, definition, `{"items":[1,2],"tolerated":1}`)
			if result, err := e.Wait(t.Context(), execution); err != nil || result.Error != asl.ErrorExceedTolerated {
				t.Fatal(result, err)
			}
			run := onlyMap(t, e, execution)
			if run.Executions.Failed != 2 || run.Executions.FailuresNotRedrivable != 1 || run.Items.FailuresNotRedrivable != 1 {
				t.Errorf("%+v", run)
			}
			tasks.mend()
			if _, err := e.Redrive(execution, ""); err != nil {
				t.Fatal(err)
			}
			if tolerated == "0" {
				none := int64(0)
				if err := e.UpdateMapRun(t.Context(), run.MapRunARN, asl.MapRunChange{ToleratedFailureCount: &none}); err != nil {
					t.Fatal(err)
				}
			}
			result, err := e.Wait(t.Context(), execution)
			if err != nil || string(result.Output) != want.output || result.Error != want.failed {
				t.Errorf("tolerating %s: %s %s %v", tolerated, result.Output, result.Error, err)
			}
			if calls := strings.Join(tasks.calls, " "); tolerated == "1" && calls != "broken2" {
				t.Errorf("called %s", calls)
			}
		})
	}
}

func TestAMapRunIsRedrivenAThousandTimesAtMost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := engine(t, asl.Options{})
		execution := startOne(t, e, mapping("STANDARD", "", `"I":{"Type":"Wait","Seconds":10,"End":true}`), `[]`)
		if _, err := e.Wait(t.Context(), execution); err != nil {
			t.Fatal(err)
		}
		execution = startOne(t, e, mapping("STANDARD", `"ItemReader":{"Resource":"arn:aws:states:::s3:getObject","Parameters":{"Bucket":"b","Key":"k"}},`, keepStates), `{}`)
		for i := range 1001 {
			result, err := e.Wait(t.Context(), execution)
			if err != nil || result.Error != asl.ErrorItemReaderFailed {
				t.Fatalf("%d: %+v %v", i, result, err)
			}
			if _, err := e.Redrive(execution, ""); err != nil {
				t.Fatal(err)
			}
		}
		result, err := e.Wait(t.Context(), execution)
		if err != nil || result.Error != asl.ErrorRuntime || !strings.Contains(result.Cause, "1000") {
			t.Errorf("%+v %v", result, err)
		}
		if run := onlyMap(t, e, execution); run.RedriveCount != 1000 {
			t.Errorf("redriven %d times", run.RedriveCount)
		}
	})
}

// TestWhatAMapStartedIsForgottenWithIt keeps two ended executions.
func TestWhatAMapStartedIsForgottenWithIt(t *testing.T) {
	folder := t.TempDir()
	e, err := asl.New(asl.Options{Journal: open(t, folder), RetainEnded: 2})
	if err != nil {
		t.Fatal(err)
	}
	m := machine(t, mapping("STANDARD", "", keepStates))
	var runs []string
	for i := range 4 {
		started, err := e.Start(t.Context(), asl.StartInput{Machine: m, MachineARN: machineARN, Name: fmt.Sprint(i), Input: []byte(`[1,2,3,4,5]`)})
		if err != nil {
			t.Fatal(err)
		}
		if result, err := e.Wait(t.Context(), started.ExecutionARN); err != nil || string(result.Output) != `[1,2,3,4,5]` {
			t.Fatal(result, err)
		}
		runs = append(runs, onlyMap(t, e, started.ExecutionARN).MapRunARN)
	}
	for range 2 {
		kept := 0
		for _, run := range runs {
			page, _ := e.List(asl.Listing{MapRunARN: run})
			if _, err := e.DescribeMapRun(run); (err == nil) != (len(page) == 5) {
				t.Errorf("%d child executions, %v", len(page), err)
			}
			if err == nil && len(page) == 5 {
				kept++
			}
		}
		if kept > 3 {
			t.Errorf("%d map runs are kept", kept)
		}
		if err := e.Close(); err != nil {
			t.Fatal(err)
		}
		if e, err = asl.New(asl.Options{Journal: open(t, folder), RetainEnded: 2}); err != nil {
			t.Fatal(err)
		}
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestAMapThatIsRetriedBeginsAnotherMapRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tasks := &workshop{}
		e := engine(t, asl.Options{Tasks: tasks})
		time.AfterFunc(3*time.Second, tasks.mend)
		execution := startOne(t, e, mapping("STANDARD", `"Retry":[{"ErrorEquals":["States.ExceedToleratedFailureThreshold"],"IntervalSeconds":2}],`,
			`"I":{"Type":"Task","Resource":"`+function+`broken","End":true}`), `[1]`)
		result, err := e.Wait(t.Context(), execution)
		if err != nil || string(result.Output) != `[1]` {
			t.Fatal(result, err)
		}
		var stood []string
		for _, run := range e.MapRuns(execution) {
			stood = append(stood, string(run.Status))
		}
		if got := strings.Join(stood, " "); got != "SUCCEEDED FAILED FAILED" {
			t.Errorf("map runs %s", got)
		}
		execution = startOne(t, e, strings.Replace(mapping("STANDARD", `"Catch":[{"ErrorEquals":["States.ALL"],"Next":"C"}],`, `"I":{"Type":"Fail"}`),
			`"States":{"M"`, `"States":{"C":{"Type":"Pass","InputPath":"$.Error","End":true},"M"`, 1), `[1]`)
		if result, err := e.Wait(t.Context(), execution); err != nil || string(result.Output) != `"States.ExceedToleratedFailureThreshold"` {
			t.Error(result, err)
		}
	})
}

// TestLongListsComeInPages lists more executions than are looked at in one go.
func TestLongListsComeInPages(t *testing.T) {
	const n = 3000
	e := engine(t, asl.Options{Tasks: asl.TaskFunc(odd)})
	items := "[1" + strings.Repeat(",2", n-2) + ",3]"
	execution := startOne(t, e, mapping("STANDARD", `"ToleratedFailureCount":2,"ResultWriter":{"WriterConfig":{"Transformation":"FLATTEN"}},`, failing), items)
	if result, err := e.Wait(t.Context(), execution); err != nil || result.Status != asl.StatusSucceeded {
		t.Fatal(result, err)
	}
	run := onlyMap(t, e, execution)
	for status, want := range map[asl.Status]int{"": n, asl.StatusFailed: 2, asl.StatusSucceeded: n - 2, asl.StatusRunning: 0} {
		seen := map[string]bool{}
		last := n
		for listing := (asl.Listing{MapRunARN: run.MapRunARN, Status: status, Limit: 999}); ; {
			page, token := e.List(listing)
			for _, d := range page {
				if d.Index >= last {
					t.Fatalf("%d after %d", d.Index, last)
				}
				last = d.Index
				seen[d.ExecutionARN] = true
			}
			if listing.Token = token; token == "" {
				break
			}
		}
		if len(seen) != want {
			t.Errorf("%d %s executions", len(seen), status)
		}
	}
	if page, token := e.List(asl.Listing{}); len(page) != 1 || token != "" {
		t.Errorf("%d executions beside the map's", len(page))
	}
}
