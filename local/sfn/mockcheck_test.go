package sfn_test

import (
	"cmp"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
)

// TestMocksAreCheckedAgainstTheModels has what AWS answered to the same mocks.
func TestMocksAreCheckedAgainstTheModels(t *testing.T) {
	c := start(t, t.TempDir(), nil)
	const strict, present, none = types.MockResponseValidationModeStrict, types.MockResponseValidationModePresent, types.MockResponseValidationModeNone
	parameters := map[string]string{
		"events:putEvents": `{"Entries":[]}`, "eventbridge:putEvents": `{"Entries":[]}`, "lambda:invoke": `{"FunctionName":"f"}`, "states:startExecution": `{"StateMachineArn":"m"}`,
		"dynamodb:putItem": `{"TableName":"t","Item":{}}`, "dynamodb:getItem": `{"TableName":"t","Key":{}}`,
		"sqs:sendMessage": `{"QueueUrl":"q","MessageBody":"b"}`, "sns:publish": `{"TopicArn":"t","Message":"m"}`,
		"s3:getObject": `{"Bucket":"b","Key":"k"}`,
	}
	for _, m := range []struct {
		resource, result string
		mode             types.MockResponseValidationMode
		refusal          string // "" for none
	}{
		{"events:putEvents", `{"random":"json"}`, strict, ""},
		{"events:putEvents", `{}`, strict, ""},
		{"events:putEvents", `{"Entries":"none"}`, strict, "Field 'Entries' must be an array"},
		{"events:putEvents", `{"Entries":[{"EventId":["a"]}]}`, present, "Field 'EventId' must be a string"},
		{"events:putEvents", `{"Entries":[{"EventId":"a"},{"EventId":["b"]}]}`, "", "Field 'EventId' must be a string"},
		{"aws-sdk:eventbridge:putEvents", `{"FailedEntryCount":"0"}`, strict, "Field 'FailedEntryCount' must be a number"},
		{"states:startExecution", `{}`, strict, "Required field 'ExecutionArn' is missing"},
		{"states:startExecution", `{}`, present, ""},
		{"states:startExecution", `{"executionArn":"a","startDate":"b"}`, strict, "Required field 'ExecutionArn' is missing"},
		{"states:startExecution", `{"executionArn":"a","startDate":"b"}`, present, ""},
		{"states:startExecution", `{"ExecutionArn":"a","StartDate":1764103483}`, strict, "Field 'StartDate' must be a string"},
		{"states:startExecution", `{"StartDate":true}`, present, "Field 'StartDate' must be a string"},
		{"states:startExecution", `{"StartDate":true}`, none, ""},
		{"states:startExecution.sync:2", `{"ExecutionArn":"a","StartDate":"b"}`, strict, "Required field 'StateMachineArn' is missing"},
		{"states:startExecution.sync:2", `{"Status":"DONE"}`, present, "Field 'Status' is not an expected value"},
		{"states:startExecution.sync", `{"Output":{}}`, present, "Field 'Output' must be a string"},
		{"states:startExecution.sync:2", `{"Output":{}}`, present, ""},
		{"lambda:invoke", `{"StatusCode":"200"}`, strict, "Field 'StatusCode' must be a number"},
		{"lambda:invoke", `{"Payload":{"statusCode":200}}`, strict, ""},
		{"lambda:invoke", `{"Payload":"function output","SdkHttpMetadata":{"HttpStatusCode":200}}`, strict, ""},
		{"aws-sdk:lambda:invoke", `{"Payload":{}}`, strict, "Field 'Payload' must be a string"},
		{"lambda:invoke.waitForTaskToken", `{"StatusCode":"200"}`, strict, ""},
		{"dynamodb:putItem", `{"ConsumedCapacity":{"CapacityUnits":"123.45"}}`, strict, "Field 'CapacityUnits' must be a number"},
		{"dynamodb:putItem", `{"Attributes":{"a":{"S":"b"}},"SdkHttpMetadata":{"HttpStatusCode":200}}`, strict, ""},
		{"aws-sdk:dynamodb:getItem", `{"Item":{"a":"b"}}`, strict, "Field 'a' must be an object"},
		{"sqs:sendMessage", `{"MD5OfMessageBody":{"unexpected":["object"]},"MessageId":"m"}`, strict, ""},
		{"sqs:sendMessage", `{"MessageId":7}`, strict, "Field 'MessageId' must be a string"},
		{"sns:publish", `{"MessageId":null}`, strict, ""},
		{"sns:publish", `[]`, strict, "Mocked result must be a JSON object."},
		{"aws-sdk:s3:getObject", `{"StorageClass":"Papyrus"}`, strict, "Field 'StorageClass' is not an expected value"},
		{"aws-sdk:s3:getObject", `{"Body":"text","ContentLength":4}`, strict, ""},
		{"http:invoke", `7`, strict, ""},
		{"aws-sdk:glue:startJobRun", `{"JobRunId":7}`, strict, ""},
	} {
		integration, _, _ := strings.Cut(strings.TrimPrefix(m.resource, "aws-sdk:"), ".")
		out, err := c.TestState(t.Context(), &api.TestStateInput{
			Definition: aws.String(`{"Type":"Task","Resource":"arn:aws:states:::` + m.resource + `","Parameters":` + cmp.Or(parameters[integration], `{}`) + `,"End":true}`),
			Mock:       &types.MockInput{Result: &m.result, FieldValidationMode: m.mode},
		})
		switch {
		case m.refusal == "" && (err != nil || out.Status != types.TestExecutionStatusSucceeded || *out.Output != m.result):
			t.Errorf("%s %s %s: %+v, %v", m.resource, m.mode, m.result, out, err)
		case m.refusal != "":
			refused(t, m.resource+" "+m.result, err, "ValidationException")
			if err != nil && !strings.Contains(err.Error(), m.refusal) {
				t.Errorf("%s %s: %v, want %s", m.resource, m.result, err, m.refusal)
			}
		}
	}
}
