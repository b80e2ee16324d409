package sfn_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/smithy-go"

	"github.com/mayfly-dev/mayfly/local/asl"
)

func TestIntegrationsThatAWSRefusesAreRefused(t *testing.T) {
	c := start(t, t.TempDir(), nil)
	// What AWS says of a resource is about its Resource, of parameters about them.
	unknown := func(resource string) string {
		return "SCHEMA_VALIDATION_FAILED: The resource provided arn:aws:states:::" + resource + " is not recognized. " +
			"The value is not a valid resource ARN, or the resource is not available in this region. at /States/T/Resource"
	}
	missing := func(field string) string {
		return "SCHEMA_VALIDATION_FAILED: The field '" + field + "' is required but was missing at /States/T/Parameters"
	}
	unsupported := func(field string) string {
		return `SCHEMA_VALIDATION_FAILED: The field "` + field + `" is not supported by Step Functions at /States/T/Parameters`
	}
	for _, d := range []struct{ resource, parameters, refused string }{
		{"aws-sdk:s3:getObject", `{"Bucket":"b","Key":"k"}`, ""},
		{"aws-sdk:s3:getObject.waitForTaskToken", `{"Bucket":"b","Key.$":"$$.Task.Token"}`, ""},
		{"aws-sdk:s3:getObject.sync", `{"Bucket":"b","Key":"k"}`, unknown("aws-sdk:s3:getObject.sync")},
		{"aws-sdk:s3:GetObject", `{"Bucket":"b","Key":"k"}`, unknown("aws-sdk:s3:GetObject")},
		{"aws-sdk:s3:getObjects", `{}`, unknown("aws-sdk:s3:getObjects")},
		{"aws-sdk:s3:options", `{}`, unknown("aws-sdk:s3:options")},
		{"aws-sdk:s3:selectObjectContent", `{}`, unknown("aws-sdk:s3:selectObjectContent")},
		{"aws-sdk:sts:assumeRole", `{}`, unknown("aws-sdk:sts:assumeRole")},
		{"aws-sdk:lambda:invokeWithResponseStream", `{}`, unknown("aws-sdk:lambda:invokeWithResponseStream")},
		{"aws-sdk:unheardof:doIt", `{}`, unknown("aws-sdk:unheardof:doIt")},
		{"aws-sdk:ec2:describeInstances", `{}`, ""}, // AWS has it, the local cloud does not
		{"aws-sdk:ec2:DescribeInstances", `{}`, unknown("aws-sdk:ec2:DescribeInstances")},
		{"aws-sdk:s3:getObject", `{"Bucket":"b"}`, missing("Key")},
		{"aws-sdk:s3:getObject", `{"Bucket":"b","Key.$":"$.key"}`, ""},
		{"aws-sdk:s3:getObject", `{"Bucket":"b","Key":"k","bucket":"b"}`, unsupported("bucket")},
		{"aws-sdk:s3:copyObject", `{"Bucket":"b","Key":"k","CopySource":"b/k","SSEKMSKeyId":"x"}`, unsupported("SSEKMSKeyId")},
		{"aws-sdk:s3:copyObject", `{"Bucket":"b","Key":"k","CopySource":"b/k","SsekmsKeyId":"x","Acl":"private"}`, ""},
		{"aws-sdk:s3:putObject", `{"Bucket":"b","Key":"k","Body":{"any":{"thing.$":"$.x"}},"Metadata":{"any.$":"$.y"}}`, ""},
		{"aws-sdk:cloudfront:createInvalidation", `{"DistributionId":"E","InvalidationBatch":{"CallerReference":"r","Paths":{"Items":["/*"]}}}`, missing("Quantity")},
		{"aws-sdk:cloudfront:createInvalidation", `{"DistributionId":"E","InvalidationBatch":{"CallerReference":"r","Paths.$":"$.paths"}}`, ""},
		{"aws-sdk:cloudfront:createInvalidation", `{"DistributionId":"E","InvalidationBatch.$":"$.batch"}`, ""},
		{"aws-sdk:cloudfront:createInvalidation", `{"DistributionId":"E","InvalidationBatch":{"CallerReference":"r","paths":{}}}`, unsupported("paths") + ", " + missing("Paths")},
		{"aws-sdk:dynamodb:putItem", `{"TableName":"t","Item":{"id":{"S.$":"$.id"},"f":{"Bool":true}}}`, ""},
		{"aws-sdk:dynamodb:putItem", `{"TableName":"t","Item":{"f":{"BOOL":true}}}`, unsupported("BOOL")},
		{"dynamodb:putItem", `{"TableName":"t","Item":{"f":{"BOOL":true}}}`, ""},
		{"dynamodb:putItem", `{"TableName":"t","Item":{"f":{"Bool":true}}}`, unsupported("Bool")},
		{"dynamodb:putItem", `{"TableName":"t"}`, missing("Item")},
		{"dynamodb:putItem.waitForTaskToken", `{}`, unknown("dynamodb:putItem.waitForTaskToken")},
		{"dynamodb:putItem.sync", `{}`, unknown("dynamodb:putItem.sync")},
		{"dynamodb:query", `{}`, unknown("dynamodb:query")},
		{"lambda:invoke", `{"FunctionName":"f","LogType":"Tail","ClientContext":"e30=","Qualifier":"1","InvocationType":"Event","Payload.$":"$"}`, ""},
		{"lambda:invoke", `{"Payload":1}`, missing("FunctionName")},
		{"lambda:invoke", `{"FunctionName":"f","Input":1}`, unsupported("Input")},
		{"lambda:invoke.sync", `{"FunctionName":"f"}`, unknown("lambda:invoke.sync")},
		{"lambda:listFunctions", `{}`, unknown("lambda:listFunctions")},
		{"lambda:invoke", ``, "SCHEMA_VALIDATION_FAILED: Parameters field is required for resource ARN: arn:aws:states:::lambda:invoke at /States/T"},
		{"aws-sdk:s3:listBuckets", ``, "SCHEMA_VALIDATION_FAILED: Parameters field is required for resource ARN: arn:aws:states:::aws-sdk:s3:listBuckets at /States/T"},
		{"states:startExecution.sync:2", `{"StateMachineArn":"m","Input":{},"Name":"n"}`, ""},
		{"states:startExecution.sync:3", `{"StateMachineArn":"m"}`, unknown("states:startExecution.sync:3")},
		{"states:startExecution", `{"StateMachineARN":"m"}`, unsupported("StateMachineARN") + ", " + missing("StateMachineArn")},
		{"glue:startJobRun.sync", `{"JobName":"j"}`, ""},
		{"glue:startJobRun.sync:2", `{"JobName":"j"}`, unknown("glue:startJobRun.sync:2")},
		{"ecs:runTask.waitForTaskToken", `{"TaskDefinition":"d"}`, ""},
		{"events:putEvents", `{}`, missing("Entries")},
		{"sqs:sendMessage", `{"QueueUrl":"q"}`, missing("MessageBody")},
		{"sqs:sendMessage.sync", `{"QueueUrl":"q","MessageBody":"b"}`, unknown("sqs:sendMessage.sync")},
		{"sns:publish", `{"TopicArn":"t"}`, missing("Message")},
		{"unheardof:doIt", `{}`, unknown("unheardof:doIt")},
	} {
		more := ""
		if d.parameters != "" {
			more = `,"Parameters":` + d.parameters
		}
		checked(t, c, task("arn:aws:states:::"+d.resource, more), d.refused)
	}
}

func TestArgumentsOfJSONataStatesAreCheckedAsFarAsTheyAreKnown(t *testing.T) {
	c := start(t, t.TempDir(), nil)
	for _, d := range []struct{ resource, arguments, refused string }{
		{"aws-sdk:s3:getObject", `{"Bucket":"{% $x %}","Key":"k"}`, ""},
		{"aws-sdk:s3:getObject", `"{% $x %}"`, ""},
		{"lambda:invoke", `"{% $x %}"`, ""},
		{"aws-sdk:s3:getObject", `{"Key":"{% $x %}"}`, "SCHEMA_VALIDATION_FAILED: The field 'Bucket' is required but was missing at /States/T/Arguments"},
		{"aws-sdk:cloudfront:createInvalidation", `{"DistributionId":"E","InvalidationBatch":"{% $x %}"}`, ""},
		{"aws-sdk:s3:getObject", `{"Bucket":"b","Key":"k","Key.$":"k"}`, `SCHEMA_VALIDATION_FAILED: The field "Key.$" is not supported by Step Functions at /States/T/Arguments`},
		{"lambda:invoke", "", "SCHEMA_VALIDATION_FAILED: Arguments field is required for resource ARN: arn:aws:states:::lambda:invoke at /States/T"},
	} {
		more := `,"QueryLanguage":"JSONata","Assign":{"x":1}`
		if d.arguments != "" {
			more += `,"Arguments":` + d.arguments
		}
		checked(t, c, strings.ReplaceAll(task("arn:aws:states:::"+d.resource, more), "$x", "$states.input"), d.refused)
	}
}

// checked asks for the findings about a definition, and tries to make it.
func checked(t *testing.T, c *cloud, definition, refused string) {
	t.Helper()
	found, err := c.ValidateStateMachineDefinition(t.Context(), &api.ValidateStateMachineDefinitionInput{Definition: &definition})
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, d := range found.Diagnostics {
		lines = append(lines, *d.Code+": "+*d.Message+" at "+aws.ToString(d.Location))
	}
	if got := strings.Join(lines, ", "); got != refused {
		t.Errorf("%s\n is found to be %q\n want %q", definition, got, refused)
	}
	_, err = c.CreateStateMachine(t.Context(), &api.CreateStateMachineInput{Name: aws.String("m"), Definition: &definition, RoleArn: aws.String(role)})
	if refused == "" {
		if _, gone := c.DeleteStateMachine(t.Context(), &api.DeleteStateMachineInput{StateMachineArn: aws.String("arn:aws:states:us-east-1:000000000000:stateMachine:m")}); err != nil || gone != nil {
			t.Errorf("%s: %v, %v", definition, err, gone)
		}
		return
	}
	var invalid smithy.APIError
	if !errors.As(err, &invalid) || invalid.ErrorCode() != "InvalidDefinition" || invalid.ErrorMessage() != "Invalid State Machine Definition: '"+refused+"'" {
		t.Errorf("%s: %v", definition, err)
	}
}

func TestATaskIsNotScheduledWithParametersThatCannotStartIt(t *testing.T) {
	c := start(t, t.TempDir(), nil)
	for _, d := range []struct{ resource, parameters, input, cause string }{
		{
			"lambda:invoke", `{"FunctionName":"f","TaskToken.$":"$.t"}`, `{"t":1}`,
			`The Parameters '{"FunctionName":"f","TaskToken":1}' could not be used to start the Task: [The field "TaskToken" is not supported by Step Functions]`,
		},
		{
			"aws-sdk:cloudfront:createInvalidation", `{"DistributionId":"E","InvalidationBatch.$":"$"}`, `{"CallerReference":"r","x":1}`,
			`The Parameters '{"DistributionId":"E","InvalidationBatch":{"CallerReference":"r","x":1}}' could not be used to start the Task: ` +
				`[The field "x" is not supported by Step Functions, The field 'Paths' is required but was missing]`,
		},
		{
			"aws-sdk:s3:listObjectsV2", `{"Bucket":"b","MaxKeys.$":"$.n"}`, `{"n":"many"}`,
			`The Parameters '{"Bucket":"b","MaxKeys":"many"}' could not be used to start the Task: [The value of the field 'MaxKeys' has an invalid format]`,
		},
	} {
		machine := c.create(t, strings.NewReplacer(":", "-", ".", "-").Replace(d.resource), task("arn:aws:states:::"+d.resource, `,"Parameters":`+d.parameters+
			`,"Catch":[{"ErrorEquals":["States.ALL"],"Next":"T"}]`))
		execution := c.run(t, machine, "", d.input)
		done := c.finish(t, execution)
		if want := "An error occurred while executing the state 'T' (entered at the event id #2). " + d.cause; str(done.Error) != asl.ErrorRuntime || str(done.Cause) != want {
			t.Errorf("%s:\n%s\nwant\n%s", str(done.Error), str(done.Cause), want)
		}
		events, err := c.service.Engine().Events(execution)
		if err != nil {
			t.Fatal(err)
		}
		var kinds []string
		for _, e := range events {
			kinds = append(kinds, e.Type)
		}
		if got := strings.Join(kinds, " "); got != "ExecutionStarted TaskStateEntered ExecutionFailed" {
			t.Errorf("events: %s", got)
		}
	}
}
