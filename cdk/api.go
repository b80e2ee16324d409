package main

import (
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
func newAPI(scope constructs.Construct, kept storage, steps map[string]step, machines map[string]awsstepfunctions.StateMachine) {
	function, ok := steps["api"]
	if !ok {
		return // a build without it; the functions' own test says what is missing
	}
	for name, machine := range machines {
		machine.GrantStartExecution(function)
		machine.GrantRead(function)
		function.AddEnvironment(jsii.String("MAYFLY_MACHINE_"+strings.ToUpper(name)), machine.StateMachineArn(), nil)
	}
	kept.table.GrantReadWriteData(function)
	kept.uploads.GrantReadWrite(function, nil)

	api := awsapigatewayv2.NewHttpApi(scope, jsii.String("API"), &awsapigatewayv2.HttpApiProps{
		DefaultAuthorizer:  awsapigatewayv2authorizers.NewHttpIamAuthorizer(),
		DefaultIntegration: awsapigatewayv2integrations.NewHttpLambdaIntegration(jsii.String("APIIntegration"), function, nil),
	})
	awscdk.NewCfnOutput(awscdk.Stack_Of(scope), jsii.String("APIURL"), &awscdk.CfnOutputProps{Value: api.Url()})
}
