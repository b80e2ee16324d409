package api_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/functions/api"
	"github.com/mayfly-dev/mayfly/sandbox"
)

func TestEveryBadRequestIsRefusedNamingTheFieldAndChangesNothing(t *testing.T) {
	w := newWorld(t)
	w.ready("hello")
	before, err := w.store.Get(t.Context(), "hello")
	must(t, err)
	started := len(w.machines.started())
	long := strings.Repeat("x", 65)
	for _, test := range []struct {
		method, path, body string
		status             int
		fields             string
	}{
		{"POST", "/v1/sandboxes", ``, 415, ""},
		{"POST", "/v1/sandboxes", `{`, 400, ""},
		{"POST", "/v1/sandboxes", `[]`, 400, ""},
		{"POST", "/v1/sandboxes", `null`, 400, ""},
		{"POST", "/v1/sandboxes", `{"name":"a"} {}`, 400, ""},
		{"POST", "/v1/sandboxes", `{"name":"` + strings.Repeat("x", 70_000) + `"}`, 413, ""},
		{"POST", "/v1/sandboxes", `{}`, 400, "name"},
		{"POST", "/v1/sandboxes", `{"name":7}`, 400, "name"},
		{"POST", "/v1/sandboxes", `{"name":"No"}`, 400, "name"},
		{"POST", "/v1/sandboxes", `{"name":"../etc"}`, 400, "name"},
		{"POST", "/v1/sandboxes", `{"name":"good","Name":"good"}`, 400, "Name"},
		{"POST", "/v1/sandboxes", `{"name":"good","colour":"red","extra":1}`, 400, "colour,extra"},
		{"POST", "/v1/sandboxes", `{"name":"good","owner":"a b"}`, 400, "owner"},
		{"POST", "/v1/sandboxes", `{"name":"good","owner":"` + long + `"}`, 400, "owner"},
		{"POST", "/v1/sandboxes", `{"name":"good","ttl":"1s"}`, 400, "ttl"},
		{"POST", "/v1/sandboxes", `{"name":"good","ttl":"10y"}`, 400, "ttl"},
		{"POST", "/v1/sandboxes", `{"name":"good","delivery":"pigeon","priceClass":"free"}`, 400, "delivery,priceClass"},
		{"POST", "/v1/sandboxes", `{"name":"good","originAccess":"none"}`, 400, "originAccess"},
		{"POST", "/v1/sandboxes", `{"name":"good","indexDocument":"../index.html"}`, 400, "indexDocument"},
		{"POST", "/v1/sandboxes", `{"name":"good","singlePageApp":"yes"}`, 400, "singlePageApp"},
		{"POST", "/v1/sandboxes", `{"name":"good","singlePageApp":true,"errorDocument":"404.html"}`, 400, "errorDocument"},
		{"POST", "/v1/sandboxes", `{"name":"x","owner":"","ttl":"soon"}`, 400, "name,ttl"},
		{"POST", "/v1/sandboxes", `{"name":"good","repository":{"visibility":"secret"}}`, 400, "repository.visibility"},
		{"POST", "/v1/sandboxes", `{"name":"good","repository":{"colour":"red"}}`, 400, "colour"},
		{"POST", "/v1/sandboxes", `{"name":"good","repository":{"keepImages":"all"}}`, 400, "repository.keepImages"},
		{"POST", "/v1/sandboxes", `{"name":"good","repository":{"mutableTags":"latest"}}`, 400, "repository.mutableTags"},
		{"POST", "/v1/sandboxes", `{"name":"good","repository":{"kmsKey":"k","pushers":["bob"]}}`, 400, "repository.kmsKey,repository.pushers"},
		{"POST", "/v1/sandboxes", `{"name":"good","deploy":{"tags":["^"]}}`, 400, "deploy.tags"},
		{"POST", "/v1/sandboxes", `{"name":"good","deploy":{"target":"moon"}}`, 400, "deploy.target"},
		{"POST", "/v1/sandboxes", `{"name":"good","delivery":"none","repository":{"visibility":"none"}}`, 400, "delivery"},
		{"GET", "/v1/sandboxes?limit=0", ``, 400, "limit"},
		{"GET", "/v1/sandboxes?limit=1001", ``, 400, "limit"},
		{"GET", "/v1/sandboxes?limit=many", ``, 400, "limit"},
		{"GET", "/v1/sandboxes?cursor=%25", ``, 400, "cursor"},
		{"GET", "/v1/sandboxes?phase=happy", ``, 400, "phase"},
		{"GET", "/v1/sandboxes/nobody", ``, 404, ""},
		{"GET", "/v1/sandboxes/No", ``, 404, ""},
		{"PATCH", "/v1/sandboxes/nobody", `{}`, 404, ""},
		{"PATCH", "/v1/sandboxes/hello", `{"name":"other"}`, 400, "name"},
		{"PATCH", "/v1/sandboxes/hello", `{"owner":""}`, 400, "owner"},
		{"PATCH", "/v1/sandboxes/hello", `{"ttl":"1m"}`, 400, "ttl"},
		{"PATCH", "/v1/sandboxes/hello", `{"ttl":"1d","expiresAt":"2030-02-01T00:00:00Z"}`, 400, "expiresAt"},
		{"PATCH", "/v1/sandboxes/hello", `{"expiresAt":"tomorrow"}`, 400, "expiresAt"},
		{"PATCH", "/v1/sandboxes/hello", `{"expiresAt":"2029-01-01T00:00:00Z"}`, 400, "expiresAt"},
		{"PATCH", "/v1/sandboxes/hello", `{"indexDocument":"a/b"}`, 400, "indexDocument"},
		{"DELETE", "/v1/sandboxes/nobody", ``, 404, ""},
		{"GET", "/v1/sandboxes/nobody/events", ``, 404, ""},
		{"GET", "/v1/sandboxes/hello/events?after=-1", ``, 400, "after"},
		{"GET", "/v1/sandboxes/hello/events?after=x", ``, 400, "after"},
		{"POST", "/v1/sandboxes/nobody/uploads", `{"size":1,"format":"zip"}`, 404, ""},
		{"POST", "/v1/sandboxes/hello/uploads", `{}`, 400, "size,format"},
		{"POST", "/v1/sandboxes/hello/uploads", `{"size":-1,"format":"rar"}`, 400, "size,format"},
		{"POST", "/v1/sandboxes/hello/uploads", `{"size":6000000000,"format":"zip"}`, 400, "size"},
		{"POST", "/v1/sandboxes/hello/uploads", `{"size":1.5,"format":"zip"}`, 400, "size"},
		{"POST", "/v1/sandboxes/hello/uploads", `{"size":1,"format":"zip","sha256":"abc"}`, 400, "sha256"},
		{"PATCH", "/v1/sandboxes/hello", `{"deploy":{"tags":["a b"]}}`, 400, "deploy.tags"},
		{"POST", "/v1/sandboxes/hello/releases", `{"upload":"../../x"}`, 400, "upload"},
		{"POST", "/v1/sandboxes/hello/releases", `{}`, 400, "upload"},
		{"POST", "/v1/sandboxes/hello/releases", `{"upload":"r-0000000aaaaa","image":"v1"}`, 400, "upload"},
		{"POST", "/v1/sandboxes/hello/releases", `{"image":"v1"}`, 409, ""},
		{"POST", "/v1/sandboxes/hello/releases", `{"upload":"r-0000000aaaaa"}`, 400, "upload"},
		{"GET", "/v1/sandboxes/hello/releases/r-0000000aaaaa", ``, 404, ""},
		{"GET", "/v1/sandboxes/nobody/releases", ``, 404, ""},
		{"POST", "/v1/sandboxes/hello/rollback", ``, 409, ""},
		{"POST", "/v1/sandboxes/hello/rollback", `{"to":"yesterday"}`, 400, "to"},
		{"POST", "/v1/sandboxes/hello/rollback", `{"to":"r-0000000aaaaa"}`, 404, ""},
		{"GET", "/v1/sandboxes/hello/objects/none.html/versions", ``, 404, ""},
		{"GET", "/v1/sandboxes/hello/objects/a/../b/versions", ``, 400, "key"},
		{"POST", "/v1/sandboxes/hello/restore", `{"key":"a"}`, 400, "versionId"},
		{"POST", "/v1/sandboxes/hello/restore", `{"key":"/a","versionId":"v"}`, 400, "key"},
		{"GET", "/v2/nothing", ``, 404, ""},
		{"PUT", "/v1/sandboxes/hello", `{}`, 405, ""},
		{"POST", "/v1/health", `{}`, 405, ""},
	} {
		a := w.do(test.method, test.path, test.body)
		p := into[events.Problem](t, a)
		var fields []string
		for _, f := range p.Errors {
			fields = append(fields, f.Field)
			if f.Rule == "" {
				t.Errorf("%s %s %.60s: %s has no rule", test.method, test.path, test.body, f.Field)
			}
		}
		if a.StatusCode != test.status || strings.Join(fields, ",") != test.fields {
			t.Errorf("%s %s %.60s: %d fields %v, want %d %s\n%s", test.method, test.path, test.body, a.StatusCode, fields, test.status, test.fields, a.text)
		}
		if a.Header.Get("Content-Type") != "application/problem+json" || p.Status != a.StatusCode || p.Title == "" {
			t.Errorf("%s %s: not a problem: %s", test.method, test.path, a.text)
		}
	}
	after, err := w.store.Get(t.Context(), "hello")
	must(t, err)
	all, _, err := w.store.List(t.Context(), sandbox.Filter{}, sandbox.Page{})
	must(t, err)
	if after.Version != before.Version || len(all) != 1 || len(w.machines.started()) != started {
		t.Errorf("a refused request changed something: %d sandboxes, executions %v", len(all), w.machines.started())
	}
}

func TestABodyMustBeJSON(t *testing.T) {
	w := newWorld(t)
	w.want(http.StatusUnsupportedMediaType, "POST", "/v1/sandboxes", `{"name":"hello"}`, "Content-Type", "text/plain")
	w.want(http.StatusAccepted, "POST", "/v1/sandboxes", `{"name":"hello"}`, "Content-Type", "application/json; charset=utf-8")
}

func TestAnotherSitesPageCanAskForNothing(t *testing.T) {
	w := newWorld(t)
	w.create("hello")
	p := into[events.Problem](t, w.want(http.StatusForbidden, "DELETE", "/v1/sandboxes/hello", "", "Sec-Fetch-Site", "cross-site"))
	if p.Type != "urn:mayfly:problem:cross-origin" {
		t.Errorf("%+v", p)
	}
	w.want(http.StatusOK, "GET", "/v1/sandboxes/hello", "", "Sec-Fetch-Site", "cross-site")
}

func TestTheConsolesPageMayAskWhereItsOriginIsNamed(t *testing.T) {
	const console = "https://d111111abcdef8.cloudfront.net"
	w := newWorld(t, func(o *api.Options) { o.Origins = []string{console, "not an origin"} })
	w.create("hello")
	w.want(http.StatusForbidden, "DELETE", "/v1/sandboxes/hello", "", "Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example")
	w.want(http.StatusForbidden, "DELETE", "/v1/sandboxes/hello", "", "Sec-Fetch-Site", "cross-site", "Origin", "not an origin")
	w.want(http.StatusAccepted, "DELETE", "/v1/sandboxes/hello", "", "Sec-Fetch-Site", "cross-site", "Origin", console)
}

func TestWhatIsNotTheCallersFaultIsNotShown(t *testing.T) {
	w := newWorld(t, func(o *api.Options) { o.Presigner = brokenPresigner{} })
	w.ready("hello")
	a := w.want(http.StatusInternalServerError, "POST", "/v1/sandboxes/hello/uploads", `{"size":1,"format":"zip"}`)
	if strings.Contains(a.text, "credentials") {
		t.Error(a.text)
	}
}

func TestHealthAndDocument(t *testing.T) {
	w := newWorld(t)
	h := into[events.Health](t, w.want(http.StatusOK, "GET", "/v1/health", ""))
	if h != (events.Health{Status: "ok", Version: "v0", Mode: "local"}) {
		t.Errorf("%+v", h)
	}
	if a := w.want(http.StatusOK, "GET", "/openapi.yaml", ""); !strings.HasPrefix(a.text, "openapi: 3.0") {
		t.Errorf("%.40s", a.text)
	}
}
