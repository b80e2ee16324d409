package sigv4_test

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/mayfly-dev/mayfly/local/sigv4"
)

const host = "127.0.0.1:8700"

var now = time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)

// request is a signed request as a server gets it.
type request struct {
	method, target, body, service, secret string
	at                                    time.Time
	// after changes it once it is signed.
	after func(*http.Request)
}

func (q request) arrive(t *testing.T) *http.Request {
	t.Helper()
	out, err := http.NewRequestWithContext(t.Context(), q.method, "http://"+host+q.target, strings.NewReader(q.body))
	if err != nil {
		t.Fatal(err)
	}
	out.Header.Set("Content-Type", "application/json")
	sum := sha256.Sum256([]byte(q.body))
	keys := aws.Credentials{AccessKeyID: "AKIDADA", SecretAccessKey: q.secret}
	if err := v4.NewSigner().SignHTTP(t.Context(), keys, out, hex.EncodeToString(sum[:]), q.service, "eu-west-1", q.at); err != nil {
		t.Fatal(err)
	}
	out.Header.Set("User-Agent", "not signed")
	in := httptest.NewRequest(q.method, q.target, strings.NewReader(q.body))
	in.Header, in.Host = out.Header, host
	if q.after != nil {
		q.after(in)
	}
	return in
}

func TestWhatASDKSignsPassesAndNothingElse(t *testing.T) {
	good := request{"POST", "/v1/sandboxes?limit=1&cursor=a%20b%2Bc&a=", `{"name":"hello"}`, "execute-api", "secret", now, nil}
	verifier := sigv4.Verifier{
		Service: "execute-api", Now: func() time.Time { return now }, MaxBody: 1 << 10,
		Secret: func(key string) (string, bool) { return "secret", key == "AKIDADA" },
	}
	for name, test := range map[string]struct {
		change func(*request)
		want   error
	}{
		"as signed":                {func(*request) {}, nil},
		"without a body":           {func(q *request) { q.method, q.body = "GET", "" }, nil},
		"an escaped path":          {func(q *request) { q.target = "/v1/sandboxes/a/objects/x%2Fy%20z/versions" }, nil},
		"four minutes old":         {func(q *request) { q.at = now.Add(-4 * time.Minute) }, nil},
		"a header it did not sign": {func(q *request) { q.after = func(r *http.Request) { r.Header.Set("Accept", "text/html") } }, nil},
		"another secret":           {func(q *request) { q.secret = "guess" }, sigv4.ErrMismatch},
		"another service":          {func(q *request) { q.service = "s3" }, sigv4.ErrMalformed},
		"six minutes old":          {func(q *request) { q.at = now.Add(-6 * time.Minute) }, sigv4.ErrExpired},
		"from the future":          {func(q *request) { q.at = now.Add(6 * time.Minute) }, sigv4.ErrExpired},
		"another body": {func(q *request) {
			q.after = func(r *http.Request) { r.Body = io.NopCloser(strings.NewReader(`{"name":"other"}`)) }
		}, sigv4.ErrMismatch},
		"another path":            {func(q *request) { q.after = func(r *http.Request) { r.RequestURI = "/v1/sandboxes/x" } }, sigv4.ErrMismatch},
		"another query":           {func(q *request) { q.after = func(r *http.Request) { r.RequestURI += "&limit=2" } }, sigv4.ErrMismatch},
		"another method":          {func(q *request) { q.after = func(r *http.Request) { r.Method = "DELETE" } }, sigv4.ErrMismatch},
		"another host":            {func(q *request) { q.after = func(r *http.Request) { r.Host = "evil" } }, sigv4.ErrMismatch},
		"a signed header changed": {func(q *request) { q.after = func(r *http.Request) { r.Header.Set("Content-Type", "text/plain") } }, sigv4.ErrMismatch},
		"a signed header gone":    {func(q *request) { q.after = func(r *http.Request) { r.Header.Del("Content-Type") } }, sigv4.ErrMismatch},
		"another time": {func(q *request) {
			q.after = func(r *http.Request) { r.Header.Set("X-Amz-Date", now.Add(time.Minute).Format("20060102T150405Z")) }
		}, sigv4.ErrMismatch},
		"no time":                     {func(q *request) { q.after = func(r *http.Request) { r.Header.Del("X-Amz-Date") } }, sigv4.ErrMalformed},
		"a session that nobody began": {func(q *request) { q.after = func(r *http.Request) { r.Header.Set("X-Amz-Security-Token", "t") } }, sigv4.ErrUnknown},
		"another key": {func(q *request) {
			q.after = func(r *http.Request) {
				r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), "AKIDADA", "AKIDBEA", 1))
			}
		}, sigv4.ErrUnknown},
		"no host signed": {func(q *request) {
			q.after = func(r *http.Request) {
				r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), "host;", "", 1))
			}
		}, sigv4.ErrMalformed},
		"not signed":  {func(q *request) { q.after = func(r *http.Request) { r.Header.Del("Authorization") } }, sigv4.ErrMissing},
		"a long body": {func(q *request) { q.body = strings.Repeat("x", 2<<10) }, sigv4.ErrTooLarge},
		"half a header": {func(q *request) {
			q.after = func(r *http.Request) { r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=a/b") }
		}, sigv4.ErrMalformed},
	} {
		q := good
		test.change(&q)
		r := q.arrive(t)
		key, err := verifier.Verify(r)
		if !errors.Is(err, test.want) || (err == nil) != (test.want == nil) || (err == nil) != (key == "AKIDADA") {
			t.Errorf("%s: %q, %v; want %v", name, key, err, test.want)
		}
		if err == nil {
			if body, err := io.ReadAll(r.Body); err != nil || string(body) != q.body {
				t.Errorf("%s: the body is %q afterwards, %v", name, body, err)
			}
		}
	}
}

func FuzzVerify(f *testing.F) {
	f.Add("AWS4-HMAC-SHA256 Credential=AKIDADA/20261127/eu-west-1/execute-api/aws4_request, SignedHeaders=host;x-amz-date, Signature=0000000000000000000000000000000000000000000000000000000000000000", "/")
	verifier := sigv4.Verifier{Service: "execute-api", Now: func() time.Time { return now }, Secret: func(string) (string, bool) { return "secret", true }}
	f.Fuzz(func(t *testing.T, header, target string) {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RequestURI = target
		r.Header.Set("Authorization", header)
		r.Header.Set("X-Amz-Date", now.Format("20060102T150405Z"))
		if key, err := verifier.Verify(r); err == nil {
			t.Errorf("%q passes as %q", header, key)
		}
	})
}
