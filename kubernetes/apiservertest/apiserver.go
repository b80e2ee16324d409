// Package apiservertest runs a real Kubernetes API server, over a real etcd,
// with a Deployment in it: what package clustertest stands in for. Like a
// cluster of EKS it knows its callers by a webhook, which a test answers, and
// goes by RBAC. No controllers run: a test says how a rollout goes. It is
// imported by tests alone.
package apiservertest

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// Binary is the variable that says where kube-apiserver is; `make peers` builds
// it and sets it.
const Binary = "KUBE_APISERVER"

// Server is an API server.
type Server struct {
	authority authority
	url       string
	token     string
	http      *http.Client
}

// Start starts etcd and the API server, and stops both when the test ends.
// verify says which user has a token; an error says that nobody has. Without
// either program the test fails, and says what to do.
func Start(t *testing.T, verify func(ctx context.Context, token string) (string, error)) *Server {
	t.Helper()
	binary := os.Getenv(Binary)
	if binary == "" {
		t.Fatalf("%s does not say where kube-apiserver is: run make peers", Binary)
	}
	etcd, err := exec.LookPath("etcd")
	if err != nil {
		t.Fatalf("etcd is not installed (%v): on Debian, apt-get install etcd-server", err)
	}
	dir := t.TempDir()
	s := &Server{authority: newAuthority(t), token: "test-admin"}
	s.authority.write(t, dir)
	client, peer, port := freePort(t), freePort(t), freePort(t)
	run(t, filepath.Join(dir, "etcd.log"), etcd, "--data-dir", filepath.Join(dir, "etcd"), "--unsafe-no-fsync",
		"--listen-client-urls", "http://"+client, "--advertise-client-urls", "http://"+client,
		"--listen-peer-urls", "http://"+peer, "--initial-advertise-peer-urls", "http://"+peer, "--initial-cluster", "default=http://"+peer)
	write(t, filepath.Join(dir, "tokens.csv"), s.token+`,admin,admin,"system:masters"`+"\n")
	write(t, filepath.Join(dir, "webhook.json"), webhook(t, verify))
	_, number, _ := net.SplitHostPort(port)
	run(t, filepath.Join(dir, "apiserver.log"), binary, "--etcd-servers", "http://"+client,
		"--bind-address=127.0.0.1", "--secure-port="+number, "--endpoint-reconciler-type=none", "--service-cluster-ip-range=10.0.0.0/24",
		"--cert-dir="+dir, "--tls-cert-file="+filepath.Join(dir, certificateFile), "--tls-private-key-file="+filepath.Join(dir, keyFile),
		"--token-auth-file="+filepath.Join(dir, "tokens.csv"), "--authorization-mode=RBAC", "--anonymous-auth=false",
		"--authentication-token-webhook-config-file="+filepath.Join(dir, "webhook.json"), "--authentication-token-webhook-version=v1", "--authentication-token-webhook-cache-ttl=1s",
		"--service-account-issuer=https://kubernetes.default.svc", "--service-account-key-file="+filepath.Join(dir, keyFile), "--service-account-signing-key-file="+filepath.Join(dir, keyFile),
		"--disable-admission-plugins=ServiceAccount")
	s.url = "https://" + port
	s.http = &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{TLSClientConfig: s.authority.trusted()}}
	t.Cleanup(s.http.CloseIdleConnections)
	s.awaitReady(t, filepath.Join(dir, "apiserver.log"))
	s.populate(t)
	return s
}

// Endpoint is the server's URL.
func (s *Server) Endpoint() string { return s.url }

// Authority is the certificate authority as EKS tells it: PEM in base 64.
func (s *Server) Authority() string { return s.authority.base64() }

// awaitReady asks until the server is ready, a minute long.
func (s *Server) awaitReady(t *testing.T, log string) {
	t.Helper()
	for range 600 {
		if code, _, err := s.request(t.Context(), http.MethodGet, "/readyz", "", ""); err == nil && code == http.StatusOK {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	text, err := os.ReadFile(log)
	t.Fatalf("kube-apiserver is not ready after a minute: %v\n%s", err, text[max(0, len(text)-4000):])
}

// run runs a program until the test ends; what it writes goes to a file.
func run(t *testing.T, log, program string, args ...string) {
	t.Helper()
	out, err := os.Create(log)
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command(program, args...)
	// Debian's etcd wants to be told that it may run on what is not amd64.
	command.Env = append(os.Environ(), "ETCD_UNSUPPORTED_ARCH="+runtime.GOARCH)
	command.Stdout, command.Stderr = out, out
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = command.Process.Kill() // it may have ended by itself
		_ = command.Wait()         // and its status is that of a kill
		_ = out.Close()
	})
}

// freePort returns a loopback address that was free a moment ago.
func freePort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close() //nolint:errcheck // nothing was written
	return listener.Addr().String()
}

// webhook answers TokenReviews by verify, and returns the kubeconfig that tells
// the API server of it.
func webhook(t *testing.T, verify func(ctx context.Context, token string) (string, error)) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var review struct {
			APIVersion string `json:"apiVersion"`
			Kind       string `json:"kind"`
			Spec       struct {
				Token string `json:"token"`
			} `json:"spec"`
		}
		if err := json.NewDecoder(r.Body).Decode(&review); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		status := map[string]any{"authenticated": false}
		if user, err := verify(r.Context(), review.Spec.Token); err == nil {
			status = map[string]any{"authenticated": true, "user": map[string]any{"username": user}}
		} else {
			status["error"] = err.Error()
		}
		w.Header().Set("Content-Type", "application/json")
		if err := json.NewEncoder(w).Encode(map[string]any{"apiVersion": review.APIVersion, "kind": review.Kind, "status": status}); err != nil {
			t.Errorf("answer a token review: %v", err)
		}
	}))
	t.Cleanup(server.Close)
	return fmt.Sprintf(`{"apiVersion":"v1","kind":"Config","clusters":[{"name":"w","cluster":{"server":%q}}],"users":[{"name":"u"}],`+
		`"contexts":[{"name":"c","context":{"cluster":"w","user":"u"}}],"current-context":"c"}`, server.URL)
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(strings.TrimSpace(text)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
}
