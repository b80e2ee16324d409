package api

import (
	"context"

	"github.com/mayfly-dev/mayfly/access"
	"github.com/mayfly-dev/mayfly/functions/api/internal/rest"
)

// GetCaller tells a client what it may ask, so that it need not try.
func (a server) GetCaller(ctx context.Context, _ rest.GetCallerRequestObject) (rest.GetCallerResponseObject, error) {
	who := callerOf(ctx).Identity
	answer := rest.GetCaller200JSONResponse{Principal: who.Principal, Name: who.Name, Role: string(who.Role), Routes: map[string]string{}}
	for route := range access.Routes() {
		answer.Routes[route] = "none"
		grant, err := access.Decide(route, who)
		if err != nil {
			continue // refused
		}
		switch grant.Scope {
		case access.Everything:
			answer.Routes[route] = "all"
		case access.Own:
			answer.Routes[route] = "own"
		case access.Nothing:
		}
	}
	return answer, nil
}
