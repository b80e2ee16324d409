package gateway_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/fxamacker/cbor/v2"

	"github.com/mayfly-dev/mayfly/local/gateway"
)

func named(name string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, name) })
}

func services() map[string]gateway.Service {
	all := make(map[string]gateway.Service)
	for _, name := range []string{"s3", "cloudfront", "states", "dynamodb", "monitoring"} {
		all[name] = gateway.Service{Handler: named(name)}
	}
	return all
}

const authorization = "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/%s/aws4_request, SignedHeaders=host, Signature=00"

func TestARequestFindsItsService(t *testing.T) {
	g := gateway.New(gateway.Options{Services: services(), Edge: named("edge"), Website: named("website"), Registry: named("registry")})
	for _, tc := range []struct {
		name, host, path, scope, target, want string
	}{
		{name: "an edge host", host: "d1.cloudfront.localhost:4566", path: "/", want: "edge"},
		{name: "an edge host in capitals", host: "D1.CloudFront.LOCALHOST", path: "/", want: "edge"},
		{name: "an edge host even with a registry's path", host: "d1.cloudfront.localhost", path: "/v2/", want: "edge"},
		{name: "a website host", host: "b.s3-website.localhost:4566", path: "/", want: "website"},
		{name: "a website host with a region", host: "b.s3-website-us-east-1.amazonaws.com", path: "/", want: "website"},
		{name: "a signed request", host: "127.0.0.1", path: "/2020-05-31/distribution", scope: "cloudfront", want: "cloudfront"},
		{name: "a signed request with a registry's path", host: "127.0.0.1", path: "/v2/key", scope: "s3", want: "s3"},
		{name: "a presigned request", host: "127.0.0.1", path: "/b/k?X-Amz-Credential=test%2F20260101%2Fus-east-1%2Fs3%2Faws4_request", want: "s3"},
		{name: "an unsigned JSON call", host: "127.0.0.1", path: "/", target: "AWSStepFunctions.ListStateMachines", want: "states"},
		{name: "an unsigned call to a table", host: "127.0.0.1", path: "/", target: "DynamoDB_20120810.GetItem", want: "dynamodb"},
		{name: "an unsigned call to CloudWatch", host: "127.0.0.1", path: "/", target: "GraniteServiceVersion20100801.ListMetrics", want: "monitoring"},
		{name: "the registry", host: "localhost:4566", path: "/v2/x/manifests/1", want: "registry"},
		{name: "anonymous S3", host: "127.0.0.1", path: "/bucket/key", want: "s3"},
		{name: "a bucket's host", host: "b.s3.localhost:4566", path: "/key", want: "s3"},
		{name: "an authorization of another kind", host: "127.0.0.1", path: "/bucket", want: "s3"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodGet, tc.path, nil)
			r.Host = tc.host
			if tc.scope != "" {
				r.Header.Set("Authorization", fmt.Sprintf(authorization, tc.scope))
			}
			if tc.target != "" {
				r.Header.Set("X-Amz-Target", tc.target)
			}
			w := httptest.NewRecorder()
			g.ServeHTTP(w, r)
			if got := w.Body.String(); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

func TestAServiceThatIsNotThereSaysSoInItsProtocol(t *testing.T) {
	g := gateway.New(gateway.Options{Services: services()})
	for _, tc := range []struct{ scope, contentType, want string }{
		{"kinesis", "application/x-amz-json-1.1", `"__type":"NotImplemented"`},
		{"iam", "application/x-www-form-urlencoded", "<Code>NotImplemented</Code>"},
	} {
		r := httptest.NewRequest(http.MethodPost, "/", nil)
		r.Header.Set("Authorization", fmt.Sprintf(authorization, tc.scope))
		r.Header.Set("Content-Type", tc.contentType)
		w := httptest.NewRecorder()
		g.ServeHTTP(w, r)
		if w.Code != http.StatusNotImplemented || !strings.Contains(w.Body.String(), tc.want) || !strings.Contains(w.Body.String(), tc.scope) {
			t.Errorf("%s: got %d %s", tc.scope, w.Code, w.Body)
		}
	}
}

func TestARefusalInCBORIsReadByItsClients(t *testing.T) {
	g := gateway.New(gateway.Options{})
	r := httptest.NewRequest(http.MethodPost, "/service/Logs/operation/PutLogEvents", nil)
	r.Header.Set("Authorization", fmt.Sprintf(authorization, "logs"))
	r.Header.Set("Smithy-Protocol", "rpc-v2-cbor")
	w := httptest.NewRecorder()
	g.ServeHTTP(w, r)
	var got map[string]string
	if err := cbor.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != http.StatusNotImplemented || got["__type"] != "NotImplemented" || w.Header().Get("Smithy-Protocol") != "rpc-v2-cbor" {
		t.Errorf("got %d %v %v", w.Code, got, err)
	}
}

func TestFaults(t *testing.T) {
	var mu sync.Mutex
	var made []string
	count := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		made = append(made, r.Header.Get("X-Amz-Target"))
		w.WriteHeader(http.StatusCreated)
	})
	var calls []gateway.Call
	faults := &gateway.Faults{}
	server := httptest.NewServer(gateway.New(gateway.Options{
		Services: map[string]gateway.Service{"states": {Handler: count}},
		Faults:   faults,
		Observe:  func(c gateway.Call) { mu.Lock(); calls = append(calls, c); mu.Unlock() },
	}))
	defer server.Close()
	call := func() (int, string) {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("X-Amz-Target", "AWSStepFunctions.StartExecution")
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			return 0, ""
		}
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		return response.StatusCode, string(body)
	}
	hits := 0
	faults.Add(gateway.Fault{Service: "states", Operation: "StartExecution", Skip: 1, Code: "ThrottlingException", Status: 400, Hit: func() { hits++ }})
	faults.Add(gateway.Fault{Service: "states", Operation: "StartExecution", Skip: 1, LoseReply: true})
	faults.Add(gateway.Fault{Service: "states", Operation: "StopExecution", Code: "Never", Status: 400})

	if status, _ := call(); status != http.StatusCreated {
		t.Errorf("the skipped call: got %d", status)
	}
	status, body := call()
	var refused struct {
		Type string `json:"__type"`
	}
	if err := json.Unmarshal([]byte(body), &refused); err != nil || status != 400 || refused.Type != "ThrottlingException" {
		t.Errorf("the refused call: got %d %s", status, body)
	}
	if status, _ := call(); status != 0 {
		t.Errorf("the lost reply: got %d", status)
	}
	if status, _ := call(); status != http.StatusCreated {
		t.Errorf("the call after all faults: got %d", status)
	}
	mu.Lock()
	defer mu.Unlock()
	if len(made) != 3 || hits != 1 {
		t.Errorf("%d calls were made and %d refused, want 3 and 1", len(made), hits)
	}
	if len(calls) < 3 || calls[0].Operation != "StartExecution" || calls[0].Status != http.StatusCreated {
		t.Errorf("observed %+v", calls)
	}
}

// TestRequestsAreRecorded: as they came, and still there for the service.
func TestRequestsAreRecorded(t *testing.T) {
	var seen []gateway.Recorded
	var reached []int
	service := gateway.Service{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		reached = append(reached, len(body))
		w.WriteHeader(http.StatusTeapot)
	})}
	server := httptest.NewServer(gateway.New(gateway.Options{
		Services: map[string]gateway.Service{"dynamodb": service}, Record: func(r gateway.Recorded) { seen = append(seen, r) },
	}))
	defer server.Close()
	for _, size := range []int{2, 2 << 20} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+"/a?b=c", strings.NewReader(strings.Repeat("x", size)))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("X-Amz-Target", "DynamoDB_20120810.GetItem")
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
	}
	if len(seen) != 2 || len(reached) != 2 || reached[0] != 2 || reached[1] != 2<<20 {
		t.Fatalf("recorded %d, reached with %v", len(seen), reached)
	}
	first, second := seen[0], seen[1]
	if first.Service != "dynamodb" || first.Operation != "GetItem" || first.Method != http.MethodPost || first.URI != "/a?b=c" || string(first.Body) != "xx" || first.Cut ||
		first.Status != http.StatusTeapot || first.Header.Get("X-Amz-Target") == "" {
		t.Errorf("recorded %+v", first)
	}
	if !second.Cut || second.Body != nil {
		t.Errorf("a long one was recorded with %d bytes", len(second.Body))
	}
}
