package sfn_test

import (
	"context"
	"crypto/rand"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	s3api "github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/mayfly-dev/mayfly/local/asl"
	"github.com/mayfly-dev/mayfly/local/asl/journal"
	"github.com/mayfly-dev/mayfly/local/asl/parquet"
	"github.com/mayfly-dev/mayfly/local/cloudfront"
	"github.com/mayfly-dev/mayfly/local/dynamodb"
	"github.com/mayfly-dev/mayfly/local/gateway"
	"github.com/mayfly-dev/mayfly/local/lambda"
	"github.com/mayfly-dev/mayfly/local/s3"
	"github.com/mayfly-dev/mayfly/local/sfn"
	"github.com/mayfly-dev/mayfly/local/sts"
)

// account is Step Functions in front of the real services of the local cloud,
// on one port.
type account struct {
	*cloud
	objects *s3api.Client
	lambda  *lambda.Service
	url     string
	http    *http.Client
}

func startAccount(t *testing.T) *account {
	t.Helper()
	t.Setenv("AWS_CA_BUNDLE", "")
	distributions, err := cloudfront.New(cloudfront.Options{Dir: t.TempDir(), Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	objects, err := s3.New(s3.Options{Dir: t.TempDir(), Identities: distributions, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	tables, err := dynamodb.New(dynamodb.Options{Dir: t.TempDir(), Now: time.Now, Region: "us-east-1", Account: "000000000000"})
	if err != nil {
		t.Fatal(err)
	}
	a := &account{lambda: lambda.New(lambda.Options{RequestID: rand.Text})}
	states := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { a.service.ServeHTTP(w, r) })
	server := httptest.NewServer(gateway.New(gateway.Options{Services: map[string]gateway.Service{
		"s3": {Handler: objects}, "cloudfront": {Handler: distributions}, "lambda": {Handler: a.lambda}, "states": {Handler: states},
		"dynamodb": {Handler: tables}, "sts": {Handler: sts.Handler{Account: "000000000000", RequestID: rand.Text}},
	}}))
	a.url, a.http = server.URL, server.Client()
	a.objects = s3api.New(s3api.Options{
		Region: "us-east-1", BaseEndpoint: aws.String(server.URL), HTTPClient: server.Client(), UsePathStyle: true,
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	})
	t.Cleanup(func() {
		a.close() // its tasks need the others
		server.CloseClientConnections()
		server.Close()
		for _, end := range []func() error{
			distributions.Close, tables.Close, func() error { return objects.Close(context.Background()) },
		} {
			if err := end(); err != nil {
				t.Error(err)
			}
		}
	})
	log, err := journal.Open(t.TempDir(), journal.Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	a.cloud = start(t, t.TempDir(), invoker{a.lambda}, func(o *sfn.Options) {
		o.Endpoint, o.Client = server.URL, server.Client()
		o.Engine = func(tasks asl.TaskRunner) (*asl.Engine, error) {
			return asl.New(asl.Options{Tasks: tasks, Items: sfn.ItemStore(a.objects), Parquet: parquet.Reader{}, Journal: log})
		}
	})
	return a
}

// bucket makes a bucket with objects in it.
func (a *account) bucket(t *testing.T, name string, objects map[string]string) {
	t.Helper()
	if _, err := a.objects.CreateBucket(t.Context(), &s3api.CreateBucketInput{Bucket: &name}); err != nil {
		t.Fatal(err)
	}
	for key, content := range objects {
		a.put(t, name, key, content)
	}
}

func (a *account) put(t *testing.T, bucket, key, content string) {
	t.Helper()
	if err := sfn.ItemStore(a.objects).Put(t.Context(), asl.ObjectRef{Bucket: bucket, Key: key}, strings.NewReader(content)); err != nil {
		t.Fatal(err)
	}
}

// read returns an object's content.
func (a *account) read(t *testing.T, bucket, key string) string {
	t.Helper()
	o, err := sfn.ItemStore(a.objects).Open(t.Context(), asl.ObjectRef{Bucket: bucket, Key: key})
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(io.NewSectionReader(o, 0, o.Size()))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}
