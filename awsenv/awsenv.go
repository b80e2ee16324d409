// Package awsenv configures AWS clients by the environment that Lambda gives a
// function, and by nothing else. The SDK's own loader also knows profiles,
// single sign-on and instance metadata, which a function never has and which
// are a ninth of what it weighs and a third of what it takes to start.
package awsenv

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/smithy-go/middleware"
)

// connections is how many idle connections are kept to a host: as many as a
// release writes objects at once, and room for others.
const connections = 64

// Config returns the configuration of a function's AWS clients: region, keys
// and, on one machine, the endpoint of all services or of one
// (AWS_ENDPOINT_URL_SERVICE). getenv is os.Getenv. It returns an error that
// names the first variable that is missing.
func Config(getenv func(string) string) (aws.Config, error) {
	for _, name := range []string{"AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"} {
		if getenv(name) == "" {
			return aws.Config{}, fmt.Errorf("the environment has no %s; Lambda sets it", name)
		}
	}
	config := aws.Config{
		Region: getenv("AWS_REGION"),
		// Lambda's keys are good for as long as the process lives.
		Credentials: aws.NewCredentialsCache(credentials.NewStaticCredentialsProvider(
			getenv("AWS_ACCESS_KEY_ID"), getenv("AWS_SECRET_ACCESS_KEY"), getenv("AWS_SESSION_TOKEN"))),
		// S3's own default, which only the SDK's loader would say.
		RequestChecksumCalculation: aws.RequestChecksumCalculationWhenSupported,
		ResponseChecksumValidation: aws.ResponseChecksumValidationWhenSupported,
		HTTPClient:                 awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) { t.MaxIdleConnsPerHost = connections }),
		APIOptions:                 []func(*middleware.Stack) error{CountRetries},
		ConfigSources:              []any{endpoints{getenv}},
	}
	if endpoint := getenv("AWS_ENDPOINT_URL"); endpoint != "" {
		config.BaseEndpoint = &endpoint
	}
	return config, nil
}

// endpoints is where a client asks for the endpoint of its service alone.
type endpoints struct{ getenv func(string) string }

// GetServiceBaseEndpoint returns the endpoint of one service, such as "Cost
// Explorer", and whether the environment names one.
func (e endpoints) GetServiceBaseEndpoint(_ context.Context, service string) (string, bool, error) {
	endpoint := e.getenv("AWS_ENDPOINT_URL_" + strings.ToUpper(strings.ReplaceAll(service, " ", "_")))
	return endpoint, endpoint != "", nil
}
