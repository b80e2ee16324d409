package sfn

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"

	"github.com/mayfly-dev/mayfly/local/asl"
	"github.com/mayfly-dev/mayfly/local/sfn/awssdk"
)

// olderLambda is Lambda as the optimized integrations name it.
var olderLambda = older{prefix: "Lambda", service: "AWSLambda", base: "AWSLambdaException"}

// invoke calls a function, and gives its failure the name and the cause that
// AWS does: the function's own error type, and its answer.
func (s *Service) invoke(ctx context.Context, function string, payload []byte) ([]byte, error) {
	if s.o.Lambda == nil {
		return nil, unavailable("Lambda")
	}
	result, err := s.o.Lambda.Invoke(ctx, function, payload)
	if err != nil {
		return nil, s.lambdaFailure(err)
	}
	if len(bytes.TrimSpace(result)) == 0 {
		return []byte("null"), nil
	}
	return result, nil
}

// lambdaFailure names what went wrong: in the function, or on the way to it.
func (s *Service) lambdaFailure(err error) error {
	var failed *FunctionError
	var named interface{ ErrorName() string }
	switch {
	case errors.As(err, &failed):
		return &asl.TaskError{Name: failed.name(), Cause: failed.cause()}
	case errors.As(err, &named):
		code := strings.TrimPrefix(named.ErrorName(), "Lambda.")
		return s.lambdaRefusal(code, err.Error())
	}
	return &asl.TaskError{Name: "Lambda.SdkClientException", Cause: err.Error()}
}

// lambdaRefusal is an error of Lambda itself.
func (s *Service) lambdaRefusal(code, message string) error {
	f := &awssdk.Failure{Service: "Lambda", Code: code, Message: message, Status: statusOf(code), RequestID: s.o.NewID()}
	f.Exception, _ = awssdk.Exception("lambda", code)
	return olderLambda.failed(f)
}

func (e *FunctionError) name() string {
	if e.ErrorType == "" {
		return "Lambda.Unknown"
	}
	return e.ErrorType
}

// cause is the function's answer; of one that does not say its error's type
// AWS says so.
func (e *FunctionError) cause() string {
	answer := string(e.Payload)
	if answer == "" {
		text, err := json.Marshal(map[string]string{"errorMessage": e.ErrorMessage, "errorType": e.ErrorType})
		if err != nil {
			return e.ErrorMessage
		}
		answer = string(text)
	}
	if e.ErrorType == "" {
		return "The cause could not be determined because Lambda did not return an error type. Returned payload: " + answer
	}
	return answer
}
