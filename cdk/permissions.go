package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsstepfunctions"
	"github.com/aws/jsii-runtime-go"
)

// The resources that Mayfly makes: its buckets by the prefix of their names,
// and the kinds of CloudFront resource, whose ids AWS chooses.
const (
	buckets       = "arn:aws:s3:::mayfly-*"
	objects       = "arn:aws:s3:::mayfly-*/*"
	distributions = "distribution/*"
	identities    = "origin-access-identity/*"
	controls      = "origin-access-control/*"
)

// right is a list of actions on a kind of resource.
type right struct {
	actions   []string
	resources []string
	global    bool // the resource is an ARN already, not CloudFront's
}

func onBuckets(actions ...string) right { return right{actions, []string{buckets}, true} }
func onObjects(actions ...string) right { return right{actions, []string{objects}, true} }
func onCloudFront(resource string, actions ...string) right {
	return right{actions, []string{resource}, false}
}

// onAll is for the actions that AWS gives no resource to name.
func onAll(actions ...string) right { return right{actions, []string{"*"}, true} }

// rights says what each step may do beside its records.
var rights = map[string][]right{
	"createbucket":       {onBuckets("s3:CreateBucket", "s3:GetBucketTagging", "s3:PutBucketTagging", "s3:PutBucketPublicAccessBlock", "s3:PutEncryptionConfiguration", "s3:PutBucketOwnershipControls")},
	"enableversioning":   {onBuckets("s3:PutBucketVersioning", "s3:PutLifecycleConfiguration")},
	"createoai":          {onCloudFront(identities, "cloudfront:CreateCloudFrontOriginAccessIdentity"), onCloudFront(controls, "cloudfront:CreateOriginAccessControl"), onAll("cloudfront:ListCloudFrontOriginAccessIdentities", "cloudfront:ListOriginAccessControls")},
	"createdistribution": {onCloudFront(distributions, "cloudfront:CreateDistribution", "cloudfront:TagResource", "cloudfront:GetDistribution"), onAll("cloudfront:ListDistributions")},
	"applypolicy":        {onBuckets("s3:PutBucketPolicy")},
	"hostwebsite":        {onBuckets("s3:PutBucketPublicAccessBlock", "s3:PutBucketWebsite", "s3:PutBucketPolicy")},
	"awaitdistribution":  {onCloudFront(distributions, "cloudfront:GetDistribution")},
	"updatedistribution": {onCloudFront(distributions, "cloudfront:GetDistributionConfig", "cloudfront:UpdateDistribution")},
	"beginteardown":      {onBuckets("s3:GetBucketTagging", "s3:ListBucket"), onAll("cloudfront:ListDistributions", "cloudfront:ListCloudFrontOriginAccessIdentities", "cloudfront:ListOriginAccessControls")},
	"disabledistribution": {
		onCloudFront(distributions, "cloudfront:GetDistribution", "cloudfront:GetDistributionConfig", "cloudfront:UpdateDistribution")},
	"deletedistribution": {onCloudFront(distributions, "cloudfront:GetDistribution", "cloudfront:GetDistributionConfig", "cloudfront:DeleteDistribution")},
	"emptybucket": {
		onBuckets("s3:GetBucketTagging", "s3:PutBucketPolicy", "s3:ListBucketVersions", "s3:ListBucketMultipartUploads"),
		onObjects("s3:DeleteObject", "s3:DeleteObjectVersion", "s3:AbortMultipartUpload")},
	"deletebucket":      {onBuckets("s3:GetBucketTagging", "s3:DeleteBucket")},
	"deleteoai":         {onCloudFront(identities, "cloudfront:GetCloudFrontOriginAccessIdentity", "cloudfront:DeleteCloudFrontOriginAccessIdentity"), onCloudFront(controls, "cloudfront:GetOriginAccessControl", "cloudfront:DeleteOriginAccessControl")},
	"inspectcontent":    {onBuckets("s3:ListBucket", "s3:ListBucketVersions"), onObjects("s3:GetObject", "s3:GetObjectVersion")},
	"writeobjects":      {onObjects("s3:GetObject", "s3:GetObjectVersion", "s3:PutObject", "s3:AbortMultipartUpload")},
	"removeobjects":     {onObjects("s3:DeleteObject")},
	"invalidate":        {onCloudFront(distributions, "cloudfront:CreateInvalidation")},
	"awaitinvalidation": {onCloudFront(distributions, "cloudfront:GetInvalidation")},
	"api":               {onBuckets("s3:ListBucketVersions")},
}

// grant gives each function its records, its releases' files and its rights,
// and the machines the right to start one another.
func grant(kept storage, steps map[string]step, machines map[string]awsstepfunctions.StateMachine) {
	for name, function := range steps {
		kept.table.GrantReadWriteData(function)
		switch name {
		case "inspectcontent", "writeobjects", "removeobjects", "invalidate", "finishrelease", "forget":
			kept.uploads.GrantReadWrite(function, nil)
		}
		for _, r := range rights[name] {
			resources := make([]*string, 0, len(r.resources))
			for _, resource := range r.resources {
				if !r.global {
					resource = *awscdk.Stack_Of(function).FormatArn(&awscdk.ArnComponents{Service: jsii.String("cloudfront"), Region: jsii.String(""), Resource: jsii.String(resource)})
				}
				resources = append(resources, jsii.String(resource))
			}
			function.AddToRolePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
				Actions: jsii.Strings(r.actions...), Resources: &resources,
			}))
		}
	}
	// The provision machine undoes what failed by the teardown machine, and
	// waits for it: .sync needs to follow the execution and its rule.
	provision, teardown := machines["provision"], machines["teardown"]
	teardown.GrantStartExecution(provision)
	teardown.GrantExecution(provision, jsii.String("states:DescribeExecution"), jsii.String("states:StopExecution"))
	provision.AddToRolePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Actions: jsii.Strings("events:PutTargets", "events:PutRule", "events:DescribeRule"),
		Resources: &[]*string{awscdk.Stack_Of(provision).FormatArn(&awscdk.ArnComponents{
			Service: jsii.String("events"), Resource: jsii.String("rule"), ResourceName: jsii.String("StepFunctionsGetEventsForStepFunctionsExecutionRule")})},
	}))
}
