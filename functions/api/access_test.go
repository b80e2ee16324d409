package api_test

import (
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/mayfly-dev/mayfly/access"
	"github.com/mayfly-dev/mayfly/docs"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/functions/api"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// asTold believes the headers Test-Name and Test-Role.
func asTold(o *api.Options) {
	o.Identify = func(r *http.Request) (access.Identity, error) {
		name, role := r.Header.Get("Test-Name"), r.Header.Get("Test-Role")
		if role == "" {
			return access.Identity{}, &access.UnknownError{Reason: "the request is not signed", Challenges: []string{"Bearer"}}
		}
		return access.Identity{Principal: "test/" + name, Name: name, Role: access.Role(role)}, nil
	}
}

// asks is a request to a route, and what each caller is answered. The sandbox
// hello is ada's.
type asks struct {
	path, body                        string
	admin, ada, bea, readers, nobodys int
}

// everyRoute is a request for each route of docs/openapi.yaml, which would be
// answered as an admin is.
func everyRoute() map[string]asks {
	const one = "/v1/sandboxes/hello"
	return map[string]asks{
		"GET /v1/health":                              {path: "/v1/health", admin: 200, ada: 200, bea: 200, readers: 200, nobodys: 200},
		"GET /openapi.yaml":                           {path: "/openapi.yaml", admin: 200, ada: 200, bea: 200, readers: 200, nobodys: 200},
		"GET /v1/audit":                               {path: "/v1/audit", admin: 200, ada: 200, bea: 200, readers: 200, nobodys: 401},
		"GET /v1/costs":                               {path: "/v1/costs", admin: 200, ada: 200, bea: 200, readers: 200, nobodys: 401},
		"POST /v1/costs":                              {path: "/v1/costs", body: `{}`, admin: 200, ada: 200, bea: 200, readers: 403, nobodys: 401},
		"GET /v1/quotas":                              {path: "/v1/quotas", admin: 200, ada: 200, bea: 200, readers: 200, nobodys: 401},
		"GET /v1/budgets":                             {path: "/v1/budgets", admin: 200, ada: 200, bea: 200, readers: 200, nobodys: 401},
		"PUT /v1/budgets/{owner}":                     {path: "/v1/budgets/ada", body: `{"limit":"5"}`, admin: 200, ada: 403, bea: 403, readers: 403, nobodys: 401},
		"DELETE /v1/budgets/{owner}":                  {path: "/v1/budgets/ada", admin: 204, ada: 403, bea: 403, readers: 403, nobodys: 401},
		"GET /v1/orphans":                             {path: "/v1/orphans", admin: 404, ada: 403, bea: 403, readers: 404, nobodys: 401},
		"POST /v1/orphans":                            {path: "/v1/orphans", body: `{"fix":true}`, admin: 202, ada: 403, bea: 403, readers: 403, nobodys: 401},
		"GET /v1/sandboxes":                           {path: "/v1/sandboxes", admin: 200, ada: 200, bea: 200, readers: 200, nobodys: 401},
		"POST /v1/sandboxes":                          {path: "/v1/sandboxes", body: `{"name":"new","owner":"ada"}`, admin: 202, ada: 202, bea: 403, readers: 403, nobodys: 401},
		"GET /v1/nights":                              {path: "/v1/nights", admin: 200, ada: 200, bea: 200, readers: 200, nobodys: 401},
		"GET /v1/nights/tonight":                      {path: "/v1/nights/tonight", admin: 200, ada: 200, bea: 200, readers: 200, nobodys: 401},
		"GET /v1/nights/{night}":                      {path: "/v1/nights/20260101-000000-000", admin: 404, ada: 404, bea: 404, readers: 404, nobodys: 401},
		"GET /v1/nights/{night}/decisions":            {path: "/v1/nights/20260101-000000-000/decisions", admin: 404, ada: 404, bea: 404, readers: 404, nobodys: 401},
		"POST /v1/nights":                             {path: "/v1/nights", admin: 202, ada: 403, bea: 403, readers: 403, nobodys: 401},
		"GET " + name:                                 {path: one, admin: 200, ada: 200, bea: 403, readers: 200, nobodys: 401},
		"GET " + name + "/events":                     {path: one + "/events", admin: 200, ada: 200, bea: 403, readers: 200, nobodys: 401},
		"GET " + name + "/releases":                   {path: one + "/releases", admin: 200, ada: 200, bea: 403, readers: 200, nobodys: 401},
		"GET " + name + "/releases/{release}":         {path: one + "/releases/r-0000000aaaaa", admin: 404, ada: 404, bea: 403, readers: 404, nobodys: 401},
		"GET " + name + "/releases/{release}/changes": {path: one + "/releases/r-0000000aaaaa/changes", admin: 404, ada: 404, bea: 403, readers: 404, nobodys: 401},
		"GET " + name + "/objects/{key}/versions":     {path: one + "/objects/index.html/versions", admin: 404, ada: 404, bea: 403, readers: 404, nobodys: 401},
		"GET " + name + "/stats":                      {path: one + "/stats", admin: 200, ada: 200, bea: 403, readers: 200, nobodys: 401},
		"PATCH " + name:                               {path: one, body: `{"ttl":"2d"}`, admin: 200, ada: 200, bea: 403, readers: 403, nobodys: 401},
		"DELETE " + name:                              {path: one, admin: 202, ada: 202, bea: 403, readers: 403, nobodys: 401},
		"POST " + name + "/uploads":                   {path: one + "/uploads", body: `{"size":1,"format":"zip"}`, admin: 201, ada: 201, bea: 403, readers: 403, nobodys: 401},
		"POST " + name + "/releases":                  {path: one + "/releases", body: `{"upload":"r-0000000aaaaa"}`, admin: 400, ada: 400, bea: 403, readers: 403, nobodys: 401},
		"POST " + name + "/rollback":                  {path: one + "/rollback", admin: 409, ada: 409, bea: 403, readers: 403, nobodys: 401},
		"GET /v1/classes":                             {path: "/v1/classes", admin: 200, ada: 200, bea: 200, readers: 200, nobodys: 401},
		"POST /v1/classes":                            {path: "/v1/classes", body: `{"name":"new","seats":1,"expiresAt":"2030-01-03T00:00:00Z"}`, admin: 201, ada: 201, bea: 201, readers: 403, nobodys: 401},
		"GET /v1/classes/{class}":                     {path: "/v1/classes/cs101", admin: 200, ada: 200, bea: 403, readers: 200, nobodys: 401},
		"PATCH /v1/classes/{class}":                   {path: "/v1/classes/cs101", body: `{"seats":31}`, admin: 200, ada: 200, bea: 403, readers: 403, nobodys: 401},
		"DELETE /v1/classes/{class}":                  {path: "/v1/classes/cs101", admin: 204, ada: 204, bea: 403, readers: 403, nobodys: 401},
		"POST /v1/classes/{class}/code":               {path: "/v1/classes/cs101/code", admin: 200, ada: 200, bea: 403, readers: 403, nobodys: 401},
		"POST /v1/seats":                              {path: "/v1/seats", body: `{"code":"` + openSesame + `"}`, admin: 202, ada: 202, bea: 202, readers: 403, nobodys: 401},
		"POST " + name + "/extend":                    {path: one + "/extend", body: `{"for":"48h"}`, admin: 200, ada: 200, bea: 403, readers: 403, nobodys: 401},
		"POST " + name + "/pin":                       {path: one + "/pin", body: `{"reason":"the demo"}`, admin: 200, ada: 200, bea: 403, readers: 403, nobodys: 401},
		"POST " + name + "/unpin":                     {path: one + "/unpin", admin: 200, ada: 200, bea: 403, readers: 403, nobodys: 401},
		"POST " + name + "/sleep":                     {path: one + "/sleep", admin: 202, ada: 202, bea: 403, readers: 403, nobodys: 401},
		"POST " + name + "/wake":                      {path: one + "/wake", admin: 200, ada: 200, bea: 403, readers: 403, nobodys: 401},
		"POST " + name + "/restore":                   {path: one + "/restore", body: `{"key":"a","versionId":"v"}`, admin: 404, ada: 404, bea: 403, readers: 403, nobodys: 401},
	}
}

const name = "/v1/sandboxes/{name}"

func TestEveryRouteForEveryRole(t *testing.T) {
	document, err := openapi3.NewLoader().LoadFromData(docs.OpenAPI)
	must(t, err)
	all := everyRoute()
	maps.Copy(all, consolesRoutes())
	for path, item := range document.Paths.Map() {
		for method := range item.Operations() {
			route := method + " " + path
			request, ok := all[route]
			if !ok {
				t.Errorf("%s is not asked here as each role: add it to everyRoute", route)
				continue
			}
			unheardOf := request.nobodys
			if unheardOf == http.StatusUnauthorized {
				unheardOf = http.StatusForbidden
			}
			for _, as := range []struct {
				name, role string
				want       int
			}{
				{"", "", request.nobodys}, {"eve", "guest", unheardOf},
				{"eve", "reader", request.readers}, {"ada", "reader", request.readers}, // a reader owns nothing
				{"bea", "owner", request.bea},
				{"ada", "owner", request.ada}, {"eve", "admin", request.admin},
			} {
				t.Run(route+" as "+as.role+" "+as.name, func(t *testing.T) {
					w := newWorld(t, asTold)
					w.readyFor("ada", "hello")
					w.class("ada", 30)
					before, started := w.stored("hello"), len(w.machines.started())
					path := strings.Replace(request.path, "FIRST", w.machines.started()[0], 1)
					a := w.do(method, path, request.body, "Test-Name", as.name, "Test-Role", as.role)
					if a.StatusCode != as.want {
						t.Fatalf("%d, want %d\n%s", a.StatusCode, as.want, a.text)
					}
					if a.StatusCode != http.StatusUnauthorized && a.StatusCode != http.StatusForbidden {
						return
					}
					p := into[events.Problem](t, a)
					says := []string{"not signed"}
					if a.StatusCode == http.StatusForbidden {
						says = []string{as.role, route, "could"}
					}
					for _, part := range says {
						if !strings.Contains(p.Detail, part) {
							t.Errorf("it says %q, and not %q", p.Detail, part)
						}
					}
					if after := w.stored("hello"); after.Version != before.Version || len(w.machines.started()) != started {
						t.Errorf("refused, and something changed: %+v", after)
					}
				})
			}
			delete(all, route)
		}
	}
	for route := range all {
		t.Errorf("%s is asked and is no route", route)
	}
}

// readyFor makes a sandbox of an owner's that is ready.
func (w *world) readyFor(owner, name string) {
	w.t.Helper()
	w.want(http.StatusAccepted, "POST", "/v1/sandboxes", `{"name":"`+name+`","owner":"`+owner+`"}`, "Test-Name", "op", "Test-Role", "admin")
	w.provisioned(name)
}

func (w *world) stored(name string) sandbox.Sandbox {
	w.t.Helper()
	s, err := w.store.Get(w.t.Context(), name)
	must(w.t, err)
	return s
}

func TestListsShowAnOwnerItsOwn(t *testing.T) {
	w := newWorld(t, asTold)
	for name, owner := range map[string]string{"one": "ada", "two": "bea", "three": "ada"} {
		w.readyFor(owner, name)
	}
	for _, test := range []struct{ as, role, query, want string }{
		{"op", "admin", "", "one three two"},
		{"op", "admin", "?owner=bea", "two"},
		{"eve", "reader", "", "one three two"},
		{"ada", "owner", "", "one three"},
		{"ada", "owner", "?limit=1", "one"},
		{"ada", "owner", "?owner=ada", "one three"},
		{"ada", "owner", "?owner=bea", "forbidden"},
		{"kim", "owner", "", ""},
		{"", "owner", "", "forbidden"}, // else the list of "", which is everybody's
	} {
		a := w.do("GET", "/v1/sandboxes"+test.query, "", "Test-Name", test.as, "Test-Role", test.role)
		got := "forbidden"
		if a.StatusCode != http.StatusForbidden {
			var names []string
			for _, s := range into[events.SandboxPage](t, a).Sandboxes {
				names = append(names, s.Name)
			}
			slices.Sort(names)
			got = strings.Join(names, " ")
		}
		if got != test.want {
			t.Errorf("%s %s %s: %q, want %q", test.role, test.as, test.query, got, test.want)
		}
	}
}

func TestNobodyGetsASandboxButFromAnAdmin(t *testing.T) {
	w := newWorld(t, asTold)
	w.readyFor("ada", "hello")
	ada := []string{"Test-Name", "ada", "Test-Role", "owner"}
	w.want(http.StatusForbidden, "PATCH", "/v1/sandboxes/hello", `{"owner":"bea"}`, ada...)
	w.want(http.StatusOK, "PATCH", "/v1/sandboxes/hello", `{"owner":"ada"}`, ada...)
	w.want(http.StatusForbidden, "POST", "/v1/sandboxes", `{"name":"gift","owner":"bea"}`, ada...)
	if mine := into[events.SandboxState](t, w.want(http.StatusAccepted, "POST", "/v1/sandboxes", `{"name":"mine"}`, ada...)); mine.Owner != "ada" {
		t.Errorf("it is %s's", mine.Owner)
	}
	w.want(http.StatusOK, "PATCH", "/v1/sandboxes/hello", `{"owner":"bea"}`, "Test-Name", "op", "Test-Role", "admin")
	w.want(http.StatusForbidden, "GET", "/v1/sandboxes/hello", "", ada...)
}

// TestAKeyIsItsOwnersAlone: the same Idempotency-Key of two people is two keys,
// so that neither learns of the other's request.
func TestAKeyIsItsOwnersAlone(t *testing.T) {
	w := newWorld(t, asTold)
	for _, who := range []string{"ada", "bea"} {
		s := into[events.SandboxState](t, w.want(http.StatusAccepted, "POST", "/v1/sandboxes", `{"name":"of-`+who+`"}`, "Test-Name", who, "Test-Role", "owner", "Idempotency-Key", "k"))
		if s.Owner != who {
			t.Errorf("%s got %s's", who, s.Owner)
		}
	}
}

// TestAStreamEndsWhenTheSandboxIsAnothers: who may no longer see it sees no more.
func TestAStreamEndsWhenTheSandboxIsAnothers(t *testing.T) {
	w := newWorld(t, asTold)
	w.readyFor("ada", "hello")
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.server.URL+"/v1/sandboxes/hello/events", nil)
	must(t, err)
	request.Header = http.Header{"Test-Name": {"ada"}, "Test-Role": {"owner"}, "Accept": {"text/event-stream"}}
	response, err := w.client.Do(request)
	must(t, err)
	defer response.Body.Close()
	_, err = w.store.Update(t.Context(), sandbox.Ref{ID: w.stored("hello").ID, Name: "hello"}, func(s *sandbox.Sandbox) ([]sandbox.Event, error) {
		s.Owner = "bea"
		return []sandbox.Event{{Type: sandbox.EventProgress, Message: "bea's secret"}}, nil
	})
	must(t, err)
	text, err := io.ReadAll(response.Body) // to the end, which comes
	must(t, err)
	if response.StatusCode != http.StatusOK || strings.Contains(string(text), "secret") {
		t.Errorf("%s\n%s", response.Status, text)
	}
}
