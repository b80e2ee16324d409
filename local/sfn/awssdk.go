package sfn

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/mayfly-dev/mayfly/local/asl"
)

// maxAnswer bounds what an integration reads.
const maxAnswer = 8 << 20

// callAWS does what an AWS SDK integration asks for with one request to the
// local cloud. The services with AWS's JSON protocols are mapped alike: the
// action is the operation, the input its request.
func (s *Service) callAWS(ctx context.Context, target *awsService, action string, input []byte) ([]byte, error) {
	if s.o.Endpoint == "" {
		return nil, &asl.TaskError{Name: asl.ErrorRuntime, Cause: "no AWS services are available here"}
	}
	first, size := utf8.DecodeRuneInString(action)
	operation := string(unicode.ToUpper(first)) + action[size:]
	if target.camel {
		var err error
		if input, err = recase(input, unicode.ToLower); err != nil {
			return nil, &asl.TaskError{Name: asl.ErrorRuntime, Cause: err.Error()}
		}
	}
	status, body, err := s.post(ctx, target, operation, input)
	if err != nil {
		return nil, &asl.TaskError{Name: target.prefix + ".SdkClientException", Cause: err.Error()}
	}
	if status != http.StatusOK {
		return nil, target.failure(status, body)
	}
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

// post sends a signed request, as AWS's own clients do.
func (s *Service) post(ctx context.Context, target *awsService, operation string, input []byte) (int, []byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimSuffix(s.o.Endpoint, "/")+"/", bytes.NewReader(input))
	if err != nil {
		return 0, nil, fmt.Errorf("request: %w", err)
	}
	request.Header.Set("Content-Type", "application/x-amz-json-"+target.version)
	request.Header.Set("X-Amz-Target", target.target+"."+operation)
	sum := sha256.Sum256(input)
	keys := aws.Credentials{AccessKeyID: "states", SecretAccessKey: "states"}
	if err := v4.NewSigner().SignHTTP(ctx, keys, request, hex.EncodeToString(sum[:]), target.scope, s.o.Region, s.o.Now()); err != nil {
		return 0, nil, fmt.Errorf("sign: %w", err)
	}
	response, err := s.o.Client.Do(request)
	if err != nil {
		return 0, nil, fmt.Errorf("%s: %w", operation, err)
	}
	defer func() { _ = response.Body.Close() }() // read to its end, or given up
	body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return 0, nil, fmt.Errorf("%s: %w", operation, err)
	}
	return response.StatusCode, body, nil
}

// failure names a refusal as AWS does in Task states: by the service and the
// exception, "DynamoDb.ConditionalCheckFailedException".
func (t *awsService) failure(status int, body []byte) error {
	var answer struct {
		Type     string `json:"__type"`
		Code     string `json:"code"`
		Message  string `json:"message"`
		Message2 string `json:"Message"`
	}
	if json.Unmarshal(body, &answer) != nil || answer.Type+answer.Code == "" {
		answer.Type, answer.Message = "UnknownException", strings.TrimSpace(string(body[:min(len(body), 500)]))
	}
	code := answer.Type
	if code == "" {
		code = answer.Code
	}
	if i := strings.LastIndexByte(code, '#'); i >= 0 {
		code = code[i+1:]
	}
	if !strings.HasSuffix(code, "Exception") && !strings.HasSuffix(code, "Error") {
		code += "Exception"
	}
	message := answer.Message
	if message == "" {
		message = answer.Message2
	}
	return &asl.TaskError{Name: t.prefix + "." + code, Cause: fmt.Sprintf("%s (Service: %s, Status Code: %d)", message, t.prefix, status)}
}

// recase changes the first letter of every member's name: the States Language
// has all of them in upper case, some services in lower case.
func recase(document []byte, change func(rune) rune) ([]byte, error) {
	decoder := json.NewDecoder(bytes.NewReader(document))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, fmt.Errorf("the document of an integration: %w", err)
	}
	text, err := json.Marshal(recased(value, change))
	if err != nil {
		return nil, fmt.Errorf("the document of an integration: %w", err)
	}
	return text, nil
}

func recased(value any, change func(rune) rune) any {
	switch v := value.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for name, member := range v {
			first, size := utf8.DecodeRuneInString(name)
			out[string(change(first))+name[size:]] = recased(member, change)
		}
		return out
	case []any:
		for i := range v {
			v[i] = recased(v[i], change)
		}
	}
	return value
}
