package identity

import (
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/mayfly-dev/mayfly/access"
	"github.com/mayfly-dev/mayfly/local/sigv4"
)

// service is what a request must be signed for, as for API Gateway.
const service = "execute-api"

// maxBody is the longest signed body, in bytes: more than the API takes.
const maxBody = 1 << 20

// Users knows the users of a file. It is safe for concurrent use.
type Users struct {
	path string
	now  func() time.Time

	mu    sync.Mutex
	stamp stamp
	known *known
}

// known are the users of one state of the file.
type known struct {
	now    func() time.Time
	byHash map[string]User
	byKey  map[string]User
	jwt    *provider
}

// stamp tells one state of a file from the next.
type stamp struct {
	modified time.Time
	size     int64
}

// Open reads the users of a file, or returns what is wrong with it. A file that
// is not there lets nobody in until it is.
func Open(path string, now func() time.Time) (*Users, error) {
	u := &Users{path: path, now: now}
	_, err := u.current()
	return u, err
}

// Identify says who asks, or returns an *access.UnknownError. When the file was
// changed, it is read again; what can't be read then lets nobody in.
func (u *Users) Identify(r *http.Request) (access.Identity, error) {
	k, err := u.current()
	if err != nil {
		return access.Identity{}, err
	}
	scheme, given, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	switch {
	case scheme == "":
		return access.Identity{}, unknown("the request has no token and is not signed")
	case strings.EqualFold(scheme, "Bearer"):
		return k.bearer(strings.TrimSpace(given))
	case scheme == "AWS4-HMAC-SHA256":
		return k.signed(r)
	}
	return access.Identity{}, unknown("a request can't be authorized by " + scheme)
}

func (k *known) bearer(token string) (access.Identity, error) {
	if found, ok := k.byHash[HashToken(token)]; ok {
		return found.identity("user/" + found.Name), nil
	}
	if k.jwt == nil || strings.Count(token, ".") != 2 {
		return access.Identity{}, unknown("nobody has this token")
	}
	who, err := k.jwt.identify(token, k.now())
	var named *access.UnknownError
	if err != nil && !errors.As(err, &named) {
		err = unknown("the token is not valid: " + err.Error())
	}
	return who, err
}

func (k *known) signed(r *http.Request) (access.Identity, error) {
	verifier := sigv4.Verifier{Service: service, Now: k.now, MaxBody: maxBody, Secret: func(key string) (string, bool) {
		found, ok := k.byKey[key]
		if !ok {
			return "", false
		}
		return found.AccessKey.Secret, true
	}}
	key, err := verifier.Verify(r)
	if err != nil {
		return access.Identity{}, unknown(err.Error())
	}
	found := k.byKey[key]
	return found.identity("user/" + found.Name), nil
}

func (u User) identity(principal string) access.Identity {
	return access.Identity{Principal: principal, Name: u.Name, Role: u.Role}
}

func unknown(reason string) error {
	return &access.UnknownError{Reason: reason, Challenges: []string{`Bearer realm="mayfly"`, "AWS4-HMAC-SHA256"}}
}

// current returns the users, read again if the file is another than the last
// time.
func (u *Users) current() (*known, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	info, err := os.Stat(u.path)
	var now stamp
	switch {
	case err == nil:
		now = stamp{info.ModTime(), info.Size()}
	case !errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("users: %w", err)
	}
	if now == u.stamp && u.known != nil {
		return u.known, nil
	}
	u.known = nil // what can't be read is read again the next time
	file, err := Read(u.path)
	if err != nil {
		return nil, err
	}
	k := &known{now: u.now, byHash: map[string]User{}, byKey: map[string]User{}}
	for _, user := range file.Users {
		if user.TokenSHA256 != "" {
			k.byHash[user.TokenSHA256] = user
		}
		if user.AccessKey != nil {
			k.byKey[user.AccessKey.ID] = user
		}
	}
	if file.JWT != nil {
		if k.jwt, err = file.JWT.provider(); err != nil {
			return nil, err
		}
	}
	u.known, u.stamp = k, now
	return k, nil
}
