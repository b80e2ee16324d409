package sfn_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"github.com/mayfly-dev/mayfly/local/asl"
	"github.com/mayfly-dev/mayfly/local/sfn"
)

// table answers two of DynamoDB's operations, and refuses what is not signed.
func table(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil || !strings.Contains(r.Header.Get("Authorization"), "/us-east-1/dynamodb/aws4_request") {
		http.Error(w, "not signed for dynamodb", http.StatusForbidden)
		return
	}
	if r.Header.Get("X-Amz-Target") == "DynamoDB_20120810.PutItem" && strings.Contains(string(body), "ConditionExpression") {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, `{"__type":"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException","message":"The conditional request failed"}`)
		return
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"Target": r.Header.Get("X-Amz-Target"), "Item": json.RawMessage(body)})
}

func TestIntegrationsCallTheLocalCloud(t *testing.T) {
	var service *sfn.Service
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.Header.Get("Authorization"), "/states/aws4_request") {
			service.ServeHTTP(w, r)
			return
		}
		table(w, r)
	}))
	t.Cleanup(server.Close)
	c := start(t, t.TempDir(), nil, func(o *sfn.Options) { o.Endpoint, o.Client = server.URL, server.Client() })
	service = c.service
	c.create(t, "other", passing)
	for name, d := range map[string]struct{ resource, parameters, output, failure, cause string }{
		"sdk":       {resource: "aws-sdk:dynamodb:getItem", parameters: `{"TableName":"t","Key":{"id":{"S":"a"}}}`, output: `"Key":{"id":{"S":"a"}}`},
		"operation": {resource: "aws-sdk:dynamodb:getItem", parameters: `{}`, output: `"Target":"DynamoDB_20120810.GetItem"`},
		"optimized": {resource: "dynamodb:updateItem", parameters: `{"TableName":"t"}`, output: `"Target":"DynamoDB_20120810.UpdateItem"`},
		"refused": {
			resource: "aws-sdk:dynamodb:putItem", parameters: `{"ConditionExpression":"x"}`,
			failure: "DynamoDb.ConditionalCheckFailedException", cause: "The conditional request failed",
		},
		"refused-optimized": {
			resource: "dynamodb:putItem", parameters: `{"ConditionExpression":"x"}`, failure: "DynamoDB.ConditionalCheckFailedException", cause: "Status Code: 400",
		},
		"lower-case": {
			resource: "aws-sdk:sfn:describeStateMachine", parameters: `{"StateMachineArn":"arn:aws:states:us-east-1:000000000000:stateMachine:other"}`, output: `"Name":"other"`,
		},
		"lower-case-refused": {
			resource: "aws-sdk:sfn:describeStateMachine", parameters: `{"StateMachineArn":"arn:aws:states:us-east-1:000000000000:stateMachine:none"}`,
			failure: "Sfn.StateMachineDoesNotExistException", cause: "State Machine Does Not Exist",
		},
		"no-protocol": {resource: "aws-sdk:sqs:sendMessage", parameters: `{}`, failure: "Sqs.UnknownException", cause: "not signed"},
		"no-service":  {resource: "aws-sdk:unheardof:doIt", parameters: `{}`, failure: asl.ErrorRuntime, cause: "not available here"},
	} {
		t.Run(name, func(t *testing.T) {
			got := c.finish(t, c.run(t, c.create(t, name, task("arn:aws:states:::"+d.resource, `,"Parameters":`+d.parameters)), "", `{}`))
			switch {
			case d.failure == "" && (got.Status != types.ExecutionStatusSucceeded || !strings.Contains(str(got.Output), d.output)):
				t.Errorf("%s, output %s %s %s", got.Status, str(got.Output), str(got.Error), str(got.Cause))
			case d.failure != "" && (str(got.Error) != d.failure || !strings.Contains(str(got.Cause), d.cause)):
				t.Errorf("%s, error %s, cause %s", got.Status, str(got.Error), str(got.Cause))
			}
		})
	}
}

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
