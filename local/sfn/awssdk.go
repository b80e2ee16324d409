package sfn

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/mayfly-dev/mayfly/local/asl"
	"github.com/mayfly-dev/mayfly/local/sfn/awssdk"
)

// callSDK does what an AWS SDK integration asks for: by the service's client
// where it is linked, else by a request in one of AWS's JSON protocols, which
// can be made without knowing the operation.
func (s *Service) callSDK(ctx context.Context, i integration, name string, t asl.Task) ([]byte, error) {
	if operation, ok := i.operation(); ok {
		answer, err := s.callClient(ctx, operation, t.Input)
		var failed *awssdk.Failure
		if errors.As(err, &failed) {
			return nil, &asl.TaskError{Name: failed.Name(), Cause: failed.Cause()}
		}
		return answer.JSON, err
	}
	target := jsonService(name)
	if target == nil || i.action == "" {
		return nil, unavailable(t.Resource)
	}
	return s.callJSON(ctx, target, i.action, t.Input)
}

// callClient has a linked client do an operation. Its errors are an
// *awssdk.Failure for a service's refusal, and else a *asl.TaskError.
func (s *Service) callClient(ctx context.Context, operation *awssdk.Operation, input []byte) (awssdk.Answer, error) {
	if s.o.Endpoint == "" {
		return awssdk.Answer{}, unavailable("an AWS service")
	}
	answer, err := s.clients.Call(ctx, operation, input)
	var faults awssdk.Faults
	var failed *awssdk.Failure
	switch {
	case errors.As(err, &faults):
		return answer, &asl.TaskError{Name: asl.ErrorRuntime, Cause: "The parameters could not be used to start the Task: " + faults.Error()}
	case errors.As(err, &failed) && failed.Status == http.StatusNotImplemented:
		return answer, unavailable(failed.Service + " (" + failed.Message + ")")
	}
	return answer, err //nolint:wrapcheck // callers tell a *awssdk.Failure by itself
}

// callJSON posts an operation of a service whose client is not linked. Names of
// members are turned to the service's own spelling and back; nothing else about
// them is known.
func (s *Service) callJSON(ctx context.Context, target *awsService, action string, input []byte) ([]byte, error) {
	first, size := utf8.DecodeRuneInString(action)
	operation := string(unicode.ToUpper(first)) + action[size:]
	if target.camel {
		var err error
		if input, err = recase(input, unicode.ToLower); err != nil {
			return nil, &asl.TaskError{Name: asl.ErrorRuntime, Cause: err.Error()}
		}
	}
	response, err := s.post(ctx, target.request(operation, input))
	if err != nil {
		return nil, taskError(err, target.prefix)
	}
	if response.status != http.StatusOK {
		failed := response.failure(target.prefix)
		if failed.Exception = failed.Code; !strings.HasSuffix(failed.Code, "Exception") {
			failed.Exception += "Exception"
		}
		return nil, &asl.TaskError{Name: failed.Name(), Cause: failed.Cause()}
	}
	body := response.body
	if len(bytes.TrimSpace(body)) == 0 {
		body = []byte("{}")
	}
	if target.camel {
		if body, err = recase(body, unicode.ToUpper); err != nil {
			return nil, &asl.TaskError{Name: asl.ErrorRuntime, Cause: err.Error()}
		}
	}
	return body, nil
}

// taskError is how a task fails whose request got no answer.
func taskError(err error, prefix string) error {
	var known *asl.TaskError
	if errors.As(err, &known) {
		return known
	}
	return &asl.TaskError{Name: prefix + ".SdkClientException", Cause: "Unable to execute HTTP request: " + err.Error()}
}
