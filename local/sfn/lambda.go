package sfn

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"

	"github.com/mayfly-dev/mayfly/local/asl"
)

// invoke calls a function, and gives its failure the name and the cause that
// AWS does: the function's own error type, and its answer.
func (s *Service) invoke(ctx context.Context, function string, payload []byte) ([]byte, error) {
	if s.o.Lambda == nil {
		return nil, &asl.TaskError{Name: asl.ErrorRuntime, Cause: "no functions are available here"}
	}
	result, err := s.o.Lambda.Invoke(ctx, function, payload)
	var failed *FunctionError
	var named interface{ ErrorName() string }
	switch {
	case err == nil:
		if len(bytes.TrimSpace(result)) == 0 {
			return []byte("null"), nil
		}
		return result, nil
	case errors.As(err, &failed):
		return nil, &asl.TaskError{Name: failed.name(), Cause: failed.cause()}
	case errors.As(err, &named):
		return nil, &asl.TaskError{Name: named.ErrorName(), Cause: err.Error()}
	}
	return nil, &asl.TaskError{Name: "Lambda.SdkClientException", Cause: err.Error()}
}

func (e *FunctionError) name() string {
	if e.ErrorType == "" {
		return "Lambda.Unknown"
	}
	return e.ErrorType
}

func (e *FunctionError) cause() string {
	if len(e.Payload) > 0 {
		return string(e.Payload)
	}
	text, err := json.Marshal(map[string]string{"errorMessage": e.ErrorMessage, "errorType": e.ErrorType})
	if err != nil {
		return e.ErrorMessage
	}
	return string(text)
}

// lambdaInvoke is arn:aws:states:::lambda:invoke, whose input and output are
// those of Lambda's Invoke.
func (s *Service) lambdaInvoke(ctx context.Context, input []byte) ([]byte, error) {
	var in struct {
		FunctionName   string
		Qualifier      string
		InvocationType string
		Payload        json.RawMessage
	}
	if err := json.Unmarshal(input, &in); err != nil || in.FunctionName == "" {
		return nil, &asl.TaskError{Name: asl.ErrorRuntime, Cause: "The field 'FunctionName' is required, but was missing"}
	}
	function := s.functionARN(in.FunctionName)
	if in.Qualifier != "" {
		function += ":" + in.Qualifier
	}
	if in.Payload == nil {
		in.Payload = json.RawMessage("{}")
	}
	result, err := s.invoke(ctx, function, in.Payload)
	if in.InvocationType == "Event" {
		// The caller does not learn how it went.
		return s.withMetadata(map[string]any{"StatusCode": 202, "Payload": ""}, 202)
	}
	if err != nil {
		return nil, err
	}
	return s.withMetadata(map[string]any{"ExecutedVersion": "$LATEST", "StatusCode": 200, "Payload": json.RawMessage(result)}, 200)
}

// functionARN completes a name or a partial ARN.
func (s *Service) functionARN(name string) string {
	switch {
	case strings.HasPrefix(name, "arn:"):
		return name
	case strings.Contains(name, ":function:"): // ACCOUNT:function:NAME
		return "arn:aws:lambda:" + s.o.Region + ":" + name
	}
	return "arn:aws:lambda:" + s.o.Region + ":" + s.o.Account + ":function:" + name
}

// withMetadata adds what AWS's own client says of an answer.
func (s *Service) withMetadata(out map[string]any, status int) ([]byte, error) {
	id := s.o.NewID()
	out["SdkHttpMetadata"] = map[string]any{
		"AllHttpHeaders": map[string]any{"x-amzn-RequestId": []string{id}},
		"HttpHeaders":    map[string]any{"x-amzn-RequestId": id},
		"HttpStatusCode": status,
	}
	out["SdkResponseMetadata"] = map[string]any{"RequestId": id}
	text, err := json.Marshal(out)
	if err != nil {
		return nil, &asl.TaskError{Name: asl.ErrorRuntime, Cause: err.Error()}
	}
	return text, nil
}
