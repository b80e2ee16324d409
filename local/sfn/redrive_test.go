package sfn_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/aws/smithy-go"

	"github.com/mayfly-dev/mayfly/local/asl"
	"github.com/mayfly-dev/mayfly/local/asl/journal"
	"github.com/mayfly-dev/mayfly/local/sfn"
)

// breaking is a function that fails until it is mended.
func breaking(mended *atomic.Bool) functions {
	return functions{functionARN("f"): func(_ context.Context, payload []byte) ([]byte, error) {
		if !mended.Load() {
			return nil, &sfn.FunctionError{ErrorType: "Broken"}
		}
		return payload, nil
	}}
}

func TestAFailedExecutionIsRedriven(t *testing.T) {
	var mended atomic.Bool
	folder := t.TempDir()
	c := start(t, folder, breaking(&mended))
	machine := c.create(t, "flow", task(functionARN("f"), ""))
	execution := c.run(t, machine, "", `"kept"`)
	if done := c.finish(t, execution); done.RedriveStatus != types.ExecutionRedriveStatusRedrivable || done.RedriveStatusReason != nil {
		t.Fatalf("%s, %s", done.Status, done.RedriveStatus)
	}
	redrive := func(token string) (*api.RedriveExecutionOutput, error) {
		in := &api.RedriveExecutionInput{ExecutionArn: &execution}
		if token != "" {
			in.ClientToken = &token
		}
		return c.RedriveExecution(t.Context(), in)
	}
	first, err := redrive("one")
	if err != nil || first.RedriveDate == nil {
		t.Fatalf("%+v, %v", first, err)
	}
	if done := c.finish(t, execution); done.Status != types.ExecutionStatusFailed || aws.ToInt32(done.RedriveCount) != 1 || !done.RedriveDate.Equal(*first.RedriveDate) {
		t.Fatalf("%+v", done)
	}
	mended.Store(true)
	// The token is known after a restart, too.
	c.close()
	c = start(t, folder, breaking(&mended))
	if again, err := redrive("one"); err != nil || !again.RedriveDate.Equal(*first.RedriveDate) {
		t.Errorf("the same token: %+v, %v", again, err)
	}
	if done := c.finish(t, execution); done.Status != types.ExecutionStatusFailed || aws.ToInt32(done.RedriveCount) != 1 {
		t.Errorf("redriven once more for the same token: %+v", done)
	}
	if _, err := redrive("two"); err != nil {
		t.Fatal(err)
	}
	if done := c.finish(t, execution); str(done.Output) != `"kept"` || aws.ToInt32(done.RedriveCount) != 2 || done.Error != nil {
		t.Errorf("%+v", done)
	}
	if again, err := redrive("one"); err != nil || !again.RedriveDate.Equal(*first.RedriveDate) {
		t.Errorf("a token of what has succeeded since: %+v, %v", again, err)
	}
	events, err := c.GetExecutionHistory(t.Context(), &api.GetExecutionHistoryInput{ExecutionArn: &execution})
	if err != nil {
		t.Fatal(err)
	}
	var counts []int32
	for _, event := range events.Events {
		if event.Type == types.HistoryEventTypeExecutionRedriven {
			counts = append(counts, aws.ToInt32(event.ExecutionRedrivenEventDetails.RedriveCount))
		}
	}
	if len(counts) != 2 || counts[0] != 1 || counts[1] != 2 {
		t.Errorf("redrive counts %v", counts)
	}
}

// shifted is a clock that can be set forward.
type shifted struct{ by *atomic.Int64 }

func (s shifted) Now() time.Time { return time.Now().Add(time.Duration(s.by.Load())) }

func (s shifted) AfterFunc(d time.Duration, f func()) func() bool { return time.AfterFunc(d, f).Stop }

func TestWhatCannotBeRedriven(t *testing.T) {
	log, err := journal.Open(t.TempDir(), journal.Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	var later atomic.Int64
	c := start(t, t.TempDir(), functions{}, func(o *sfn.Options) {
		o.Engine = func(tasks asl.TaskRunner) (*asl.Engine, error) {
			return asl.New(asl.Options{Tasks: tasks, Journal: log, Clock: shifted{&later}, Retention: 1000 * 24 * time.Hour})
		}
	})
	failing := c.create(t, "failing", `{"StartAt":"F","States":{"F":{"Type":"Fail"}}}`)
	waiting := c.create(t, "waiting", `{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":9999999,"End":true}}}`)
	endless := c.create(t, "endless", `{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"B"},
		"B":{"Type":"Choice","Choices":[{"Variable":"$.end","IsPresent":true,"Next":"C"}],"Default":"A"},"C":{"Type":"Succeed"}}}`)
	ended := func(machine string, age time.Duration) string {
		execution := c.run(t, machine, "", `{}`)
		if machine == waiting {
			later.Add(int64(age))
			if _, err := c.StopExecution(t.Context(), &api.StopExecutionInput{ExecutionArn: &execution}); err != nil {
				t.Fatal(err)
			}
			return execution
		}
		c.finish(t, execution)
		later.Add(int64(age))
		return execution
	}
	running := c.run(t, waiting, "", `{}`)
	for _, test := range []struct {
		what    string
		machine string
		age     time.Duration
		reason  string
	}{
		{"what runs", "", 0, "Execution is RUNNING and cannot be redriven"},
		{"what has succeeded", c.create(t, "passing", passing), 0, "Execution is SUCCEEDED and cannot be redriven"},
		{"what has too long a history", endless, 0, "Execution history event limit exceeded"},
		{"what ended fourteen days ago", failing, 14 * 24 * time.Hour, "Execution redrivable period exceeded"},
		{"what began a year ago", waiting, 365 * 24 * time.Hour, "Execution has exceeded the max execution time"},
	} {
		execution := running
		if test.machine != "" {
			execution = ended(test.machine, test.age)
		}
		d, err := c.DescribeExecution(t.Context(), &api.DescribeExecutionInput{ExecutionArn: &execution})
		if err != nil || d.RedriveStatus != types.ExecutionRedriveStatusNotRedrivable || str(d.RedriveStatusReason) != test.reason {
			t.Errorf("%s: %s, %s, %v", test.what, d.RedriveStatus, str(d.RedriveStatusReason), err)
		}
		_, err = c.RedriveExecution(t.Context(), &api.RedriveExecutionInput{ExecutionArn: &execution})
		refused(t, test.what, err, "ExecutionNotRedrivable")
		var refusal smithy.APIError
		if errors.As(err, &refusal) && refusal.ErrorMessage() != test.reason {
			t.Errorf("%s: %s", test.what, refusal.ErrorMessage())
		}
	}
	now := ended(failing, 0)
	for _, test := range []struct{ what, execution, token, code string }{
		{"no such execution", strings.Replace(now, ":failing:", ":other:", 1), "", "ExecutionDoesNotExist"},
		{"an Express execution", "arn:aws:states:us-east-1:000000000000:express:m:n:i", "", "InvalidArn"},
		{"a map run's execution", "arn:aws:states:us-east-1:000000000000:execution:m/label:n", "", "ValidationException"},
		{"a machine", failing, "", "InvalidArn"},
		{"an empty token", now, " ", "ValidationException"},
		{"a token with a space", now, "a b", "ValidationException"},
		{"a token of letters beyond ASCII", now, "é", "ValidationException"},
		{"a token of 65 characters", now, strings.Repeat("t", 65), "ValidationException"},
	} {
		in := &api.RedriveExecutionInput{ExecutionArn: &test.execution}
		if test.token != "" {
			in.ClientToken = aws.String(strings.TrimSpace(test.token))
		}
		_, err := c.RedriveExecution(t.Context(), in)
		refused(t, test.what, err, test.code)
	}
	for _, in := range []*api.ListExecutionsInput{
		{StateMachineArn: &failing, StatusFilter: types.ExecutionStatusPendingRedrive},
		{StateMachineArn: &failing, RedriveFilter: types.ExecutionRedriveFilterRedriven},
	} {
		_, err := c.ListExecutions(t.Context(), in)
		refused(t, "a filter of map runs", err, "ValidationException")
	}
	_, err = c.ListExecutions(t.Context(), &api.ListExecutionsInput{MapRunArn: aws.String("arn:aws:states:us-east-1:000000000000:mapRun:m/l:n")})
	refused(t, "executions of no map run", err, "ResourceNotFound")
}
