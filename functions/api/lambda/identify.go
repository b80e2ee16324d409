package main

import (
	"net/http"

	"github.com/awslabs/aws-lambda-go-api-proxy/core"

	"github.com/mayfly-dev/mayfly/access"
)

// identify returns who API Gateway says has signed the request, or has the
// token that it checked. What the client says of itself is not believed.
func identify(rules access.Rules) func(*http.Request) (access.Identity, error) {
	return func(r *http.Request) (access.Identity, error) {
		gateway, ok := core.GetAPIGatewayV2ContextFromContext(r.Context())
		if !ok || gateway.Authorizer == nil {
			return access.Identity{}, &access.UnknownError{Reason: "API Gateway does not say who asks: the route has no authorizer"}
		}
		switch auth := gateway.Authorizer; {
		case auth.IAM != nil:
			return rules.IAM(auth.IAM.UserARN, gateway.AccountID)
		case auth.JWT != nil:
			return rules.JWT(auth.JWT.Claims)
		}
		return access.Identity{}, &access.UnknownError{Reason: "API Gateway has an authorizer that tells no identity: IAM and JWT do"}
	}
}
