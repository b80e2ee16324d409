package ecr

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/mayfly-dev/mayfly/local/iam"
)

// tokenLife is how long a login lasts, as on AWS.
const tokenLife = 12 * time.Hour

// The ways a password is refused.
var (
	errTokenInvalid = errors.New("the authorization token is invalid")
	errTokenExpired = errors.New("your authorization token has expired")
)

// tokens makes the passwords that container clients log in with, and reads
// them. A password says who asked for it and until when, under a signature of
// the installation's key; none is kept.
type tokens struct {
	key []byte
	now func() time.Time
}

// claim is what a password says.
type claim struct {
	Caller  iam.Caller `json:"caller"`
	Expires int64      `json:"expires"` // seconds since 1970
}

// openTokens reads the key, or makes it.
func openTokens(file string, random io.Reader, now func() time.Time) (tokens, error) {
	key, err := os.ReadFile(file)
	if err == nil && len(key) == sha256.Size {
		return tokens{key: key, now: now}, nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return tokens{}, fmt.Errorf("read the key of tokens: %w", err)
	}
	key = make([]byte, sha256.Size)
	if _, err := io.ReadFull(random, key); err != nil {
		return tokens{}, fmt.Errorf("make the key of tokens: %w", err)
	}
	// A torn file has another length, and is made anew.
	if err := os.WriteFile(file, key, 0o600); err != nil {
		return tokens{}, fmt.Errorf("write the key of tokens: %w", err)
	}
	return tokens{key: key, now: now}, nil
}

// issue makes a password for a caller.
func (t tokens) issue(who iam.Caller) (password string, expires time.Time, err error) {
	expires = t.now().Add(tokenLife).UTC().Truncate(time.Second)
	body, err := json.Marshal(claim{Caller: who, Expires: expires.Unix()})
	if err != nil {
		return "", time.Time{}, err
	}
	text := base64.RawURLEncoding.EncodeToString(body)
	return text + "." + t.sign("login", text), expires, nil
}

// read says whose a password is. It returns errTokenInvalid or
// errTokenExpired.
func (t tokens) read(password string) (iam.Caller, error) {
	text, signature, ok := strings.Cut(password, ".")
	if !ok || !hmac.Equal([]byte(signature), []byte(t.sign("login", text))) {
		return iam.Caller{}, errTokenInvalid
	}
	body, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return iam.Caller{}, errTokenInvalid
	}
	var c claim
	if err := json.Unmarshal(body, &c); err != nil {
		return iam.Caller{}, errTokenInvalid
	}
	if !t.now().Before(time.Unix(c.Expires, 0)) {
		return iam.Caller{}, errTokenExpired
	}
	return c.Caller, nil
}

// sign signs a text for one purpose: what was signed for one is of no use for
// another.
func (t tokens) sign(purpose, text string) string {
	mac := hmac.New(sha256.New, t.key)
	_, _ = io.WriteString(mac, purpose+"\n"+text) // a hash never fails
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}
