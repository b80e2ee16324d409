package awsenv_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/mayfly-dev/mayfly/awsenv"
)

// TestRequestsAreInTheTraceOfTheRun: the Lambda runtime puts X-Ray's header into
// the environment, and the clients send it on.
func TestRequestsAreInTheTraceOfTheRun(t *testing.T) {
	const header = "Root=1-5e1b4151-5ac6c58f3375f5e0b6b0a0e1;Parent=53995c3f42cd8ad8;Sampled=1"
	var got string
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r.Header.Get("X-Amzn-Trace-Id") }))
	defer server.Close()
	t.Setenv("AWS_LAMBDA_FUNCTION_NAME", "mayfly-dev-createbucket")
	t.Setenv("_X_AMZN_TRACE_ID", header)
	env := map[string]string{"AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_ENDPOINT_URL": server.URL}
	config, err := awsenv.Config(func(name string) string { return env[name] })
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s3.NewFromConfig(config).HeadBucket(t.Context(), &s3.HeadBucketInput{Bucket: aws.String("uploads")}); err != nil {
		t.Fatal(err)
	}
	if got != header {
		t.Errorf("the trace header is %q, want %q", got, header)
	}
}
