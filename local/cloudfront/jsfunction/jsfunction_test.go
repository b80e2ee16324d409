package jsfunction_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/mayfly-dev/mayfly/local/cloudfront/jsfunction"
)

const folders = `
function handler(event) {
  var request = event.request;
  if (request.uri.endsWith('/')) request.uri += 'index.html';
  else if (!request.uri.split('/').pop().includes('.')) request.uri += '/index.html';
  return request;
}`

func compile(t testing.TB, code string) *jsfunction.Program {
	t.Helper()
	p, err := jsfunction.Compile("f", []byte(code), 5*time.Second, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func event(uri string) *jsfunction.Event {
	return &jsfunction.Event{
		DistributionID: "E1", DistributionDomain: "d1.cloudfront.localhost", RequestID: "r", IP: "127.0.0.1",
		Method: "GET", URI: uri, Query: "a=1&b=2&a=3", Host: "d1.cloudfront.localhost",
		Header: http.Header{"Accept": {"*/*"}, "Cookie": {"id=7; theme=dark"}},
	}
}

func TestAFunctionRewritesTheURI(t *testing.T) {
	p := compile(t, folders)
	for uri, want := range map[string]string{"/": "/index.html", "/docs/": "/docs/index.html", "/docs": "/docs/index.html", "/a.css": "/a.css"} {
		for range 2 { // run, then remembered
			e := event(uri)
			got, err := p.Request(e)
			if err != nil || got.URI != want || got.Query != e.Query || got.Header.Get("Accept") != "*/*" {
				t.Errorf("%s: got %+v, %v; want %s", uri, got, err, want)
			}
		}
		if got, ok := p.Rewrite("GET", uri); !ok || got != want {
			t.Errorf("%s is not remembered: %q, %v", uri, got, ok)
		}
	}
}

// What follows from more than method and URI must not be remembered.
func TestOnlyWhatFollowsFromTheURIIsRemembered(t *testing.T) {
	for name, code := range map[string]string{
		"headers":      `function handler(e) { if (e.request.headers.accept) e.request.uri = '/x'; return e.request }`,
		"query":        `function handler(e) { for (var k in e.request.querystring) e.request.uri = '/x'; return e.request }`,
		"cookies":      `function handler(e) { e.request.uri = '/' + e.request.cookies.theme.value; return e.request }`,
		"address":      `function handler(e) { e.request.uri = '/' + e.viewer.ip; return e.request }`,
		"request id":   `function handler(e) { e.request.uri = '/' + e.context.requestId; return e.request }`,
		"time":         `function handler(e) { e.request.uri = '/' + Date.now(); return e.request }`,
		"new Date":     `function handler(e) { e.request.uri = '/' + new Date().getTime(); return e.request }`,
		"randomness":   `function handler(e) { e.request.uri = '/' + Math.random(); return e.request }`,
		"everything":   `function handler(e) { e.request.uri = '/' + JSON.stringify(e).length; return e.request }`,
		"spread":       `function handler(e) { return {...e.request, uri: '/x'} }`,
		"set headers":  `function handler(e) { e.request.headers = {}; return e.request }`,
		"delete query": `function handler(e) { delete e.request.querystring; return e.request }`,
		"log":          `function handler(e) { console.log('seen'); return e.request }`,
	} {
		t.Run(name, func(t *testing.T) {
			p := compile(t, code)
			if _, err := p.Request(event("/a")); err != nil {
				t.Fatal(err)
			}
			if got, ok := p.Rewrite("GET", "/a"); ok {
				t.Errorf("remembered as %q", got)
			}
		})
	}
}

func TestNoRunSeesAnother(t *testing.T) {
	p := compile(t, `var n = 0; function handler(e) {
		n++; String.prototype.count = (String.prototype.count || 0) + 1;
		e.request.uri = '/' + n + ''.count; e.request.headers['x-n'] = {value: '' + n}; return e.request }`)
	for range 3 {
		got, err := p.Request(event("/a"))
		if err != nil || got.URI != "/11" {
			t.Fatalf("got %+v, %v", got, err)
		}
	}
}

func TestAFunctionSeesAndChangesTheWholeRequest(t *testing.T) {
	p := compile(t, `async function handler(event) {
		const r = event.request, q = r.querystring;
		if (event.version !== '1.0' || event.context.eventType !== 'viewer-request' || event.viewer.ip !== '127.0.0.1') throw new Error('event');
		if (q.a.value !== '1' || q.a.multiValue[1].value !== '3' || r.headers.host.value !== 'd1.cloudfront.localhost' || r.headers.cookie) throw new Error('request');
		delete q.b; q.c = {value: '4'};
		r.headers['x-new'] = {value: 'yes'};
		r.headers.host = {value: 'evil'};
		r.cookies.theme.value = 'light';
		return r }`)
	got, err := p.Request(event("/a"))
	if err != nil {
		t.Fatal(err)
	}
	if got.Query != "a=1&a=3&c=4" || got.Header.Get("X-New") != "yes" || got.Header.Get("Cookie") != "id=7; theme=light" || got.Header.Get("Host") != "" {
		t.Errorf("got %+v", got)
	}
}

func TestAFunctionAnswersByItself(t *testing.T) {
	p := compile(t, `function handler(event) { return {
		statusCode: 302, statusDescription: 'Found', headers: {location: {value: '/new'}},
		cookies: {a: {value: '1', attributes: 'Path=/; Secure'}}, body: {encoding: 'base64', data: 'aGk='} } }`)
	got, err := p.Request(event("/a"))
	if err != nil || got.Response == nil {
		t.Fatal(got, err)
	}
	r := got.Response
	if r.Status != 302 || r.Header.Get("Location") != "/new" || r.Header.Get("Set-Cookie") != "a=1; Path=/; Secure" || string(r.Body) != "hi" {
		t.Errorf("got %+v", r)
	}
}

func TestAFunctionChangesTheResponse(t *testing.T) {
	p := compile(t, `function handler(event) {
		var r = event.response; r.headers['x-uri'] = {value: event.request.uri}; delete r.headers.server; return r }`)
	got, err := p.Response(event("/a"), &jsfunction.Response{Status: 200, Header: http.Header{"Server": {"AmazonS3"}, "Set-Cookie": {"a=1; Path=/"}}})
	if err != nil {
		t.Fatal(err)
	}
	if got.Header.Get("X-Uri") != "/a" || got.Header.Get("Server") != "" || got.Header.Get("Set-Cookie") != "a=1; Path=/" || got.HasBody {
		t.Errorf("got %+v", got)
	}
}

func TestWhatAFunctionDoesWrongIsAnError(t *testing.T) {
	for name, c := range map[string]struct{ code, want string }{
		"throws":          {`function handler() { throw new Error('mine') }`, "mine"},
		"rejects":         {`async function handler() { throw new Error('mine') }`, "mine"},
		"never settles":   {`function handler() { return new Promise(() => {}) }`, "never settled"},
		"returns nothing": {`function handler() {}`, "neither a request nor a response"},
		"has no handler":  {`function other() {}`, "no function handler"},
		"relative uri":    {`function handler(e) { e.request.uri = 'x'; return e.request }`, "begin with a slash"},
		"query in uri":    {`function handler(e) { e.request.uri = '/x?y'; return e.request }`, "character"},
		"changed method":  {`function handler(e) { e.request.method = 'PUT'; return e.request }`, "method"},
		"bad status":      {`function handler() { return {statusCode: 99} }`, "statusCode"},
		"split header":    {`function handler(e) { e.request.headers.x = {value: 'a\r\nb: c'}; return e.request }`, "control character"},
		"eval":            {`function handler(e) { eval('1'); return e.request }`, "eval"},
		"endless":         {`function handler(e) { for (;;) {} }`, "time limit"},
		"recursion":       {`function handler(e) { return handler(e) }`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			limit := 5 * time.Second
			if name == "endless" {
				limit = 20 * time.Millisecond
			}
			p, err := jsfunction.Compile("f", []byte(c.code), limit, time.Now)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := p.Request(event("/a")); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %+v, %v; want an error with %q", got, err, c.want)
			}
		})
	}
}

func TestTryRunsAnEventGivenAsJSON(t *testing.T) {
	p := compile(t, strings.Replace(folders, "return", "console.log('at', request.uri); return", 1))
	trial, err := p.Try([]byte(`{"version":"1.0","context":{"eventType":"viewer-request"},"request":{"method":"GET","uri":"/a/"}}`))
	if err != nil || trial.Err != nil {
		t.Fatal(err, trial)
	}
	if trial.Output != `{"request":{"method":"GET","uri":"/a/index.html"}}` || len(trial.Logs) != 1 || trial.Logs[0] != "at /a/index.html" {
		t.Errorf("got %+v", trial)
	}
	if _, err := p.Try([]byte("{")); err == nil {
		t.Error("an event that is no JSON was accepted")
	}
}

func BenchmarkRun(b *testing.B) {
	p := compile(b, `function handler(e) { e.request.headers.x = {value: '1'}; return e.request }`)
	e := event("/a")
	for b.Loop() {
		if _, err := p.Request(e); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRemembered(b *testing.B) {
	p := compile(b, folders)
	e := event("/a/")
	uri := e.URI
	if _, err := p.Request(e); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, ok := p.Rewrite("GET", uri); !ok {
			b.Fatal("forgotten")
		}
	}
}
