package guard_test

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront"
	cf "github.com/aws/aws-sdk-go-v2/service/cloudfront/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	ddb "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	ecrtypes "github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/aws/aws-sdk-go-v2/service/ecrpublic"
	public "github.com/aws/aws-sdk-go-v2/service/ecrpublic/types"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	schedulertypes "github.com/aws/aws-sdk-go-v2/service/scheduler/types"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// call is one call of a real client, and what it needs.
type call struct {
	name  string
	needs []string
	do    func(context.Context) error
}

func did[Out any](_ Out, err error) error { return err }

func calls(config aws.Config) []call {
	s := aws.String
	edge, tables, states := cloudfront.NewFromConfig(config), dynamodb.NewFromConfig(config), sfn.NewFromConfig(config)
	schedules := scheduler.NewFromConfig(config)
	images, open := ecr.NewFromConfig(config), ecrpublic.NewFromConfig(config)
	key := map[string]ddb.AttributeValue{"pk": &ddb.AttributeValueMemberS{Value: "a"}}
	of := &cf.DistributionConfig{
		CallerReference: s("r"), Comment: s(""), Enabled: aws.Bool(true), Origins: &cf.Origins{Quantity: aws.Int32(1), Items: []cf.Origin{{Id: s("o"), DomainName: s("d")}}},
		DefaultCacheBehavior: &cf.DefaultCacheBehavior{TargetOriginId: s("o"), ViewerProtocolPolicy: cf.ViewerProtocolPolicyHttpsOnly},
	}
	const machine = "arn:aws:states:us-east-1:000000000000:stateMachine:m"
	return []call{
		{"CreateDistribution", []string{"cloudfront:CreateDistribution arn:aws:cloudfront::ACCOUNT:distribution/*"}, func(ctx context.Context) error {
			return did(edge.CreateDistribution(ctx, &cloudfront.CreateDistributionInput{DistributionConfig: of}))
		}},
		{"CreateDistributionWithTags", []string{"cloudfront:CreateDistribution arn:aws:cloudfront::ACCOUNT:distribution/*", "cloudfront:TagResource arn:aws:cloudfront::ACCOUNT:distribution/*"}, func(ctx context.Context) error {
			return did(edge.CreateDistributionWithTags(ctx, &cloudfront.CreateDistributionWithTagsInput{DistributionConfigWithTags: &cf.DistributionConfigWithTags{
				DistributionConfig: of, Tags: &cf.Tags{Items: []cf.Tag{{Key: s("mayfly:sandbox"), Value: s("s-1")}}},
			}}))
		}},
		{"ListDistributions", []string{"cloudfront:ListDistributions *"}, func(ctx context.Context) error {
			return did(edge.ListDistributions(ctx, &cloudfront.ListDistributionsInput{}))
		}},
		{"UpdateDistribution", []string{"cloudfront:UpdateDistribution arn:aws:cloudfront::ACCOUNT:distribution/E1"}, func(ctx context.Context) error {
			return did(edge.UpdateDistribution(ctx, &cloudfront.UpdateDistributionInput{Id: s("E1"), IfMatch: s("t"), DistributionConfig: of}))
		}},
		{"GetDistributionConfig", []string{"cloudfront:GetDistributionConfig arn:aws:cloudfront::ACCOUNT:distribution/E1"}, func(ctx context.Context) error {
			return did(edge.GetDistributionConfig(ctx, &cloudfront.GetDistributionConfigInput{Id: s("E1")}))
		}},
		{"GetInvalidation", []string{"cloudfront:GetInvalidation arn:aws:cloudfront::ACCOUNT:distribution/E1"}, func(ctx context.Context) error {
			return did(edge.GetInvalidation(ctx, &cloudfront.GetInvalidationInput{DistributionId: s("E1"), Id: s("I1")}))
		}},
		{"CreateCloudFrontOriginAccessIdentity", []string{"cloudfront:CreateCloudFrontOriginAccessIdentity arn:aws:cloudfront::ACCOUNT:origin-access-identity/*"}, func(ctx context.Context) error {
			return did(edge.CreateCloudFrontOriginAccessIdentity(ctx, &cloudfront.CreateCloudFrontOriginAccessIdentityInput{CloudFrontOriginAccessIdentityConfig: &cf.CloudFrontOriginAccessIdentityConfig{CallerReference: s("r"), Comment: s("")}}))
		}},
		{"DeleteCloudFrontOriginAccessIdentity", []string{"cloudfront:DeleteCloudFrontOriginAccessIdentity arn:aws:cloudfront::ACCOUNT:origin-access-identity/E2"}, func(ctx context.Context) error {
			return did(edge.DeleteCloudFrontOriginAccessIdentity(ctx, &cloudfront.DeleteCloudFrontOriginAccessIdentityInput{Id: s("E2"), IfMatch: s("t")}))
		}},
		{"cloudfront ListTagsForResource", []string{"cloudfront:ListTagsForResource arn:aws:cloudfront::ACCOUNT:distribution/E1"}, func(ctx context.Context) error {
			return did(edge.ListTagsForResource(ctx, &cloudfront.ListTagsForResourceInput{Resource: s("arn:aws:cloudfront::000000000000:distribution/E1")}))
		}},
		{"GetItem", []string{"dynamodb:GetItem arn:aws:dynamodb:us-east-1:ACCOUNT:table/t"}, func(ctx context.Context) error {
			return did(tables.GetItem(ctx, &dynamodb.GetItemInput{TableName: s("t"), Key: key}))
		}},
		{"Query of an index", []string{"dynamodb:Query arn:aws:dynamodb:us-east-1:ACCOUNT:table/t/index/byname"}, func(ctx context.Context) error {
			return did(tables.Query(ctx, &dynamodb.QueryInput{TableName: s("arn:aws:dynamodb:us-east-1:000000000000:table/t"), IndexName: s("byname")}))
		}},
		{"BatchGetItem", []string{"dynamodb:BatchGetItem arn:aws:dynamodb:us-east-1:ACCOUNT:table/t", "dynamodb:BatchGetItem arn:aws:dynamodb:us-east-1:ACCOUNT:table/u"}, func(ctx context.Context) error {
			keys := ddb.KeysAndAttributes{Keys: []map[string]ddb.AttributeValue{key}}
			return did(tables.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{RequestItems: map[string]ddb.KeysAndAttributes{"u": keys, "t": keys}}))
		}},
		{"TransactWriteItems", []string{"dynamodb:ConditionCheckItem arn:aws:dynamodb:us-east-1:ACCOUNT:table/t", "dynamodb:DeleteItem arn:aws:dynamodb:us-east-1:ACCOUNT:table/t"}, func(ctx context.Context) error {
			return did(tables.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: []ddb.TransactWriteItem{
				{ConditionCheck: &ddb.ConditionCheck{TableName: s("t"), Key: key, ConditionExpression: s("attribute_exists(pk)")}},
				{Delete: &ddb.Delete{TableName: s("t"), Key: key}},
			}}))
		}},
		{"StartExecution of an alias", []string{"states:StartExecution arn:aws:states:us-east-1:ACCOUNT:stateMachine:m"}, func(ctx context.Context) error {
			return did(states.StartExecution(ctx, &sfn.StartExecutionInput{StateMachineArn: s(machine + ":live")}))
		}},
		{"DescribeExecution", []string{"states:DescribeExecution arn:aws:states:us-east-1:ACCOUNT:execution:m:e"}, func(ctx context.Context) error {
			return did(states.DescribeExecution(ctx, &sfn.DescribeExecutionInput{ExecutionArn: s("arn:aws:states:us-east-1:000000000000:execution:m:e")}))
		}},
		{"PutEvents", []string{"events:PutEvents arn:aws:events:us-east-1:ACCOUNT:event-bus/default", "events:PutEvents arn:aws:events:us-east-1:ACCOUNT:event-bus/other"}, func(ctx context.Context) error {
			return did(eventbridge.NewFromConfig(config).PutEvents(ctx, &eventbridge.PutEventsInput{Entries: []types.PutEventsRequestEntry{{Source: s("a")}, {EventBusName: s("other")}}}))
		}},
		{"PutRule", []string{"events:PutRule arn:aws:events:us-east-1:ACCOUNT:rule/r"}, func(ctx context.Context) error {
			return did(eventbridge.NewFromConfig(config).PutRule(ctx, &eventbridge.PutRuleInput{Name: s("r")}))
		}},
		{"ecr CreateRepository, by key", []string{"ecr:TagResource arn:aws:ecr:us-east-1:ACCOUNT:repository/a/b", "kms:CreateGrant arn:aws:kms:us-east-1:ACCOUNT:key/k", "kms:DescribeKey arn:aws:kms:us-east-1:ACCOUNT:key/k"}, func(ctx context.Context) error {
			return did(images.CreateRepository(ctx, &ecr.CreateRepositoryInput{
				RepositoryName: s("a/b"), Tags: []ecrtypes.Tag{{Key: s("k"), Value: s("v")}},
				EncryptionConfiguration: &ecrtypes.EncryptionConfiguration{EncryptionType: ecrtypes.EncryptionTypeKms, KmsKey: s("arn:aws:kms:us-east-1:000000000000:key/k")},
			}))
		}},
		{"ecr-public CreateRepository", []string{"ecr-public:TagResource arn:aws:ecr-public::ACCOUNT:repository/a"}, func(ctx context.Context) error {
			return did(open.CreateRepository(ctx, &ecrpublic.CreateRepositoryInput{RepositoryName: s("a"), Tags: []public.Tag{{Key: s("k")}}}))
		}},
		{"ecr DescribeImages, which ECR decides", nil, func(ctx context.Context) error {
			return did(images.DescribeImages(ctx, &ecr.DescribeImagesInput{RepositoryName: s("a")}))
		}},
		{"Invoke of a version", []string{"lambda:InvokeFunction arn:aws:lambda:us-east-1:ACCOUNT:function:f:7"}, func(ctx context.Context) error {
			return did(lambda.NewFromConfig(config).Invoke(ctx, &lambda.InvokeInput{FunctionName: s("f"), Qualifier: s("7")}))
		}},
		{"CreateSchedule", []string{"scheduler:CreateSchedule arn:aws:scheduler:us-east-1:ACCOUNT:schedule/g/n"}, func(ctx context.Context) error {
			return did(schedules.CreateSchedule(ctx, &scheduler.CreateScheduleInput{
				Name: s("n"), GroupName: s("g"), ScheduleExpression: s("rate(1 day)"), FlexibleTimeWindow: &schedulertypes.FlexibleTimeWindow{Mode: schedulertypes.FlexibleTimeWindowModeOff},
				Target: &schedulertypes.Target{Arn: s(machine), RoleArn: s("r")},
			}))
		}},
		{"GetSchedule", []string{"scheduler:GetSchedule arn:aws:scheduler:us-east-1:ACCOUNT:schedule/default/n"}, func(ctx context.Context) error {
			return did(schedules.GetSchedule(ctx, &scheduler.GetScheduleInput{Name: s("n")}))
		}},
		{"DeleteSchedule", []string{"scheduler:DeleteSchedule arn:aws:scheduler:us-east-1:ACCOUNT:schedule/g/n"}, func(ctx context.Context) error {
			return did(schedules.DeleteSchedule(ctx, &scheduler.DeleteScheduleInput{Name: s("n"), GroupName: s("g")}))
		}},
		{"ListSchedules", []string{"scheduler:ListSchedules *"}, func(ctx context.Context) error {
			return did(schedules.ListSchedules(ctx, &scheduler.ListSchedulesInput{}))
		}},
		{"GetScheduleGroup", []string{"scheduler:GetScheduleGroup arn:aws:scheduler:us-east-1:ACCOUNT:schedule-group/g"}, func(ctx context.Context) error {
			return did(schedules.GetScheduleGroup(ctx, &scheduler.GetScheduleGroupInput{Name: s("g")}))
		}},
		{"SendMessage", []string{"sqs:SendMessage arn:aws:sqs:us-east-1:ACCOUNT:q"}, func(ctx context.Context) error {
			return did(sqs.NewFromConfig(config).SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: s("http://localhost/000000000000/q"), MessageBody: s("m")}))
		}},
		{"GetCallerIdentity", nil, func(ctx context.Context) error {
			return did(sts.NewFromConfig(config).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{}))
		}},
	}
}
