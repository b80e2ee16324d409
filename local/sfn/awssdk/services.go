package awssdk

import (
	"context"
	"reflect"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecrpublic"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// service is one whose client is linked.
type service struct {
	prefix  string       // of its errors' names
	client  reflect.Type // has the operations as methods
	open    func(aws.Config) any
	checker func() any // a client that checks requests and sends none
	without []string   // operations that Step Functions does not offer
}

// services are known by their name in resources.
var services = map[string]service{
	"cloudfront":  linked("CloudFront", cloudfront.NewFromConfig),
	"cloudwatch":  linked("CloudWatch", cloudwatch.NewFromConfig),
	"dynamodb":    linked("DynamoDb", dynamodb.NewFromConfig),
	"ecr":         linked("Ecr", ecr.NewFromConfig),
	"ecrpublic":   linked("EcrPublic", ecrpublic.NewFromConfig),
	"eventbridge": linked("EventBridge", eventbridge.NewFromConfig),
	"lambda":      linked("Lambda", lambda.NewFromConfig).but("InvokeAsync", "InvokeWithResponseStream"),
	"s3":          linked("S3", s3.NewFromConfig, func(o *s3.Options) { o.UsePathStyle = true }).but("SelectObjectContent"),
	"sfn":         linked("Sfn", sfn.NewFromConfig),
	"sqs":         linked("Sqs", sqs.NewFromConfig),
	"sts":         linked("Sts", sts.NewFromConfig).but("AssumeRole", "AssumeRoleWithSAML", "AssumeRoleWithWebIdentity"),
}

func linked[Client, Options any](prefix string, open func(aws.Config, ...func(*Options)) *Client, options ...func(*Options)) service {
	s := service{prefix: prefix, client: reflect.TypeFor[*Client]()}
	s.open = func(config aws.Config) any { return open(config, options...) }
	s.checker = sync.OnceValue(func() any {
		return s.open(aws.Config{Region: "us-east-1", APIOptions: []func(*middleware.Stack) error{checkOnly}})
	})
	return s
}

func (s service) but(operations ...string) service {
	s.without = operations
	return s
}

// Linked says whether a service's client is linked: "s3", "cloudfront".
func Linked(name string) bool {
	_, ok := services[name]
	return ok
}

// Clients are the clients of one endpoint, each made when it is first used.
// All methods may be called by any goroutine.
type Clients struct {
	config aws.Config
	mu     sync.Mutex
	opened map[string]any
}

// New returns the clients for a configuration. Requests are sent once: a state
// machine says itself what is tried again.
func New(config aws.Config) *Clients {
	config.Retryer = func() aws.Retryer { return aws.NopRetryer{} }
	config.APIOptions = append(config.APIOptions[:len(config.APIOptions):len(config.APIOptions)], asIs)
	return &Clients{config: config, opened: map[string]any{}}
}

func (c *Clients) client(name string) any {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.opened[name] == nil {
		c.opened[name] = services[name].open(c.config)
	}
	return c.opened[name]
}

// asIs keeps operations from putting a word in front of the endpoint's host.
func asIs(stack *middleware.Stack) error {
	return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("NoHostPrefix", //nolint:wrapcheck // says itself what it is
		func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
			return next.HandleInitialize(smithyhttp.DisableEndpointHostPrefix(ctx, true), in)
		}), middleware.Before)
}
