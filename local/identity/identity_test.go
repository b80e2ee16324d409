package identity_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/golang-jwt/jwt/v5"

	"github.com/mayfly-dev/mayfly/access"
	"github.com/mayfly-dev/mayfly/local/identity"
)

var now = time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)

func clock() time.Time { return now }

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func publicPEM(t *testing.T, key any) string {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(key)
	must(t, err)
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
}

// users writes a file and opens it.
func users(t *testing.T, f identity.File) (*identity.Users, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "users.json")
	must(t, identity.Write(path, f))
	u, err := identity.Open(path, clock)
	must(t, err)
	return u, path
}

func asked(authorization string) *http.Request {
	r := httptest.NewRequest(http.MethodGet, "/v1/sandboxes", nil)
	if authorization != "" {
		r.Header.Set("Authorization", authorization)
	}
	return r
}

func wantUnknown(t *testing.T, what string, err error) {
	t.Helper()
	var unknown *access.UnknownError
	if !errors.As(err, &unknown) || len(unknown.Challenges) == 0 {
		t.Errorf("%s: %v", what, err)
	}
}

func TestATokenIsItsUsers(t *testing.T) {
	token, err := identity.NewToken(rand.Reader)
	must(t, err)
	u, path := users(t, identity.File{Users: []identity.User{
		{Name: "ada", Role: access.Admin, TokenSHA256: identity.HashToken(token)},
		{Name: "bea", Role: access.Reader},
	}})
	who, err := u.Identify(asked("Bearer " + token))
	if want := (access.Identity{Principal: "user/ada", Name: "ada", Role: access.Admin}); err != nil || who != want {
		t.Errorf("%+v, %v", who, err)
	}
	for _, other := range []string{"", "Bearer", "Bearer ", "Bearer " + token + "x", "Bearer " + identity.HashToken(token), "Basic YWRhOg==", "bearer x", "Bearer a.b.c", "AWS4-HMAC-SHA256 Credential="} {
		_, err := u.Identify(asked(other))
		wantUnknown(t, other, err)
	}
	text, err := os.ReadFile(path)
	must(t, err)
	if strings.Contains(string(text), token) {
		t.Error("the token itself is in the file")
	}
}

func TestAChangeOfTheFileCountsAtOnce(t *testing.T) {
	u, path := users(t, identity.File{})
	_, err := u.Identify(asked("Bearer t"))
	wantUnknown(t, "before", err)
	must(t, identity.Write(path, identity.File{Users: []identity.User{{Name: "ada", Role: access.Owner, TokenSHA256: identity.HashToken("t")}}}))
	if who, err := u.Identify(asked("Bearer t")); err != nil || who.Name != "ada" {
		t.Errorf("added: %+v, %v", who, err)
	}
	must(t, os.WriteFile(path, []byte("{"), 0o600))
	for range 2 {
		if who, err := u.Identify(asked("Bearer t")); err == nil {
			t.Errorf("a file that can't be read lets %+v in", who)
		}
	}
	must(t, os.Remove(path))
	_, err = u.Identify(asked("Bearer t"))
	wantUnknown(t, "removed", err)
}

func TestASignatureIsItsAccessKeys(t *testing.T) {
	key, err := identity.NewAccessKey(rand.Reader)
	must(t, err)
	u, _ := users(t, identity.File{Users: []identity.User{{Name: "ada", Role: access.Owner, AccessKey: &key}}})
	signed := func(secret string) *http.Request {
		r := asked("")
		sum := sha256.Sum256(nil)
		must(t, v4.NewSigner().SignHTTP(t.Context(), aws.Credentials{AccessKeyID: key.ID, SecretAccessKey: secret}, r, hex.EncodeToString(sum[:]), "execute-api", "us-east-1", now))
		return r
	}
	if who, err := u.Identify(signed(key.Secret)); err != nil || who.Name != "ada" || who.Role != access.Owner {
		t.Errorf("%+v, %v", who, err)
	}
	_, err = u.Identify(signed(key.Secret + "x"))
	wantUnknown(t, "another secret", err)
}

func TestATokenOfAProviderIsCheckedWhole(t *testing.T) {
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	must(t, err)
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	must(t, err)
	public := publicPEM(t, &private.PublicKey)
	u, _ := users(t, identity.File{JWT: &identity.JWT{
		Issuer: "https://id.example.org", Audience: []string{"mayfly", "cli"}, PublicKey: public,
		RoleClaim: "groups", Admins: []string{"ops"},
	}})
	good := func() jwt.MapClaims {
		return jwt.MapClaims{
			"iss": "https://id.example.org", "aud": "mayfly", "sub": "ada", "groups": []string{"dev", "ops"},
			"exp": now.Add(time.Minute).Unix(), "nbf": now.Add(-time.Minute).Unix(), "iat": now.Add(-time.Minute).Unix(),
		}
	}
	sign := func(method jwt.SigningMethod, key any, claims jwt.MapClaims) string {
		text, err := jwt.NewWithClaims(method, claims).SignedString(key)
		must(t, err)
		return text
	}
	who, err := u.Identify(asked("Bearer " + sign(jwt.SigningMethodRS256, private, good())))
	if want := (access.Identity{Principal: "https://id.example.org#ada", Name: "ada", Role: access.Admin}); err != nil || who != want {
		t.Errorf("%+v, %v", who, err)
	}
	for name, change := range map[string]func(jwt.MapClaims){
		"as a client":          func(c jwt.MapClaims) { delete(c, "aud"); c["client_id"] = "cli" },
		"for several":          func(c jwt.MapClaims) { c["aud"] = []string{"other", "mayfly"} },
		"without times before": func(c jwt.MapClaims) { delete(c, "nbf"); delete(c, "iat") },
	} {
		claims := good()
		change(claims)
		if _, err := u.Identify(asked("Bearer " + sign(jwt.SigningMethodRS256, private, claims))); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, change := range map[string]func(jwt.MapClaims){
		"expired":                          func(c jwt.MapClaims) { c["exp"] = now.Add(-time.Second).Unix() },
		"without an end":                   func(c jwt.MapClaims) { delete(c, "exp") },
		"not yet":                          func(c jwt.MapClaims) { c["nbf"] = now.Add(time.Minute).Unix() },
		"made in the future":               func(c jwt.MapClaims) { c["iat"] = now.Add(time.Hour).Unix() },
		"of another issuer":                func(c jwt.MapClaims) { c["iss"] = "https://evil.example.org" },
		"of no issuer":                     func(c jwt.MapClaims) { delete(c, "iss") },
		"for another":                      func(c jwt.MapClaims) { c["aud"] = "shop" },
		"for nobody":                       func(c jwt.MapClaims) { delete(c, "aud") },
		"for another, as a client of ours": func(c jwt.MapClaims) { c["aud"], c["client_id"] = "shop", "cli" },
		"of nobody":                        func(c jwt.MapClaims) { delete(c, "sub") },
		"of null":                          func(c jwt.MapClaims) { c["sub"] = nil },
	} {
		claims := good()
		change(claims)
		_, err := u.Identify(asked("Bearer " + sign(jwt.SigningMethodRS256, private, claims)))
		var unknown *access.UnknownError
		if !errors.As(err, &unknown) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, token := range map[string]string{
		"another key":                sign(jwt.SigningMethodRS256, other, good()),
		"no signature":               sign(jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, good()),
		"the public key as a secret": sign(jwt.SigningMethodHS256, []byte(public), good()),
	} {
		_, err := u.Identify(asked("Bearer " + token))
		wantUnknown(t, name, err)
	}

	// Keys of the other kind.
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	u, _ = users(t, identity.File{JWT: &identity.JWT{Issuer: "https://id.example.org", Audience: []string{"mayfly"}, PublicKey: publicPEM(t, &curve.PublicKey)}})
	if who, err := u.Identify(asked("Bearer " + sign(jwt.SigningMethodES256, curve, good()))); err != nil || who.Role != access.Owner {
		t.Errorf("ECDSA: %+v, %v", who, err)
	}
}

func TestAFileThatCantBeIsRefusedWithTheReason(t *testing.T) {
	hash := identity.HashToken("t")
	for text, want := range map[string]string{
		`{"users":[{"name":"ada"}]}`:                                              "role",
		`{"users":[{"name":"a b","role":"owner"}]}`:                               "owner",
		`{"users":[{"name":"seat.cs101.01","role":"owner"}]}`:                     "seats in classes",
		`{"users":[{"name":"ada","role":"root"}]}`:                                "one of",
		`{"users":[{"name":"ada","role":"owner"},{"name":"ada","role":"admin"}]}`: "has the name of",
		`{"users":[{"name":"ada","role":"owner","tokenSha256":"` + hash + `"},{"name":"bea","role":"admin","tokenSha256":"` + hash + `"}]}`: "has the token of",
		`{"users":[{"name":"ada","role":"owner","tokenSha256":"secret"}]}`:                                                                  "64 hexadecimal",
		`{"users":[{"name":"ada","role":"owner","token":"secret"}]}`:                                                                        "unknown field",
		`{"users":[{"name":"ada","role":"owner","accessKey":{"id":"ada","secret":"x"}}]}`:                                                   "accessKey",
		`{"jwt":{"issuer":"https://id"}}`:                                                                                                   "audience",
		`{"jwt":{"audience":["x"]}}`:                                                                                                        "issuer",
		`{"jwt":{"issuer":"https://id","audience":["x"],"publicKey":"none"}}`:                                                               "PEM",
		`{`: "EOF",
	} {
		path := filepath.Join(t.TempDir(), "users.json")
		must(t, os.WriteFile(path, []byte(text), 0o600))
		if _, err := identity.Open(path, clock); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
	path := filepath.Join(t.TempDir(), "users.json")
	must(t, os.WriteFile(path, []byte(`{}`), 0o644))
	if _, err := identity.Open(path, clock); err == nil || !strings.Contains(err.Error(), "chmod 600") {
		t.Errorf("a file that others can read: %v", err)
	}
}
