package main

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/mayfly-dev/mayfly/local/ecr"
	"github.com/mayfly-dev/mayfly/local/sts"
)

// startRegistry starts ECR beside an installation, and tells the script where
// it is: AWS_ENDPOINT_URL, REGISTRY, and EXPIRED_SESSION, the token of a session
// that has ended.
func startRegistry(ts *testscript.TestScript, _ bool, _ []string) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	host := listener.Addr().String()
	dir := ts.MkAbs("ecr")
	ts.Check(os.MkdirAll(dir, 0o700))
	past := time.Now().Add(-24 * time.Hour)
	sessions, err := sts.OpenSessions(filepath.Join(dir, "sts.key"), "000000000000", rand.Reader, func() time.Time { return past })
	ts.Check(err)
	ts.Setenv("EXPIRED_SESSION", expiredSession(ts, sessions))
	past = time.Now()
	images, err := ecr.New(ecr.Options{Dir: dir, Host: host, Principals: sessions})
	ts.Check(err)
	api, registry := images.API(), images.Registry()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/v2") {
			registry.ServeHTTP(w, r)
			return
		}
		api.ServeHTTP(w, r)
	}))
	ts.Check(server.Listener.Close())
	server.Listener = listener
	server.Start()
	ts.Defer(func() {
		server.Close()
		ts.Check(images.Close())
	})
	ts.Setenv("AWS_ENDPOINT_URL", server.URL)
	ts.Setenv("REGISTRY", host)
}

func expiredSession(ts *testscript.TestScript, sessions *sts.Sessions) string {
	w := httptest.NewRecorder()
	sts.Handler{Account: "000000000000", RequestID: rand.Text, Sessions: sessions}.ServeHTTP(w,
		httptest.NewRequest(http.MethodGet, "/?Action=AssumeRole&RoleArn=arn:aws:iam::000000000000:role/r&RoleSessionName=late", nil))
	_, after, _ := strings.Cut(w.Body.String(), "<SessionToken>")
	token, _, ok := strings.Cut(after, "</SessionToken>")
	if !ok {
		ts.Fatalf("no session: %s", w.Body)
	}
	return token
}

// loggedIn: logged-in FILE: the registry takes the login that a file has.
func loggedIn(ts *testscript.TestScript, _ bool, args []string) {
	var file struct {
		Auths map[string]struct{ Auth string }
	}
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &file))
	login, err := base64.StdEncoding.DecodeString(file.Auths[ts.Getenv("REGISTRY")].Auth)
	ts.Check(err)
	r, err := http.NewRequest(http.MethodGet, "http://"+ts.Getenv("REGISTRY")+"/v2/", nil)
	ts.Check(err)
	user, password, _ := strings.Cut(string(login), ":")
	r.SetBasicAuth(user, password)
	response, err := http.DefaultClient.Do(r)
	ts.Check(err)
	ts.Check(response.Body.Close())
	if response.StatusCode != http.StatusOK {
		ts.Fatalf("%s: the registry answers %s to its login", args[0], response.Status)
	}
}

// stale FILE: the file has a login for the registry that is no good.
func stale(ts *testscript.TestScript, _ bool, args []string) {
	file := ts.MkAbs(args[0])
	ts.Check(os.MkdirAll(filepath.Dir(file), 0o700))
	ts.Check(os.WriteFile(file, fmt.Appendf(nil, `{"auths": {%q: {"auth": "QVdTOm9sZA=="}}}`, ts.Getenv("REGISTRY")), 0o600))
}
