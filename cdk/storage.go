package main

import (
	"maps"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/mayfly-dev/mayfly/access"
	"github.com/mayfly-dev/mayfly/cdk/settings"
	// The table's keys and indexes are said once, by the code that asks them:
	// an index that is deployed but not asked, or asked but not deployed, shows
	// only in production.
	"github.com/mayfly-dev/mayfly/sandbox/dynamo"
)

// storage is what an installation keeps: its records, and the archives and
// manifests of releases.
type storage struct {
	table   awsdynamodb.Table
	uploads awss3.Bucket
}

func newStorage(scope constructs.Construct, s settings.Settings) storage {
	retain := awscdk.RemovalPolicy_DESTROY
	if s.Prod() {
		retain = awscdk.RemovalPolicy_RETAIN
	}
	table := awsdynamodb.NewTable(scope, jsii.String("Table"), &awsdynamodb.TableProps{
		// Named, so that CloudFormation refuses whatever would replace it, and
		// what is kept can be asked without the stack's help.
		TableName:                        jsii.String(s.Name("sandboxes")),
		PartitionKey:                     attribute(dynamo.PartitionKey),
		SortKey:                          attribute(dynamo.SortKey),
		BillingMode:                      awsdynamodb.BillingMode_PAY_PER_REQUEST,
		Encryption:                       awsdynamodb.TableEncryption_AWS_MANAGED,
		PointInTimeRecoverySpecification: &awsdynamodb.PointInTimeRecoverySpecification{PointInTimeRecoveryEnabled: jsii.Bool(true)},
		TimeToLiveAttribute:              jsii.String(dynamo.TTLAttribute),
		DeletionProtection:               jsii.Bool(s.Prod()),
		RemovalPolicy:                    retain,
	})
	indexes := dynamo.Indexes()
	for _, index := range slices.Sorted(maps.Keys(indexes)) { // sorted: the template is the same each time
		table.AddGlobalSecondaryIndex(&awsdynamodb.GlobalSecondaryIndexProps{
			IndexName:      jsii.String(index),
			PartitionKey:   attribute(indexes[index]),
			SortKey:        attribute(dynamo.IndexSortKey),
			ProjectionType: awsdynamodb.ProjectionType_KEYS_ONLY,
		})
	}
	uploads := awss3.NewBucket(scope, jsii.String("Uploads"), &awss3.BucketProps{
		BucketName:        jsii.String(s.UploadBucket(*awscdk.Stack_Of(scope).Account())),
		BlockPublicAccess: awss3.BlockPublicAccess_BLOCK_ALL(),
		Encryption:        awss3.BucketEncryption_S3_MANAGED,
		EnforceSSL:        jsii.Bool(true),
		RemovalPolicy:     retain,
		Cors:              uploadsFromPages(s),
		LifecycleRules: &[]*awss3.LifecycleRule{
			// An upload whose release never ran, or never ended, goes by itself.
			{Prefix: jsii.String("uploads/"), Expiration: awscdk.Duration_Days(jsii.Number(2)), AbortIncompleteMultipartUploadAfter: awscdk.Duration_Days(jsii.Number(1))},
			// Comparisons of the account with the records.
			{Prefix: jsii.String("orphans/"), Expiration: awscdk.Duration_Days(jsii.Number(90))},
			// What is known of a layer is made again by the next image that has it.
			{Prefix: jsii.String("layers/"), Expiration: awscdk.Duration_Days(jsii.Number(30))},
		},
	})
	return storage{table: table, uploads: uploads}
}

// uploadsFromPages lets the console upload from its page; who may, the presigned
// URL says.
func uploadsFromPages(s settings.Settings) *[]*awss3.CorsRule {
	if len(s.Console) == 0 {
		return nil
	}
	return &[]*awss3.CorsRule{{
		AllowedOrigins: jsii.Strings(s.Console...), AllowedMethods: &[]awss3.HttpMethods{awss3.HttpMethods_PUT},
		AllowedHeaders: jsii.Strings("*"), MaxAge: jsii.Number(access.PreflightAge.Seconds()),
	}}
}
