package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"

	"github.com/mayfly-dev/mayfly/local/asl"
	"github.com/mayfly-dev/mayfly/local/asl/mock"
	"github.com/mayfly-dev/mayfly/local/asl/parquet"
	"github.com/mayfly-dev/mayfly/local/sfn"
)

// engineAt makes an engine whose tasks are done by the AWS services at an
// endpoint, but for those that are mocked. closeAll ends both.
func engineAt(endpoint string, tasks *mock.Tasks, options asl.Options) (e *asl.Engine, closeAll func() error, err error) {
	if parsed, err := url.Parse(endpoint); err != nil || parsed.Scheme != "http" && parsed.Scheme != "https" || parsed.Host == "" {
		return nil, nil, notStarted("--endpoint %q: must be like http://127.0.0.1:4566", endpoint)
	}
	const region, key = "us-east-1", "test"
	keys := credentials.NewStaticCredentialsProvider(key, key, "")
	functions := lambda.New(lambda.Options{Region: region, BaseEndpoint: &endpoint, Credentials: keys, HTTPClient: http.DefaultClient})
	objects := s3.New(s3.Options{Region: region, BaseEndpoint: &endpoint, Credentials: keys, HTTPClient: http.DefaultClient, UsePathStyle: true})
	folder, err := os.MkdirTemp("", "mayfly-asl-")
	if err != nil {
		return nil, nil, fmt.Errorf("run at %s: %w", endpoint, err)
	}
	service, err := sfn.New(sfn.Options{
		Dir: folder, Endpoint: endpoint, Lambda: lambdaAt{functions}, Region: region,
		Engine: func(runner asl.TaskRunner) (*asl.Engine, error) {
			tasks.Otherwise = noNested{runner}
			options.Items, options.Parquet = sfn.ItemStore(objects), parquet.Reader{}
			return asl.New(options)
		},
	})
	if err != nil {
		return nil, nil, fmt.Errorf("run at %s: %w", endpoint, errors.Join(err, os.RemoveAll(folder)))
	}
	return service.Engine(), func() error { return errors.Join(service.Close(), os.RemoveAll(folder)) }, nil
}

// noNested fails nested executions: the state machines that they name are at the
// endpoint, and the engine is here.
type noNested struct{ asl.TaskRunner }

// RunTask runs what is no nested execution.
func (r noNested) RunTask(ctx context.Context, t asl.Task) ([]byte, error) {
	if strings.HasPrefix(t.Resource, "arn:aws:states:::states:startExecution") {
		return nil, &asl.TaskError{Name: asl.ErrorRuntime, Cause: fmt.Sprintf(
			"a nested execution is not started at an endpoint. Say what it answers to the state %q with --task '%[1]s=JSON'", t.StateName)}
	}
	return r.TaskRunner.RunTask(ctx, t) //nolint:wrapcheck // it is the task's own error
}

// lambdaAt calls functions by Lambda's API.
type lambdaAt struct{ client *lambda.Client }

// Invoke calls a function and waits for its answer.
func (l lambdaAt) Invoke(ctx context.Context, functionARN string, payload []byte) ([]byte, error) {
	out, err := l.client.Invoke(ctx, &lambda.InvokeInput{FunctionName: &functionARN, Payload: payload})
	var refused smithy.APIError
	switch {
	case errors.As(err, &refused):
		return nil, lambdaRefusal{refused}
	case err != nil:
		return nil, fmt.Errorf("invoke %s: %w", functionARN, err)
	case out.FunctionError != nil:
		failed := &sfn.FunctionError{ErrorType: aws.ToString(out.FunctionError), Payload: out.Payload}
		var said struct{ ErrorType, ErrorMessage string }
		if json.Unmarshal(out.Payload, &said) == nil && said.ErrorType != "" {
			failed.ErrorType, failed.ErrorMessage = said.ErrorType, said.ErrorMessage
		}
		return nil, failed
	}
	return out.Payload, nil
}

// lambdaRefusal is an error of Lambda itself, which the engine names after its code.
type lambdaRefusal struct{ smithy.APIError }

// Error is the message alone.
func (r lambdaRefusal) Error() string { return r.ErrorMessage() }

// ErrorName is the error's code.
func (r lambdaRefusal) ErrorName() string { return r.ErrorCode() }
