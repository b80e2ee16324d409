package edge

import (
	"bufio"
	"bytes"
	"net/http"
	"path"
	"strings"
	"testing"
)

func FuzzPattern(f *testing.F) {
	f.Add("/images/*.jpg", "/images/a.jpg")
	f.Add("*", "/")
	f.Add("a?c*", "/abc")
	f.Add("**a**b", "aab")
	f.Fuzz(func(t *testing.T, pattern, name string) {
		got := matches(pattern, name)
		// path.Match knows the same two wildcards when there are no slashes and
		// none of its own special characters
		plain := func(s string) string { return strings.ReplaceAll(strings.TrimPrefix(s, "/"), "/", "_") }
		if strings.ContainsAny(pattern+name, `[]\`) || strings.ContainsFunc(pattern+name, func(r rune) bool { return r >= 0x80 }) {
			return
		}
		want, err := path.Match(plain(pattern), plain(name))
		if err != nil {
			return
		}
		if got != want {
			t.Errorf("%q and %q: got %v, want %v", pattern, name, got, want)
		}
	})
}

func FuzzRange(f *testing.F) {
	for _, s := range []string{"bytes=0-1", "bytes=-1", "bytes=5-", "bytes=1-0", "bytes=99999999999999999999-", "bytes=0-1,3-4", "x"} {
		f.Add(s, int64(10))
	}
	f.Fuzz(func(t *testing.T, header string, size int64) {
		if size < 0 {
			return
		}
		r, result := parseRange(header, size)
		if result == partOfBody && (r.from < 0 || r.from >= r.to || r.to > size) {
			t.Errorf("%q of %d: %+v", header, size, r)
		}
	})
}

// What the quick parser takes, net/http takes too, and understands alike.
func FuzzHead(f *testing.F) {
	for _, s := range []string{
		"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
		"GET /a%2Fb?x=1 HTTP/1.1\r\nHost: a:80\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\nGET",
		"HEAD /a HTTP/1.1\r\nhost:a\r\nContent-Length: 3\r\n\r\nabc",
		"GET /a HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n",
		"GET /a HTTP/1.1\r\nHost: a\r\nX: \x00\r\n\r\n",
		"GET //a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		var r fastRequest
		if parseHead(in, &r) != ours {
			return
		}
		want, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(in[:r.size])))
		if err != nil {
			return // the connection is closed then, and nothing was answered
		}
		if want.Method != r.method || want.URL.EscapedPath() != r.path || want.Host != string(r.host) {
			t.Errorf("%q: got %s %s of %s, net/http got %s %s of %s", in, r.method, r.path, r.host, want.Method, want.URL.EscapedPath(), want.Host)
		}
		if want.ContentLength != 0 || len(want.TransferEncoding) > 0 || want.Close != r.last {
			t.Errorf("%q: a body or a close was not seen", in)
		}
		if !r.slow && (want.Header.Get("Range") != "" || want.Header.Get("If-None-Match") != "") {
			t.Errorf("%q: a condition was not seen", in)
		}
	})
}
