package edge_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	sdk "github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"
	"go.uber.org/goleak"

	"github.com/mayfly-dev/mayfly/local/cloudfront"
	"github.com/mayfly-dev/mayfly/local/edge"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	cachingOptimized = "658327ea-f89d-4fab-a63d-7e88639e58f6"
	cachingDisabled  = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
	originControls   = "4cc15a8a-d715-48a4-82b8-cc0b614638fe" // with query strings
	securityHeaders  = "67f7725c-6f97-4210-82d7-5512b31e9d03"
	simpleCORS       = "60669652-455b-4ae9-85a4-c4c02393f86c"
)

// object is one thing in the fake bucket.
type object struct {
	body, kind, etag, control string
	status                    int // zero: 200
}

// bucket is a fake origin that behaves as S3 does and counts its requests.
type bucket struct {
	mu       sync.Mutex
	objects  map[string]object
	requests []*http.Request
	as       edge.Principal
	down     error
	gate     chan struct{} // when set, answers wait for it to be closed
	arrived  chan struct{} // when set, is sent to by each request
}

func (b *bucket) put(path string, o object) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.objects[path] = o
}

func (b *bucket) seen() []*http.Request {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]*http.Request(nil), b.requests...)
}

func (b *bucket) Fetch(as edge.Principal, r *http.Request) (*http.Response, error) {
	b.mu.Lock()
	b.requests = append(b.requests, r)
	b.as = as
	o, ok := b.objects[r.URL.Path]
	down, gate, arrived := b.down, b.gate, b.arrived
	b.mu.Unlock()
	if r.Body != nil {
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			return nil, err
		}
	}
	if arrived != nil {
		arrived <- struct{}{}
	}
	if gate != nil {
		<-gate
	}
	if down != nil {
		return nil, down
	}
	answer := httptest.NewRecorder()
	h := answer.Header()
	h.Set("Server", "AmazonS3")
	h.Set("X-Amz-Request-Id", "secret")
	switch {
	case !ok:
		h.Set("Content-Type", "application/xml")
		answer.WriteHeader(http.StatusForbidden)
		_, _ = answer.WriteString("<Error><Code>AccessDenied</Code></Error>")
	case o.etag != "" && r.Header.Get("If-None-Match") == o.etag:
		answer.WriteHeader(http.StatusNotModified)
	default:
		h.Set("Content-Type", o.kind)
		h.Set("Last-Modified", "Sun, 01 Mar 2026 10:00:00 GMT")
		h.Set("Accept-Ranges", "bytes")
		if o.etag != "" {
			h.Set("Etag", o.etag)
		}
		if o.control != "" {
			h.Set("Cache-Control", o.control)
		}
		h.Set("Content-Length", strconv.Itoa(len(o.body)))
		if o.status != 0 {
			answer.WriteHeader(o.status)
		}
		_, _ = answer.WriteString(o.body)
	}
	return answer.Result(), nil
}

type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// world is a control plane, an edge over it and one site.
type world struct {
	t       testing.TB
	control *sdk.Client
	service *cloudfront.Service
	edge    *edge.Edge
	bucket  *bucket
	clock   *clock
	id      *string
	etag    *string
	host    string
	config  *types.DistributionConfig
}

// build makes a world whose site has what edit changes.
func build(t testing.TB, options edge.Options, edit func(*world, *types.DistributionConfig)) *world {
	t.Helper()
	w := &world{t: t, clock: &clock{now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}, bucket: &bucket{objects: map[string]object{}}}
	var err error
	if w.service, err = cloudfront.New(cloudfront.Options{Dir: t.TempDir(), Propagation: 3 * time.Second, Clock: w.clock.Now, WebACL: func(string) bool { return true }}); err != nil {
		t.Fatal(err)
	}
	api := httptest.NewServer(w.service)
	w.control = sdk.New(sdk.Options{
		Region: "us-east-1", BaseEndpoint: &api.URL, HTTPClient: api.Client(),
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	})
	options.Distributions, options.Origin, options.Clock = w.service, w.bucket, w.clock.Now
	if w.edge, err = edge.New(options); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.edge.Close(); err != nil {
			t.Error(err)
		}
		api.Close()
		if err := w.service.Close(); err != nil {
			t.Error(err)
		}
	})
	w.config = &types.DistributionConfig{
		CallerReference: aws.String("site"), Comment: aws.String(""), Enabled: aws.Bool(true), DefaultRootObject: aws.String("index.html"),
		Origins: &types.Origins{Quantity: aws.Int32(1), Items: []types.Origin{{
			Id: aws.String("bucket"), DomainName: aws.String("site.s3.us-east-1.amazonaws.com"),
			S3OriginConfig: &types.S3OriginConfig{OriginAccessIdentity: aws.String("")},
		}}},
		DefaultCacheBehavior: &types.DefaultCacheBehavior{
			TargetOriginId: aws.String("bucket"), ViewerProtocolPolicy: types.ViewerProtocolPolicyRedirectToHttps,
			CachePolicyId: aws.String(cachingOptimized), Compress: aws.Bool(true),
		},
	}
	if edit != nil {
		edit(w, w.config)
	}
	made, err := w.control.CreateDistribution(t.Context(), &sdk.CreateDistributionInput{DistributionConfig: w.config})
	if err != nil {
		t.Fatal(err)
	}
	w.id, w.etag, w.host = made.Distribution.Id, made.ETag, *made.Distribution.DomainName
	return w
}

// function publishes a function and returns its ARN.
func (w *world) function(name, code string) string {
	w.t.Helper()
	made, err := w.control.CreateFunction(w.t.Context(), &sdk.CreateFunctionInput{
		Name: &name, FunctionCode: []byte(code),
		FunctionConfig: &types.FunctionConfig{Comment: aws.String(""), Runtime: types.FunctionRuntimeCloudfrontJs20},
	})
	if err != nil {
		w.t.Fatal(err)
	}
	if _, err := w.control.PublishFunction(w.t.Context(), &sdk.PublishFunctionInput{Name: &name, IfMatch: made.ETag}); err != nil {
		w.t.Fatal(err)
	}
	return *made.FunctionSummary.FunctionMetadata.FunctionARN
}

// get asks the edge; headers are name, value, name, value.
func (w *world) get(path string, headers ...string) *http.Response {
	return w.do(http.MethodGet, path, headers...)
}

func (w *world) do(method, path string, headers ...string) *http.Response {
	w.t.Helper()
	r := httptest.NewRequest(method, "http://"+w.host+path, nil)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	answer := httptest.NewRecorder()
	w.edge.ServeHTTP(answer, r)
	return answer.Result()
}

// expect fails the test unless the answer has the status and X-Cache value; it
// returns the body.
func expect(t testing.TB, answer *http.Response, status int, xCache string) string {
	t.Helper()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	if answer.StatusCode != status || answer.Header.Get("X-Cache") != xCache+" from cloudfront" {
		t.Errorf("got %d, %s; want %d, %s from cloudfront; body %.80q", answer.StatusCode, answer.Header.Get("X-Cache"), status, xCache, body)
	}
	return string(body)
}

func page(text string) object {
	return object{body: strings.Repeat(text, 400), kind: "text/html", etag: `"` + text + `"`}
}
