package sfn

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/mayfly-dev/mayfly/local/asl"
)

// invocation is the input of arn:aws:states:::lambda:invoke, Lambda's Invoke.
type invocation struct {
	FunctionName   string
	Qualifier      string
	InvocationType string
	LogType        string
	ClientContext  string
	Payload        json.RawMessage
}

// lambdaInvoke is arn:aws:states:::lambda:invoke.
func (s *Service) lambdaInvoke(ctx context.Context, t asl.Task) ([]byte, error) {
	var in invocation
	if err := json.Unmarshal(t.Input, &in); err != nil || in.FunctionName == "" {
		return nil, &asl.TaskError{Name: asl.ErrorRuntime, Cause: "The field 'FunctionName' is required but was missing"}
	}
	function, version, err := s.functionARN(in.FunctionName, in.Qualifier)
	if err == nil {
		err = s.allowed(t, function, "lambda:InvokeFunction")
	}
	if err != nil {
		return nil, err
	}
	if ctx, err = s.withClientContext(ctx, in.ClientContext); err != nil {
		return nil, err
	}
	payload := in.payload()
	switch in.InvocationType {
	case "", "RequestResponse":
	case "Event":
		return s.invokeLater(ctx, function, payload)
	case "DryRun":
		if err := s.find(function); err != nil {
			return nil, err
		}
		return s.invoked(map[string]any{"Payload": "", "StatusCode": http.StatusNoContent}, http.StatusNoContent, 0, nil)
	default:
		return nil, s.lambdaRefusal("ValidationException", fmt.Sprintf("1 validation error detected: Value '%s' at 'invocationType' failed to "+
			"satisfy constraint: Member must satisfy enum value set: [Event, RequestResponse, DryRun]", in.InvocationType))
	}
	result, err := s.invoke(ctx, function, payload)
	if err != nil {
		return nil, err
	}
	headers := http.Header{"X-Amz-Executed-Version": {version}, "x-amzn-Remapped-Content-Length": {"0"}}
	out := map[string]any{"ExecutedVersion": version, "Payload": json.RawMessage(result), "StatusCode": http.StatusOK}
	if in.LogType == "Tail" {
		log := s.logTail(version)
		headers["X-Amz-Log-Result"], out["LogResult"] = []string{log}, log
	}
	return s.invoked(out, http.StatusOK, len(result), headers)
}

// payload is what the function gets: a string that is JSON is sent as that,
// anything else as it is, and {} when there is none.
func (in invocation) payload() []byte {
	payload := bytes.TrimSpace(in.Payload)
	if len(payload) == 0 || string(payload) == "null" {
		return []byte("{}")
	}
	var text string
	if json.Unmarshal(payload, &text) == nil && json.Valid([]byte(text)) {
		return []byte(text)
	}
	return payload
}

// invokeLater calls a function that nobody waits for, nor learns how it went.
func (s *Service) invokeLater(ctx context.Context, function string, payload []byte) ([]byte, error) {
	if err := s.find(function); err != nil {
		return nil, err
	}
	s.later.Add(1)
	go func() {
		defer s.later.Done()
		call, cancel := context.WithCancel(context.WithoutCancel(ctx))
		defer cancel()
		defer context.AfterFunc(s.closing, cancel)()
		_, _ = s.o.Lambda.Invoke(call, function, payload) // as on AWS, where it would be in the function's log
	}()
	return s.invoked(map[string]any{"Payload": "", "StatusCode": http.StatusAccepted}, http.StatusAccepted, 0, nil)
}

// find fails as Lambda does when there is no such function. An Invoker that
// cannot tell is believed to have it.
func (s *Service) find(function string) error {
	if s.o.Lambda == nil {
		return unavailable("Lambda")
	}
	finder, ok := s.o.Lambda.(interface {
		Find(functionARN string) error
	})
	if !ok {
		return nil
	}
	if err := finder.Find(function); err != nil {
		return s.lambdaFailure(err)
	}
	return nil
}

// functionARN completes a name or a partial ARN, and returns the version that
// will run beside it.
func (s *Service) functionARN(name, qualifier string) (arn, version string, err error) {
	switch {
	case strings.HasPrefix(name, "arn:"):
	case strings.HasPrefix(name, "function:"): // function:NAME
		name = "arn:aws:lambda:" + s.o.Region + ":" + s.o.Account + ":" + name
	case strings.Contains(name, ":function:"): // ACCOUNT:function:NAME
		name = "arn:aws:lambda:" + s.o.Region + ":" + name
	default:
		name = "arn:aws:lambda:" + s.o.Region + ":" + s.o.Account + ":function:" + name
	}
	_, bare, _ := strings.Cut(name, ":function:")
	_, own, qualified := strings.Cut(bare, ":")
	switch {
	case qualified && qualifier != "" && own != qualifier:
		return "", "", s.lambdaRefusal("InvalidParameterValueException", "The derived qualifier from the function name does not match the specified qualifier.")
	case qualifier != "" && !qualified:
		name, own = name+":"+qualifier, qualifier
	}
	if _, err := strconv.Atoi(own); err != nil {
		own = "$LATEST" // what an alias leads to is not told
	}
	return name, own, nil
}

// withClientContext hands on what the caller says of itself.
func (s *Service) withClientContext(ctx context.Context, encoded string) (context.Context, error) {
	if encoded == "" {
		return ctx, nil
	}
	var about lambdacontext.ClientContext
	text, err := base64.StdEncoding.DecodeString(encoded)
	if err == nil {
		err = json.Unmarshal(text, &about)
	}
	if err != nil {
		return nil, s.lambdaRefusal("InvalidRequestContentException", "Client context must be a valid Base64-encoded JSON object.")
	}
	return lambdacontext.NewContext(ctx, &lambdacontext.LambdaContext{ClientContext: about}), nil
}

// logTail is the end of an invocation's log, of which the local cloud knows
// Lambda's own lines: what functions write goes where mayfly writes.
func (s *Service) logTail(version string) string {
	id := s.o.NewID()
	return base64.StdEncoding.EncodeToString([]byte("START RequestId: " + id + " Version: " + version + "\nEND RequestId: " + id + "\nREPORT RequestId: " + id + "\n"))
}

// invoked adds what the first SDK for Java says of Lambda's response.
func (s *Service) invoked(out map[string]any, status, length int, headers http.Header) ([]byte, error) {
	if headers == nil {
		headers = http.Header{"x-amzn-Remapped-Content-Length": {"0"}}
	}
	headers["Content-Type"] = []string{"application/json"}
	headers["Content-Length"] = []string{strconv.Itoa(length)}
	return s.withMetadata(out, status, headers)
}
