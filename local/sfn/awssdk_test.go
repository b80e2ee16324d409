package sfn_test

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/google/go-cmp/cmp"

	"github.com/mayfly-dev/mayfly/local/asl"
	"github.com/mayfly-dev/mayfly/local/lambda"
)

// do runs one task with parameters and returns its output, or how it failed.
func (c *cloud) do(t *testing.T, resource, parameters string) (output map[string]any, failure, cause string) {
	t.Helper()
	c.made++
	machine := c.create(t, fmt.Sprintf("task-%d", c.made), task("arn:aws:states:::"+resource, `,"Parameters":`+parameters))
	done := c.finish(t, c.run(t, machine, "", `{}`))
	if done.Status != types.ExecutionStatusSucceeded {
		return nil, str(done.Error), str(done.Cause)
	}
	if err := json.Unmarshal([]byte(str(done.Output)), &output); err != nil {
		t.Fatal(err)
	}
	return output, "", ""
}

// sdk does an action of an AWS SDK integration that must succeed.
func (c *cloud) sdk(t *testing.T, action, parameters string) map[string]any {
	t.Helper()
	output, failure, cause := c.do(t, "aws-sdk:"+action, parameters)
	if failure != "" {
		t.Fatalf("%s: %s: %s", action, failure, cause)
	}
	return output
}

// at finds a value in an output: "Distribution/DomainName", "Items/0".
func at(output any, path string) any {
	for step := range strings.SplitSeq(path, "/") {
		switch v := output.(type) {
		case map[string]any:
			output = v[step]
		case []any:
			var i int
			if _, err := fmt.Sscan(step, &i); err != nil || i >= len(v) {
				return nil
			}
			output = v[i]
		default:
			return nil
		}
	}
	return output
}

const isoTime = `^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z$`

func TestS3AsAnAWSSDKIntegration(t *testing.T) {
	a := startAccount(t)
	if out := a.sdk(t, "s3:createBucket", `{"Bucket":"data"}`); at(out, "Location") != "/data" {
		t.Errorf("createBucket: %v", out)
	}
	// A body is the JSON of its value: a string has its quotes. The ETags are AWS's.
	for _, body := range []struct{ json, etag string }{
		{`{"Dict":"Value"}`, "49e31cee5aec8faf3345893addb14346"},
		{`["List","Data"]`, "6b23860357f6e63a0272b7f1143a663a"},
		{`"text data"`, "2b5df3712557f503a9977a8ea893b2c9"},
		{`false`, "68934a3e9455fa72420237eb05902327"},
		{`0`, "cfcd208495d565ef66e7dff9f98764da"},
	} {
		out := a.sdk(t, "s3:putObject", `{"Bucket":"data","Key":"body","Body": `+body.json+`,"Metadata":{"a":"b"}}`)
		if etag := at(out, "ETag"); etag != `"`+body.etag+`"` || at(out, "ResultMetadata") != nil {
			t.Errorf("putObject of %s: %v", body.json, out)
		}
		if got := a.read(t, "data", "body"); got != body.json {
			t.Errorf("the body %s became %s", body.json, got)
		}
	}
	a.put(t, "data", "plain", "text data")
	got := a.sdk(t, "s3:getObject", `{"Bucket":"data","Key":"plain"}`)
	if when, _ := got["LastModified"].(string); !regexp.MustCompile(isoTime).MatchString(when) {
		t.Errorf("LastModified is %v", got["LastModified"])
	}
	delete(got, "LastModified")
	delete(got, "ContentType") // the client that put it had its own
	want := map[string]any{
		"AcceptRanges": "bytes", "Body": "text data", "ContentLength": 9.0, "ETag": `"332eec544317a6d340b8e77da7fe54ad"`, "Metadata": map[string]any{},
		"ServerSideEncryption": "AES256",
	}
	for name := range got {
		if strings.HasPrefix(name, "Checksum") {
			delete(got, name) // the client that put it asked for one
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	// Numbers and flags may be strings, and the other way round.
	a.put(t, "data", "7", "x")
	if out := a.sdk(t, "s3:listObjectsV2", `{"Bucket":"data","MaxKeys":"1","FetchOwner":"false"}`); at(out, "KeyCount") != 1.0 || at(out, "Contents/0/Key") != "7" ||
		at(out, "IsTruncated") != true || at(out, "Prefix") != "" && at(out, "Prefix") != nil {
		t.Errorf("listObjectsV2: %v", out)
	}
	if out := a.sdk(t, "s3:getObject", `{"Bucket":"data","Key":7}`); at(out, "Body") != "x" {
		t.Errorf("a key that is a number: %v", out)
	}
	// Capitals in front are one word.
	rules := `{"CorsRules":[{"AllowedMethods":["GET"],"AllowedOrigins":["*"],"MaxAgeSeconds":5,"Id":null}]}`
	if out := a.sdk(t, "s3:putBucketCors", `{"Bucket":"data","CorsConfiguration":`+rules+`}`); len(out) != 0 {
		t.Errorf("putBucketCors: %v", out)
	}
	if out := a.sdk(t, "s3:getBucketCors", `{"Bucket":"data"}`); at(out, "CorsRules/0/MaxAgeSeconds") != 5.0 || at(out, "CorsRules/0/AllowedOrigins/0") != "*" {
		t.Errorf("getBucketCors: %v", out)
	}
	a.put(t, "data", "long", strings.Repeat("x", asl.MaxPayload))
	for _, c := range []struct{ action, parameters, failure, cause string }{
		{"getObject", `{"Bucket":"data","Key":"none"}`, "S3.NoSuchKeyException",
			`^The specified key does not exist\. \(Service: S3, Status Code: 404, Request ID: [^ ,]+, Extended Request ID: [^ ,]+\)$`},
		{"headObject", `{"Bucket":"data","Key":"none"}`, "S3.NoSuchKeyException", `^null \(Service: S3, Status Code: 404, Request ID: `},
		{"headBucket", `{"Bucket":"none"}`, "S3.NoSuchBucketException", `Status Code: 404`},
		{"listObjects", `{"Bucket":"none"}`, "S3.NoSuchBucketException", `^The specified bucket does not exist\.? \(Service: S3, Status Code: 404`},
		{"deleteBucket", `{"Bucket":"none"}`, "S3.NoSuchBucketException", `Status Code: 404`},
		{"deleteBucket", `{"Bucket":"data"}`, "S3.S3Exception", `not empty.* \(Service: S3, Status Code: 409`},
		{"getObject", `{"Bucket":"data","Key":"long"}`, asl.ErrorDataLimitExceeded, `maximum number of bytes`},
		{"getBucketIntelligentTieringConfiguration", `{"Bucket":"data","Id":"x"}`, asl.ErrorRuntime, `^S3 \(.*\) is not available in the local cloud$`},
	} {
		_, failure, cause := a.do(t, "aws-sdk:s3:"+c.action, c.parameters)
		if failure != c.failure || !regexp.MustCompile(c.cause).MatchString(cause) {
			t.Errorf("%s %s: %s: %s", c.action, c.parameters, failure, cause)
		}
	}
}

func TestCloudFrontAsAnAWSSDKIntegration(t *testing.T) {
	a := startAccount(t)
	made := a.sdk(t, "cloudfront:createDistribution", `{"DistributionConfig":{"CallerReference":"one","Comment":"","Enabled":true,
"Origins":{"Quantity":1,"Items":[{"Id":"o","DomainName":"data.s3.us-east-1.amazonaws.com","S3OriginConfig":{"OriginAccessIdentity":""}}]},
"DefaultCacheBehavior":{"TargetOriginId":"o","ViewerProtocolPolicy":"allow-all","MinTTL":0,"ForwardedValues":{"QueryString":false,"Cookies":{"Forward":"none"}}},
"WebACLId":"","IsIPV6Enabled":true,"ViewerCertificate":{"CloudFrontDefaultCertificate":true}}}`)
	id, _ := at(made, "Distribution/Id").(string)
	if arn := at(made, "Distribution/Arn"); arn != "arn:aws:cloudfront::000000000000:distribution/"+id || at(made, "ETag") == nil {
		t.Errorf("createDistribution: %v", made)
	}
	got := a.sdk(t, "cloudfront:getDistribution", `{"Id":"`+id+`"}`)
	if at(got, "Distribution/DistributionConfig/DefaultCacheBehavior/MinTTL") != 0.0 || at(got, "Distribution/DistributionConfig/IsIPV6Enabled") != true {
		t.Errorf("getDistribution: %v", got)
	}
	if when, _ := at(got, "Distribution/LastModifiedTime").(string); !regexp.MustCompile(isoTime).MatchString(when) {
		t.Errorf("LastModifiedTime is %s", when)
	}
	// Code is text on its way in and out.
	const code = "function handler(event) { return event.request; }"
	a.sdk(t, "cloudfront:createFunction", `{"Name":"f","FunctionConfig":{"Comment":"","Runtime":"cloudfront-js-2.0"},"FunctionCode":"`+code+`"}`)
	if out := a.sdk(t, "cloudfront:getFunction", `{"Name":"f","Stage":"DEVELOPMENT"}`); at(out, "FunctionCode") != code {
		t.Errorf("getFunction: %v", out)
	}
	invalidated := a.sdk(t, "cloudfront:createInvalidation", `{"DistributionId":"`+id+`","InvalidationBatch":{"CallerReference":"x","Paths":{"Quantity":1,"Items":["/*"]}}}`)
	if at(invalidated, "Invalidation/InvalidationBatch/Paths/Items/0") != "/*" {
		t.Errorf("createInvalidation: %v", invalidated)
	}
	for _, c := range []struct{ action, parameters, failure, cause string }{
		{"getDistribution", `{"Id":"ENONE"}`, "CloudFront.NoSuchDistributionException", `\(Service: CloudFront, Status Code: 404, Request ID: [^ ,]+\)$`},
		{"deleteDistribution", `{"Id":"` + id + `","IfMatch":"` + fmt.Sprint(made["ETag"]) + `"}`, "CloudFront.DistributionNotDisabledException", `Status Code: 409`},
		{"deleteDistribution", `{"Id":"` + id + `","IfMatch":"E0"}`, "CloudFront.", `Status Code: 41`},
		{"getStreamingDistribution", `{"Id":"x"}`, "", ``},
	} {
		_, failure, cause := a.do(t, "aws-sdk:cloudfront:"+c.action, c.parameters)
		if !strings.HasPrefix(failure, c.failure) || failure == "" || !regexp.MustCompile(c.cause).MatchString(cause) {
			t.Errorf("%s: %s: %s", c.action, failure, cause)
		}
	}
}

func TestDynamoDBAsAnAWSSDKIntegrationAndAsAnOptimizedOne(t *testing.T) {
	a := startAccount(t)
	a.sdk(t, "dynamodb:createTable", `{"TableName":"table","KeySchema":[{"AttributeName":"id","KeyType":"HASH"}],
"AttributeDefinitions":[{"AttributeName":"id","AttributeType":"S"}],"BillingMode":"PAY_PER_REQUEST"}`)
	const item = `{"id":{"S":"a"},"yes":{"Bool":true},"none":{"Nul":true},"words":{"Ss":["x","y"]},"deep":{"M":{"l":{"L":[{"N":1}]}}},"bytes":{"B":"aGVsbG8="}}`
	if out := a.sdk(t, "dynamodb:putItem", `{"TableName":"table","Item":`+item+`}`); at(out, "SdkHttpMetadata") != nil {
		t.Errorf("putItem: %v", out)
	}
	var want map[string]any
	if err := json.Unmarshal([]byte(strings.Replace(item, `{"N":1}`, `{"N":"1"}`, 1)), &want); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, at(a.sdk(t, "dynamodb:getItem", `{"TableName":"table","Key":{"id":{"S":"a"}}}`), "Item")); diff != "" {
		t.Error(diff)
	}
	if out := a.sdk(t, "dynamodb:getItem", `{"TableName":"table","Key":{"id":{"S":"none"}}}`); len(out) != 0 {
		t.Errorf("an item that is not there: %v", out)
	}
	if out := a.sdk(t, "dynamodb:query", `{"TableName":"table","KeyConditionExpression":"id = :i","ExpressionAttributeValues":{":i":{"S":"b"}}}`); at(out, "Count") != 0.0 {
		t.Errorf("an empty query: %v", out)
	}

	// The optimized integration has the API's spelling, and tells of the response.
	put, failure, cause := a.do(t, "dynamodb:putItem", `{"TableName":"table","Item":{"id":{"S":"b"},"yes":{"BOOL":true},"none":{"NULL":true}}}`)
	if failure != "" || at(put, "SdkHttpMetadata/HttpStatusCode") != 200.0 || at(put, "SdkHttpMetadata/HttpHeaders/Content-Type") != "application/x-amz-json-1.0" {
		t.Errorf("putItem: %v %s %s", put, failure, cause)
	}
	got, failure, cause := a.do(t, "dynamodb:getItem", `{"TableName":"table","Key":{"id":{"S":"b"}}}`)
	if failure != "" || at(got, "Item/yes/BOOL") != true || at(got, "Item/none/NULL") != true {
		t.Errorf("getItem: %v %s %s", got, failure, cause)
	}
	updated, failure, cause := a.do(t, "dynamodb:updateItem",
		`{"TableName":"table","Key":{"id":{"S":"b"}},"UpdateExpression":"SET n = :n","ExpressionAttributeValues":{":n":{"N":"2"}},"ReturnValues":"ALL_NEW"}`)
	if failure != "" || at(updated, "Attributes/n/N") != "2" {
		t.Errorf("updateItem: %v %s %s", updated, failure, cause)
	}
	if _, failure, cause = a.do(t, "dynamodb:deleteItem", `{"TableName":"table","Key":{"id":{"S":"b"}}}`); failure != "" {
		t.Errorf("deleteItem: %s %s", failure, cause)
	}
	const condition = `{"TableName":"table","Item":{"id":{"S":"a"}},"ConditionExpression":"attribute_not_exists(id)"}`
	for _, c := range []struct{ resource, parameters, failure, cause string }{
		{"aws-sdk:dynamodb:putItem", condition, "DynamoDb.ConditionalCheckFailedException", `^The conditional request failed \(Service: DynamoDb, Status Code: 400, Request ID: `},
		{"dynamodb:putItem", condition, "DynamoDB.ConditionalCheckFailedException",
			`^The conditional request failed \(Service: AmazonDynamoDBv2; Status Code: 400; Error Code: ConditionalCheckFailedException; Request ID: .*; Proxy: null\)$`},
		{"aws-sdk:dynamodb:getItem", `{"TableName":"no-table","Key":{"id":{"S":"a"}}}`, "DynamoDb.ResourceNotFoundException", `Service: DynamoDb, Status Code: 400`},
		{"dynamodb:getItem", `{"TableName":"no-table","Key":{"id":{"S":"a"}}}`, "DynamoDB.ResourceNotFoundException", `Error Code: ResourceNotFoundException`},
		{"aws-sdk:dynamodb:getItem", `{"TableName":"table","Key":{"other":{"S":"a"}}}`, "DynamoDb.DynamoDbException", `Status Code: 400`},
		{"dynamodb:getItem", `{"TableName":"table","Key":{"other":{"S":"a"}}}`, "DynamoDB.AmazonDynamoDBException", `Error Code: ValidationException`},
	} {
		_, failure, cause := a.do(t, c.resource, c.parameters)
		if failure != c.failure || !regexp.MustCompile(c.cause).MatchString(cause) {
			t.Errorf("%s %s: %s: %s", c.resource, c.parameters, failure, cause)
		}
	}
}

func TestStepFunctionsLambdaAndSTSAsAWSSDKIntegrations(t *testing.T) {
	a := startAccount(t)
	machine := a.create(t, "other", passing)
	started := a.sdk(t, "sfn:startExecution", `{"StateMachineArn":"`+machine+`","Name":"n","Input":{"an":"object"}}`)
	if at(started, "ExecutionArn") != strings.Replace(machine, "stateMachine", "execution", 1)+":n" {
		t.Errorf("startExecution: %v", started)
	}
	if when, _ := at(started, "StartDate").(string); !regexp.MustCompile(isoTime).MatchString(when) {
		t.Errorf("StartDate is %s", when)
	}
	if got := a.finish(t, at(started, "ExecutionArn").(string)); str(got.Input) != `{"an":"object"}` {
		t.Errorf("the input is %s", str(got.Input))
	}
	a.create(t, "express", passing, express)
	if out := a.sdk(t, "sfn:startSyncExecution", `{"StateMachineArn":"`+strings.Replace(machine, "other", "express", 1)+`","Input":"{}"}`); at(out, "Status") != "SUCCEEDED" {
		t.Errorf("startSyncExecution: %v", out)
	}
	_, failure, cause := a.do(t, "aws-sdk:sfn:sendTaskFailure", `{"TaskToken":"NoSuchTaskToken"}`)
	if failure != "Sfn.InvalidTokenException" || !strings.HasPrefix(cause, "Invalid Token: 'Invalid token' (Service: Sfn, Status Code: 400, Request ID: ") {
		t.Errorf("sendTaskFailure: %s: %s", failure, cause)
	}

	a.lambda.Register("echo", lambda.InProcess(func(_ context.Context, in json.RawMessage) (json.RawMessage, error) { return in, nil }))
	if out := a.sdk(t, "lambda:invoke", `{"FunctionName":"echo","Payload":{"a":1}}`); at(out, "Payload") != `{"a":1}` || at(out, "StatusCode") != 200.0 || at(out, "ExecutedVersion") != "$LATEST" {
		t.Errorf("invoke: %v", out)
	}
	if out := a.sdk(t, "lambda:listFunctions", `{}`); at(out, "Functions/0/FunctionName") != "echo" {
		t.Errorf("listFunctions: %v", out)
	}
	if _, failure, cause = a.do(t, "aws-sdk:lambda:invoke", `{"FunctionName":"none"}`); failure != "Lambda.ResourceNotFoundException" || !strings.Contains(cause, "Service: Lambda, Status Code: 404") {
		t.Errorf("invoke of nothing: %s: %s", failure, cause)
	}
	if out := a.sdk(t, "sts:getCallerIdentity", `{}`); cmp.Diff(out, map[string]any{
		"Account": "000000000000", "Arn": "arn:aws:iam::000000000000:root", "UserId": "000000000000",
	}) != "" {
		t.Errorf("getCallerIdentity: %v", out)
	}
	if _, failure, cause = a.do(t, "aws-sdk:sts:getSessionToken", `{}`); failure != "Sts.StsException" {
		t.Errorf("getSessionToken: %s: %s", failure, cause)
	}
}

func TestServicesThatAreNotThereAreNamed(t *testing.T) {
	a := startAccount(t)
	for resource, d := range map[string]struct{ parameters, cause string }{
		"aws-sdk:ec2:describeInstances":  {`{}`, "arn:aws:states:::aws-sdk:ec2:describeInstances is not available"},
		"aws-sdk:secretsmanager:listAll": {`{}`, `SECRETSMANAGER (the service "secretsmanager" is not part of this local cloud) is not available`},
		"aws-sdk:ecs:listClusters":       {`{}`, `the service "ecs"`},
		"sns:publish":                    {`{"TopicArn":"t","Message":"m"}`, `the service "sns"`},
		"sqs:sendMessage":                {`{"QueueUrl":"q","MessageBody":"m"}`, `the service "sqs"`},
		"events:putEvents":               {`{"Entries":[]}`, `the service "events"`},
		"glue:startJobRun.sync":          {`{"JobName":"j"}`, "arn:aws:states:::glue:startJobRun.sync is not available"},
		"ecs:runTask.waitForTaskToken":   {`{"TaskDefinition":"d"}`, "ecs:runTask.waitForTaskToken is not available"},
	} {
		_, failure, cause := a.do(t, resource, d.parameters)
		if failure != asl.ErrorRuntime || !strings.Contains(cause, d.cause) {
			t.Errorf("%s: %s: %s", resource, failure, cause)
		}
	}
}
