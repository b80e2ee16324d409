package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// The resources that Mayfly makes: its sites' buckets and repositories by the
// prefix of their names, and the kinds of CloudFront resource, whose ids AWS
// chooses.
const (
	sites         = "arn:aws:s3:::mayfly-*"
	sitesObjects  = "arn:aws:s3:::mayfly-*/*"
	distributions = "distribution/*"
	identities    = "origin-access-identity/*"
	controls      = "origin-access-control/*"
)

// right is a list of actions on one kind of resource.
type right struct {
	actions  []string
	resource func(constructs.Construct, storage) *string
	// conditions, when there are any, must hold besides.
	conditions map[string]any
}

func onSites(actions ...string) right { return right{actions: actions, resource: fixed(sites)} }
func onSitesObjects(actions ...string) right {
	return right{actions: actions, resource: fixed(sitesObjects)}
}

// onAll is for the actions that AWS gives no resource to name.
func onAll(actions ...string) right { return right{actions: actions, resource: fixed("*")} }

// onKeys is for the KMS keys that people name for their repositories, which
// ECR alone uses: the functions themselves can neither encrypt nor decrypt.
func onKeys(actions ...string) right {
	return right{actions: actions, resource: fixed("*"), conditions: map[string]any{
		"StringLike": map[string]any{"kms:ViaService": "ecr.*.amazonaws.com"},
	}}
}

// onTable is for the installation's records, onIndexes for what they are found by.
func onTable(actions ...string) right {
	return right{actions: actions, resource: func(_ constructs.Construct, kept storage) *string { return kept.table.TableArn() }}
}

func onIndexes(actions ...string) right {
	return right{actions: actions, resource: func(_ constructs.Construct, kept storage) *string {
		return jsii.String(*kept.table.TableArn() + "/index/*")
	}}
}

func onUploads(actions ...string) right {
	return right{actions: actions, resource: func(_ constructs.Construct, kept storage) *string { return kept.uploads.BucketArn() }}
}

func onUploadsObjects(actions ...string) right {
	return right{actions: actions, resource: func(_ constructs.Construct, kept storage) *string {
		return kept.uploads.ArnForObjects(jsii.String("*"))
	}}
}

// onCloudFront is for a kind of CloudFront resource, which has no region.
func onCloudFront(resource string, actions ...string) right {
	return right{actions: actions, resource: func(scope constructs.Construct, _ storage) *string {
		return awscdk.Stack_Of(scope).FormatArn(&awscdk.ArnComponents{
			Service: jsii.String("cloudfront"), Region: jsii.String(""), Resource: jsii.String(resource),
		})
	}}
}

// onBus is for the account's event bus.
func onBus(actions ...string) right {
	return right{actions: actions, resource: func(scope constructs.Construct, _ storage) *string {
		return awscdk.Stack_Of(scope).FormatArn(&awscdk.ArnComponents{
			Service: jsii.String("events"), Resource: jsii.String("event-bus"), ResourceName: jsii.String("default"),
		})
	}}
}

// onRepositories is for the installation's repositories.
func onRepositories(actions ...string) right { return onRegistry("ecr", nil, actions) }

// onPublicRepositories is for those of ECR Public, which has no region.
func onPublicRepositories(actions ...string) right {
	return onRegistry("ecr-public", jsii.String(""), actions)
}

func onRegistry(service string, region *string, actions []string) right {
	return right{actions: actions, resource: func(scope constructs.Construct, _ storage) *string {
		return awscdk.Stack_Of(scope).FormatArn(&awscdk.ArnComponents{
			Service: jsii.String(service), Region: region, Resource: jsii.String("repository"), ResourceName: jsii.String(*awscdk.Stack_Of(scope).StackName() + "/*"),
		})
	}}
}

// onMachines is for the installation's machines, and onExecutions for their
// executions. They are named, for a machine can't be referred to by the
// functions that it calls.
func onMachines(actions ...string) right { return onStates("stateMachine", actions) }

func onExecutions(actions ...string) right { return onStates("execution", actions) }

func onStates(kind string, actions []string) right {
	return right{actions: actions, resource: func(scope constructs.Construct, _ storage) *string {
		return awscdk.Stack_Of(scope).FormatArn(&awscdk.ArnComponents{
			Service: jsii.String("states"), Resource: jsii.String(kind), ResourceName: jsii.String(*awscdk.Stack_Of(scope).StackName() + "-*"),
			ArnFormat: awscdk.ArnFormat_COLON_RESOURCE_NAME,
		})
	}}
}

func fixed(arn string) func(constructs.Construct, storage) *string {
	return func(constructs.Construct, storage) *string { return jsii.String(arn) }
}
