package issuer_test

import (
	"encoding/base64"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/mayfly-dev/mayfly/cmd/mayfly/internal/issuer"
)

func TestAnIssuerThatAPageCanSignInAt(t *testing.T) {
	for name, test := range map[string]struct{ document, refused string }{
		"all that is needed": {`{"issuer":"ISSUER","authorization_endpoint":"https://id.example.org/authorize","token_endpoint":"https://id.example.org/token"}`, ""},
		"with more": {`{"issuer":"ISSUER","authorization_endpoint":"https://id.example.org/authorize","token_endpoint":"https://id.example.org/token",
			"end_session_endpoint":"https://id.example.org/out","code_challenge_methods_supported":["plain","S256"],"jwks_uri":"x","scopes_supported":[]}`, ""},
		"another issuer":    {`{"issuer":"ISSUER/","authorization_endpoint":"https://id.example.org/a","token_endpoint":"https://id.example.org/t"}`, "letter by letter"},
		"no token endpoint": {`{"issuer":"ISSUER","authorization_endpoint":"https://id.example.org/authorize"}`, "names no token_endpoint"},
		"without TLS":       {`{"issuer":"ISSUER","authorization_endpoint":"https://id.example.org/a","token_endpoint":"http://id.example.org/t"}`, "no https URL"},
		"a script":          {`{"issuer":"ISSUER","authorization_endpoint":"javascript:alert(1)","token_endpoint":"https://id.example.org/t"}`, "no https URL"},
		"an end that is no address": {`{"issuer":"ISSUER","authorization_endpoint":"https://id.example.org/a","token_endpoint":"https://id.example.org/t",
			"end_session_endpoint":"/out"}`, "no https URL"},
		"without S256": {`{"issuer":"ISSUER","authorization_endpoint":"https://id.example.org/a","token_endpoint":"https://id.example.org/t","code_challenge_methods_supported":["plain"]}`, "S256 is needed"},
		"no document":  {`<html>`, "can't be read"},
		"nothing":      {``, "answers 404"},
	} {
		t.Run(name, func(t *testing.T) {
			var server *httptest.Server
			server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/pool/.well-known/openid-configuration" || test.document == "" {
					http.NotFound(w, r)
					return
				}
				_, _ = io.WriteString(w, strings.ReplaceAll(test.document, "ISSUER", server.URL+"/pool"))
			}))
			defer server.Close()
			found, err := issuer.Discover(t.Context(), server.Client(), server.URL+"/pool")
			if test.refused == "" && (err != nil || found.TokenEndpoint != "https://id.example.org/token") {
				t.Errorf("%+v, %v", found, err)
			}
			if test.refused != "" && (err == nil || !strings.Contains(err.Error(), test.refused)) {
				t.Errorf("%v, want %q", err, test.refused)
			}
		})
	}
}

func TestAnIssuerIsAnAddress(t *testing.T) {
	for address, good := range map[string]bool{
		"https://id.example.org": true, "https://id.example.org/pool_1": true, "http://127.0.0.1:9000/pool": true,
		"http://id.example.org": false, "id.example.org": false, "": false, "https://id.example.org?x=1": false, "https://ada@id.example.org": false, "https://id.example.org#x": false,
	} {
		if err := issuer.Check(address); (err == nil) != good {
			t.Errorf("%q: %v", address, err)
		}
	}
}

func TestTheIssuerOfAToken(t *testing.T) {
	encoded := base64.RawURLEncoding.EncodeToString([]byte(`{"iss":"https://id.example.org/pool","sub":"ada"}`))
	for token, want := range map[string]string{
		"h." + encoded + ".s": "https://id.example.org/pool",
		"mayfly_token":        "", "": "", "a.b.c": "", "a.!.c": "", "h." + encoded: "",
	} {
		if got := issuer.Of(token); got != want {
			t.Errorf("%q is of %q", token, got)
		}
	}
}
