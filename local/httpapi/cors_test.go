package httpapi_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/mayfly-dev/mayfly/local/httpapi"
)

const console = "http://d1.cloudfront.localhost:4566"

func TestPagesOfTheOriginsMayAsk(t *testing.T) {
	asked := 0
	h := httpapi.CORS([]string{"https://other.example", console}, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked++
		w.WriteHeader(http.StatusUnauthorized)
	}))
	for name, test := range map[string]struct {
		method, origin, wants                string
		status                               int
		allowOrigin, methods, headers, shown string
	}{
		"a preflight": {http.MethodOptions, console, "DELETE", 204,
			console, "GET,HEAD,POST,PUT,PATCH,DELETE", "authorization,content-type,idempotency-key,last-event-id", ""},
		"a preflight of another origin": {http.MethodOptions, "http://d2.cloudfront.localhost:4566", "GET", 204, "", "", "", ""},
		"OPTIONS that is no preflight":  {http.MethodOptions, console, "", 401, console, "", "", "date,etag,location,retry-after"},
		"a request, and its refusal":    {http.MethodGet, console, "", 401, console, "", "", "date,etag,location,retry-after"},
		"a request of another origin":   {http.MethodGet, "https://evil.example", "", 401, "", "", "", ""},
		"a request of no page":          {http.MethodGet, "", "", 401, "", "", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			asked = 0
			r := httptest.NewRequest(test.method, "/v1/sandboxes", nil)
			r.Header.Set("Origin", test.origin)
			r.Header.Set("Access-Control-Request-Method", test.wants)
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			got := w.Header()
			if w.Code != test.status || (asked == 0) != (test.status == http.StatusNoContent) ||
				got.Get("Access-Control-Allow-Origin") != test.allowOrigin || got.Get("Access-Control-Allow-Methods") != test.methods ||
				got.Get("Access-Control-Allow-Headers") != test.headers || got.Get("Access-Control-Expose-Headers") != test.shown ||
				got.Get("Access-Control-Allow-Credentials") != "" || got.Get("Vary") != "Origin" {
				t.Errorf("%d, asked %d times, %v", w.Code, asked, got)
			}
			if age := got.Get("Access-Control-Max-Age"); (age == "3600") != (test.methods != "") {
				t.Errorf("max age %q", age)
			}
		})
	}
}

func TestWithoutOriginsNothingIsAnswered(t *testing.T) {
	h := httpapi.CORS(nil, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "the API") }))
	r := httptest.NewRequest(http.MethodOptions, "/", nil)
	r.Header.Set("Origin", console)
	r.Header.Set("Access-Control-Request-Method", http.MethodGet)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Body.String() != "the API" || len(w.Header()["Vary"]) > 0 {
		t.Errorf("%q, %v", w.Body, w.Header())
	}
}
