package main

import (
	"encoding/json"
	"slices"
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

// TestPagesMayAskWhenTheyAreNamed: and not before; a preflight meets no route,
// and so no authorizer.
func TestPagesMayAskWhenTheyAreNamed(t *testing.T) {
	for name, test := range map[string]struct {
		context    []string
		cors, puts string
	}{
		"no console": {nil, "null", "null"},
		"a console": {everything(),
			`{"AllowHeaders":["authorization","content-type","idempotency-key","last-event-id"],"AllowMethods":["GET","HEAD","POST","PUT","PATCH","DELETE"],"AllowOrigins":["https://d111111abcdef8.cloudfront.net","http://localhost:8700"],"ExposeHeaders":["date","etag","location","retry-after"],"MaxAge":3600}`,
			`{"CorsRules":[{"AllowedHeaders":["*"],"AllowedMethods":["PUT"],"AllowedOrigins":["https://d111111abcdef8.cloudfront.net","http://localhost:8700"],"MaxAge":3600}]}`},
	} {
		t.Run(name, func(t *testing.T) {
			made := of(t, test.context...)
			if cors := text(made.one(t, "AWS::ApiGatewayV2::Api").at("CorsConfiguration")); cors != test.cors {
				t.Errorf("the API lets pages in by %s, want %s", cors, test.cors)
			}
			uploads := 0
			for _, bucket := range made.all("AWS::S3::Bucket") {
				if cors := text(bucket.at("CorsConfiguration")); cors == test.puts {
					uploads++
				} else if cors != "null" {
					t.Errorf("a bucket lets pages in by %s", cors)
				}
			}
			if uploads == 0 {
				t.Errorf("no bucket lets pages in by %s", test.puts)
			}
			told := 0
			for _, function := range made.all("AWS::Lambda::Function") {
				if origins := function.at("Environment", "Variables", "MAYFLY_ORIGINS"); origins == "https://d111111abcdef8.cloudfront.net http://localhost:8700" {
					told++
				} else if origins != nil {
					t.Errorf("a function lets pages of %v ask", origins)
				}
			}
			if (told == 1) != (test.context != nil) {
				t.Errorf("%d functions are told of the origins", told)
			}
			var keys []string
			for _, route := range made.all("AWS::ApiGatewayV2::Route") {
				keys = append(keys, text(route.at("RouteKey")))
			}
			slices.Sort(keys)
			if want := `"DELETE /{proxy+}" "GET /{proxy+}" "HEAD /{proxy+}" "PATCH /{proxy+}" "POST /{proxy+}" "PUT /{proxy+}"`; strings.Join(keys, " ") != want {
				t.Errorf("the routes are %v", keys)
			}
		})
	}
}
