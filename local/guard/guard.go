// Package guard refuses what a caller's role does not allow, before a service
// sees the request. It knows for each operation which IAM actions it needs, on
// which resources, in which context, as AWS's Service Authorization Reference
// says. S3 and ECR, whose resources have policies of their own, decide for
// themselves; of ECR's requests it adds what they need besides.
//
// An operation that is not in its tables is refused to the installation's own
// roles, so that nobody forgets one. Of other sessions it asks for the action of
// the operation's name on everything.
package guard

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/mayfly-dev/mayfly/local/gateway"
	"github.com/mayfly-dev/mayfly/local/iam"
)

// A Need is one thing that the caller must be allowed.
type Need struct {
	Action, Resource string
	// Context has what the operation adds to the keys that every request has.
	Context map[string]string
}

// Principals say who signed a request.
type Principals interface {
	// Caller fails for a session that is over, or was never begun.
	Caller(r *http.Request) (iam.Caller, error)
}

// Options are what a guard needs.
type Options struct {
	Principals      Principals
	Account, Region string
	Now             func() time.Time
}

// Guard stands before services.
type Guard struct{ o Options }

// New returns a guard.
func New(o Options) Guard { return Guard{o} }

// maxRequest is the most bytes of a request's body: a part of an image's layer
// in base64, with room for the rest.
const maxRequest = 32 << 20

// Service guards one service of the port, known by its name there.
func (g Guard) Service(name string, service gateway.Service) gateway.Service {
	if name == "s3" { // which decides for itself
		return service
	}
	rows := tables[name]
	behind := service.Handler
	service.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		who, err := g.o.Principals.Caller(r)
		if err != nil {
			gateway.Refuse(w, r, name, http.StatusForbidden, "ExpiredTokenException", err.Error())
			return
		}
		if !who.Root {
			if refused := g.check(who, r, name, rows, service.Name(r)); refused != "" {
				deny(w, r, name, refused)
				return
			}
		}
		behind.ServeHTTP(w, r)
	})
	return service
}

// check says why the caller may not, "" when it may. It reads the request's
// body and leaves it to be read again.
func (g Guard) check(who iam.Caller, r *http.Request, service string, rows table, operation string) string {
	needs, ok := rows[operation]
	switch {
	case ok:
	case service == "ecr" || service == "ecr-public": // which decide for themselves
		return ""
	case !who.Installed():
		needs = everywhere(prefixOf(service) + ":" + operation)
	default:
		return fmt.Sprintf("User: %s is not authorized to perform: %s:%s because this local cloud does not know which permissions that operation needs; add it to the tables of local/guard",
			who.ARN, service, operation)
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxRequest+1))
	if err != nil || len(body) > maxRequest {
		return fmt.Sprintf("the request of %s could not be read to its end", who.ARN)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	wanted, err := needs(&request{Request: r, body: body, account: g.o.Account, region: g.o.Region})
	if err != nil {
		return fmt.Sprintf("what %s asks for could not be made out: %v", who.ARN, err)
	}
	for _, need := range wanted {
		if answer := who.May(need.Action, need.Resource, g.context(who, r, need), nil); !answer.Allowed {
			return fmt.Sprintf("User: %s is not authorized to perform: %s on resource: %s %s", who.ARN, need.Action, need.Resource, answer.Because)
		}
	}
	return ""
}

// context has the keys that every request has, and the operation's own.
func (g Guard) context(who iam.Caller, r *http.Request, need Need) iam.Context {
	context := iam.Context{}
	context.Set("aws:CurrentTime", g.o.Now().UTC().Format(time.RFC3339))
	context.Set("aws:PrincipalAccount", g.o.Account)
	context.Set("aws:PrincipalArn", who.PrincipalARN())
	context.Set("aws:PrincipalType", "AssumedRole")
	context.Set("aws:ResourceAccount", g.o.Account)
	context.Set("aws:SecureTransport", "true") // see docs/adr/0007
	if region := g.o.Region; region != "" {
		context.Set("aws:RequestedRegion", region)
	}
	if host, _, err := net.SplitHostPort(r.RemoteAddr); err == nil {
		context.Set("aws:SourceIp", host)
	}
	for key, value := range need.Context {
		context.Set(key, value)
	}
	return context
}

// deny answers as the service does to whom it refuses. Of the JSON protocols
// AccessDeniedException is a 400; of the others it is a 403.
func deny(w http.ResponseWriter, r *http.Request, service, message string) {
	switch {
	case r.Header.Get("X-Amz-Target") != "":
		gateway.Refuse(w, r, service, http.StatusBadRequest, "AccessDeniedException", message)
	case service == "lambda" || service == "scheduler":
		gateway.Refuse(w, r, service, http.StatusForbidden, "AccessDeniedException", message)
	default:
		gateway.Refuse(w, r, service, http.StatusForbidden, "AccessDenied", message)
	}
}
