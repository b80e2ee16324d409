package sfn_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/google/go-cmp/cmp"

	"github.com/mayfly-dev/mayfly/local/asl"
	"github.com/mayfly-dev/mayfly/local/sfn"
)

// refusal is an error of Lambda itself.
type refusal struct{ name, message string }

func (r refusal) Error() string     { return r.message }
func (r refusal) ErrorName() string { return r.name }

func TestLambdaInvokeTakesEveryFormOfAPayload(t *testing.T) {
	c := start(t, t.TempDir(), functions{functionARN("echo"): func(_ context.Context, payload []byte) ([]byte, error) { return payload, nil }})
	for given, want := range map[string]string{
		``:                            `{}`,
		`,"Payload":null`:             `{}`,
		`,"Payload":{"a":[1,2.50]}`:   `{"a":[1,2.50]}`,
		`,"Payload":[]`:               `[]`,
		`,"Payload":0.0`:              `0.0`,
		`,"Payload":true`:             `true`,
		`,"Payload":"null"`:           `null`, // JSON in a string is that JSON
		`,"Payload":"{\"a\": 1}"`:     `{"a":1}`,
		`,"Payload":"\"HelloWorld\""`: `"HelloWorld"`,
		`,"Payload":"plain text"`:     `"plain text"`,
	} {
		out, failure, cause := c.do(t, "lambda:invoke", `{"FunctionName":"echo"`+given+`}`)
		text, err := json.Marshal(at(out, "Payload"))
		var a, b any
		if failure != "" || err != nil || json.Unmarshal(text, &a) != nil || json.Unmarshal([]byte(want), &b) != nil || cmp.Diff(a, b) != "" {
			t.Errorf("%s became %s, want %s (%s %s)", given, text, want, failure, cause)
		}
	}
}

func TestLambdaInvokeAnswersAsAWSDoes(t *testing.T) {
	c := start(t, t.TempDir(), functions{functionARN("f"): func(context.Context, []byte) ([]byte, error) { return []byte(`{}`), nil }},
		func(o *sfn.Options) { o.NewID = func() string { return "an-id" } })
	out, _, _ := c.do(t, "lambda:invoke", `{"FunctionName":"f"}`)
	headers, ok := at(out, "SdkHttpMetadata/HttpHeaders").(map[string]any)
	if !ok || headers["Date"] == "" {
		t.Fatalf("%v", out)
	}
	delete(headers, "Date")
	delete(at(out, "SdkHttpMetadata/AllHttpHeaders").(map[string]any), "Date")
	want := map[string]any{
		"ExecutedVersion": "$LATEST", "Payload": map[string]any{}, "StatusCode": 200.0,
		"SdkResponseMetadata": map[string]any{"RequestId": "an-id"},
		"SdkHttpMetadata": map[string]any{
			"HttpStatusCode": 200.0,
			"HttpHeaders": map[string]any{
				"Connection": "keep-alive", "Content-Length": "2", "Content-Type": "application/json", "X-Amz-Executed-Version": "$LATEST",
				"x-amzn-Remapped-Content-Length": "0", "x-amzn-RequestId": "an-id",
			},
			"AllHttpHeaders": map[string]any{
				"Connection": []any{"keep-alive"}, "Content-Length": []any{"2"}, "Content-Type": []any{"application/json"},
				"X-Amz-Executed-Version": []any{"$LATEST"}, "x-amzn-Remapped-Content-Length": []any{"0"}, "x-amzn-RequestId": []any{"an-id"},
			},
		},
	}
	if diff := cmp.Diff(want, out); diff != "" {
		t.Error(diff)
	}
	out, _, _ = c.do(t, "lambda:invoke", `{"FunctionName":"f","LogType":"Tail"}`)
	log, err := base64.StdEncoding.DecodeString(at(out, "LogResult").(string))
	if err != nil || !strings.HasPrefix(string(log), "START RequestId: an-id Version: $LATEST\n") || at(out, "SdkHttpMetadata/HttpHeaders/X-Amz-Log-Result") != at(out, "LogResult") {
		t.Errorf("log %q, %v", log, out)
	}
}

func TestLambdaInvokeFindsFunctionsByEveryName(t *testing.T) {
	called := make(chan string, 1)
	hear := func(name string) func(context.Context, []byte) ([]byte, error) {
		return func(context.Context, []byte) ([]byte, error) {
			called <- name
			return nil, nil
		}
	}
	c := start(t, t.TempDir(), functions{
		functionARN("f"): hear("f"), functionARN("f:7"): hear("f:7"), functionARN("f:live"): hear("f:live"), functionARN("f:$LATEST"): hear("f:$LATEST"),
	})
	for _, d := range []struct{ parameters, function, version string }{
		{`{"FunctionName":"f"}`, "f", "$LATEST"},
		{`{"FunctionName":"function:f"}`, "f", "$LATEST"},
		{`{"FunctionName":"000000000000:function:f"}`, "f", "$LATEST"},
		{`{"FunctionName":"` + functionARN("f") + `"}`, "f", "$LATEST"},
		{`{"FunctionName":"f:7"}`, "f:7", "7"},
		{`{"FunctionName":"` + functionARN("f") + `:7"}`, "f:7", "7"},
		{`{"FunctionName":"f","Qualifier":"7"}`, "f:7", "7"},
		{`{"FunctionName":"f:7","Qualifier":"7"}`, "f:7", "7"},
		{`{"FunctionName":"000000000000:function:f","Qualifier":"live"}`, "f:live", "$LATEST"},
		{`{"FunctionName":"f","Qualifier":"$LATEST"}`, "f:$LATEST", "$LATEST"},
	} {
		out, failure, cause := c.do(t, "lambda:invoke", d.parameters)
		if failure != "" || at(out, "ExecutedVersion") != d.version {
			t.Errorf("%s: %v %s %s", d.parameters, out, failure, cause)
			continue
		}
		if got := <-called; got != d.function {
			t.Errorf("%s called %s", d.parameters, got)
		}
	}
	for _, qualified := range []string{"f", "f:7", "f:live"} { // as a resource
		if done := c.finish(t, c.run(t, c.create(t, strings.ReplaceAll("direct-"+qualified, ":", "-"), task(functionARN(qualified), "")), "", `{}`)); str(done.Error) != "" || <-called != qualified {
			t.Errorf("%s: %s %s", qualified, str(done.Error), str(done.Cause))
		}
	}
	_, failure, cause := c.do(t, "lambda:invoke", `{"FunctionName":"f:7","Qualifier":"8"}`)
	if failure != "Lambda.InvalidParameterValueException" || !strings.HasPrefix(cause, "The derived qualifier from the function name does not match the specified qualifier. (Service: AWSLambda; Status Code: 400;") {
		t.Errorf("two qualifiers: %s: %s", failure, cause)
	}
}

func TestLambdaFailuresAreNamedAsAWSNamesThem(t *testing.T) {
	fail := func(err error) func(context.Context, []byte) ([]byte, error) {
		return func(context.Context, []byte) ([]byte, error) { return nil, err }
	}
	c := start(t, t.TempDir(), functions{
		functionARN("own"):     fail(&sfn.FunctionError{ErrorType: "Mine", Payload: []byte(`{"errorMessage":"no","errorType":"Mine","stackTrace":[{"line":7}]}`)}),
		functionARN("untyped"): fail(&sfn.FunctionError{Payload: []byte(`{"errorMessage":"Task timed out after 3.00 seconds"}`)}),
		functionARN("busy"):    fail(refusal{"Lambda.TooManyRequestsException", "Rate Exceeded."}),
		functionARN("broken"):  fail(refusal{"Lambda.ServiceException", "Internal"}),
		functionARN("odd"):     fail(refusal{"Lambda.NoSuchCodeAnywhere", "odd"}),
		functionARN("away"):    fail(context.DeadlineExceeded),
	})
	for _, d := range []struct{ function, failure, cause string }{
		{"own", "Mine", `{"errorMessage":"no","errorType":"Mine","stackTrace":[{"line":7}]}`},
		{"untyped", "Lambda.Unknown", `The cause could not be determined because Lambda did not return an error type. Returned payload: {"errorMessage":"Task timed out after 3.00 seconds"}`},
		{"busy", "Lambda.TooManyRequestsException", "Rate Exceeded. (Service: AWSLambda; Status Code: 429; Error Code: TooManyRequestsException; Request ID: "},
		{"broken", "Lambda.ServiceException", "Internal (Service: AWSLambda; Status Code: 500; Error Code: ServiceException; Request ID: "},
		{"odd", "Lambda.AWSLambdaException", "odd (Service: AWSLambda; Status Code: 400; Error Code: NoSuchCodeAnywhere; Request ID: "},
		{"away", "Lambda.SdkClientException", "context deadline exceeded"},
		{"none", "Lambda.ResourceNotFoundException", "Function not found: " + functionARN("none") + " (Service: AWSLambda; Status Code: 404; Error Code: ResourceNotFoundException; Request ID: "},
	} {
		_, failure, cause := c.do(t, "lambda:invoke", `{"FunctionName":"`+d.function+`"}`)
		if failure != d.failure || !strings.HasPrefix(cause, d.cause) || strings.Contains(d.cause, "Service:") && !strings.HasSuffix(cause, "; Proxy: null)") {
			t.Errorf("%s: %s: %s", d.function, failure, cause)
		}
		direct := c.finish(t, c.run(t, c.create(t, "direct-"+d.function, task(functionARN(d.function), "")), "", `{}`))
		if str(direct.Error) != d.failure || !strings.HasPrefix(str(direct.Cause), d.cause) {
			t.Errorf("direct %s: %s: %s", d.function, str(direct.Error), str(direct.Cause))
		}
	}
	_, failure, _ := c.do(t, "lambda:invoke", `{"FunctionName":"own","InvocationType":"Never"}`)
	if failure != "Lambda.AWSLambdaException" {
		t.Errorf("an unknown invocation type: %s", failure)
	}
}

// found is an Invoker that can tell what it has.
type found struct{ functions }

func (f found) Find(arn string) error {
	if f.functions[arn] == nil {
		return missing{arn}
	}
	return nil
}

func TestLambdaInvokeNeedNotWaitOrCall(t *testing.T) {
	began, release := make(chan []byte, 1), make(chan struct{})
	hands := found{functions{functionARN("slow"): func(ctx context.Context, payload []byte) ([]byte, error) {
		began <- payload
		select {
		case <-release:
		case <-ctx.Done():
		}
		return nil, &sfn.FunctionError{ErrorType: "NobodyHears"}
	}}}
	c := start(t, t.TempDir(), hands)
	out, failure, _ := c.do(t, "lambda:invoke", `{"FunctionName":"slow","InvocationType":"Event","Payload":{"a":1}}`)
	if failure != "" || at(out, "StatusCode") != 202.0 || at(out, "Payload") != "" || at(out, "ExecutedVersion") != nil {
		t.Errorf("Event: %v %s", out, failure)
	}
	if got := <-began; string(got) != `{"a":1}` {
		t.Errorf("it got %s", got)
	}
	close(release)
	out, failure, _ = c.do(t, "lambda:invoke", `{"FunctionName":"slow","InvocationType":"DryRun"}`)
	if failure != "" || at(out, "StatusCode") != 204.0 || len(began) != 0 {
		t.Errorf("DryRun: %v %s", out, failure)
	}
	for _, kind := range []string{"Event", "DryRun"} {
		if _, failure, _ = c.do(t, "lambda:invoke", `{"FunctionName":"none","InvocationType":"`+kind+`"}`); failure != "Lambda.ResourceNotFoundException" {
			t.Errorf("%s of nothing: %s", kind, failure)
		}
	}
}

func TestAnInvocationThatNobodyWaitsForEndsWithTheService(t *testing.T) {
	began, ended := make(chan struct{}), make(chan struct{})
	c := start(t, t.TempDir(), functions{functionARN("hangs"): func(ctx context.Context, _ []byte) ([]byte, error) {
		close(began)
		<-ctx.Done()
		close(ended)
		return nil, ctx.Err()
	}})
	if _, failure, _ := c.do(t, "lambda:invoke", `{"FunctionName":"hangs","InvocationType":"Event"}`); failure != "" {
		t.Fatal(failure)
	}
	<-began
	c.close()
	<-ended
}

func TestLambdaInvokeHandsOnTheCallersContext(t *testing.T) {
	c := start(t, t.TempDir(), functions{functionARN("f"): func(ctx context.Context, _ []byte) ([]byte, error) {
		lc, _ := lambdacontext.FromContext(ctx)
		return json.Marshal(lc.ClientContext.Custom)
	}})
	about := base64.StdEncoding.EncodeToString([]byte(`{"custom":{"k":"v"}}`))
	if out, failure, cause := c.do(t, "lambda:invoke", `{"FunctionName":"f","ClientContext":"`+about+`"}`); at(out, "Payload/k") != "v" {
		t.Errorf("%v %s %s", out, failure, cause)
	}
	if _, failure, _ := c.do(t, "lambda:invoke", `{"FunctionName":"f","ClientContext":"not base64"}`); failure != "Lambda.InvalidRequestContentException" {
		t.Errorf("%s", failure)
	}
}

func TestLambdaInvokeWaitsForATokenInThePayload(t *testing.T) {
	tokens := make(chan string, 1)
	c := start(t, t.TempDir(), functions{functionARN("f"): func(_ context.Context, payload []byte) ([]byte, error) {
		var in struct{ Token string }
		if err := json.Unmarshal(payload, &in); err != nil {
			return nil, err
		}
		tokens <- in.Token
		return []byte(`"submitted"`), nil
	}})
	machine := c.create(t, "flow", task("arn:aws:states:::lambda:invoke.waitForTaskToken", `,"Parameters":{"FunctionName":"f","Payload":{"Token.$":"$$.Task.Token"}}`))
	execution := c.run(t, machine, "", `{}`)
	token := <-tokens
	c.until(t, execution, "TaskSubmitted")
	events, err := c.service.Engine().Events(execution)
	if err != nil {
		t.Fatal(err)
	}
	var submitted map[string]any
	if err := json.Unmarshal(events[len(events)-1].Output, &submitted); err != nil || submitted["Payload"] != "submitted" || submitted["StatusCode"] != 200.0 {
		t.Errorf("submitted %s: %v", events[len(events)-1].Output, err)
	}
	if err := c.service.Engine().SendTaskSuccess(token, []byte(`{"done":true}`)); err != nil {
		t.Fatal(err)
	}
	if done := c.finish(t, execution); str(done.Output) != `{"done":true}` {
		t.Errorf("%s %s", str(done.Output), str(done.Error))
	}
}

func TestWithoutLambdaATaskSaysSo(t *testing.T) {
	c := start(t, t.TempDir(), nil)
	if _, failure, cause := c.do(t, "lambda:invoke", `{"FunctionName":"f"}`); failure != asl.ErrorRuntime || cause != "Lambda is not available in the local cloud" {
		t.Errorf("%s: %s", failure, cause)
	}
}
