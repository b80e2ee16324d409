package edge_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"github.com/mayfly-dev/mayfly/local/edge"
)

// listen serves the world's edge and, for other hosts, a handler that says so.
func (w *world) listen() (address string) {
	w.t.Helper()
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		w.t.Fatal(err)
	}
	l := w.edge.Listener(inner)
	server := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		out.Header().Set("X-By", "net/http")
		if strings.Contains(r.Host, "cloudfront.localhost") {
			w.edge.ServeHTTP(out, r)
			return
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			w.t.Error(err)
		}
		_, _ = fmt.Fprintf(out, "%s %s %s", r.Method, r.Host, body)
	})}
	done := make(chan error, 1)
	go func() { done <- server.Serve(l) }()
	w.t.Cleanup(func() {
		if err := server.Close(); err != nil {
			w.t.Error(err)
		}
		<-done
	})
	return inner.Addr().String()
}

// dial opens a connection that is closed at the test's end.
func dial(t testing.TB, address string) (net.Conn, *bufio.Reader) {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn, bufio.NewReader(conn)
}

func send(t testing.TB, conn net.Conn, text string) {
	t.Helper()
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatal(err)
	}
}

func receive(t testing.TB, in *bufio.Reader, method string) (*http.Response, string) {
	t.Helper()
	answer, err := http.ReadResponse(in, &http.Request{Method: method})
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer, string(body)
}

func TestOneConnectionServesTheEdgeAndThenOthers(t *testing.T) {
	w := build(t, edge.Options{}, withFunctions(map[types.EventType]string{"viewer-request": folders}))
	w.bucket.put("/index.html", page("home"))
	conn, in := dial(t, w.listen())
	ask := func(method, path, more string) (*http.Response, string) {
		t.Helper()
		send(t, conn, method+" "+path+" HTTP/1.1\r\nHost: "+w.host+":4566\r\n"+more+"\r\n")
		return receive(t, in, method)
	}
	for i, c := range []struct{ method, more, xCache, body string }{
		{"GET", "", "Miss", page("home").body},
		{"GET", "", "Hit", page("home").body},
		{"HEAD", "", "Hit", ""},
		{"HEAD", "", "Hit", ""},
		{"GET", "Range: bytes=0-3\r\n", "Hit", "home"},
		{"GET", "If-None-Match: \"home\"\r\n", "Hit", ""},
		{"GET", "accept-encoding: identity\r\n", "Hit", page("home").body},
	} {
		answer, body := ask(c.method, "/?x=1", c.more)
		if answer.Header.Get("X-Cache") != c.xCache+" from cloudfront" || body != c.body || answer.Header.Get("X-By") != "" {
			t.Errorf("%d: got %v, %.20q", i, answer.Header, body)
		}
		for _, name := range []string{"Via", "Date", "X-Amz-Cf-Id", "X-Amz-Cf-Pop"} {
			if len(answer.Header[name]) != 1 {
				t.Errorf("%d: %s is %q", i, name, answer.Header[name])
			}
		}
	}
	zipped, _ := ask("GET", "/", "Accept-Encoding: gzip\r\n")
	if zipped.Header.Get("Content-Encoding") != "gzip" {
		t.Errorf("got %v", zipped.Header)
	}
	send(t, conn, "PUT /x HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 4\r\n\r\nbody")
	if _, body := receive(t, in, "PUT"); body != "PUT 127.0.0.1 body" {
		t.Errorf("another host got %q", body)
	}
	if answer, _ := ask("GET", "/", ""); answer.Header.Get("X-By") != "net/http" || answer.Header.Get("X-Cache") != "Hit from cloudfront" {
		t.Errorf("after that the edge answered %v", answer.Header)
	}
}

func TestTheQuickAnswerIsTheLongOne(t *testing.T) {
	w := build(t, edge.Options{}, func(_ *world, c *types.DistributionConfig) {
		policy := securityHeaders
		c.DefaultCacheBehavior.ResponseHeadersPolicyId = &policy
	})
	w.bucket.put("/a", page("a"))
	expect(t, w.get("/a"), 200, "Miss")
	conn, in := dial(t, w.listen())
	for _, accept := range []string{"", "gzip", "br, gzip"} {
		long := w.get("/a", "Accept-Encoding", accept)
		want := expect(t, long, 200, "Hit")
		send(t, conn, "GET /a HTTP/1.1\r\nHost: "+w.host+"\r\nAccept-Encoding: "+accept+"\r\n\r\n")
		quick, body := receive(t, in, "GET")
		if body != want {
			t.Errorf("%q: got %d bytes, want %d", accept, len(body), len(want))
		}
		for name, values := range long.Header {
			if name != "X-Amz-Cf-Id" && strings.Join(values, "\n") != strings.Join(quick.Header[name], "\n") {
				t.Errorf("%q: %s is %q, not %q", accept, name, quick.Header[name], values)
			}
		}
	}
}

func TestRequestsSentTogetherAreAnsweredInOrder(t *testing.T) {
	w := build(t, edge.Options{}, nil)
	w.bucket.put("/a", page("a"))
	w.bucket.put("/b", page("b"))
	conn, in := dial(t, w.listen())
	var all strings.Builder
	for _, path := range []string{"/a", "/b", "/a", "/none"} {
		all.WriteString("GET " + path + " HTTP/1.1\r\nHost: " + w.host + "\r\n\r\n")
	}
	all.WriteString("GET /b HTTP/1.1\r\nHost: " + w.host + "\r\nConnection: close\r\n\r\n")
	send(t, conn, all.String())
	for i, want := range []string{page("a").body, page("b").body, page("a").body, "<Error><Code>AccessDenied</Code></Error>", page("b").body} {
		if _, body := receive(t, in, "GET"); body != want {
			t.Errorf("%d: got %.20q", i, body)
		}
	}
	if _, err := in.ReadByte(); err != io.EOF {
		t.Errorf("the connection was not closed: %v", err)
	}
}

func TestWhatIsNotPlainIsLeftToNetHTTP(t *testing.T) {
	w := build(t, edge.Options{}, nil)
	w.bucket.put("/a", page("a"))
	address := w.listen()
	host := "Host: " + w.host + "\r\n"
	for name, c := range map[string]struct {
		request string
		status  int
	}{
		"two hosts":       {"GET /a HTTP/1.1\r\n" + host + host + "\r\n", 400},
		"no host":         {"GET /a HTTP/1.1\r\n\r\n", 400},
		"space in name":   {"GET /a HTTP/1.1\r\n" + host + "Transfer-Encoding : chunked\r\n\r\n", 400},
		"bad name":        {"GET /a HTTP/1.1\r\n" + host + "no colon\r\n\r\n", 400},
		"bare line feeds": {"GET /a HTTP/1.1\nHost: " + w.host + "\n\n", 200},
		"old version":     {"GET /a HTTP/1.0\r\n" + host + "\r\n", 200},
		"absolute target": {"GET http://" + w.host + "/a HTTP/1.1\r\n" + host + "\r\n", 200},
		"odd path":        {"GET /a\"b HTTP/1.1\r\n" + host + "\r\n", 403},
		"with a body":     {"GET /a HTTP/1.1\r\n" + host + "Content-Length: 1\r\n\r\nx", 200},
		"long head":       {"GET /a HTTP/1.1\r\n" + host + "X: " + strings.Repeat("x", 70<<10) + "\r\n\r\n", 200},
		"unknown site":    {"GET /a HTTP/1.1\r\nHost: dnone.cloudfront.localhost\r\n\r\n", 403},
		"not HTTP":        {"hello\r\n\r\n", 400},
	} {
		t.Run(name, func(t *testing.T) {
			conn, in := dial(t, address)
			send(t, conn, c.request)
			answer, _ := receive(t, in, "GET")
			if answer.StatusCode != c.status {
				t.Errorf("got %d, want %d", answer.StatusCode, c.status)
			}
		})
	}
}

func TestClosingTheListenerEndsIdleConnections(t *testing.T) {
	w := build(t, edge.Options{}, nil)
	w.bucket.put("/a", page("a"))
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := w.edge.Listener(inner)
	conn, in := dial(t, inner.Addr().String())
	send(t, conn, "GET /a HTTP/1.1\r\nHost: "+w.host+"\r\n\r\n")
	receive(t, in, "GET")
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	if _, err := in.ReadByte(); err != io.EOF {
		t.Errorf("the idle connection: %v", err)
	}
	if _, err := l.Accept(); err == nil {
		t.Error("a closed listener accepted")
	}
}
