package main

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/awslabs/aws-lambda-go-api-proxy/httpadapter"

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
	handler := httpadapter.NewV2(api.New(options(aws.Config{Region: "us-east-1"})))
	answer, err := handler.ProxyWithContext(context.Background(), gatewayRequest(t))
	if err != nil || answer.StatusCode != http.StatusOK || !strings.Contains(answer.Body, `"mode":"aws"`) || !strings.Contains(answer.Body, `"version":"v1"`) {
		t.Errorf("%d %s %v", answer.StatusCode, answer.Body, err)
	}
}

func TestThePrincipalIsWhoSigned(t *testing.T) {
	jwt := &events.APIGatewayV2HTTPRequestContextAuthorizerDescription{
		JWT: &events.APIGatewayV2HTTPRequestContextAuthorizerJWTDescription{Claims: map[string]string{"sub": "1-2", "email": "ada@example.org"}},
	}
	for name, test := range map[string]struct {
		change func(*events.APIGatewayV2HTTPRequest)
		want   string
	}{
		"IAM role":      {func(*events.APIGatewayV2HTTPRequest) {}, "ada"},
		"JWT":           {func(r *events.APIGatewayV2HTTPRequest) { r.RequestContext.Authorizer = jwt }, "ada@example.org"},
		"nobody":        {func(r *events.APIGatewayV2HTTPRequest) { r.RequestContext.Authorizer = nil }, ""},
		"a header lies": {func(r *events.APIGatewayV2HTTPRequest) { r.Headers["mayfly-principal"] = "root" }, "ada"},
	} {
		t.Run(name, func(t *testing.T) {
			request := gatewayRequest(t)
			test.change(&request)
			got := "unset"
			handler := httpadapter.NewV2(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = principal(r) }))
			_, err := handler.ProxyWithContext(context.Background(), request)
			// An answer without a status is the adapter's error, not ours.
			if got != test.want {
				t.Errorf("principal %q, want %q (%v)", got, test.want, err)
			}
		})
	}
}
