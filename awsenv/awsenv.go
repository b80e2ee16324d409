// Package awsenv configures AWS clients by the environment that Lambda gives a
// function, and by nothing else. The SDK's own loader also knows profiles,
// single sign-on and instance metadata, which a function never has and which
// are a ninth of what it weighs.
package awsenv

import (
	"fmt"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials"
)

// connections is how many idle connections are kept to a host: as many as a
// release writes objects at once, and room for others.
const connections = 64

// Config returns the configuration of a function's AWS clients: region, keys
// and, on one machine, the endpoint of all services. getenv is os.Getenv. It
// returns an error that names the first variable that is missing.
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
	}
	if endpoint := getenv("AWS_ENDPOINT_URL"); endpoint != "" {
		config.BaseEndpoint = &endpoint
	}
	return config, nil
}
