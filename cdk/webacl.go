package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// onWebACL is for the installation's web ACL, and onManagedRules for the rule
// groups of AWS's that it may have. Those for CloudFront are in us-east-1.
func onWebACL(actions ...string) right {
	return right{actions: actions, resource: func(scope constructs.Construct, _ storage) *string {
		return globalWAF(scope, "webacl/"+*awscdk.Stack_Of(scope).StackName()+"/*")
	}}
}

func onManagedRules(actions ...string) right {
	return right{actions: actions, resource: func(scope constructs.Construct, _ storage) *string {
		return globalWAF(scope, "managedruleset/*/*")
	}}
}

func globalWAF(scope constructs.Construct, resource string) *string {
	return awscdk.Stack_Of(scope).FormatArn(&awscdk.ArnComponents{
		Service: jsii.String("wafv2"), Region: jsii.String("us-east-1"), Resource: jsii.String("global"), ResourceName: jsii.String(resource),
	})
}
