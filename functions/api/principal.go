package api

import (
	"context"
	"net/http"
	"regexp"
	"strings"

	"github.com/mayfly-dev/mayfly/functions/api/internal/rest"
)

// PrincipalHeader is where a client on the same machine says who asks.
const PrincipalHeader = "Mayfly-Principal"

// HeaderPrincipal returns a Principal for one machine: what PrincipalHeader
// says, or otherwise. It believes the client, so it is for loopback alone.
func HeaderPrincipal(otherwise string) func(*http.Request) string {
	return func(r *http.Request) string {
		if said := OwnerFrom(r.Header.Get(PrincipalHeader)); said != "" {
			return said
		}
		return otherwise
	}
}

var notInOwner = regexp.MustCompile(`[^A-Za-z0-9._@+-]+`)

// OwnerFrom makes an owner of a principal's name: of an ARN its last part,
// with what an owner can't have as hyphens. It returns "" when nothing is left.
func OwnerFrom(principal string) string {
	if strings.HasPrefix(principal, "arn:") {
		principal = principal[strings.LastIndexAny(principal, "/:")+1:]
	}
	owner := strings.TrimLeft(notInOwner.ReplaceAllString(principal, "-"), "-._@+")
	return owner[:min(len(owner), 64)]
}

// caller is what a handler knows of the request beside its parameters.
type caller struct {
	principal string
	// stream says that the client wants server-sent events.
	stream bool
}

type callerKey struct{}

func (a *API) withCaller(next rest.StrictHandlerFunc, _ string) rest.StrictHandlerFunc {
	return func(ctx context.Context, w http.ResponseWriter, r *http.Request, request any) (any, error) {
		who := caller{principal: a.Principal(r), stream: strings.Contains(r.Header.Get("Accept"), "text/event-stream")}
		return next(context.WithValue(ctx, callerKey{}, who), w, r, request)
	}
}

func callerOf(ctx context.Context) caller {
	who, _ := ctx.Value(callerKey{}).(caller)
	return who
}
