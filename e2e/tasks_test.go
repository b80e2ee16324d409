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
