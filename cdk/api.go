package main

import (
	"fmt"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2authorizers"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2integrations"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsstepfunctions"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// newAPI puts the API function behind an HTTP API that only lets callers with
// IAM rights on it through.
func newAPI(scope constructs.Construct, s settings, steps map[string]step, machines map[string]awsstepfunctions.StateMachine) error {
	function, ok := steps["api"]
	if !ok {
		return fmt.Errorf("%s has no function api", s.Build)
	}
	for _, name := range []string{"provision", "release", "teardown", "update"} {
		machines[name].GrantStartExecution(function)
		machines[name].GrantExecution(function, jsii.String("states:DescribeExecution"))
		function.AddEnvironment(jsii.String("MAYFLY_"+strings.ToUpper(name)+"_ARN"), machines[name].StateMachineArn(), nil)
	}
	if s.Version != "" {
		function.AddEnvironment(jsii.String("MAYFLY_VERSION"), jsii.String(s.Version), nil)
	}

	api := awsapigatewayv2.NewHttpApi(scope, jsii.String("API"), &awsapigatewayv2.HttpApiProps{
		DefaultAuthorizer:  awsapigatewayv2authorizers.NewHttpIamAuthorizer(),
		DefaultIntegration: awsapigatewayv2integrations.NewHttpLambdaIntegration(jsii.String("APIIntegration"), function, nil),
	})
	awscdk.NewCfnOutput(awscdk.Stack_Of(scope), jsii.String("APIURL"), &awscdk.CfnOutputProps{Value: api.Url()})
	return nil
}
