package sfn_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
)

func TestWorkersDoTheTasksOfActivities(t *testing.T) {
	dir := t.TempDir()
	c := start(t, dir, nil)
	ctx := t.Context()
	made, err := c.CreateActivity(ctx, &api.CreateActivityInput{Name: aws.String("paint")})
	if err != nil {
		t.Fatal(err)
	}
	again, err := c.CreateActivity(ctx, &api.CreateActivityInput{Name: aws.String("paint")})
	if err != nil || *again.ActivityArn != *made.ActivityArn || !again.CreationDate.Equal(*made.CreationDate) {
		t.Errorf("created again: %+v, %v", again, err)
	}
	c.close()
	c = start(t, dir, nil)
	listed, err := c.ListActivities(ctx, &api.ListActivitiesInput{})
	if err != nil || len(listed.Activities) != 1 || *listed.Activities[0].Name != "paint" {
		t.Fatalf("after a restart: %+v, %v", listed, err)
	}
	machine := c.create(t, "flow", task(*made.ActivityArn, `,"HeartbeatSeconds":60`))
	execution := c.run(t, machine, "", `{"colour":"red"}`)
	given, err := c.GetActivityTask(ctx, &api.GetActivityTaskInput{ActivityArn: made.ActivityArn, WorkerName: aws.String("me")})
	if err != nil || str(given.Input) != `{"colour":"red"}` {
		t.Fatalf("given: %+v, %v", given, err)
	}
	if _, err := c.SendTaskHeartbeat(ctx, &api.SendTaskHeartbeatInput{TaskToken: given.TaskToken}); err != nil {
		t.Error(err)
	}
	_, err = c.SendTaskSuccess(ctx, &api.SendTaskSuccessInput{TaskToken: given.TaskToken, Output: aws.String("{")})
	refused(t, "output that is no JSON", err, "InvalidOutput")
	if _, err := c.SendTaskSuccess(ctx, &api.SendTaskSuccessInput{TaskToken: given.TaskToken, Output: aws.String(`{"done":true}`)}); err != nil {
		t.Fatal(err)
	}
	if done := c.finish(t, execution); str(done.Output) != `{"done":true}` {
		t.Errorf("ended with %s %s", done.Status, str(done.Output))
	}
	_, err = c.SendTaskSuccess(ctx, &api.SendTaskSuccessInput{TaskToken: given.TaskToken, Output: aws.String(`{}`)})
	refused(t, "a second answer", err, "TaskTimedOut")
	_, err = c.SendTaskHeartbeat(ctx, &api.SendTaskHeartbeatInput{TaskToken: aws.String("nonsense")})
	refused(t, "a token that is none", err, "InvalidToken")
	for range 2 {
		if _, err := c.DeleteActivity(ctx, &api.DeleteActivityInput{ActivityArn: made.ActivityArn}); err != nil {
			t.Error(err)
		}
	}
	_, err = c.DescribeActivity(ctx, &api.DescribeActivityInput{ActivityArn: made.ActivityArn})
	refused(t, "a deleted activity", err, "ActivityDoesNotExist")
	_, err = c.GetActivityTask(ctx, &api.GetActivityTaskInput{ActivityArn: made.ActivityArn})
	refused(t, "work of a deleted activity", err, "ActivityDoesNotExist")
}

func TestATokenEndsTheTaskThatHandedItOut(t *testing.T) {
	tokens := make(chan string, 1)
	c := start(t, t.TempDir(), functions{functionARN("ask"): func(_ context.Context, payload []byte) ([]byte, error) {
		var in struct{ Token string }
		err := json.Unmarshal(payload, &in)
		tokens <- in.Token
		return []byte(`{}`), err
	}})
	machine := c.create(t, "flow", task("arn:aws:states:::lambda:invoke.waitForTaskToken", `,"Parameters":{"FunctionName":"ask","Payload":{"token.$":"$$.Task.Token"}}`))
	execution := c.run(t, machine, "", `{}`)
	c.until(t, execution, "TaskSubmitted")
	token := <-tokens
	if _, err := c.SendTaskFailure(t.Context(), &api.SendTaskFailureInput{TaskToken: &token, Error: aws.String("No"), Cause: aws.String("because")}); err != nil {
		t.Fatal(err)
	}
	if done := c.finish(t, execution); str(done.Error) != "No" || str(done.Cause) != "because" {
		t.Errorf("ended with %s %s %s", done.Status, str(done.Error), str(done.Cause))
	}
}

func TestADefinitionIsValidatedWithoutBeingKept(t *testing.T) {
	c := start(t, t.TempDir(), nil)
	ok, err := c.ValidateStateMachineDefinition(t.Context(), &api.ValidateStateMachineDefinitionInput{Definition: aws.String(passing)})
	if err != nil || ok.Result != types.ValidateStateMachineDefinitionResultCodeOk || len(ok.Diagnostics) != 0 {
		t.Errorf("%+v, %v", ok, err)
	}
	bad, err := c.ValidateStateMachineDefinition(t.Context(), &api.ValidateStateMachineDefinitionInput{Definition: aws.String(strings.Replace(passing, `"B"`, `"C"`, 1))})
	if err != nil || bad.Result != types.ValidateStateMachineDefinitionResultCodeFail || len(bad.Diagnostics) == 0 || str(bad.Diagnostics[0].Location) == "" || str(bad.Diagnostics[0].Code) == "" {
		t.Errorf("%+v, %v", bad, err)
	}
	token, err := c.ValidateStateMachineDefinition(t.Context(), &api.ValidateStateMachineDefinitionInput{
		Type: types.StateMachineTypeExpress, Definition: aws.String(task("arn:aws:states:::lambda:invoke.waitForTaskToken", `,"Parameters":{"FunctionName":"f","Payload":{"t.$":"$$.Task.Token"}}`)),
	})
	if err != nil || token.Result != types.ValidateStateMachineDefinitionResultCodeFail {
		t.Errorf("a token in an express machine: %+v, %v", token, err)
	}
}
