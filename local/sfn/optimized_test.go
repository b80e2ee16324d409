package sfn_test

import (
	"crypto/md5" //nolint:gosec // SQS's own digest
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mayfly-dev/mayfly/local/asl"
	"github.com/mayfly-dev/mayfly/local/sfn"
)

// wire is a service of the cloud that remembers the last request to it.
type wire struct {
	target, kind, signed string
	body                 []byte
	status               int
	answer               string
}

func (w *wire) ServeHTTP(out http.ResponseWriter, r *http.Request) {
	w.target, w.kind, w.signed = r.Header.Get("X-Amz-Target"), r.Header.Get("Content-Type"), r.Header.Get("Authorization")
	w.body, _ = io.ReadAll(r.Body)
	out.Header().Set("Content-Type", w.kind)
	out.Header().Set("x-amzn-RequestId", "its-id")
	out.WriteHeader(w.status)
	_, _ = io.WriteString(out, w.answer)
}

func startWired(t *testing.T) (*cloud, *wire) {
	t.Helper()
	w := &wire{status: http.StatusOK, answer: "{}"}
	server := httptest.NewServer(w)
	t.Cleanup(server.Close)
	return start(t, t.TempDir(), nil, func(o *sfn.Options) { o.Endpoint, o.Client = server.URL, server.Client() }), w
}

func TestPutEventsSaysWhereTheEventsAreFrom(t *testing.T) {
	c, w := startWired(t)
	w.answer = `{"Entries":[{"EventId":"1"},{"EventId":"2"}],"FailedEntryCount":0}`
	machine := c.create(t, "flow", task("arn:aws:states:::events:putEvents", `,"Parameters":{"Entries":[
{"Detail":{"Message":"HelloWorld","n":1.50},"DetailType":"d","Source":"s","EventBusName":"b","Time":"2026-01-02T03:04:05Z"},
{"Detail":"{\"a\":1}","DetailType":"d","Source":"s","Resources":["one"],"Time":null}]}`))
	execution := c.run(t, machine, "", `{}`)
	done := c.finish(t, execution)
	if str(done.Output) != w.answer { // nothing about the response, as on AWS
		t.Errorf("%s %s %s", str(done.Output), str(done.Error), str(done.Cause))
	}
	if w.target != "AWSEvents.PutEvents" || w.kind != "application/x-amz-json-1.1" || !strings.Contains(w.signed, "/us-east-1/events/aws4_request") {
		t.Errorf("%s %s %s", w.target, w.kind, w.signed)
	}
	var got, want any
	if err := json.Unmarshal(w.body, &got); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(`{"Entries":[
{"Detail":"{\"Message\":\"HelloWorld\",\"n\":1.50}","DetailType":"d","Source":"s","EventBusName":"b","Time":1767323045,"Resources":["`+machine+`","`+execution+`"]},
{"Detail":"{\"a\":1}","DetailType":"d","Source":"s","Resources":["one","`+machine+`","`+execution+`"]}]}`), &want); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestPutEventsFailsWhenAnEntryDoes(t *testing.T) {
	c, w := startWired(t)
	const entries = `{"Entries":[{"Detail":{},"DetailType":"d","Source":"s"}]}`
	w.answer = `{"Entries":[{"EventId":"1"},{"ErrorCode":"InvalidArgument","ErrorMessage":"Source is a required argument."}],"FailedEntryCount":1}`
	if _, failure, cause := c.do(t, "events:putEvents", entries); failure != "EventBridge.FailedEntry" || cause != w.answer {
		t.Errorf("%s: %s", failure, cause)
	}
	w.status, w.answer = http.StatusBadRequest, `{"__type":"ValidationException","message":"1 validation error detected"}`
	if _, failure, cause := c.do(t, "events:putEvents", entries); failure != "EventBridge.EventBridgeException" ||
		cause != "1 validation error detected (Service: EventBridge, Status Code: 400, Request ID: its-id)" {
		t.Errorf("%s: %s", failure, cause)
	}
	if _, failure, _ := c.do(t, "events:putEvents", `{"Entries":"none"}`); failure != asl.ErrorRuntime {
		t.Errorf("entries that are none: %s", failure)
	}
}

func TestSendMessageSendsJSONInAString(t *testing.T) {
	c, w := startWired(t)
	digest := func(body string) string { // the client checks it
		return fmt.Sprintf(`{"MD5OfMessageBody":"%x","MessageId":"i"}`, md5.Sum([]byte(body))) //nolint:gosec // SQS's own
	}
	w.answer = digest(`{"a":[1,2]}`)
	out, failure, cause := c.do(t, "sqs:sendMessage", `{"QueueUrl":"q","MessageBody":{"a": [1, 2]},"DelaySeconds":5}`)
	if failure != "" || at(out, "MessageId") != "i" || len(at(out, "MD5OfMessageBody").(string)) != 32 || at(out, "SdkHttpMetadata/HttpStatusCode") != 200.0 ||
		at(out, "SdkResponseMetadata/RequestId") != "its-id" {
		t.Errorf("%v %s %s", out, failure, cause)
	}
	if want := `{"DelaySeconds":5,"MessageBody":"{\"a\":[1,2]}","QueueUrl":"q"}`; w.target != "AmazonSQS.SendMessage" || string(w.body) != want {
		t.Errorf("%s %s", w.target, w.body)
	}
	w.answer = digest("text")
	if _, failure, _ = c.do(t, "sqs:sendMessage", `{"QueueUrl":"q","MessageBody":"text"}`); failure != "" || !strings.Contains(string(w.body), `"MessageBody":"text"`) {
		t.Errorf("%s %s", failure, w.body)
	}
	for _, d := range []struct{ answer, failure, cause string }{
		{`{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"gone"}`, "SQS.QueueDoesNotExistException", "gone (Service: AmazonSQS; Status Code: 400; Error Code: QueueDoesNotExist; Request ID: its-id; Proxy: null)"},
		{`{"__type":"MissingParameter","message":"no body"}`, "SQS.AmazonSQSException", "no body (Service: AmazonSQS; Status Code: 400; Error Code: MissingParameter; Request ID: its-id; Proxy: null)"},
	} {
		w.status, w.answer = http.StatusBadRequest, d.answer
		if _, failure, cause = c.do(t, "sqs:sendMessage", `{"QueueUrl":"q","MessageBody":"text"}`); failure != d.failure || cause != d.cause {
			t.Errorf("%s: %s", failure, cause)
		}
	}
}

func TestPublishSpeaksTheQueryProtocol(t *testing.T) {
	c, w := startWired(t)
	w.answer = `<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult><MessageId>i</MessageId></PublishResult></PublishResponse>`
	out, failure, cause := c.do(t, "sns:publish", `{"TopicArn":"t","Message":{"a":1},"Subject":"s","MessageAttributes":{"b":{"DataType":"String","StringValue":"v"},"a":{"DataType":"Number","StringValue":"1"}}}`)
	if failure != "" || at(out, "MessageId") != "i" || at(out, "SdkResponseMetadata/RequestId") != "its-id" || at(out, "SequenceNumber") != nil {
		t.Errorf("%v %s %s", out, failure, cause)
	}
	form, err := url.ParseQuery(string(w.body))
	if err != nil || w.kind != "application/x-www-form-urlencoded" {
		t.Fatal(err, w.kind)
	}
	if diff := cmp.Diff(url.Values{
		"Action": {"Publish"}, "Version": {"2010-03-31"}, "TopicArn": {"t"}, "Message": {`{"a":1}`}, "Subject": {"s"},
		"MessageAttributes.entry.1.Name": {"a"}, "MessageAttributes.entry.1.Value.DataType": {"Number"}, "MessageAttributes.entry.1.Value.StringValue": {"1"},
		"MessageAttributes.entry.2.Name": {"b"}, "MessageAttributes.entry.2.Value.DataType": {"String"}, "MessageAttributes.entry.2.Value.StringValue": {"v"},
	}, form); diff != "" {
		t.Error(diff)
	}
	for code, name := range map[string]string{"NotFound": "SNS.NotFoundException", "Throttled": "SNS.AmazonSNSException"} {
		w.status, w.answer = http.StatusNotFound, `<ErrorResponse><Error><Type>Sender</Type><Code>`+code+`</Code><Message>no topic</Message></Error></ErrorResponse>`
		if _, failure, cause = c.do(t, "sns:publish", `{"TopicArn":"t","Message":"m"}`); failure != name ||
			cause != "no topic (Service: AmazonSNS; Status Code: 404; Error Code: "+code+"; Request ID: its-id; Proxy: null)" {
			t.Errorf("%s: %s", failure, cause)
		}
	}
}

func TestAServiceWithoutAClientIsCalledInItsProtocol(t *testing.T) {
	c, w := startWired(t)
	w.answer = `{"clusterArns":["arn"]}`
	out, failure, cause := c.do(t, "aws-sdk:ecs:listClusters", `{"MaxResults":1}`)
	if failure != "" || at(out, "ClusterArns/0") != "arn" || w.target != "AmazonEC2ContainerServiceV20141113.ListClusters" || string(w.body) != `{"maxResults":1}` {
		t.Errorf("%v %s %s: %s %s", out, failure, cause, w.target, w.body)
	}
	w.status, w.answer = http.StatusBadRequest, `{"__type":"ClusterNotFoundException","message":"gone"}`
	if _, failure, cause = c.do(t, "aws-sdk:ecs:listClusters", `{}`); failure != "Ecs.ClusterNotFoundException" ||
		cause != "gone (Service: Ecs, Status Code: 400, Request ID: its-id)" {
		t.Errorf("%s: %s", failure, cause)
	}
}

func TestAnEndpointThatDoesNotAnswerIsTheClientsError(t *testing.T) {
	c := start(t, t.TempDir(), nil, func(o *sfn.Options) { o.Endpoint = "http://127.0.0.1:1" })
	for resource, d := range map[string]struct{ parameters, failure string }{
		"aws-sdk:s3:listBuckets": {`{}`, "S3.SdkClientException"},
		"sqs:sendMessage":        {`{"QueueUrl":"q","MessageBody":"m"}`, "SQS.SdkClientException"},
		"dynamodb:getItem":       {`{"TableName":"t","Key":{}}`, "DynamoDB.SdkClientException"},
		"events:putEvents":       {`{"Entries":[]}`, "EventBridge.SdkClientException"},
	} {
		if _, failure, cause := c.do(t, resource, d.parameters); failure != d.failure || !strings.HasPrefix(cause, "Unable to execute HTTP request: ") {
			t.Errorf("%s: %s: %s", resource, failure, cause)
		}
	}
}
