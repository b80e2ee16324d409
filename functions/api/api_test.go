package api_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"
	"go.uber.org/goleak"

	"github.com/mayfly-dev/mayfly/cost"
	"github.com/mayfly-dev/mayfly/docs"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/functions/api"
	"github.com/mayfly-dev/mayfly/sandbox"
	"github.com/mayfly-dev/mayfly/sandbox/sqlite"
	"github.com/mayfly-dev/mayfly/steptest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// world is the API with a real store, over HTTP, and fakes around it. Every
// answer is held against the OpenAPI document.
type world struct {
	t        *testing.T
	api      *api.API
	server   *httptest.Server
	client   *http.Client
	store    *sqlite.Store
	machines *machines
	objects  *objects
	images   *steptest.ECR
	used     used
	clock    *clock
	router   routers.Router
}

const machinePrefix = "arn:aws:states:us-east-1:000000000000:stateMachine:mayfly-"

func newWorld(t *testing.T, options ...func(*api.Options)) *world {
	t.Helper()
	w := &world{
		t: t, machines: newMachines(), objects: &objects{uploads: map[string]bool{}},
		clock: &clock{now: time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)},
	}
	w.images = steptest.NewECR(w.clock.Now)
	var err error
	if w.store, err = sqlite.Open(t.Context(), sqlite.Memory, w.clock.Now); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { must(t, w.store.Close()) })
	signer := s3.NewPresignClient(s3.New(s3.Options{
		Region: "us-east-1", BaseEndpoint: aws.String("http://127.0.0.1:4566"), UsePathStyle: true,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "test", SecretAccessKey: "test"}, nil
		}),
	}))
	prices, err := cost.Listed()
	must(t, err)
	o := api.Options{
		Store: w.store, Executions: w.machines, Histories: w.machines, Objects: w.objects, Images: w.images, Presigner: signer, Activity: &w.used, Nights: w.store, Costs: w.store, Prices: prices, Region: "us-east-1",
		Machines: api.Machines{
			Provision: machinePrefix + "provision", Update: machinePrefix + "update",
			Release: machinePrefix + "release", Rollout: machinePrefix + "rollout", Teardown: machinePrefix + "teardown",
			Sleep: machinePrefix + "sleep", Wake: machinePrefix + "wake", Orphans: machinePrefix + "orphans", Nightly: machinePrefix + "nightly",
		},
		Classes:      w.store,
		UploadBucket: "mayfly-uploads", SiteURL: "http://{domain}:4566/", Identify: api.Trusting("tester"),
		Now: w.clock.Now, Random: rand.Reader, Logger: slog.New(slog.DiscardHandler), Version: "v0", Mode: "local",
		Stream: true, Poll: time.Millisecond,
	}
	for _, option := range options {
		option(&o)
	}
	w.api = api.New(o)
	w.server = httptest.NewServer(w.api)
	w.client = w.server.Client()
	t.Cleanup(func() { w.client.CloseIdleConnections(); w.server.Close() })
	document, err := openapi3.NewLoader().LoadFromData(docs.OpenAPI)
	must(t, err)
	must(t, document.Validate(t.Context()))
	document.Servers = nil
	w.router, err = legacy.NewRouter(document)
	must(t, err)
	return w
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// answer is an HTTP answer, read.
type answer struct {
	*http.Response
	text string
}

// into decodes the answer.
func into[T any](t *testing.T, a answer) T {
	t.Helper()
	var v T
	if err := json.Unmarshal([]byte(a.text), &v); err != nil {
		t.Fatalf("%s: %v", a.text, err)
	}
	return v
}

// do sends a request; body is JSON text or empty, headers are pairs.
func (w *world) do(method, path, body string, headers ...string) answer {
	w.t.Helper()
	request, err := http.NewRequestWithContext(w.t.Context(), method, w.server.URL+path, strings.NewReader(body))
	must(w.t, err)
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := w.client.Do(request)
	must(w.t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	must(w.t, err)
	w.check(request, response, text)
	return answer{response, string(text)}
}

// check holds an answer of a documented route against the document.
func (w *world) check(request *http.Request, response *http.Response, text []byte) {
	w.t.Helper()
	route, params, err := w.router.FindRoute(request)
	if err != nil {
		// Only what is no route, or an object's key with its slashes, is not in
		// the document as it stands.
		if response.StatusCode != http.StatusNotFound && response.StatusCode != http.StatusMethodNotAllowed && !strings.Contains(request.URL.Path, "/objects/") {
			w.t.Errorf("%s %s is not in docs/openapi.yaml: %v", request.Method, request.URL.Path, err)
		}
		return
	}
	if response.Header.Get("Content-Type") == "text/event-stream" {
		return
	}
	err = openapi3filter.ValidateResponse(w.t.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: request, PathParams: params, Route: route},
		Status:                 response.StatusCode, Header: response.Header,
		Body:    io.NopCloser(bytes.NewReader(text)),
		Options: &openapi3filter.Options{IncludeResponseStatus: true, MultiError: true},
	})
	if err != nil {
		w.t.Errorf("%s %s: the answer is not what docs/openapi.yaml says: %v\n%s", request.Method, request.URL.Path, err, text)
	}
}

// want sends a request and requires a status.
func (w *world) want(status int, method, path, body string, headers ...string) answer {
	w.t.Helper()
	a := w.do(method, path, body, headers...)
	if a.StatusCode != status {
		w.t.Fatalf("%s %s: %d, want %d\n%s", method, path, a.StatusCode, status, a.text)
	}
	return a
}

// create makes a sandbox and returns it.
func (w *world) create(name string) events.SandboxState {
	w.t.Helper()
	return into[events.SandboxState](w.t, w.want(http.StatusAccepted, "POST", "/v1/sandboxes", `{"name":"`+name+`"}`))
}

// change alters a sandbox as a flow would.
func (w *world) change(name string, change func(*sandbox.Sandbox)) {
	w.t.Helper()
	s, err := w.store.Get(w.t.Context(), name)
	must(w.t, err)
	_, err = w.store.Update(w.t.Context(), s.Ref(), func(s *sandbox.Sandbox) ([]sandbox.Event, error) {
		change(s)
		return []sandbox.Event{{Type: sandbox.EventPhase, Message: "changed"}}, nil
	})
	must(w.t, err)
}

// ready makes a sandbox that is provisioned.
func (w *world) ready(name string) {
	w.t.Helper()
	w.create(name)
	w.provisioned(name)
}

// provisioned does what a provision of a sandbox would.
func (w *world) provisioned(name string) {
	w.t.Helper()
	w.change(name, func(s *sandbox.Sandbox) {
		s.Phase, s.ReadyAt = sandbox.PhaseReady, w.clock.Now()
		s.Resources = map[sandbox.Kind]sandbox.Resource{
			sandbox.KindBucket:       {Kind: sandbox.KindBucket, Status: sandbox.StatusMade, ID: "mayfly-" + name, Region: "us-east-1"},
			sandbox.KindVersioning:   {Kind: sandbox.KindVersioning, Status: sandbox.StatusMade, ID: "mayfly-" + name},
			sandbox.KindOAI:          {Kind: sandbox.KindOAI, Status: sandbox.StatusMade, ID: "E2OAI"},
			sandbox.KindDistribution: {Kind: sandbox.KindDistribution, Status: sandbox.StatusMade, ID: "E1DIST", DomainName: "d1.cloudfront.localhost"},
		}
	})
	w.machines.end("SUCCEEDED")
}
