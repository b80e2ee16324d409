package s3_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"
	"go.uber.org/goleak"

	local "github.com/mayfly-dev/mayfly/local/s3"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(victimDir); dir != "" {
		victim(dir)
		return
	}
	goleak.VerifyTestMain(m)
}

// oais is the identities that exist: id to canonical user id.
type oais map[string]string

func (o oais) OriginAccessIdentity(id string) (string, bool) { c, ok := o[id]; return c, ok }

func (o oais) OAIByCanonicalUser(canonical string) (string, bool) {
	for id, c := range o {
		if c == canonical {
			return id, true
		}
	}
	return "", false
}

// A fixture is a service behind a listener, and a client of it.
type fixture struct {
	*s3.Client
	t       testing.TB
	service *local.Service
	url     string
	http    *http.Client
}

func start(t testing.TB, options local.Options) *fixture {
	t.Helper()
	t.Setenv("AWS_CA_BUNDLE", "")
	if options.Dir == "" {
		options.Dir = t.TempDir()
	}
	if options.Log == nil {
		options.Log = slog.New(slog.NewTextHandler(testWriter{t}, nil))
	}
	service, err := local.New(options)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(service)
	client := &http.Client{
		Transport:     &http.Transport{MaxIdleConnsPerHost: 32},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	t.Cleanup(func() {
		client.CloseIdleConnections()
		server.Close()
		if err := service.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return &fixture{Client: newClient(server.URL, client), t: t, service: service, url: server.URL, http: client}
}

func newClient(url string, client *http.Client) *s3.Client {
	return s3.New(s3.Options{
		Region: "us-east-1", BaseEndpoint: &url, UsePathStyle: true, RetryMaxAttempts: 1, HTTPClient: client,
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	})
}

type testWriter struct{ t testing.TB }

func (w testWriter) Write(p []byte) (int, error) {
	w.t.Log(strings.TrimSpace(string(p)))
	return len(p), nil
}

func (f *fixture) bucket(name string) {
	f.t.Helper()
	_, err := f.CreateBucket(context.Background(), &s3.CreateBucketInput{Bucket: &name})
	must(f.t, err)
}

func (f *fixture) versionedBucket(name string) {
	f.t.Helper()
	f.bucket(name)
	f.versioning(name, "Enabled")
}

func (f *fixture) put(bucket, key, body string) string {
	f.t.Helper()
	out, err := f.PutObject(context.Background(), &s3.PutObjectInput{Bucket: &bucket, Key: &key, Body: strings.NewReader(body)})
	must(f.t, err)
	return aws.ToString(out.VersionId)
}

func (f *fixture) get(bucket, key, version string) (string, error) {
	f.t.Helper()
	input := &s3.GetObjectInput{Bucket: &bucket, Key: &key}
	if version != "" {
		input.VersionId = &version
	}
	out, err := f.GetObject(context.Background(), input)
	if err != nil {
		return "", err
	}
	defer out.Body.Close()
	body, err := io.ReadAll(out.Body)
	must(f.t, err)
	return string(body), nil
}

// as reads a key as a principal, in the process.
func (f *fixture) as(who local.Principal, method, path string) (int, string) {
	f.t.Helper()
	r, err := http.NewRequest(method, "http://s3.localhost/"+path, nil)
	must(f.t, err)
	response, err := f.service.RoundTripper(who).RoundTrip(r)
	must(f.t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	must(f.t, err)
	return response.StatusCode, string(body)
}

// raw sends a request without a signature unless a header gives one.
func (f *fixture) raw(method, path string, header map[string]string, body string) (*http.Response, string) {
	f.t.Helper()
	r, err := http.NewRequest(method, f.url+path, bytes.NewReader([]byte(body)))
	must(f.t, err)
	for name, value := range header {
		if name == "Host" {
			r.Host = value
			continue
		}
		r.Header.Set(name, value)
	}
	response, err := f.http.Do(r)
	must(f.t, err)
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	must(f.t, err)
	return response, string(content)
}

const signature = "AWS4-HMAC-SHA256 Credential=any/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=00"

var signed = map[string]string{"Authorization": signature}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func code(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

func wantCode(t testing.TB, err error, want string) {
	t.Helper()
	if got := code(err); got != want {
		t.Errorf("error code: got %q (%v), want %q", got, err, want)
	}
}

// A clock that the test moves.
type clock struct{ now time.Time }

func (c *clock) Now() time.Time { return c.now }
