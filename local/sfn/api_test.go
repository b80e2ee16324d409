package sfn_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/google/go-cmp/cmp"

	"github.com/mayfly-dev/mayfly/local/asl"
)

func disableHostPrefix(stack *middleware.Stack) error {
	return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("NoHostPrefix",
		func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
			return next.HandleInitialize(smithyhttp.DisableEndpointHostPrefix(ctx, true), in)
		}), middleware.Before)
}

func TestAStateMachineLivesFromCreationToDeletion(t *testing.T) {
	c := start(t, t.TempDir(), nil)
	arn := c.create(t, "flow", passing)
	if want := "arn:aws:states:us-east-1:000000000000:stateMachine:flow"; arn != want {
		t.Errorf("ARN %s, want %s", arn, want)
	}
	if again := c.create(t, "flow", passing); again != arn {
		t.Errorf("created again as %s", again)
	}
	described, err := c.DescribeStateMachine(t.Context(), &api.DescribeStateMachineInput{StateMachineArn: &arn})
	if err != nil {
		t.Fatal(err)
	}
	if *described.Definition != passing || described.Type != types.StateMachineTypeStandard || described.Status != types.StateMachineStatusActive ||
		*described.RoleArn != role || described.RevisionId != nil || described.LoggingConfiguration.Level != types.LogLevelOff {
		t.Errorf("described as %+v", described)
	}
	changed := strings.Replace(passing, `"Pass"`, `"Pass","Result":1`, 1)
	updated, err := c.UpdateStateMachine(t.Context(), &api.UpdateStateMachineInput{StateMachineArn: &arn, Definition: &changed})
	if err != nil || updated.RevisionId == nil || updated.UpdateDate == nil {
		t.Fatalf("updated: %+v, %v", updated, err)
	}
	if described, err = c.DescribeStateMachine(t.Context(), &api.DescribeStateMachineInput{StateMachineArn: &arn}); err != nil ||
		*described.Definition != changed || *described.RevisionId != *updated.RevisionId {
		t.Errorf("after the update: %+v, %v", described, err)
	}
	for range 2 {
		if _, err := c.DeleteStateMachine(t.Context(), &api.DeleteStateMachineInput{StateMachineArn: &arn}); err != nil {
			t.Error(err)
		}
	}
	_, err = c.DescribeStateMachine(t.Context(), &api.DescribeStateMachineInput{StateMachineArn: &arn})
	refused(t, "describe a deleted machine", err, "StateMachineDoesNotExist")
}

func TestAnExecutionIsStartedDescribedAndListed(t *testing.T) {
	c := start(t, t.TempDir(), nil)
	arn := c.create(t, "flow", passing)
	execution := c.run(t, arn, "first", `{"a": 1}`)
	if want := "arn:aws:states:us-east-1:000000000000:execution:flow:first"; execution != want {
		t.Errorf("ARN %s, want %s", execution, want)
	}
	done := c.finish(t, execution)
	if done.Status != types.ExecutionStatusSucceeded || *done.Output != `{"a": 1}` || *done.Input != `{"a": 1}` || done.StopDate == nil ||
		done.RedriveStatus != types.ExecutionRedriveStatusNotRedrivable || !done.OutputDetails.Included {
		t.Errorf("described as %+v", done)
	}
	var names []string
	for i := range 5 {
		c.finish(t, c.run(t, arn, fmt.Sprintf("more-%d", i), `{}`))
	}
	pages := api.NewListExecutionsPaginator(c, &api.ListExecutionsInput{StateMachineArn: &arn, MaxResults: 2, StatusFilter: types.ExecutionStatusSucceeded})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range page.Executions {
			names = append(names, *e.Name)
		}
	}
	if diff := cmp.Diff([]string{"more-4", "more-3", "more-2", "more-1", "more-0", "first"}, names); diff != "" {
		t.Error(diff)
	}
	failed, err := c.ListExecutions(t.Context(), &api.ListExecutionsInput{StateMachineArn: &arn, StatusFilter: types.ExecutionStatusFailed})
	if err != nil || len(failed.Executions) != 0 {
		t.Errorf("failed executions: %+v, %v", failed, err)
	}
	of, err := c.DescribeStateMachineForExecution(t.Context(), &api.DescribeStateMachineForExecutionInput{ExecutionArn: &execution})
	if err != nil || *of.Definition != passing || *of.Name != "flow" || *of.StateMachineArn != arn {
		t.Errorf("machine of the execution: %+v, %v", of, err)
	}
}

func TestHistoryIsPagedInBothDirections(t *testing.T) {
	c := start(t, t.TempDir(), nil)
	execution := c.run(t, c.create(t, "flow", passing), "", `{"secret":true}`)
	c.finish(t, execution)
	want := []types.HistoryEventType{"ExecutionStarted", "PassStateEntered", "PassStateExited", "SucceedStateEntered", "SucceedStateExited", "ExecutionSucceeded"}
	for _, reverse := range []bool{false, true} {
		var got []types.HistoryEventType
		pages := api.NewGetExecutionHistoryPaginator(c, &api.GetExecutionHistoryInput{ExecutionArn: &execution, MaxResults: 4, ReverseOrder: reverse})
		for pages.HasMorePages() {
			page, err := pages.NextPage(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range page.Events {
				got = append(got, e.Type)
			}
		}
		expected := append([]types.HistoryEventType{}, want...)
		if reverse {
			for i, j := 0, len(expected)-1; i < j; i, j = i+1, j-1 {
				expected[i], expected[j] = expected[j], expected[i]
			}
		}
		if diff := cmp.Diff(expected, got); diff != "" {
			t.Errorf("reverse %v: %s", reverse, diff)
		}
	}
	all, err := c.GetExecutionHistory(t.Context(), &api.GetExecutionHistoryInput{ExecutionArn: &execution})
	if err != nil || *all.Events[0].ExecutionStartedEventDetails.Input != `{"secret":true}` || *all.Events[0].ExecutionStartedEventDetails.RoleArn != role ||
		*all.Events[1].StateEnteredEventDetails.Name != "A" || all.Events[1].Timestamp == nil {
		t.Errorf("history: %+v, %v", all, err)
	}
	bare, err := c.GetExecutionHistory(t.Context(), &api.GetExecutionHistoryInput{ExecutionArn: &execution, IncludeExecutionData: aws.Bool(false)})
	if err != nil || bare.Events[0].ExecutionStartedEventDetails.Input != nil {
		t.Errorf("history without data: %+v, %v", bare, err)
	}
}

const waiting = `{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":3600,"End":true}}}`

func TestANameIsUsedOnce(t *testing.T) {
	c := start(t, t.TempDir(), nil)
	arn := c.create(t, "wait", waiting)
	first := c.run(t, arn, "name", `{"a":1}`)
	if again := c.run(t, arn, "name", `{"a":1}`); again != first {
		t.Errorf("started again as %s", again)
	}
	_, err := c.StartExecution(t.Context(), &api.StartExecutionInput{StateMachineArn: &arn, Name: aws.String("name"), Input: aws.String(`{"a":2}`)})
	refused(t, "the same name with other input", err, "ExecutionAlreadyExists")
	stopped, err := c.StopExecution(t.Context(), &api.StopExecutionInput{ExecutionArn: &first, Error: aws.String("Mine"), Cause: aws.String("why")})
	if err != nil || stopped.StopDate == nil {
		t.Fatalf("stop: %+v, %v", stopped, err)
	}
	if done := c.finish(t, first); done.Status != types.ExecutionStatusAborted || *done.Error != "Mine" || *done.Cause != "why" {
		t.Errorf("stopped as %+v", done)
	}
	_, err = c.StartExecution(t.Context(), &api.StartExecutionInput{StateMachineArn: &arn, Name: aws.String("name"), Input: aws.String(`{"a":1}`)})
	refused(t, "the name of an execution that has ended", err, "ExecutionAlreadyExists")
}

func TestDeletingAMachineEndsItsExecutions(t *testing.T) {
	c := start(t, t.TempDir(), nil)
	arn := c.create(t, "wait", waiting)
	execution := c.run(t, arn, "", `{}`)
	if _, err := c.DeleteStateMachine(t.Context(), &api.DeleteStateMachineInput{StateMachineArn: &arn}); err != nil {
		t.Fatal(err)
	}
	if done := c.finish(t, execution); done.Status != types.ExecutionStatusAborted {
		t.Errorf("status %s", done.Status)
	}
}

func TestRefusalsCarryAWSsCodes(t *testing.T) {
	c := start(t, t.TempDir(), nil)
	ctx := t.Context()
	arn := c.create(t, "flow", passing)
	quick := c.create(t, "quick", passing, express)
	create := func(change func(*api.CreateStateMachineInput)) error {
		in := &api.CreateStateMachineInput{Name: aws.String("new"), Definition: aws.String(passing), RoleArn: aws.String(role)}
		change(in)
		_, err := c.CreateStateMachine(ctx, in)
		return err
	}
	refused(t, "a name with a blank", create(func(in *api.CreateStateMachineInput) { in.Name = aws.String("a b") }), "InvalidName")
	refused(t, "a long name", create(func(in *api.CreateStateMachineInput) { in.Name = aws.String(strings.Repeat("x", 81)) }), "InvalidName")
	refused(t, "no JSON", create(func(in *api.CreateStateMachineInput) { in.Definition = aws.String("{") }), "InvalidDefinition")
	refused(t, "a missing target", create(func(in *api.CreateStateMachineInput) {
		in.Definition = aws.String(strings.Replace(passing, `"B"`, `"C"`, 1))
	}), "InvalidDefinition")
	refused(t, "a role that is none", create(func(in *api.CreateStateMachineInput) { in.RoleArn = aws.String("me") }), "InvalidArn")
	refused(t, "an unknown type", create(func(in *api.CreateStateMachineInput) { in.Type = "FAST" }), "ValidationException")
	refused(t, "another definition under the name", create(func(in *api.CreateStateMachineInput) {
		in.Name, in.Definition = aws.String("flow"), aws.String(strings.Replace(passing, `"Pass"`, `"Pass","Result":1`, 1))
	}), "StateMachineAlreadyExists")
	refused(t, "another type under the name", create(func(in *api.CreateStateMachineInput) {
		in.Name, in.Type = aws.String("flow"), types.StateMachineTypeExpress
	}), "StateMachineAlreadyExists")
	none := strings.Replace(arn, ":flow", ":none", 1)
	for what, call := range map[string]func(string) error{
		"describe": func(arn string) error {
			_, err := c.DescribeStateMachine(ctx, &api.DescribeStateMachineInput{StateMachineArn: &arn})
			return err
		},
		"update": func(arn string) error {
			_, err := c.UpdateStateMachine(ctx, &api.UpdateStateMachineInput{StateMachineArn: &arn, Definition: aws.String(passing)})
			return err
		},
		"start": func(arn string) error {
			_, err := c.StartExecution(ctx, &api.StartExecutionInput{StateMachineArn: &arn})
			return err
		},
		"list": func(arn string) error {
			_, err := c.ListExecutions(ctx, &api.ListExecutionsInput{StateMachineArn: &arn})
			return err
		},
	} {
		refused(t, what+" of what is not there", call(none), "StateMachineDoesNotExist")
		refused(t, what+" of no ARN", call("flow"), "InvalidArn")
		refused(t, what+" of another kind", call(strings.Replace(arn, "stateMachine", "activity", 1)), "InvalidArn")
		refused(t, what+" of a version that is not there", call(arn+":7"), "StateMachineDoesNotExist")
	}
	_, err := c.UpdateStateMachine(ctx, &api.UpdateStateMachineInput{StateMachineArn: &arn})
	refused(t, "update of nothing", err, "MissingRequiredParameter")
	_, err = c.UpdateStateMachine(ctx, &api.UpdateStateMachineInput{StateMachineArn: &arn, Definition: aws.String("[]")})
	refused(t, "update to an invalid definition", err, "InvalidDefinition")
	_, err = c.StartExecution(ctx, &api.StartExecutionInput{StateMachineArn: &arn, Input: aws.String("{")})
	refused(t, "input that is no JSON", err, "InvalidExecutionInput")
	_, err = c.StartExecution(ctx, &api.StartExecutionInput{StateMachineArn: &arn, Input: aws.String(`"` + strings.Repeat("x", 256*1024) + `"`)})
	refused(t, "input that is too large", err, "InvalidExecutionInput")
	_, err = c.StartExecution(ctx, &api.StartExecutionInput{StateMachineArn: &arn, Name: aws.String("a/b")})
	refused(t, "an execution's name", err, "InvalidName")
	_, err = c.StartSyncExecution(ctx, &api.StartSyncExecutionInput{StateMachineArn: &arn})
	refused(t, "sync of a standard machine", err, "StateMachineTypeNotSupported")
	_, err = c.ListExecutions(ctx, &api.ListExecutionsInput{StateMachineArn: &quick})
	refused(t, "list of an express machine", err, "StateMachineTypeNotSupported")
	_, err = c.ListExecutions(ctx, &api.ListExecutionsInput{StateMachineArn: &arn, NextToken: aws.String("x")})
	refused(t, "a token of nobody", err, "InvalidToken")
	_, err = c.ListExecutions(ctx, &api.ListExecutionsInput{StateMachineArn: &arn, MaxResults: 1001})
	refused(t, "a page too large", err, "ValidationException")
	_, err = c.ListExecutions(ctx, &api.ListExecutionsInput{})
	refused(t, "list of nothing", err, "ValidationException")
	execution := strings.Replace(arn, "stateMachine", "execution", 1) + ":none"
	_, err = c.DescribeExecution(ctx, &api.DescribeExecutionInput{ExecutionArn: &execution})
	refused(t, "an execution that is not there", err, "ExecutionDoesNotExist")
	_, err = c.GetExecutionHistory(ctx, &api.GetExecutionHistoryInput{ExecutionArn: &execution})
	refused(t, "the history of an execution that is not there", err, "ExecutionDoesNotExist")
	_, err = c.StopExecution(ctx, &api.StopExecutionInput{ExecutionArn: &execution})
	refused(t, "stop of an execution that is not there", err, "ExecutionDoesNotExist")
	_, err = c.DescribeExecution(ctx, &api.DescribeExecutionInput{ExecutionArn: &arn})
	refused(t, "an execution that is a machine", err, "InvalidArn")
	_, err = c.TagResource(ctx, &api.TagResourceInput{ResourceArn: &none, Tags: []types.Tag{{Key: aws.String("a"), Value: aws.String("b")}}})
	refused(t, "tags of nothing", err, "ResourceNotFound")
	machines, err := c.ListStateMachines(ctx, &api.ListStateMachinesInput{})
	if err != nil || len(machines.StateMachines) != 2 {
		t.Errorf("refused requests left %+v, %v", machines, err)
	}
}

func TestMachinesAreListedByPages(t *testing.T) {
	c := start(t, t.TempDir(), nil)
	want := []string{"a", "b", "c", "d", "e"}
	for _, name := range want {
		c.create(t, name, passing)
	}
	var got []string
	pages := api.NewListStateMachinesPaginator(c, &api.ListStateMachinesInput{MaxResults: 2})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range page.StateMachines {
			got = append(got, *m.Name)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestTagsAreKept(t *testing.T) {
	c := start(t, t.TempDir(), nil)
	arn := c.create(t, "flow", passing, func(in *api.CreateStateMachineInput) {
		in.Tags = []types.Tag{{Key: aws.String("a"), Value: aws.String("1")}, {Key: aws.String("b"), Value: aws.String("2")}}
	})
	if _, err := c.TagResource(t.Context(), &api.TagResourceInput{ResourceArn: &arn, Tags: []types.Tag{{Key: aws.String("a"), Value: aws.String("3")}}}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.UntagResource(t.Context(), &api.UntagResourceInput{ResourceArn: &arn, TagKeys: []string{"b"}}); err != nil {
		t.Fatal(err)
	}
	out, err := c.ListTagsForResource(t.Context(), &api.ListTagsForResourceInput{ResourceArn: &arn})
	if err != nil || len(out.Tags) != 1 || *out.Tags[0].Key != "a" || *out.Tags[0].Value != "3" {
		t.Errorf("tags %+v, %v", out, err)
	}
}

func TestASyncExecutionAnswersWithItsOutput(t *testing.T) {
	c := start(t, t.TempDir(), nil)
	arn := c.create(t, "quick", passing, express)
	out, err := c.StartSyncExecution(t.Context(), &api.StartSyncExecutionInput{StateMachineArn: &arn, Input: aws.String(`{"a":1}`), Name: aws.String("n")})
	if err != nil || out.Status != types.SyncExecutionStatusSucceeded || *out.Output != `{"a":1}` || *out.Name != "n" || out.BillingDetails.BilledDurationInMilliseconds < 100 {
		t.Errorf("%+v, %v", out, err)
	}
	if _, err := c.service.Engine().Describe(*out.ExecutionArn); !errors.Is(err, asl.ErrExecutionDoesNotExist) {
		t.Errorf("something of it is kept: %v", err)
	}
	bad := c.create(t, "bad", `{"StartAt":"F","States":{"F":{"Type":"Fail","Error":"E","Cause":"C"}}}`, express)
	out, err = c.StartSyncExecution(t.Context(), &api.StartSyncExecutionInput{StateMachineArn: &bad})
	if err != nil || out.Status != types.SyncExecutionStatusFailed || *out.Error != "E" || *out.Cause != "C" || out.Output != nil {
		t.Errorf("%+v, %v", out, err)
	}
}

func TestWhatIsNoRequestIsRefusedInTheProtocol(t *testing.T) {
	c := start(t, t.TempDir(), nil)
	for target, body := range map[string]string{
		"AWSStepFunctions.Nope": `{}`, "CreateStateMachine": `{}`, "AWSStepFunctions.CreateStateMachine": `[`, "AWSStepFunctions.StartExecution": `{}`,
		"AWSStepFunctions.DescribeExecution": `{"executionArn": 7}`,
	} {
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
		r.Header.Set("X-Amz-Target", target)
		w := httptest.NewRecorder()
		c.service.ServeHTTP(w, r)
		if w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), `"__type":"com.amazon`) || w.Header().Get("Content-Type") != "application/x-amz-json-1.0" {
			t.Errorf("%s %s: %d %s", target, body, w.Code, w.Body)
		}
	}
}
