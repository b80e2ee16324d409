package main

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/awslabs/aws-lambda-go-api-proxy/httpadapter"

	"github.com/mayfly-dev/mayfly/access"
	"github.com/mayfly-dev/mayfly/functions/api"
)

// gatewayRequest is a request as an HTTP API hands it to a function.
func gatewayRequest(t *testing.T) events.APIGatewayV2HTTPRequest {
	t.Helper()
	text, err := os.ReadFile("testdata/request.json")
	if err != nil {
		t.Fatal(err)
	}
	var request events.APIGatewayV2HTTPRequest
	if err := json.Unmarshal(text, &request); err != nil {
		t.Fatal(err)
	}
	return request
}

func TestTheFunctionAnswersWhatAPIGatewaySends(t *testing.T) {
	t.Setenv("MAYFLY_VERSION", "v1")
	t.Setenv("MAYFLY_TARGETS", "ecs:staging/*,lambda:docs")
	all, err := options(aws.Config{Region: "us-east-1"})
	if err != nil || len(all.Targets) != 2 {
		t.Fatalf("%v: targets %v", err, all.Targets)
	}
	handler := httpadapter.NewV2(api.New(all))
	answer, err := handler.ProxyWithContext(context.Background(), gatewayRequest(t))
	if err != nil || answer.StatusCode != http.StatusOK || !strings.Contains(answer.Body, `"mode":"aws"`) || !strings.Contains(answer.Body, `"version":"v1"`) {
		t.Errorf("%d %s %v", answer.StatusCode, answer.Body, err)
	}
}

func TestTheCallerIsWhoSigned(t *testing.T) {
	t.Setenv("MAYFLY_ADMINS", "arn:aws:iam::000000000000:role/Operator ops")
	t.Setenv("MAYFLY_READERS", "arn:aws:iam::000000000000:user/eve")
	iam := func(arn string) func(*events.APIGatewayV2HTTPRequest) {
		return func(r *events.APIGatewayV2HTTPRequest) { r.RequestContext.Authorizer.IAM.UserARN = arn }
	}
	jwt := func(claims map[string]string) func(*events.APIGatewayV2HTTPRequest) {
		return func(r *events.APIGatewayV2HTTPRequest) {
			r.RequestContext.Authorizer = &events.APIGatewayV2HTTPRequestContextAuthorizerDescription{
				JWT: &events.APIGatewayV2HTTPRequestContextAuthorizerJWTDescription{Claims: claims},
			}
		}
	}
	for name, test := range map[string]struct {
		change func(*events.APIGatewayV2HTTPRequest)
		want   access.Identity // without one, it is not known
	}{
		"a session of a role": {func(*events.APIGatewayV2HTTPRequest) {}, access.Identity{
			Principal: "arn:aws:sts::000000000000:assumed-role/Developer/ada", Name: "role.Developer", Role: access.Owner}},
		"an admin's": {iam("arn:aws:sts::000000000000:assumed-role/Operator/ada"), access.Identity{
			Principal: "arn:aws:sts::000000000000:assumed-role/Operator/ada", Name: "role.Operator", Role: access.Admin}},
		"a reader": {iam("arn:aws:iam::000000000000:user/eve"), access.Identity{Principal: "arn:aws:iam::000000000000:user/eve", Name: "eve", Role: access.Reader}},
		"JWT": {jwt(map[string]string{"iss": "https://id", "sub": "1-2", "email": "ada@example.org"}), access.Identity{
			Principal: "https://id#1-2", Name: "1-2", Role: access.Owner}},
		"JWT of an admin": {jwt(map[string]string{"iss": "https://id", "sub": "1", "cognito:groups": "[dev ops]"}), access.Identity{
			Principal: "https://id#1", Name: "1", Role: access.Admin}},
		"JWT of nobody": {change: jwt(map[string]string{"iss": "https://id"})},
		"IAM of nobody": {change: iam("")},
		"nobody":        {change: func(r *events.APIGatewayV2HTTPRequest) { r.RequestContext.Authorizer = nil }},
		"another authorizer": {change: func(r *events.APIGatewayV2HTTPRequest) {
			r.RequestContext.Authorizer = &events.APIGatewayV2HTTPRequestContextAuthorizerDescription{Lambda: map[string]any{"user": "ada"}}
		}},
		"a header lies": {func(r *events.APIGatewayV2HTTPRequest) { r.Headers["mayfly-principal"] = "root" }, access.Identity{
			Principal: "arn:aws:sts::000000000000:assumed-role/Developer/ada", Name: "role.Developer", Role: access.Owner}},
	} {
		t.Run(name, func(t *testing.T) {
			all, err := options(aws.Config{Region: "us-east-1"})
			if err != nil {
				t.Fatal(err)
			}
			request := gatewayRequest(t)
			test.change(&request)
			var got access.Identity
			handler := httpadapter.NewV2(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				got, err = all.Identify(r)
				w.WriteHeader(http.StatusNoContent)
			}))
			if _, failed := handler.ProxyWithContext(context.Background(), request); failed != nil {
				t.Fatal(failed)
			}
			var unknown *access.UnknownError
			if got != test.want || errors.As(err, &unknown) != (test.want == access.Identity{}) {
				t.Errorf("%+v, %v; want %+v", got, err, test.want)
			}
		})
	}
}

func TestRulesThatCantBeEndTheFunctionAtItsStart(t *testing.T) {
	t.Setenv("MAYFLY_ADMINS", "arn:aws:iam::000000000000:group/ops")
	if _, err := options(aws.Config{Region: "us-east-1"}); err == nil || !strings.Contains(err.Error(), "MAYFLY_ADMINS") {
		t.Error(err)
	}
}

func TestOriginsThatCantBeEndTheFunctionAtItsStart(t *testing.T) {
	t.Setenv("MAYFLY_ORIGINS", "https://d1.cloudfront.net *")
	if _, err := options(aws.Config{Region: "us-east-1"}); err == nil || !strings.Contains(err.Error(), "MAYFLY_ORIGINS") {
		t.Error(err)
	}
	t.Setenv("MAYFLY_ORIGINS", "https://d1.cloudfront.net http://localhost:8700")
	if all, err := options(aws.Config{Region: "us-east-1"}); err != nil || len(all.Origins) != 2 {
		t.Errorf("%v, %v", all.Origins, err)
	}
}
