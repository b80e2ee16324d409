package main

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestTheAPIAsksWhoItIs(t *testing.T) {
	for name, test := range map[string]struct {
		context     []string
		kind        string
		authorizers int
	}{"IAM": {nil, "AWS_IAM", 0}, "an issuer": {everything(), "JWT", 1}} {
		t.Run(name, func(t *testing.T) {
			made := of(t, test.context...)
			for _, route := range made.all("AWS::ApiGatewayV2::Route") {
				if route.at("AuthorizationType") != test.kind {
					t.Errorf("route %v asks for %v", route.at("RouteKey"), route.at("AuthorizationType"))
				}
			}
			authorizers := made.all("AWS::ApiGatewayV2::Authorizer")
			if len(authorizers) != test.authorizers {
				t.Fatalf("%d authorizers", len(authorizers))
			}
			for _, a := range authorizers {
				if a.at("JwtConfiguration", "Issuer") != "https://issuer.example.com/" || text(a.at("JwtConfiguration", "Audience")) != `["mayfly"]` || text(a.at("IdentitySource")) != `["$request.header.Authorization"]` {
					t.Errorf("the authorizer is %s", text(a.Properties))
				}
			}
		})
	}
}

func TestTheAPIIsBoundedAndLogged(t *testing.T) {
	stage := of(t, everything()...).one(t, "AWS::ApiGatewayV2::Stage")
	if stage.at("DefaultRouteSettings", "ThrottlingRateLimit") != 5.0 || stage.at("DefaultRouteSettings", "ThrottlingBurstLimit") != 9.0 {
		t.Errorf("throttling is %s", text(stage.at("DefaultRouteSettings")))
	}
	format, _ := stage.at("AccessLogSettings", "Format").(string)
	var line map[string]string
	if err := json.Unmarshal([]byte(format), &line); err != nil || !strings.Contains(format, "$context.requestId") {
		t.Fatalf("the access log's format is %q, %v", format, err)
	}
	for _, secret := range []string{"header", "querystring", "body", "authorizer.token", "accessKey", "identity.caller"} {
		if strings.Contains(format, secret) {
			t.Errorf("the access log tells %s", secret)
		}
	}
}
