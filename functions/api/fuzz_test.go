package api_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// FuzzCreate sends anything as a request: whatever it is, the answer is JSON,
// never a failure of Mayfly's own, and what is made obeys the rules.
func FuzzCreate(f *testing.F) {
	for _, seed := range []string{
		`{"name":"hello"}`, `{"name":"a--b"}`, `{"name":null}`, `{"name":"x","ttl":"9999999999d"}`, `{"name":"x","spec":{}}`, `[[[[`, `"x"`,
		`{"name":"hello","indexDocument":"\u0000"}`, `{"name":"hello","owner":"\ud800"}`, `{"name":"hello","singlePageApp":1e400}`, "\xff\xfe",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		w := newWorld(t)
		request := httptest.NewRequest(http.MethodPost, "/v1/sandboxes", strings.NewReader(body))
		request.Header.Set("Content-Type", "application/json")
		recorder := httptest.NewRecorder()
		w.api.ServeHTTP(recorder, request)
		if !json.Valid(recorder.Body.Bytes()) || recorder.Code >= 500 {
			t.Fatalf("%d %s", recorder.Code, recorder.Body)
		}
		if recorder.Code != http.StatusAccepted {
			return
		}
		var made events.SandboxState
		must(t, json.Unmarshal(recorder.Body.Bytes(), &made))
		if sandbox.CheckName(made.Name) != nil || sandbox.CheckOwner(made.Owner) != nil || sandbox.CheckSpec(made.Spec) != nil {
			t.Errorf("made in spite of the rules: %+v", made)
		}
	})
}

// FuzzPath asks for any object's versions: never a failure of Mayfly's own, nor
// a redirect to somewhere else.
func FuzzPath(f *testing.F) {
	for _, seed := range []string{"index.html", "a/b", "a//b", "../x", "%2e%2e", "a/versions", "/", "%", "%zz", "ä/ö", "a?b", "..%2f..", "."} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, key string) {
		request, err := http.NewRequest(http.MethodGet, "http://api/v1/sandboxes/hello/objects/"+key+"/versions", nil)
		if err != nil {
			return // no client can send it
		}
		w := newWorld(t)
		w.ready("hello")
		recorder := httptest.NewRecorder()
		w.api.ServeHTTP(recorder, request)
		if recorder.Code >= 500 || recorder.Code < 400 && !strings.Contains(request.URL.RawQuery, "/versions") {
			t.Errorf("%q: %d %s", key, recorder.Code, recorder.Body)
		}
	})
}
