package sts

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/mayfly-dev/mayfly/local/iam"
)

// The ways in which a session is refused.
var (
	ErrExpired = errors.New("The security token included in the request is expired") //nolint:staticcheck // AWS's words, shown as they are
	ErrInvalid = errors.New("The security token included in the request is invalid") //nolint:staticcheck // AWS's words, shown as they are
)

// Sessions are the temporary credentials of assumed roles. None is kept: a
// session's token says who it is, what it may do and until when, under a
// signature of the installation's key.
type Sessions struct {
	account string
	key     []byte
	random  io.Reader
	now     func() time.Time
	// known are the callers that have lasting keys, by access key.
	known map[string]iam.Caller
}

// OpenSessions reads the key of sessions, or makes it.
func OpenSessions(file, account string, random io.Reader, now func() time.Time) (*Sessions, error) {
	key, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read the key of sessions: %w", err)
	}
	if len(key) != sha256.Size { // there is none, or it was not written to its end
		key = make([]byte, sha256.Size)
		if _, err := io.ReadFull(random, key); err != nil {
			return nil, fmt.Errorf("make the key of sessions: %w", err)
		}
		if err := os.WriteFile(file, key, 0o600); err != nil {
			return nil, fmt.Errorf("write the key of sessions: %w", err)
		}
	}
	return &Sessions{account: account, key: key, random: random, now: now}, nil
}

// credentials are what AssumeRole answers with.
type credentials struct {
	AccessKeyID     string `xml:"AccessKeyId"`
	SecretAccessKey string
	SessionToken    string
	Expiration      string
}

// session is what a token says.
type session struct {
	Caller  iam.Caller `json:"caller"`
	Expires int64      `json:"expires"` // seconds since 1970
}

// tokenPrefix tells this cloud's tokens from those of AWS, which some people
// have in their environment: with those, any keys are the account's root's.
const tokenPrefix = "mayfly."

func (s *Sessions) begin(who iam.Caller, duration time.Duration) (credentials, error) {
	expires := s.now().Add(duration).UTC().Truncate(time.Second)
	body, err := json.Marshal(session{who, expires.Unix()})
	if err != nil {
		return credentials{}, err
	}
	var noise [40]byte
	if _, err := io.ReadFull(s.random, noise[:]); err != nil {
		return credentials{}, err
	}
	text := base64.RawURLEncoding.EncodeToString(body)
	return credentials{
		AccessKeyID:     "ASIA" + base32.StdEncoding.EncodeToString(noise[:10]),
		SecretAccessKey: base64.StdEncoding.EncodeToString(noise[10:]),
		SessionToken:    tokenPrefix + text + "." + s.sign(text),
		Expiration:      expires.Format(time.RFC3339),
	}, nil
}

// Caller says who signed a request: the session whose token it has, or the
// caller whose access key it has, or else the account's root. It returns
// ErrExpired or ErrInvalid.
func (s *Sessions) Caller(r *http.Request) (iam.Caller, error) {
	if len(s.known) > 0 {
		if who, ok := s.known[accessKey(r)]; ok {
			return who, nil
		}
	}
	token := r.Header.Get("X-Amz-Security-Token")
	if token == "" && r.URL.RawQuery != "" {
		token = r.URL.Query().Get("X-Amz-Security-Token")
	}
	signed, ours := strings.CutPrefix(token, tokenPrefix)
	if !ours {
		return iam.RootCaller(s.account), nil
	}
	text, signature, _ := strings.Cut(signed, ".")
	if !hmac.Equal([]byte(signature), []byte(s.sign(text))) {
		return iam.Caller{}, ErrInvalid
	}
	body, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return iam.Caller{}, ErrInvalid
	}
	var found session
	if err := json.Unmarshal(body, &found); err != nil {
		return iam.Caller{}, ErrInvalid
	}
	if !s.now().Before(time.Unix(found.Expires, 0)) {
		return iam.Caller{}, ErrExpired
	}
	return found.Caller, nil
}

func (s *Sessions) sign(text string) string {
	mac := hmac.New(sha256.New, s.key)
	_, _ = io.WriteString(mac, text) // a hash never fails
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}
