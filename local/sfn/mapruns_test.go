package sfn_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
)

func TestMapRunsAreListedAndDescribed(t *testing.T) {
	c := start(t, t.TempDir(), nil)
	machine := c.create(t, "flow", `{"StartAt":"M","States":{"M":{"Type":"Map","Label":"each","End":true,"ItemProcessor":{
"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"},"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}}}}`)
	execution := c.run(t, machine, "", `[1,2,3]`)
	if done := c.finish(t, execution); str(done.Output) != `[1,2,3]` {
		t.Fatalf("%s %s %s", done.Status, str(done.Error), str(done.Cause))
	}
	runs, err := c.ListMapRuns(t.Context(), &api.ListMapRunsInput{ExecutionArn: &execution})
	if err != nil || len(runs.MapRuns) != 1 || !strings.HasSuffix(*runs.MapRuns[0].StateMachineArn, ":stateMachine:flow/each") {
		t.Fatalf("%+v, %v", runs, err)
	}
	run := runs.MapRuns[0].MapRunArn
	d, err := c.DescribeMapRun(t.Context(), &api.DescribeMapRunInput{MapRunArn: run})
	if err != nil || d.Status != types.MapRunStatusSucceeded || d.ItemCounts.Succeeded != 3 || d.ExecutionCounts.Total != 3 {
		t.Errorf("%+v, %v", d, err)
	}
	children, err := c.ListExecutions(t.Context(), &api.ListExecutionsInput{MapRunArn: run})
	if err != nil || len(children.Executions) != 3 {
		t.Errorf("%+v, %v", children, err)
	}
	_, err = c.UpdateMapRun(t.Context(), &api.UpdateMapRunInput{MapRunArn: run, MaxConcurrency: aws.Int32(2)})
	refused(t, "update of a map run that has ended", err, "ValidationException")
}
