package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// The resources that Mayfly makes: its sites' buckets by the prefix of their
// names, and the kinds of CloudFront resource, whose ids AWS chooses.
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
}

func onSites(actions ...string) right        { return right{actions, fixed(sites)} }
func onSitesObjects(actions ...string) right { return right{actions, fixed(sitesObjects)} }

// onAll is for the actions that AWS gives no resource to name.
func onAll(actions ...string) right { return right{actions, fixed("*")} }

func onUploads(actions ...string) right {
	return right{actions, func(_ constructs.Construct, kept storage) *string { return kept.uploads.BucketArn() }}
}

func onUploadsObjects(actions ...string) right {
	return right{actions, func(_ constructs.Construct, kept storage) *string {
		return kept.uploads.ArnForObjects(jsii.String("*"))
	}}
}

// onCloudFront is for a kind of CloudFront resource, which has no region.
func onCloudFront(resource string, actions ...string) right {
	return right{actions, func(scope constructs.Construct, _ storage) *string {
		return awscdk.Stack_Of(scope).FormatArn(&awscdk.ArnComponents{
			Service: jsii.String("cloudfront"), Region: jsii.String(""), Resource: jsii.String(resource),
		})
	}}
}

// onRepositories is for the account's repositories of images, whose names
// people choose.
func onRepositories(actions ...string) right {
	return right{actions, func(scope constructs.Construct, _ storage) *string {
		return awscdk.Stack_Of(scope).FormatArn(&awscdk.ArnComponents{
			Service: jsii.String("ecr"), Resource: jsii.String("repository"), ResourceName: jsii.String("*"),
		})
	}}
}

func fixed(arn string) func(constructs.Construct, storage) *string {
	return func(constructs.Construct, storage) *string { return jsii.String(arn) }
}
