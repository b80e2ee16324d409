package sfn_test

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/mayfly-dev/mayfly/local/sfn"
)

// eachItem is a machine with one distributed map, labelled "each".
func eachItem(kind, fields, state string) string {
	return `{"StartAt":"M","States":{"M":{"Type":"Map","Label":"each","End":true,` + fields + `"ItemProcessor":{
"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"` + kind + `"},"StartAt":"P","States":{"P": ` + state + `}}}}}`
}

// mapRun describes the only map run of an execution.
func (c *cloud) mapRun(t *testing.T, execution string) *api.DescribeMapRunOutput {
	t.Helper()
	runs, err := c.ListMapRuns(t.Context(), &api.ListMapRunsInput{ExecutionArn: &execution})
	if err != nil || len(runs.MapRuns) != 1 {
		t.Fatalf("map runs %+v, %v", runs, err)
	}
	d, err := c.DescribeMapRun(t.Context(), &api.DescribeMapRunInput{MapRunArn: runs.MapRuns[0].MapRunArn})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// members lists the executions of a map run, page by page.
func (c *cloud) members(t *testing.T, in api.ListExecutionsInput) []types.ExecutionListItem {
	t.Helper()
	in.MaxResults = 2
	var all []types.ExecutionListItem
	pages := api.NewListExecutionsPaginator(c, &in)
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, page.Executions...)
	}
	return all
}

var noMetadata = cmpopts.IgnoreUnexported(types.MapRunItemCounts{}, types.MapRunExecutionCounts{}, api.DescribeMapRunOutput{})

func TestMapRunsAreListedAndDescribed(t *testing.T) {
	c := start(t, t.TempDir(), nil)
	machine := c.create(t, "flow", eachItem("STANDARD", `"ToleratedFailurePercentage":2.5,"ToleratedFailureCount":1,"ItemBatcher":{"MaxItemsPerBatch":2},`, `{"Type":"Pass","End":true}`))
	execution := c.run(t, machine, "", `[1,2,3]`)
	if done := c.finish(t, execution); str(done.Output) != `[{"Items":[1,2]},{"Items":[3]}]` {
		t.Fatalf("%s %s %s", done.Status, str(done.Error), str(done.Cause))
	}
	runs, err := c.ListMapRuns(t.Context(), &api.ListMapRunsInput{ExecutionArn: &execution})
	if err != nil || len(runs.MapRuns) != 1 || *runs.MapRuns[0].StateMachineArn != machine+"/each" || runs.MapRuns[0].StopDate == nil {
		t.Fatalf("%+v, %v", runs, err)
	}
	arn := runs.MapRuns[0].MapRunArn
	if want := strings.Replace(machine, ":stateMachine:", ":mapRun:", 1) + "/each:"; !strings.HasPrefix(*arn, want) || len(*arn) != len(want)+36 {
		t.Errorf("map run %s", *arn)
	}
	d := c.mapRun(t, execution)
	want := &api.DescribeMapRunOutput{
		MapRunArn: arn, ExecutionArn: &execution, Status: types.MapRunStatusSucceeded, MaxConcurrency: 10000,
		ToleratedFailureCount: 1, ToleratedFailurePercentage: 2.5, RedriveCount: aws.Int32(0),
		ItemCounts:      &types.MapRunItemCounts{Succeeded: 3, Total: 3, ResultsWritten: 3, FailuresNotRedrivable: aws.Int64(0), PendingRedrive: aws.Int64(0)},
		ExecutionCounts: &types.MapRunExecutionCounts{Succeeded: 2, Total: 2, ResultsWritten: 2, FailuresNotRedrivable: aws.Int64(0), PendingRedrive: aws.Int64(0)},
	}
	if diff := cmp.Diff(want, d, noMetadata, cmpopts.IgnoreFields(api.DescribeMapRunOutput{}, "StartDate", "StopDate", "ResultMetadata")); diff != "" {
		t.Error(diff)
	}
	members := c.members(t, api.ListExecutionsInput{MapRunArn: arn})
	if len(members) != 2 || *members[0].ItemCount != 1 || *members[1].ItemCount != 2 {
		t.Fatalf("%+v", members)
	}
	child := members[1]
	if *child.StateMachineArn != machine+"/each" || *child.MapRunArn != *arn || len(*child.Name) != 36 ||
		*child.ExecutionArn != strings.Replace(machine, ":stateMachine:", ":execution:", 1)+"/each:"+*child.Name {
		t.Errorf("%+v", child)
	}
	described := c.finish(t, *child.ExecutionArn)
	if *described.Input != `{"Items":[1,2]}` || *described.MapRunArn != *arn || *described.Name != *child.Name {
		t.Errorf("%+v", described)
	}
	of, err := c.DescribeStateMachineForExecution(t.Context(), &api.DescribeStateMachineForExecutionInput{ExecutionArn: child.ExecutionArn})
	parent, err2 := c.DescribeStateMachineForExecution(t.Context(), &api.DescribeStateMachineForExecutionInput{ExecutionArn: &execution})
	if err != nil || err2 != nil || *of.Definition != `{"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}` || *of.Name != "flow" || *of.Label != "each" ||
		*of.MapRunArn != *arn || *of.StateMachineArn != machine+"/each" || *of.RoleArn != role || !of.UpdateDate.Equal(*parent.UpdateDate) {
		t.Errorf("%+v, %v, %v", of, err, err2)
	}
	if all := c.members(t, api.ListExecutionsInput{StateMachineArn: &machine}); len(all) != 1 {
		t.Errorf("%d executions of the machine", len(all))
	}
	_, err = c.UpdateMapRun(t.Context(), &api.UpdateMapRunInput{MapRunArn: arn, MaxConcurrency: aws.Int32(2)})
	refused(t, "update of a map run that has ended", err, "ValidationException")
}

func TestMapRunsAreUpdatedAndOutliveARestart(t *testing.T) {
	folder := t.TempDir()
	c := start(t, folder, nil)
	machine := c.create(t, "flow", eachItem("STANDARD", `"MaxConcurrency":1,`, `{"Type":"Wait","Seconds":9999,"End":true}`))
	execution := c.run(t, machine, "", `[1,2,3]`)
	c.until(t, execution, "MapRunStarted")
	arn := c.mapRun(t, execution).MapRunArn
	for _, test := range []struct {
		what string
		in   api.UpdateMapRunInput
		code string
	}{
		{"nothing", api.UpdateMapRunInput{}, "ValidationException"},
		{"a negative concurrency", api.UpdateMapRunInput{MaxConcurrency: aws.Int32(-1)}, "ValidationException"},
		{"a negative count", api.UpdateMapRunInput{ToleratedFailureCount: aws.Int64(-1)}, "ValidationException"},
		{"a negative percentage", api.UpdateMapRunInput{ToleratedFailurePercentage: aws.Float32(-1)}, "ValidationException"},
		{"a percentage over a hundred", api.UpdateMapRunInput{ToleratedFailurePercentage: aws.Float32(100.5)}, "ValidationException"},
		{"no map run's ARN", api.UpdateMapRunInput{MapRunArn: &machine, MaxConcurrency: aws.Int32(1)}, "InvalidArn"},
		{"no map run", api.UpdateMapRunInput{MapRunArn: aws.String(*arn + "0"), MaxConcurrency: aws.Int32(1)}, "ResourceNotFound"},
	} {
		if test.in.MapRunArn == nil {
			test.in.MapRunArn = arn
		}
		_, err := c.UpdateMapRun(t.Context(), &test.in)
		refused(t, test.what, err, test.code)
	}
	_, err := c.UpdateMapRun(t.Context(), &api.UpdateMapRunInput{MapRunArn: arn, MaxConcurrency: aws.Int32(2), ToleratedFailureCount: aws.Int64(7), ToleratedFailurePercentage: aws.Float32(12.5)})
	if err != nil {
		t.Fatal(err)
	}
	c.close()
	c = start(t, folder, nil)
	if d := c.mapRun(t, execution); d.MaxConcurrency != 2 || d.ToleratedFailureCount != 7 || d.ToleratedFailurePercentage != 12.5 || d.Status != types.MapRunStatusRunning {
		t.Errorf("%+v", d)
	}
	if _, err := c.StopExecution(t.Context(), &api.StopExecutionInput{ExecutionArn: &execution}); err != nil {
		t.Fatal(err)
	}
	if d := c.mapRun(t, execution); d.Status != types.MapRunStatusAborted || d.StopDate == nil {
		t.Errorf("%+v", d)
	}
	_, err = c.DescribeMapRun(t.Context(), &api.DescribeMapRunInput{MapRunArn: aws.String(*arn + "0")})
	refused(t, "a map run that is not there", err, "ResourceNotFound")
	_, err = c.DescribeMapRun(t.Context(), &api.DescribeMapRunInput{MapRunArn: &machine})
	refused(t, "what is no map run", err, "InvalidArn")
}

func TestMapRunsAreRedrivenWithTheirExecution(t *testing.T) {
	for kind, redriveDate := range map[string]bool{"STANDARD": true, "EXPRESS": false} {
		var mended atomic.Bool
		c := start(t, t.TempDir(), functions{functionARN("f"): func(_ context.Context, payload []byte) ([]byte, error) {
			if string(payload) == "2" && !mended.Load() {
				return nil, &sfn.FunctionError{ErrorType: "Broken"}
			}
			return payload, nil
		}})
		machine := c.create(t, "flow", eachItem(kind, `"MaxConcurrency":1,`, `{"Type":"Task","Resource":"`+functionARN("f")+`","End":true}`))
		execution := c.run(t, machine, "", `[1,2,3]`)
		if done := c.finish(t, execution); str(done.Error) != "States.ExceedToleratedFailureThreshold" || done.RedriveStatus != types.ExecutionRedriveStatusRedrivable {
			t.Fatalf("%s: %s %s %s", kind, done.Status, str(done.Error), str(done.Cause))
		}
		d := c.mapRun(t, execution)
		if d.Status != types.MapRunStatusFailed || d.ExecutionCounts.Failed != 1 || d.ExecutionCounts.Pending != 1 || *d.ExecutionCounts.FailuresNotRedrivable != 0 {
			t.Errorf("%s: %+v", kind, d.ExecutionCounts)
		}
		failed := c.members(t, api.ListExecutionsInput{MapRunArn: d.MapRunArn, StatusFilter: types.ExecutionStatusFailed})
		if len(failed) != 1 {
			t.Fatalf("%s: %+v", kind, failed)
		}
		if child := c.finish(t, *failed[0].ExecutionArn); child.RedriveStatus != types.ExecutionRedriveStatusRedrivableByMapRun ||
			kind == "EXPRESS" && *child.Name != strings.Join(strings.Split(*child.ExecutionArn, ":")[7:], ":") {
			t.Errorf("%s: %+v", kind, child)
		}
		mended.Store(true)
		if _, err := c.RedriveExecution(t.Context(), &api.RedriveExecutionInput{ExecutionArn: &execution}); err != nil {
			t.Fatal(err)
		}
		if done := c.finish(t, execution); str(done.Output) != `[1,2,3]` {
			t.Fatalf("%s: %s %s %s", kind, done.Status, str(done.Error), str(done.Cause))
		}
		if d = c.mapRun(t, execution); *d.RedriveCount != 1 || d.RedriveDate == nil || d.Status != types.MapRunStatusSucceeded || d.ItemCounts.Succeeded != 3 {
			t.Errorf("%s: %+v", kind, d)
		}
		redriven := c.members(t, api.ListExecutionsInput{MapRunArn: d.MapRunArn, RedriveFilter: types.ExecutionRedriveFilterRedriven})
		others := c.members(t, api.ListExecutionsInput{MapRunArn: d.MapRunArn, RedriveFilter: types.ExecutionRedriveFilterNotRedriven})
		if len(redriven) != 1 || *redriven[0].RedriveCount != 1 || (redriven[0].RedriveDate != nil) != redriveDate || *redriven[0].ExecutionArn != *failed[0].ExecutionArn || len(others) != 2 {
			t.Errorf("%s: redriven %+v, others %+v", kind, redriven, others)
		}
		events, err := c.GetExecutionHistory(t.Context(), &api.GetExecutionHistoryInput{ExecutionArn: &execution})
		if err != nil {
			t.Fatal(err)
		}
		var types []string
		for _, event := range events.Events {
			types = append(types, fmt.Sprintf("%d<%d %s", event.Id, event.PreviousEventId, event.Type))
			if details := event.MapRunRedrivenEventDetails; details != nil && (*details.MapRunArn != *d.MapRunArn || *details.RedriveCount != 1) {
				t.Errorf("%+v", details)
			}
		}
		want := `1<0 ExecutionStarted|2<0 MapStateEntered|3<2 MapStateStarted|4<3 MapRunStarted|5<4 MapRunFailed|6<5 MapStateFailed|7<6 ExecutionFailed|` +
			`8<7 ExecutionRedriven|9<3 MapRunRedriven|10<9 MapRunSucceeded|11<10 MapStateSucceeded|12<9 MapStateExited|13<12 ExecutionSucceeded`
		if got := strings.Join(types, "|"); got != want {
			t.Errorf("%s: %s", kind, got)
		}
		if kind == "EXPRESS" {
			_, err := c.StopExecution(t.Context(), &api.StopExecutionInput{ExecutionArn: redriven[0].ExecutionArn})
			refused(t, "stop of an Express execution of a map", err, "InvalidArn")
		}
	}
}

func TestMapRunsAreListedPageByPageTheLatestFirst(t *testing.T) {
	c := start(t, t.TempDir(), nil)
	var states []string
	for i := range 3 {
		next := fmt.Sprintf(`"Next":"M%d"`, i+1)
		if i == 2 {
			next = `"End":true`
		}
		states = append(states, fmt.Sprintf(`"M%d":{"Type":"Map","Label":"l%d",%s,"ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"},
			"StartAt":"P%d","States":{"P%d":{"Type":"Pass","End":true}}}}`, i, i, next, i, i))
	}
	execution := c.run(t, c.create(t, "flow", `{"StartAt":"M0","States":{`+strings.Join(states, ",")+`}}`), "", `[1]`)
	c.finish(t, execution)
	var labels []string
	pages := api.NewListMapRunsPaginator(c, &api.ListMapRunsInput{ExecutionArn: &execution, MaxResults: 2})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, run := range page.MapRuns {
			_, label, _ := strings.Cut(*run.StateMachineArn, "/")
			labels = append(labels, label)
		}
	}
	if diff := cmp.Diff([]string{"l2", "l1", "l0"}, labels); diff != "" {
		t.Error(diff)
	}
}
