package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2authorizers"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2integrations"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/mayfly-dev/mayfly/access"
	"github.com/mayfly-dev/mayfly/cdk/settings"
)

// newAPI puts the API function behind an HTTP API that lets through only whom
// IAM, or the issuer in the settings, vouches for.
func newAPI(scope constructs.Construct, s settings.Settings, functions map[string]step, machines map[string]machine) (awsapigatewayv2.HttpApi, error) {
	function, ok := functions["api"]
	if !ok {
		return nil, fmt.Errorf("%s has no function api", s.Build)
	}
	for _, name := range []string{"nightly", "orphans", "provision", "release", "rollout", "sleep", "teardown", "update", "wake"} {
		machines[name].GrantStartExecution(function)
		machines[name].GrantExecution(function, jsii.String("states:DescribeExecution"))
		function.AddEnvironment(jsii.String("MAYFLY_"+strings.ToUpper(name)+"_ARN"), machines[name].StateMachineArn(), nil)
	}
	function.AddEnvironment(jsii.String("MAYFLY_MACHINE_ALIAS"), jsii.String(liveAlias), nil)
	roles := s.Roles()
	for _, name := range slices.Sorted(maps.Keys(roles)) {
		function.AddEnvironment(jsii.String(name), jsii.String(roles[name]), nil)
	}
	if len(s.Console) > 0 {
		function.AddEnvironment(jsii.String("MAYFLY_ORIGINS"), jsii.String(strings.Join(s.Console, " ")), nil)
	}
	if s.Version != "" {
		function.AddEnvironment(jsii.String("MAYFLY_VERSION"), jsii.String(s.Version), nil)
	}
	live := awslambda.NewAlias(scope, jsii.String("APILive"), &awslambda.AliasProps{AliasName: jsii.String(liveAlias), Version: function.CurrentVersion()})

	api := awsapigatewayv2.NewHttpApi(scope, jsii.String("API"), &awsapigatewayv2.HttpApiProps{
		ApiName:            jsii.String(s.Name("api")),
		DefaultAuthorizer:  authorizer(s),
		CorsPreflight:      preflight(s),
		CreateDefaultStage: jsii.Bool(false),
	})
	// A route for each method, and none for OPTIONS: a route that takes any method
	// would take the browsers' preflights too, and ask them who they are.
	methods := make([]awsapigatewayv2.HttpMethod, len(access.Methods()))
	for i, method := range access.Methods() {
		methods[i] = awsapigatewayv2.HttpMethod(method)
	}
	api.AddRoutes(&awsapigatewayv2.AddRoutesOptions{
		Path: jsii.String("/{proxy+}"), Methods: &methods,
		Integration: awsapigatewayv2integrations.NewHttpLambdaIntegration(jsii.String("APIIntegration"), live, &awsapigatewayv2integrations.HttpLambdaIntegrationProps{
			ScopePermissionToRoute: jsii.Bool(false), // one permission for all routes
		}),
	})
	stage := api.AddStage(jsii.String("Stage"), &awsapigatewayv2.HttpStageOptions{
		StageName: jsii.String("$default"), AutoDeploy: jsii.Bool(true),
		Throttle: &awsapigatewayv2.ThrottleSettings{RateLimit: jsii.Number(s.Rate), BurstLimit: jsii.Number(s.Burst)},
	})
	log := awslogs.NewLogGroup(scope, jsii.String("Log-requests"), &awslogs.LogGroupProps{
		LogGroupName: jsii.String("/aws/vendedlogs/apigateway/" + s.Name("api")), Retention: retention(s), RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
	})
	stage.Node().DefaultChild().(awsapigatewayv2.CfnStage).SetAccessLogSettings(&awsapigatewayv2.CfnStage_AccessLogSettingsProperty{
		DestinationArn: log.LogGroupArn(), Format: jsii.String(accessLog()),
	})
	awscdk.NewCfnOutput(awscdk.Stack_Of(scope), jsii.String("APIURL"), &awscdk.CfnOutputProps{Value: stage.Url(), Description: jsii.String("Where the API is")})
	return api, nil
}

// preflight lets the console's origins ask the API, and no other page.
func preflight(s settings.Settings) *awsapigatewayv2.CorsPreflightOptions {
	if len(s.Console) == 0 {
		return nil
	}
	methods := make([]awsapigatewayv2.CorsHttpMethod, len(access.Methods()))
	for i, method := range access.Methods() {
		methods[i] = awsapigatewayv2.CorsHttpMethod(method)
	}
	return &awsapigatewayv2.CorsPreflightOptions{
		AllowOrigins: jsii.Strings(s.Console...), AllowMethods: &methods, AllowHeaders: jsii.Strings(access.PageHeaders()...),
		ExposeHeaders: jsii.Strings(access.PageSees()...), MaxAge: awscdk.Duration_Seconds(jsii.Number(access.PreflightAge.Seconds())),
	}
}

// authorizer lets API Gateway check who asks, before the function runs.
func authorizer(s settings.Settings) awsapigatewayv2.IHttpRouteAuthorizer {
	if s.JWT.Issuer == "" {
		return awsapigatewayv2authorizers.NewHttpIamAuthorizer()
	}
	return awsapigatewayv2authorizers.NewHttpJwtAuthorizer(jsii.String("Issuer"), jsii.String(s.JWT.Issuer), &awsapigatewayv2authorizers.HttpJwtAuthorizerProps{
		AuthorizerName: jsii.String(s.Name("issuer")), JwtAudience: jsii.Strings(s.JWT.Audience...),
	})
}

// accessLog is a line for each request: who asked for what, and what came of
// it. Queries, headers and bodies are not in it.
func accessLog() string {
	line, err := json.Marshal(map[string]string{
		"requestId": "$context.requestId", "time": "$context.requestTime", "ip": "$context.identity.sourceIp",
		"principal": "$context.identity.userArn", "subject": "$context.authorizer.claims.sub",
		"method": "$context.httpMethod", "path": "$context.path", "status": "$context.status",
		"bytes": "$context.responseLength", "milliseconds": "$context.responseLatency", "functionMilliseconds": "$context.integrationLatency",
		"error": "$context.error.message", "functionError": "$context.integrationErrorMessage",
	})
	if err != nil { // texts alone
		panic(err)
	}
	return string(line)
}
