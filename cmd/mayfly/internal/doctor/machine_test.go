package doctor_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mayfly-dev/mayfly/cmd/mayfly/internal/doctor"
)

func TestAPI(t *testing.T) {
	for _, test := range []struct {
		name   string
		status int
		body   string
		want   string
	}{
		{"Mayfly", 200, `{"status":"ok","version":"v1","mode":"aws"}`, "ok"},
		{"behind IAM", 403, `{"message":"Forbidden"}`, "ok"},
		{"something else", 200, `<html>`, "failed"},
		{"broken", 500, `{}`, "failed"},
	} {
		t.Run(test.name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/v1/health" {
					t.Errorf("asked for %s", r.URL.Path)
				}
				w.WriteHeader(test.status)
				_, _ = w.Write([]byte(test.body))
			}))
			defer server.Close()
			check := doctor.API(server.Client(), func() string { return server.URL + "/" }, "start it")
			want(t, check(t.Context()), "API "+test.want)
			server.Close()
			want(t, check(t.Context()), "API failed")
		})
	}
	want(t, doctor.API(http.DefaultClient, func() string { return "" }, "")(t.Context()), "API skipped")
}

func TestPort(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	for mine, status := range map[bool]string{true: "ok", false: "failed"} {
		want(t, doctor.Port("--api", address, func(context.Context) bool { return mine })(t.Context()), "port "+address+" "+status)
	}
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	want(t, doctor.Port("--api", address, nil)(t.Context()), "port "+address+" ok")
	want(t, doctor.Port("--api", "203.0.113.1:80", nil)(t.Context()), "port 203.0.113.1:80 failed")
}

func TestRegistry(t *testing.T) {
	challenge := "Basic realm=\"mayfly\""
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("WWW-Authenticate", challenge)
		w.WriteHeader(http.StatusUnauthorized)
	}))
	defer server.Close()
	address := strings.TrimPrefix(server.URL, "http://")
	want(t, doctor.Registry(server.Client(), address)(t.Context()), "registry ok")
	challenge = "Bearer realm=\"another\""
	want(t, doctor.Registry(server.Client(), address)(t.Context()), "registry skipped")
	server.Close()
	want(t, doctor.Registry(server.Client(), address)(t.Context()), "registry skipped")
}

// resolver finds one address for every name.
type resolver string

func (r resolver) LookupHost(_ context.Context, host string) ([]string, error) {
	if r == "" {
		return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	}
	return []string{string(r)}, nil
}

func TestNames(t *testing.T) {
	for address, status := range map[string]string{"127.0.0.1": "ok", "::1": "ok", "": "warning", "192.0.2.7": "failed"} {
		want(t, doctor.Names(resolver(address))(t.Context()), "names of sites "+status)
	}
}

func TestData(t *testing.T) {
	room := func(bytes uint64, err error) func(string) (uint64, error) {
		return func(string) (uint64, error) { return bytes, err }
	}
	folder := t.TempDir()
	want(t, doctor.Data(folder, room(5<<30, nil))(t.Context()), "data folder ok", "disk ok")
	want(t, doctor.Data(filepath.Join(folder, "a", "b"), room(500<<20, nil))(t.Context()), "data folder ok", "disk warning")
	want(t, doctor.Data(folder, room(5<<20, nil))(t.Context()), "data folder ok", "disk failed")
	want(t, doctor.Data(folder, room(0, errors.New("no way to ask")))(t.Context()), "data folder ok", "disk skipped")
	if left, err := os.ReadDir(folder); err != nil || len(left) != 0 {
		t.Errorf("the doctor left %v, %v", left, err)
	}
	file := filepath.Join(folder, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	want(t, doctor.Data(file, room(5<<30, nil))(t.Context()), "data folder failed", "disk skipped")
}

func TestFree(t *testing.T) {
	if bytes, err := doctor.Free(t.TempDir()); err != nil || bytes == 0 {
		t.Errorf("%d bytes free, %v", bytes, err)
	}
}
