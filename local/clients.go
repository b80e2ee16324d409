package local

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront"
	cftypes "github.com/aws/aws-sdk-go-v2/service/cloudfront/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecrpublic"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/eks"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	sfntypes "github.com/aws/aws-sdk-go-v2/service/sfn/types"
	awssts "github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/aws-sdk-go-v2/service/wafv2"

	"github.com/aws/smithy-go/middleware"

	"github.com/mayfly-dev/mayfly/awsenv"
	"github.com/mayfly-dev/mayfly/functions/createdistribution"
	"github.com/mayfly-dev/mayfly/kubernetes"
	"github.com/mayfly-dev/mayfly/local/sts"
	"github.com/mayfly-dev/mayfly/release"
	"github.com/mayfly-dev/mayfly/statemachine"
)

// folderURLs is the installation's CloudFront Function, as CDK names it.
const (
	folderURLs    = "mayfly-folder-urls"
	folderURLsARN = "arn:aws:cloudfront::" + Account + ":function/" + folderURLs
)

// connections is how many idle connections are kept to the AWS port: as many
// as a release writes objects at once, and room for others.
const connections = 64

// clients are the AWS clients of the functions in this process and of the API.
type clients struct {
	s3         *s3.Client
	presigner  *s3.PresignClient
	cloudfront *cloudfront.Client
	ecr        *ecr.Client
	ecrPublic  *ecrpublic.Client
	events     *eventbridge.Client
	states     *sfn.Client
	dynamodb   *dynamodb.Client
	waf        *wafv2.Client
	metrics    *cloudwatch.Client
	schedules  *scheduler.Client
	quotas     *servicequotas.Client
	endpoint   string
	foreign    Foreign
	ecs        *ecs.Client
	functions  *lambda.Client
	clusters   *kubernetes.Clusters
	// http fetches what presigned URLs name.
	http *http.Client
}

// newClients returns the operator's clients.
func newClients(endpoint string, foreign Foreign) clients {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.Proxy = nil
	transport.MaxIdleConnsPerHost = connections
	return clients{endpoint: endpoint, foreign: foreign, http: &http.Client{Transport: transport}}.as(operator())
}

// as returns clients that sign with other keys, over the same connections.
func (c clients) as(keys sts.Keys) clients {
	config := aws.Config{
		Region:       Region,
		BaseEndpoint: aws.String(c.endpoint),
		Credentials:  credentials.NewStaticCredentialsProvider(keys.Access, keys.Secret, ""),
		HTTPClient:   c.http,
		APIOptions:   []func(*middleware.Stack) error{awsenv.CountRetries},
	}
	objects := s3.NewFromConfig(config, func(o *s3.Options) { o.UsePathStyle = true })
	clusters := eks.NewFromConfig(config, func(o *eks.Options) { o.BaseEndpoint = aws.String(cmp.Or(c.foreign.EKS, c.endpoint)) })
	return clients{
		s3: objects, presigner: s3.NewPresignClient(objects),
		cloudfront: cloudfront.NewFromConfig(config),
		ecr:        ecr.NewFromConfig(config),
		ecrPublic:  ecrpublic.NewFromConfig(config),
		events:     eventbridge.NewFromConfig(config),
		states:     sfn.NewFromConfig(config),
		dynamodb:   dynamodb.NewFromConfig(config),
		waf:        wafv2.NewFromConfig(config),
		metrics:    cloudwatch.NewFromConfig(config),
		schedules:  scheduler.NewFromConfig(config),
		quotas:     servicequotas.NewFromConfig(config),
		clusters:   kubernetes.NewClusters(clusters, awssts.NewPresignClient(awssts.NewFromConfig(config))),
		endpoint:   c.endpoint,
		foreign:    c.foreign,
		ecs:        ecs.NewFromConfig(config, func(o *ecs.Options) { o.BaseEndpoint = aws.String(cmp.Or(c.foreign.ECS, c.endpoint)) }),
		functions:  lambda.NewFromConfig(config, func(o *lambda.Options) { o.BaseEndpoint = aws.String(cmp.Or(c.foreign.Lambda, c.endpoint)) }),
		http:       c.http,
	}
}

// install makes what the CDK app makes on AWS beside functions and machines:
// the upload bucket and the CloudFront Function. What is there already stays.
func (c clients) install(ctx context.Context) error {
	var ours *s3types.BucketAlreadyOwnedByYou
	if _, err := c.s3.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: aws.String(uploadBucket)}); err != nil && !errors.As(err, &ours) {
		return fmt.Errorf("install the upload bucket: %w", err)
	}
	if _, err := c.s3.PutBucketLifecycleConfiguration(ctx, &s3.PutBucketLifecycleConfigurationInput{
		Bucket: aws.String(uploadBucket), LifecycleConfiguration: &s3types.BucketLifecycleConfiguration{Rules: uploadRules()},
	}); err != nil {
		return fmt.Errorf("install the rules of the upload bucket: %w", err)
	}
	// The console uploads from a page; who may, the presigned URL says.
	if _, err := c.s3.PutBucketCors(ctx, &s3.PutBucketCorsInput{Bucket: aws.String(uploadBucket), CORSConfiguration: &s3types.CORSConfiguration{CORSRules: []s3types.CORSRule{
		{AllowedOrigins: []string{"*"}, AllowedMethods: []string{"PUT"}, AllowedHeaders: []string{"*"}, MaxAgeSeconds: aws.Int32(3600)},
	}}}); err != nil {
		return fmt.Errorf("let pages upload to the upload bucket: %w", err)
	}
	return c.installFolderURLs(ctx)
}

// uploadRules are the lifecycle rules that the CDK app gives the upload bucket.
func uploadRules() []s3types.LifecycleRule {
	expire := func(prefix string, days int32) s3types.LifecycleRule {
		return s3types.LifecycleRule{
			ID: aws.String(strings.TrimSuffix(prefix, "/")), Status: s3types.ExpirationStatusEnabled,
			Filter:     &s3types.LifecycleRuleFilter{Prefix: aws.String(prefix)},
			Expiration: &s3types.LifecycleExpiration{Days: aws.Int32(days)},
		}
	}
	uploads := expire("uploads/", 2)
	uploads.AbortIncompleteMultipartUpload = &s3types.AbortIncompleteMultipartUpload{DaysAfterInitiation: aws.Int32(1)}
	return []s3types.LifecycleRule{uploads, expire("orphans/", 90), expire(release.LayersPrefix, 30)}
}

func (c clients) installFolderURLs(ctx context.Context) error {
	live, err := c.cloudfront.GetFunction(ctx, &cloudfront.GetFunctionInput{Name: aws.String(folderURLs), Stage: cftypes.FunctionStageLive})
	if err == nil && string(live.FunctionCode) == createdistribution.FolderURLs {
		return nil // published by an earlier start
	}
	var missing *cftypes.NoSuchFunctionExists
	if err != nil && !errors.As(err, &missing) {
		return fmt.Errorf("look for the function %s: %w", folderURLs, err)
	}
	config := &cftypes.FunctionConfig{Comment: aws.String("pages of folders"), Runtime: cftypes.FunctionRuntimeCloudfrontJs20}
	code := []byte(createdistribution.FolderURLs)
	var there *cftypes.FunctionAlreadyExists
	etag := ""
	created, err := c.cloudfront.CreateFunction(ctx, &cloudfront.CreateFunctionInput{Name: aws.String(folderURLs), FunctionConfig: config, FunctionCode: code})
	switch {
	case err == nil:
		etag = aws.ToString(created.ETag)
	case errors.As(err, &there):
		described, err := c.cloudfront.DescribeFunction(ctx, &cloudfront.DescribeFunctionInput{Name: aws.String(folderURLs)})
		if err != nil {
			return fmt.Errorf("install the function %s: %w", folderURLs, err)
		}
		updated, err := c.cloudfront.UpdateFunction(ctx, &cloudfront.UpdateFunctionInput{Name: aws.String(folderURLs), IfMatch: described.ETag, FunctionConfig: config, FunctionCode: code})
		if err != nil {
			return fmt.Errorf("install the function %s: %w", folderURLs, err)
		}
		etag = aws.ToString(updated.ETag)
	default:
		return fmt.Errorf("install the function %s: %w", folderURLs, err)
	}
	if _, err := c.cloudfront.PublishFunction(ctx, &cloudfront.PublishFunctionInput{Name: aws.String(folderURLs), IfMatch: aws.String(etag)}); err != nil {
		return fmt.Errorf("publish the function %s: %w", folderURLs, err)
	}
	return nil
}

// installMachines makes or updates every state machine. Executions that are
// under way end on the definition they began with.
func (c clients) installMachines(ctx context.Context) error {
	definitions, err := statemachine.All()
	if err != nil {
		return err
	}
	names := make(map[string]bool, len(definitions))
	for _, definition := range definitions {
		names[definition.Name] = true
	}
	for _, definition := range definitions {
		bound, err := definition.Bind(func(name string) string {
			if names[name] {
				return machineARN(name)
			}
			return functionARN(name)
		})
		if err != nil {
			return err
		}
		_, err = c.states.CreateStateMachine(ctx, &sfn.CreateStateMachineInput{
			Name: aws.String("mayfly-" + definition.Name), Definition: aws.String(bound),
			RoleArn: aws.String(machineRole(definition.Name)),
		})
		var there *sfntypes.StateMachineAlreadyExists
		if errors.As(err, &there) {
			_, err = c.states.UpdateStateMachine(ctx, &sfn.UpdateStateMachineInput{
				StateMachineArn: aws.String(machineARN(definition.Name)), Definition: aws.String(bound), RoleArn: aws.String(machineRole(definition.Name)),
			})
		}
		if err != nil {
			return fmt.Errorf("install the state machine %s: %w", definition.Name, err)
		}
	}
	return nil
}
