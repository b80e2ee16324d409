package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudtrail"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/mayfly-dev/mayfly/cdk/settings"
)

// newTrail records who read and wrote which object of the sites and of the
// uploads, when the settings ask for that: CloudTrail keeps management events
// for 90 days by itself, but no data events, and each of those costs.
func newTrail(scope constructs.Construct, s settings.Settings, kept storage) {
	if !s.Trail {
		return
	}
	records := awss3.NewBucket(scope, jsii.String("TrailRecords"), &awss3.BucketProps{
		BucketName:        jsii.String("trail-mayfly-" + s.Stage + "-" + *awscdk.Stack_Of(scope).Account() + "-" + s.Region),
		BlockPublicAccess: awss3.BlockPublicAccess_BLOCK_ALL(),
		Encryption:        awss3.BucketEncryption_S3_MANAGED,
		EnforceSSL:        jsii.Bool(true),
		Versioned:         jsii.Bool(true),
		RemovalPolicy:     awscdk.RemovalPolicy_RETAIN,
		LifecycleRules: &[]*awss3.LifecycleRule{{
			Expiration: awscdk.Duration_Days(jsii.Number(400)), NoncurrentVersionExpiration: awscdk.Duration_Days(jsii.Number(1)),
		}},
	})
	trail := awscloudtrail.NewTrail(scope, jsii.String("Trail"), &awscloudtrail.TrailProps{
		TrailName: jsii.String(s.Name("objects")), Bucket: records, EnableFileValidation: jsii.Bool(true),
		IsMultiRegionTrail: jsii.Bool(false), IncludeGlobalServiceEvents: jsii.Bool(false),
	})
	// The plain selectors take whole buckets, and a site's bucket is not known
	// yet; the advanced ones take the beginning of an ARN.
	selectors := []any{&awscloudtrail.CfnTrail_AdvancedEventSelectorProperty{
		Name: jsii.String("Objects of sites and uploads"),
		FieldSelectors: &[]any{
			&awscloudtrail.CfnTrail_AdvancedFieldSelectorProperty{Field: jsii.String("eventCategory"), EqualTo: jsii.Strings("Data")},
			&awscloudtrail.CfnTrail_AdvancedFieldSelectorProperty{Field: jsii.String("resources.type"), EqualTo: jsii.Strings("AWS::S3::Object")},
			&awscloudtrail.CfnTrail_AdvancedFieldSelectorProperty{Field: jsii.String("resources.ARN"), StartsWith: &[]*string{
				jsii.String("arn:aws:s3:::mayfly-"), kept.uploads.ArnForObjects(jsii.String("")),
			}},
		},
	}}
	made := trail.Node().DefaultChild().(awscloudtrail.CfnTrail)
	made.SetAdvancedEventSelectors(&selectors)
	made.AddPropertyDeletionOverride(jsii.String("EventSelectors")) // CloudTrail takes one kind or the other
}
