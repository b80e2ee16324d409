package sqs_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"
	"go.uber.org/goleak"

	"github.com/mayfly-dev/mayfly/local/sqs"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// driver is a service with a client of AWS's own SDK.
type driver struct {
	*api.Client
	service *sqs.Service
}

func start(t *testing.T, dir string) *driver {
	t.Helper()
	t.Setenv("AWS_CA_BUNDLE", "")
	service, err := sqs.New(sqs.Options{Dir: dir, URL: "http://127.0.0.1:4566", NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(service)
	t.Cleanup(func() {
		if err := service.Close(); err != nil {
			t.Error(err)
		}
		server.CloseClientConnections()
		server.Close()
	})
	return &driver{service: service, Client: api.New(api.Options{
		Region: "us-east-1", BaseEndpoint: aws.String(server.URL), HTTPClient: server.Client(), RetryMaxAttempts: 1,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "test", SecretAccessKey: "test"}, nil
		}),
	})}
}

func (d *driver) queue(t *testing.T, name string, attributes map[string]string) *string {
	t.Helper()
	out, err := d.CreateQueue(t.Context(), &api.CreateQueueInput{QueueName: &name, Attributes: attributes})
	if err != nil {
		t.Fatal(err)
	}
	return out.QueueUrl
}

func refused(t *testing.T, what string, err error, code string) {
	t.Helper()
	var refusal smithy.APIError
	if !errors.As(err, &refusal) || !strings.Contains(refusal.ErrorCode(), code) || refusal.ErrorMessage() == "" {
		t.Errorf("%s: error %v, want %s", what, err, code)
	}
}

// The SDK checks the checksums of bodies.
func TestSendReceiveDelete(t *testing.T) {
	dir := t.TempDir()
	d, ctx := start(t, dir), t.Context()
	url := d.queue(t, "dead", map[string]string{"VisibilityTimeout": "60"})
	if *url != "http://127.0.0.1:4566/000000000000/dead" {
		t.Errorf("url %s", *url)
	}
	sent, err := d.SendMessage(ctx, &api.SendMessageInput{QueueUrl: url, MessageBody: aws.String("héllo"), MessageAttributes: map[string]types.MessageAttributeValue{
		"RULE_ARN": {DataType: aws.String("String"), StringValue: aws.String("arn")}, "bytes": {DataType: aws.String("Binary"), BinaryValue: []byte{1, 2}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.SendMessage(ctx, &api.SendMessageInput{QueueUrl: url, MessageBody: aws.String("second")}); err != nil {
		t.Fatal(err)
	}
	in := &api.ReceiveMessageInput{QueueUrl: url, MessageAttributeNames: []string{"RULE_.*", "bytes"}, MessageSystemAttributeNames: []types.MessageSystemAttributeName{"All"}}
	got, err := d.ReceiveMessage(ctx, in)
	if err != nil || len(got.Messages) != 1 {
		t.Fatalf("received %v, %v", got, err)
	}
	m := got.Messages[0]
	if *m.Body != "héllo" || *m.MessageId != *sent.MessageId || *m.MessageAttributes["RULE_ARN"].StringValue != "arn" || len(m.MessageAttributes["bytes"].BinaryValue) != 2 ||
		*m.MD5OfMessageAttributes != *sent.MD5OfMessageAttributes || m.Attributes["ApproximateReceiveCount"] != "1" || m.Attributes["SentTimestamp"] == "" {
		t.Errorf("message %+v", m)
	}
	counts, err := d.GetQueueAttributes(ctx, &api.GetQueueAttributesInput{QueueUrl: url, AttributeNames: []types.QueueAttributeName{
		"QueueArn", "ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible", "VisibilityTimeout",
	}})
	want := map[string]string{
		"QueueArn": "arn:aws:sqs:us-east-1:000000000000:dead", "ApproximateNumberOfMessages": "1", "ApproximateNumberOfMessagesNotVisible": "1", "VisibilityTimeout": "60",
	}
	if err != nil || !reflect.DeepEqual(counts.Attributes, want) {
		t.Errorf("attributes %v, %v", counts, err)
	}
	for range 2 { // the second time it is gone
		if _, err := d.DeleteMessage(ctx, &api.DeleteMessageInput{QueueUrl: url, ReceiptHandle: m.ReceiptHandle}); err != nil {
			t.Error(err)
		}
	}
	all, err := d.service.Messages("dead")
	if err != nil || len(all) != 1 || all[0].Body != "second" {
		t.Errorf("messages %+v, %v", all, err)
	}
	t.Run("after a restart", func(t *testing.T) {
		if err := d.service.Close(); err != nil {
			t.Fatal(err)
		}
		d := start(t, dir)
		got, err := d.ReceiveMessage(t.Context(), &api.ReceiveMessageInput{QueueUrl: url, MaxNumberOfMessages: 10})
		if err != nil || len(got.Messages) != 1 || *got.Messages[0].Body != "second" {
			t.Errorf("received %v, %v", got, err)
		}
	})
}

func TestQueues(t *testing.T) {
	d, ctx := start(t, t.TempDir()), t.Context()
	url := d.queue(t, "a", nil)
	d.queue(t, "a", nil)
	d.queue(t, "b", nil)
	if err := d.service.Create("c"); err != nil {
		t.Error(err)
	}
	if err := d.service.Create("c"); err != nil {
		t.Error(err)
	}
	listed, err := d.ListQueues(ctx, &api.ListQueuesInput{})
	if err != nil || len(listed.QueueUrls) != 3 {
		t.Errorf("queues %v, %v", listed, err)
	}
	found, err := d.GetQueueUrl(ctx, &api.GetQueueUrlInput{QueueName: aws.String("a")})
	if err != nil || *found.QueueUrl != *url {
		t.Errorf("url %v, %v", found, err)
	}
	if _, err := d.SetQueueAttributes(ctx, &api.SetQueueAttributesInput{QueueUrl: url, Attributes: map[string]string{"MessageRetentionPeriod": "60"}}); err != nil {
		t.Error(err)
	}
	told, err := d.GetQueueAttributes(ctx, &api.GetQueueAttributesInput{QueueUrl: url, AttributeNames: []types.QueueAttributeName{"All"}})
	if err != nil || told.Attributes["MessageRetentionPeriod"] != "60" || told.Attributes["VisibilityTimeout"] != "30" {
		t.Errorf("attributes %v, %v", told, err)
	}
	if _, err := d.service.Send("a", "x", nil); err != nil {
		t.Error(err)
	}
	if _, err := d.PurgeQueue(ctx, &api.PurgeQueueInput{QueueUrl: url}); err != nil {
		t.Error(err)
	}
	if all, err := d.service.Messages("a"); err != nil || len(all) != 0 {
		t.Errorf("after the purge %v, %v", all, err)
	}
	if _, err := d.DeleteQueue(ctx, &api.DeleteQueueInput{QueueUrl: url}); err != nil {
		t.Error(err)
	}
	_, err = d.GetQueueUrl(ctx, &api.GetQueueUrlInput{QueueName: aws.String("a")})
	refused(t, "gone", err, "NonExistentQueue")
	var gone *types.QueueDoesNotExist
	_, err = d.ReceiveMessage(ctx, &api.ReceiveMessageInput{QueueUrl: url})
	if !errors.As(err, &gone) {
		t.Errorf("receive from no queue: %v", err)
	}
	if _, err := d.service.Messages("a"); !errors.Is(err, sqs.ErrNoQueue) {
		t.Errorf("messages of no queue: %v", err)
	}
}

func TestRefusals(t *testing.T) {
	d, ctx := start(t, t.TempDir()), t.Context()
	url := d.queue(t, "q", nil)
	for what, row := range map[string]struct {
		call func() error
		code string
	}{
		"fifo": {func() error {
			_, err := d.CreateQueue(ctx, &api.CreateQueueInput{QueueName: aws.String("q.fifo")})
			return err
		}, "UnsupportedOperation"},
		"name": {func() error {
			_, err := d.CreateQueue(ctx, &api.CreateQueueInput{QueueName: aws.String("no way")})
			return err
		}, "InvalidParameterValue"},
		"other": {func() error {
			_, err := d.CreateQueue(ctx, &api.CreateQueueInput{QueueName: aws.String("q"), Attributes: map[string]string{"VisibilityTimeout": "1"}})
			return err
		}, "QueueAlreadyExists"},
		"attribute": {func() error {
			_, err := d.SetQueueAttributes(ctx, &api.SetQueueAttributesInput{QueueUrl: url, Attributes: map[string]string{"VisibilityTimeout": "x"}})
			return err
		}, "InvalidAttributeValue"},
		"empty": {func() error {
			_, err := d.SendMessage(ctx, &api.SendMessageInput{QueueUrl: url, MessageBody: aws.String("")})
			return err
		}, "MissingParameter"},
		"long": {func() error {
			_, err := d.SendMessage(ctx, &api.SendMessageInput{QueueUrl: url, MessageBody: aws.String(strings.Repeat("x", 1<<20+1))})
			return err
		}, "InvalidParameterValue"},
		"no type": {func() error {
			_, err := d.SendMessage(ctx, &api.SendMessageInput{QueueUrl: url, MessageBody: aws.String("x"), MessageAttributes: map[string]types.MessageAttributeValue{"a": {DataType: aws.String("")}}})
			return err
		}, "InvalidParameterValue"},
		"most": {func() error {
			_, err := d.ReceiveMessage(ctx, &api.ReceiveMessageInput{QueueUrl: url, MaxNumberOfMessages: 11})
			return err
		}, "InvalidParameterValue"},
		"wait": {func() error {
			_, err := d.ReceiveMessage(ctx, &api.ReceiveMessageInput{QueueUrl: url, WaitTimeSeconds: 21})
			return err
		}, "InvalidParameterValue"},
		"visibility": {func() error {
			_, err := d.ReceiveMessage(ctx, &api.ReceiveMessageInput{QueueUrl: url, VisibilityTimeout: 43201})
			return err
		}, "InvalidParameterValue"},
		"receipt": {func() error {
			_, err := d.DeleteMessage(ctx, &api.DeleteMessageInput{QueueUrl: url, ReceiptHandle: aws.String("")})
			return err
		}, "MissingParameter"},
		"operation": {func() error {
			_, err := d.TagQueue(ctx, &api.TagQueueInput{QueueUrl: url, Tags: map[string]string{}})
			return err
		}, ""},
	} {
		refused(t, what, row.call(), row.code)
	}
	if err := d.service.Create("no way"); err == nil {
		t.Error("a queue of a bad name was made")
	}
}

// local calls the service without a network, for tests in a bubble of time.
func local(t *testing.T, service *sqs.Service, operation, body string) string {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader(body))
	r.Header.Set("X-Amz-Target", "AmazonSQS."+operation)
	w := httptest.NewRecorder()
	service.ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		t.Fatalf("%s: %s", operation, w.Body)
	}
	return w.Body.String()
}

func TestMessagesHideAndExpire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		service, err := sqs.New(sqs.Options{Dir: t.TempDir(), NoSync: true})
		if err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := service.Close(); err != nil {
				t.Error(err)
			}
		}()
		local(t, service, "CreateQueue", `{"QueueName": "q", "Attributes": {"MessageRetentionPeriod": "120"}}`)
		if _, err := service.Send("q", "x", nil); err != nil {
			t.Fatal(err)
		}
		for _, row := range []struct {
			after time.Duration
			want  bool
		}{{0, true}, {29 * time.Second, false}, {time.Second, true}, {30 * time.Second, true}, {time.Minute, false}} {
			time.Sleep(row.after)
			got := local(t, service, "ReceiveMessage", `{"QueueUrl": "/q"}`)
			if strings.Contains(got, `"Body":"x"`) != row.want {
				t.Errorf("after another %v: %s", row.after, got)
			}
		}
		if all, err := service.Messages("q"); err != nil || len(all) != 0 {
			t.Errorf("after two minutes: %v, %v", all, err)
		}
	})
}

func TestReceiveWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		service, err := sqs.New(sqs.Options{Dir: t.TempDir(), NoSync: true})
		if err != nil {
			t.Fatal(err)
		}
		if err := service.Create("q"); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		if got := local(t, service, "ReceiveMessage", `{"QueueUrl": "/q", "WaitTimeSeconds": 20}`); got != "{}" || time.Since(began) != 20*time.Second {
			t.Errorf("%s after %v", got, time.Since(began))
		}
		time.AfterFunc(5*time.Second, func() {
			if _, err := service.Send("q", "x", nil); err != nil {
				t.Error(err)
			}
		})
		began = time.Now()
		if got := local(t, service, "ReceiveMessage", `{"QueueUrl": "/q", "WaitTimeSeconds": 20}`); !strings.Contains(got, `"x"`) || time.Since(began) != 5*time.Second {
			t.Errorf("%s after %v", got, time.Since(began))
		}
		time.AfterFunc(time.Second, func() {
			if err := service.Close(); err != nil {
				t.Error(err)
			}
		})
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader(`{"QueueUrl": "/q", "WaitTimeSeconds": 20}`))
		r.Header.Set("X-Amz-Target", "AmazonSQS.ReceiveMessage")
		w := httptest.NewRecorder()
		service.ServeHTTP(w, r)
		if w.Code != http.StatusInternalServerError {
			t.Errorf("a closed service answers %d %s", w.Code, w.Body)
		}
	})
}

func TestTheJournalIsCompacted(t *testing.T) {
	dir := t.TempDir()
	service, err := sqs.New(sqs.Options{Dir: dir, NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"kept", "purged"} {
		if err := service.Create(name); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := service.Send("kept", "stays", map[string]sqs.Attribute{"a": {DataType: "String", StringValue: "b"}}); err != nil {
		t.Fatal(err)
	}
	for i := range 60 {
		if _, err := service.Send("purged", fmt.Sprint(i)+strings.Repeat("x", 200_000), nil); err != nil {
			t.Fatal(err)
		}
		if i%5 == 4 {
			local(t, service, "PurgeQueue", `{"QueueUrl": "/purged"}`)
		}
	}
	if err := service.Close(); err != nil {
		t.Fatal(err)
	}
	if service, err = sqs.New(sqs.Options{Dir: dir, NoSync: true}); err != nil {
		t.Fatal(err)
	}
	defer service.Close()
	all, err := service.Messages("kept")
	if err != nil || len(all) != 1 || all[0].Body != "stays" || all[0].Attributes["a"].StringValue != "b" {
		t.Errorf("kept %+v, %v", all, err)
	}
	if all, err = service.Messages("purged"); err != nil || len(all) != 0 {
		t.Errorf("purged %v, %v", all, err)
	}
}
