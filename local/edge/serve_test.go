package edge_test

import (
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/andybalholm/brotli"
	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"github.com/mayfly-dev/mayfly/local/edge"
)

func TestAHitComesFromTheCacheWithItsAge(t *testing.T) {
	w := build(t, edge.Options{}, nil)
	w.bucket.put("/index.html", page("home"))
	first := w.get("/")
	expect(t, first, 200, "Miss")
	if first.Header.Get("Age") != "" || first.Header.Get("X-Amz-Request-Id") != "" {
		t.Errorf("headers of a miss: %v", first.Header)
	}
	w.clock.pass(7 * time.Second)
	second := w.get("/?ignored=1", "Cookie", "ignored=1")
	if body := expect(t, second, 200, "Hit"); body != page("home").body {
		t.Errorf("got %.40q", body)
	}
	if second.Header.Get("Age") != "7" || second.Header.Get("Server") != "AmazonS3" || len(second.Header.Get("X-Amz-Cf-Id")) != 56 {
		t.Errorf("headers of a hit: %v", second.Header)
	}
	if n := len(w.bucket.seen()); n != 1 {
		t.Errorf("%d requests to the origin, want 1", n)
	}
	if r := w.bucket.seen()[0]; r.URL.Host != "site.s3.us-east-1.amazonaws.com" || r.URL.RawQuery != "" {
		t.Errorf("the origin was asked for %s", r.URL)
	}
}

func TestAnExpiredAnswerIsCheckedWithTheOrigin(t *testing.T) {
	w := build(t, edge.Options{}, nil)
	o := page("home")
	o.control = "max-age=60"
	w.bucket.put("/a", o)
	expect(t, w.get("/a"), 200, "Miss")
	w.clock.pass(59 * time.Second)
	expect(t, w.get("/a"), 200, "Hit")
	w.clock.pass(time.Second)
	expect(t, w.get("/a"), 200, "RefreshHit")
	expect(t, w.get("/a"), 200, "Hit")

	w.clock.pass(time.Minute)
	w.bucket.down = errors.New("no route")
	if body := expect(t, w.get("/a"), 200, "Hit"); body != o.body {
		t.Error("the old answer was not served while the origin was down")
	}
	expect(t, w.get("/b"), 502, "Error")
}

func TestConditionsAndRangesAreAnsweredFromTheCache(t *testing.T) {
	w := build(t, edge.Options{}, nil)
	w.bucket.put("/a", object{body: "0123456789", kind: "text/plain", etag: `"v"`})
	expect(t, w.get("/a"), 200, "Miss")
	if body := expect(t, w.get("/a", "If-None-Match", `W/"v", "x"`), 304, "Hit"); body != "" {
		t.Errorf("a 304 with the body %q", body)
	}
	expect(t, w.get("/a", "If-None-Match", `"other"`), 200, "Hit")
	expect(t, w.get("/a", "If-Modified-Since", "Sun, 01 Mar 2026 10:00:00 GMT"), 304, "Hit")
	expect(t, w.get("/a", "If-Modified-Since", "Sun, 01 Mar 2026 09:59:59 GMT"), 200, "Hit")
	for _, c := range []struct{ header, body, contentRange string }{
		{"bytes=2-4", "234", "bytes 2-4/10"},
		{"bytes=-3", "789", "bytes 7-9/10"},
		{"bytes=8-", "89", "bytes 8-9/10"},
		{"bytes=8-99", "89", "bytes 8-9/10"},
	} {
		part := w.get("/a", "Range", c.header)
		if body := expect(t, part, 206, "Hit"); body != c.body || part.Header.Get("Content-Range") != c.contentRange {
			t.Errorf("%s: got %q, %s", c.header, body, part.Header.Get("Content-Range"))
		}
	}
	expect(t, w.get("/a", "Range", "bytes=2-4", "If-Range", `"old"`), 200, "Hit")
	none := w.get("/a", "Range", "bytes=10-")
	expect(t, none, 416, "Error")
	if none.Header.Get("Content-Range") != "bytes */10" {
		t.Errorf("got %v", none.Header)
	}
	head := w.do(http.MethodHead, "/a")
	if body := expect(t, head, 200, "Hit"); body != "" || head.Header.Get("Content-Length") != "10" {
		t.Errorf("HEAD: %q, %v", body, head.Header)
	}
}

func TestCompressionFollowsAcceptEncoding(t *testing.T) {
	w := build(t, edge.Options{}, nil)
	w.bucket.put("/a", page("text"))
	w.bucket.put("/small", object{body: "few", kind: "text/html"})
	w.bucket.put("/image", object{body: strings.Repeat("x", 5000), kind: "image/png"})
	for _, c := range []struct{ path, accept, want string }{
		{"/a", "gzip, deflate, br", "br"},
		{"/a", "gzip;q=0.5", "gzip"},
		{"/a", "br;q=0, gzip", "gzip"},
		{"/a", "deflate", ""},
		{"/a", "", ""},
		{"/small", "gzip", ""},
		{"/image", "gzip", ""},
	} {
		answer := w.get(c.path, "Accept-Encoding", c.accept)
		if got := answer.Header.Get("Content-Encoding"); got != c.want {
			t.Errorf("%s with %q: got %q, want %q", c.path, c.accept, got, c.want)
		}
		if c.path != "/a" {
			continue
		}
		if weak := strings.HasPrefix(answer.Header.Get("Etag"), "W/"); weak != (c.want != "") {
			t.Errorf("%q: ETag %s", c.accept, answer.Header.Get("Etag"))
		}
		var plain io.Reader = answer.Body
		var err error
		switch c.want {
		case "br":
			plain = brotli.NewReader(answer.Body)
		case "gzip":
			if plain, err = gzip.NewReader(answer.Body); err != nil {
				t.Fatal(err)
			}
		}
		if body, err := io.ReadAll(plain); err != nil || string(body) != page("text").body {
			t.Errorf("%q: %v, %.40q", c.accept, err, body)
		}
	}
	if n := len(w.bucket.seen()); n != 3 {
		t.Errorf("%d requests to the origin for 3 objects", n)
	}
}

func TestErrorsGetTheirPages(t *testing.T) {
	w := build(t, edge.Options{}, func(_ *world, c *types.DistributionConfig) {
		c.CustomErrorResponses = &types.CustomErrorResponses{Quantity: aws.Int32(1), Items: []types.CustomErrorResponse{{
			ErrorCode: aws.Int32(403), ResponsePagePath: aws.String("/404.html"), ResponseCode: aws.String("404"), ErrorCachingMinTTL: aws.Int64(30),
		}}}
	})
	if body := expect(t, w.get("/none"), 403, "Error"); !strings.Contains(body, "AccessDenied") {
		t.Errorf("without the page: %q", body)
	}
	w.clock.pass(31 * time.Second)
	w.bucket.put("/404.html", object{body: "not here", kind: "text/html"})
	if body := expect(t, w.get("/none"), 404, "Error"); body != "not here" {
		t.Errorf("with the page: %q", body)
	}
	w.bucket.put("/none", page("now"))
	expect(t, w.get("/none"), 404, "Error")
	w.clock.pass(30 * time.Second)
	expect(t, w.get("/none"), 200, "Miss")
}

func TestAnInvalidationIsEffectiveAtOnce(t *testing.T) {
	w := build(t, edge.Options{}, nil)
	for _, path := range []string{"/a/1", "/a/2", "/b"} {
		w.bucket.put(path, page("old"))
		expect(t, w.get(path), 200, "Miss")
		w.bucket.put(path, page("new"))
	}
	_, err := w.control.CreateInvalidation(t.Context(), &sdk.CreateInvalidationInput{
		DistributionId:    w.id,
		InvalidationBatch: &types.InvalidationBatch{CallerReference: aws.String("1"), Paths: &types.Paths{Quantity: aws.Int32(1), Items: []string{"/a/*"}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	expect(t, w.get("/a/1"), 200, "Miss")
	expect(t, w.get("/a/2"), 200, "Miss")
	expect(t, w.get("/b"), 200, "Hit")
}

func TestDisabledAndUnknownSitesAreRefused(t *testing.T) {
	w := build(t, edge.Options{}, nil)
	w.bucket.put("/index.html", page("home"))
	w.clock.pass(3 * time.Second)
	w.config.Enabled = aws.Bool(false)
	if _, err := w.control.UpdateDistribution(t.Context(), &sdk.UpdateDistributionInput{Id: w.id, IfMatch: w.etag, DistributionConfig: w.config}); err != nil {
		t.Fatal(err)
	}
	expect(t, w.get("/"), 200, "Miss")
	w.clock.pass(3 * time.Second)
	if body := expect(t, w.get("/"), 403, "Error"); !strings.Contains(body, "403 ERROR") {
		t.Errorf("got %q", body)
	}
	w.host = "dunknown.cloudfront.localhost:4566"
	expect(t, w.get("/"), 403, "Error")
}

func TestBehaviorsChooseByPathAndMethod(t *testing.T) {
	w := build(t, edge.Options{}, func(_ *world, c *types.DistributionConfig) {
		live := types.CacheBehavior{
			PathPattern: aws.String("/live/*"), TargetOriginId: aws.String("bucket"), ViewerProtocolPolicy: types.ViewerProtocolPolicyAllowAll,
			CachePolicyId: aws.String(cachingDisabled), ResponseHeadersPolicyId: aws.String(securityHeaders),
		}
		byQuery := live
		byQuery.PathPattern, byQuery.CachePolicyId, byQuery.ResponseHeadersPolicyId = aws.String("q/*"), aws.String(originControls), aws.String(simpleCORS)
		c.CacheBehaviors = &types.CacheBehaviors{Quantity: aws.Int32(2), Items: []types.CacheBehavior{live, byQuery}}
	})
	w.bucket.put("/live/x", page("live"))
	o := page("q")
	o.control = "max-age=60"
	w.bucket.put("/q/x", o)
	expect(t, w.get("/live/x"), 200, "Miss")
	uncached := w.get("/live/x")
	expect(t, uncached, 200, "Miss")
	if uncached.Header.Get("X-Frame-Options") != "SAMEORIGIN" || uncached.Header.Get("Strict-Transport-Security") != "max-age=31536000" {
		t.Errorf("no security headers: %v", uncached.Header)
	}
	expect(t, w.get("/q/x?v=1"), 200, "Miss")
	expect(t, w.get("/q/x?v=2"), 200, "Miss")
	cross := w.get("/q/x?v=1", "Origin", "http://elsewhere")
	expect(t, cross, 200, "Miss") // Origin is in this policy's key
	if cross.Header.Get("Access-Control-Allow-Origin") != "*" {
		t.Errorf("no CORS header: %v", cross.Header)
	}
	expect(t, w.get("/q/x?v=1"), 200, "Hit")
	expect(t, w.do(http.MethodPost, "/live/x"), 403, "Error")
}

func TestALargeObjectIsStreamedAndItsRangesPassedOn(t *testing.T) {
	w := build(t, edge.Options{CacheBytes: 64 << 10}, nil)
	w.bucket.put("/large", object{body: strings.Repeat("x", 9<<10), kind: "video/mp4"})
	for range 2 {
		if body := expect(t, w.get("/large"), 200, "Miss"); len(body) != 9<<10 {
			t.Errorf("got %d bytes", len(body))
		}
	}
	w.get("/large", "Range", "bytes=0-1")
	seen := w.bucket.seen()
	if got := seen[len(seen)-1].Header.Get("Range"); got != "bytes=0-1" {
		t.Errorf("the origin was asked for the range %q", got)
	}
}

func TestRequestsForTheSameThingWaitForOneFetch(t *testing.T) {
	w := build(t, edge.Options{}, nil)
	w.bucket.put("/a", page("a"))
	w.bucket.gate = make(chan struct{})
	results := make(chan *http.Response)
	for range 8 {
		go func() { results <- w.get("/a") }()
	}
	close(w.bucket.gate)
	for range 8 {
		if answer := <-results; answer.StatusCode != http.StatusOK {
			t.Errorf("got %d", answer.StatusCode)
		}
	}
	if n := len(w.bucket.seen()); n != 1 {
		t.Errorf("%d requests to the origin, want 1", n)
	}
}

func TestRequestsAreToldWithWhatTheyMoved(t *testing.T) {
	var mu sync.Mutex
	var told []edge.Request
	w := build(t, edge.Options{Observe: func(r edge.Request) { mu.Lock(); defer mu.Unlock(); r.DistributionID = ""; told = append(told, r) }}, func(_ *world, c *types.DistributionConfig) {
		c.DefaultCacheBehavior.AllowedMethods = &types.AllowedMethods{
			Quantity: aws.Int32(7), Items: []types.Method{"GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"},
			CachedMethods: &types.CachedMethods{Quantity: aws.Int32(2), Items: []types.Method{"GET", "HEAD"}},
		}
	})
	w.bucket.put("/a", object{body: "12345", kind: "text/plain"})
	expect(t, w.get("/a", "User-Agent", "one"), 200, "Miss")
	expect(t, w.get("/a", "User-Agent", "two"), 200, "Hit")
	r := httptest.NewRequest(http.MethodPost, "http://"+w.host+"/a", strings.NewReader("1234567"))
	w.edge.ServeHTTP(httptest.NewRecorder(), r)
	mu.Lock()
	defer mu.Unlock()
	if len(told) != 3 || told[0] != (edge.Request{Method: "GET", Status: 200, Bytes: 5, UserAgent: "one"}) || told[1] != (edge.Request{Method: "GET", Status: 200, Bytes: 5, Hit: true, UserAgent: "two"}) {
		t.Fatalf("told %+v", told)
	}
	if told[2].Method != http.MethodPost || told[2].Uploaded != 7 {
		t.Errorf("told %+v", told[2])
	}
}
