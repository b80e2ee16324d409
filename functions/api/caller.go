package api

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"

	"github.com/mayfly-dev/mayfly/access"
	"github.com/mayfly-dev/mayfly/class"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// PrincipalHeader is where a client on the same machine says who asks.
const PrincipalHeader = "Mayfly-Principal"

// Trusting returns an Identify for one machine: everybody who reaches it is an
// admin, and is called what PrincipalHeader says, or otherwise. It believes the
// client, so it is for loopback alone.
func Trusting(otherwise string) func(*http.Request) (access.Identity, error) {
	return func(r *http.Request) (access.Identity, error) {
		name := access.NameOf(strings.TrimSpace(r.Header.Get(PrincipalHeader)))
		if name == "" {
			name = otherwise
		}
		return access.Identity{Principal: name, Name: name, Role: access.Admin}, nil
	}
}

// caller is what a handler knows of the request beside its parameters.
type caller struct {
	access.Grant
	// stream says that the client wants server-sent events.
	stream bool
	// token is the token of who sits in a class, or is about to.
	token class.Token
}

type callerKey struct{}

func callerOf(ctx context.Context) caller {
	who, _ := ctx.Value(callerKey{}).(caller)
	return who
}

// authorize refuses, before anything else is looked at, whoever is not known or
// whose role does not go so far at all. A role that goes as far as its own
// sandboxes is held to that where one is read: see find and ListSandboxes.
func (a *API) authorize(next http.Handler) http.Handler {
	public := map[string]bool{}
	for route, rule := range access.Routes() {
		public[route] = rule.Public
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if public[r.Pattern] {
			next.ServeHTTP(w, r)
			return
		}
		who, token, err := a.identify(r)
		if err != nil {
			a.refuse(w, r, err)
			return
		}
		ctx := sandbox.As(r.Context(), sandbox.Actor{Principal: who.Principal, Address: addressOf(r), UserAgent: sandbox.UserAgent(r.UserAgent())})
		grant, err := access.Decide(r.Pattern, who)
		if err != nil {
			a.refuse(w, r.WithContext(ctx), err)
			return
		}
		asks := caller{Grant: grant, stream: strings.Contains(r.Header.Get("Accept"), "text/event-stream"), token: token}
		next.ServeHTTP(w, r.WithContext(context.WithValue(ctx, callerKey{}, asks)))
	})
}

// addressOf returns the client's address without its port; API Gateway's has
// none.
func addressOf(r *http.Request) string {
	if host, _, err := net.SplitHostPort(r.RemoteAddr); err == nil {
		return host
	}
	return r.RemoteAddr
}

// unauthorized returns the answer to whoever is not known, or may not, if that
// is what err is about.
func unauthorized(err error) (*refusal, bool) {
	var unknown *access.UnknownError
	var denied *access.DeniedError
	switch {
	case errors.As(err, &unknown):
		r := &refusal{status: http.StatusUnauthorized, kind: "unauthenticated", title: "Who asks is not known", detail: unknown.Reason}
		if len(unknown.Challenges) > 0 {
			r.header = http.Header{"Www-Authenticate": unknown.Challenges}
		}
		return r, true
	case errors.As(err, &denied):
		return &refusal{status: http.StatusForbidden, kind: "forbidden", title: "Your role does not allow this", detail: denied.Error()}, true
	}
	return nil, false
}
