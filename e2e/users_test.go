package e2e_test

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/mayfly-dev/mayfly/access"
	"github.com/mayfly-dev/mayfly/local"
	"github.com/mayfly-dev/mayfly/local/identity"
)

// TestACloudThatAsksWho lets those in who are in its file of users, by token or
// by signature, each as far as its role goes.
func TestACloudThatAsksWho(t *testing.T) {
	key, err := identity.NewAccessKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "users.json")
	err = identity.Write(path, identity.File{Users: []identity.User{
		{Name: "ada", Role: access.Owner, TokenSHA256: identity.HashToken("adas")},
		{Name: "bea", Role: access.Owner, AccessKey: &key},
		{Name: "eve", Role: access.Reader, TokenSHA256: identity.HashToken("eves")},
	}})
	if err != nil {
		t.Fatal(err)
	}
	c := start(t, func(config *local.Config) { config.Users = path })
	token := func(of string) func(*http.Request, string) {
		return func(r *http.Request, _ string) { r.Header.Set("Authorization", "Bearer "+of) }
	}
	signed := func(r *http.Request, body string) {
		sum := sha256.Sum256([]byte(body))
		keys := aws.Credentials{AccessKeyID: key.ID, SecretAccessKey: key.Secret}
		if err := v4.NewSigner().SignHTTP(t.Context(), keys, r, hex.EncodeToString(sum[:]), "execute-api", local.Region, time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	nobody := func(*http.Request, string) {}
	for _, ask := range []struct {
		as                 func(*http.Request, string)
		method, path, body string
		want               int
	}{
		{nobody, "GET", "/v1/health", "", 200},
		{nobody, "GET", "/v1/sandboxes", "", 401},
		{token("other"), "GET", "/v1/sandboxes", "", 401},
		{token("adas"), "POST", "/v1/sandboxes", `{"name":"hello"}`, 202},
		{signed, "POST", "/v1/sandboxes", `{"name":"beas"}`, 202},
		{signed, "GET", "/v1/sandboxes/beas/objects/a%2Fb%20c/versions", "", 404},
		{signed, "GET", "/v1/sandboxes/hello", "", 403},
		{token("eves"), "GET", "/v1/sandboxes/hello", "", 200},
		{token("eves"), "DELETE", "/v1/sandboxes/hello", "", 403},
		{token("adas"), "DELETE", "/v1/sandboxes/hello", "", 202},
		{signed, "DELETE", "/v1/sandboxes/beas", "", 202},
	} {
		r, err := http.NewRequestWithContext(t.Context(), ask.method, c.apiURL+ask.path, strings.NewReader(ask.body))
		if err != nil {
			t.Fatal(err)
		}
		if ask.body != "" {
			r.Header.Set("Content-Type", "application/json")
		}
		ask.as(r, ask.body)
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		if err != nil || answer.StatusCode != ask.want {
			t.Errorf("%s %s: %d, want %d (%v)\n%s", ask.method, ask.path, answer.StatusCode, ask.want, err, text)
		}
	}
}
