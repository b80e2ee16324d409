package e2e_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
)

// A state machine of anybody's, made over the API, reaches every service of the
// cloud by AWS SDK integrations, and S3 as the place of a distributed map's data.
func TestATaskReachesEveryServiceOfTheCloud(t *testing.T) {
	c := start(t, nil)
	states := c.sfn()
	made := 0
	execute := func(definition string) *sfn.DescribeExecutionOutput {
		t.Helper()
		made++
		machine, err := states.CreateStateMachine(t.Context(), &sfn.CreateStateMachineInput{
			Name: aws.String(fmt.Sprintf("task-%d", made)), Definition: &definition, RoleArn: aws.String("arn:aws:iam::000000000000:role/any"),
		})
		if err != nil {
			t.Fatal(err)
		}
		started, err := states.StartExecution(t.Context(), &sfn.StartExecutionInput{StateMachineArn: machine.StateMachineArn})
		if err != nil {
			t.Fatal(err)
		}
		var done *sfn.DescribeExecutionOutput
		eventually(t, "the execution ends", func() (bool, error) {
			done, err = states.DescribeExecution(t.Context(), &sfn.DescribeExecutionInput{ExecutionArn: started.ExecutionArn})
			return err == nil && done.Status != types.ExecutionStatusRunning, err
		})
		return done
	}
	const repository = `{"RepositoryName":"tasks/app","Tags":[{"Key":"k","Value":"v"}]}`
	for _, d := range []struct{ action, parameters, output string }{
		{"s3:createBucket", `{"Bucket":"of-tasks"}`, `"Location":"/of-tasks"`},
		{"s3:putObject", `{"Bucket":"of-tasks","Key":"items.json","Body":[1,2,3]}`, `"ETag":`},
		{"s3:getObject", `{"Bucket":"of-tasks","Key":"items.json"}`, `"Body":"[1,2,3]"`},
		{"cloudfront:listFunctions", `{}`, `"Name":"mayfly-folder-urls"`},
		{"lambda:listFunctions", `{}`, `"FunctionName":"mayfly-createbucket"`},
		{"sfn:listStateMachines", `{}`, `"Name":"mayfly-provision"`},
		{"sts:getCallerIdentity", `{}`, `"Account":"000000000000"`},
		{"ecr:createRepository", repository, `"RepositoryName":"tasks/app"`},
		{"ecr:describeRepositories", `{"RepositoryNames":["tasks/app"]}`, `"CreatedAt":"20`},
		{"ecrpublic:createRepository", `{"RepositoryName":"open"}`, `"RepositoryName":"open"`},
		{"cloudwatch:putMetricData", `{"Namespace":"Tasks","MetricData":[{"MetricName":"Made","Value":1}]}`, `{}`},
		{"cloudwatch:listMetrics", `{"Namespace":"Tasks"}`, `"MetricName":"Made"`},
		{"sqs:createQueue", `{"QueueName":"of-tasks"}`, `"QueueUrl":"http`},
		{"eventbridge:putRule", `{"Name":"of-tasks","EventPattern":{"source":["of.tasks"]}}`, `"RuleArn":`},
		{"eventbridge:putTargets", `{"Rule":"of-tasks","Targets":[{"Id":"queue","Arn":"arn:aws:sqs:us-east-1:000000000000:of-tasks"}]}`, `"FailedEntryCount":0`},
		{"eventbridge:describeRule", `{"Name":"of-tasks"}`, `"EventPattern":"{\"source\":[\"of.tasks\"]}"`},
	} {
		done := execute(`{"StartAt":"T","States":{"T":{"Type":"Task","Resource":"arn:aws:states:::aws-sdk:` + d.action + `","Parameters":` + d.parameters + `,"End":true}}}`)
		if !strings.Contains(aws.ToString(done.Output), d.output) {
			t.Errorf("%s: %s %s %s %s", d.action, done.Status, aws.ToString(done.Output), aws.ToString(done.Error), aws.ToString(done.Cause))
		}
	}
	again := execute(`{"StartAt":"T","States":{"T":{"Type":"Task","Resource":"arn:aws:states:::aws-sdk:ecr:createRepository","Parameters":` + repository + `,"End":true}}}`)
	if aws.ToString(again.Error) != "Ecr.RepositoryAlreadyExistsException" || !strings.Contains(aws.ToString(again.Cause), "(Service: Ecr, Status Code: 400, Request ID: ") {
		t.Errorf("a second repository: %s %s", aws.ToString(again.Error), aws.ToString(again.Cause))
	}

	// Optimized integrations, by way of a rule and a queue.
	queue := c.awsURL + "/000000000000/of-tasks"
	received := func() string {
		t.Helper()
		var message *string
		eventually(t, "a message comes", func() (bool, error) {
			done := execute(`{"StartAt":"T","States":{"T":{"Type":"Task","Resource":"arn:aws:states:::aws-sdk:sqs:receiveMessage","Parameters":{"QueueUrl":"` + queue + `"},"End":true}}}`)
			var out struct{ Messages []struct{ Body *string } }
			err := json.Unmarshal([]byte(aws.ToString(done.Output)), &out)
			if len(out.Messages) > 0 {
				message = out.Messages[0].Body
			}
			return message != nil, err
		})
		return *message
	}
	put := execute(`{"StartAt":"T","States":{"T":{"Type":"Task","Resource":"arn:aws:states:::events:putEvents","Parameters":{"Entries":[
{"Source":"of.tasks","DetailType":"Told","Detail":{"by":"a task"},"Time":"2026-01-02T03:04:05Z"}]},"End":true}}}`)
	if !strings.Contains(aws.ToString(put.Output), `"FailedEntryCount":0`) {
		t.Errorf("putEvents: %s %s %s", aws.ToString(put.Output), aws.ToString(put.Error), aws.ToString(put.Cause))
	}
	if event := received(); !strings.Contains(event, `"detail":{"by":"a task"}`) || !strings.Contains(event, `"time":"2026-01-02T03:04:05Z"`) ||
		!strings.Contains(event, `"resources":["`+aws.ToString(put.StateMachineArn)+`","`+aws.ToString(put.ExecutionArn)+`"]`) {
		t.Errorf("the event is %s", event)
	}
	bad := execute(`{"StartAt":"T","States":{"T":{"Type":"Task","Resource":"arn:aws:states:::events:putEvents","Parameters":{"Entries":[{"DetailType":"d","Detail":{}}]},"End":true}}}`)
	if aws.ToString(bad.Error) != "EventBridge.FailedEntry" || !strings.Contains(aws.ToString(bad.Cause), `"ErrorCode":"InvalidArgument"`) {
		t.Errorf("an event from nowhere: %s %s", aws.ToString(bad.Error), aws.ToString(bad.Cause))
	}
	sent := execute(`{"StartAt":"T","States":{"T":{"Type":"Task","Resource":"arn:aws:states:::sqs:sendMessage","Parameters":{"QueueUrl":"` + queue + `","MessageBody":{"a":1}},"End":true}}}`)
	if !strings.Contains(aws.ToString(sent.Output), `"MD5OfMessageBody":`) || received() != `{"a":1}` {
		t.Errorf("sendMessage: %s %s %s", aws.ToString(sent.Output), aws.ToString(sent.Error), aws.ToString(sent.Cause))
	}
	lost := execute(`{"StartAt":"T","States":{"T":{"Type":"Task","Resource":"arn:aws:states:::sqs:sendMessage","Parameters":{"QueueUrl":"` + queue + `-none","MessageBody":"m"},"End":true}}}`)
	if aws.ToString(lost.Error) != "SQS.QueueDoesNotExistException" {
		t.Errorf("a queue that is not there: %s %s", aws.ToString(lost.Error), aws.ToString(lost.Cause))
	}

	mapped := execute(`{"StartAt":"M","States":{"M":{"Type":"Map","End":true,
"ItemReader":{"Resource":"arn:aws:states:::s3:getObject","ReaderConfig":{"InputType":"JSON"},"Parameters":{"Bucket":"of-tasks","Key":"items.json"}},
"ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"},"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}},
"ResultWriter":{"Resource":"arn:aws:states:::s3:putObject","Parameters":{"Bucket":"of-tasks","Prefix":"results"}}}}}`)
	var written struct{ ResultWriterDetails struct{ Key string } }
	if err := json.Unmarshal([]byte(aws.ToString(mapped.Output)), &written); err != nil {
		t.Fatalf("%s %s %s: %v", mapped.Status, aws.ToString(mapped.Error), aws.ToString(mapped.Cause), err)
	}
	manifest := execute(`{"StartAt":"T","States":{"T":{"Type":"Task","Resource":"arn:aws:states:::aws-sdk:s3:getObject","Parameters":{"Bucket":"of-tasks","Key":"` +
		written.ResultWriterDetails.Key + `"},"OutputPath":"$.Body","End":true}}}`)
	if !strings.Contains(aws.ToString(manifest.Output), `SUCCEEDED`) {
		t.Errorf("the manifest is %s", aws.ToString(manifest.Output))
	}
}
