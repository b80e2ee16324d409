package main

import (
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/mayfly-dev/mayfly/local/httpapi"
	"github.com/mayfly-dev/mayfly/local/identity"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"mayfly": func() { os.Exit(mainCode()) }})
}

// TestScripts runs each script under testdata/script against an installation
// of its own: the API with a real store, and flows that do at once what the
// machines do.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			in, err := newInstallation(env.WorkDir)
			if err != nil {
				return err
			}
			env.Defer(in.close)
			env.Values["installation"] = in
			env.Setenv("MAYFLY_API", in.api.URL)
			env.Setenv("MAYFLY_PRINCIPAL", "ada")
			env.Setenv("TZ", "UTC")
			env.Setenv("AWS_EC2_METADATA_DISABLED", "true")
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			// fail MACHINE STEP: the next execution of the machine fails there.
			"fail": func(ts *testscript.TestScript, _ bool, args []string) {
				ts.Value("installation").(*installation).failNext(args[0], args[1])
			},
			// fill: much of the account's quotas is in use.
			"fill": func(ts *testscript.TestScript, _ bool, _ []string) {
				ts.Value("installation").(*installation).quotas.fill()
			},
			// status PATH STATUS: what the API answers to a GET.
			"status": func(ts *testscript.TestScript, _ bool, args []string) {
				response, err := http.Get(ts.Getenv("MAYFLY_API") + args[0])
				ts.Check(err)
				ts.Check(response.Body.Close())
				if response.Status[:3] != args[1] {
					ts.Fatalf("%s: %s, want %s", args[0], response.Status, args[1])
				}
			},
			// asks FILE: from now on the API asks who is there, and knows the file's
			// users.
			"asks": func(ts *testscript.TestScript, _ bool, args []string) {
				users, err := identity.Open(ts.MkAbs(args[0]), time.Now)
				ts.Check(err)
				ts.Value("installation").(*installation).users.Store(users)
			},
			// take: each line NAME=VALUE of the last output becomes a variable.
			"take": func(ts *testscript.TestScript, _ bool, _ []string) {
				for line := range strings.Lines(ts.ReadFile("stdout")) {
					if name, value, ok := strings.Cut(strings.TrimSpace(line), "="); ok {
						ts.Setenv(name, value)
					}
				}
			},
			// code-of VARIABLE, token-of VARIABLE: the code or token in the last output,
			// which is also in the file code or token.
			"code-of":  secretOf("code"),
			"token-of": secretOf("token"),
			// followed: wait until somebody follows events.
			"followed": func(ts *testscript.TestScript, _ bool, args []string) {
				in := ts.Value("installation").(*installation)
				for len(in.streams) > 0 && len(args) > 0 {
					<-in.streams // those from before
				}
				if len(args) == 0 {
					<-in.streams
				}
			},
			// issuer VARIABLE: somebody who signs people in is there.
			"issuer": func(ts *testscript.TestScript, _ bool, args []string) {
				server := newIssuer()
				ts.Defer(server.Close)
				ts.Setenv(args[0], server.URL)
			},
			// lets-in ORIGIN: from now on the API lets that origin's pages ask.
			"lets-in": func(ts *testscript.TestScript, _ bool, args []string) {
				ts.Value("installation").(*installation).behind(func(api http.Handler) http.Handler { return httpapi.CORS(args, api) })
			},
			// on-aws: from now on the API says that it is on AWS.
			"on-aws": func(ts *testscript.TestScript, _ bool, _ []string) {
				ts.Value("installation").(*installation).behind(onAWSNow)
			},
			"registry":  startRegistry,
			"logged-in": loggedIn,
			"stale":     stale,
			// plant NAME [DOUBT]: a bucket that says to be of the sandbox is there.
			"plant": func(ts *testscript.TestScript, _ bool, args []string) {
				ts.Check(ts.Value("installation").(*installation).plant(args[0], strings.Join(args[1:], " ")))
			},
			// stop: the API goes away.
			"stop": func(ts *testscript.TestScript, _ bool, _ []string) {
				ts.Value("installation").(*installation).api.Close()
			},
			// release-id VAR NAME N: the id of the nth newest release.
			"release-id": func(ts *testscript.TestScript, _ bool, args []string) {
				id, err := ts.Value("installation").(*installation).releaseID(args[1], int(args[2][0]-'0'))
				ts.Check(err)
				if id == "" {
					ts.Check(errors.New("no such release"))
				}
				ts.Setenv(args[0], id)
			},
		},
	})
}

// secretOf keeps a field of the last output, which is JSON, in a variable and in
// a file.
func secretOf(field string) func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, _ bool, args []string) {
		var shown map[string]any
		ts.Check(json.Unmarshal([]byte(ts.ReadFile("stdout")), &shown))
		secret, ok := shown[field].(string)
		if !ok {
			ts.Fatalf("the output has no %s", field)
		}
		ts.Setenv(args[0], secret)
		ts.Check(os.WriteFile(ts.MkAbs(field), []byte(secret+"\n"), 0o600))
	}
}
