package sfn

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/mayfly-dev/mayfly/local/asl"
	"github.com/mayfly-dev/mayfly/local/sfn/awssdk"
)

// maxAnswer bounds what an integration reads.
const maxAnswer = 8 << 20

// keys sign the requests of integrations; whose they are does not matter here.
var keys = aws.Credentials{AccessKeyID: "states", SecretAccessKey: "states"}

// wireRequest is a request to a service whose client is not linked.
type wireRequest struct {
	scope       string // for which it is signed
	contentType string
	target      string // X-Amz-Target, of the JSON protocols
	body        []byte
}

type wireResponse struct {
	status int
	header http.Header
	body   []byte
	http   *http.Response
}

// post sends a signed request, as AWS's own clients do. A service that the
// endpoint does not have is a *asl.TaskError that names it.
func (s *Service) post(ctx context.Context, r wireRequest) (wireResponse, error) {
	if s.o.Endpoint == "" {
		return wireResponse{}, unavailable("an AWS service")
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimSuffix(s.o.Endpoint, "/")+"/", bytes.NewReader(r.body))
	if err != nil {
		return wireResponse{}, fmt.Errorf("request: %w", err)
	}
	request.Header.Set("Content-Type", r.contentType)
	if r.target != "" {
		request.Header.Set("X-Amz-Target", r.target)
	}
	sum := sha256.Sum256(r.body)
	if err := v4.NewSigner().SignHTTP(ctx, keys, request, hex.EncodeToString(sum[:]), r.scope, s.o.Region, s.o.Now()); err != nil {
		return wireResponse{}, fmt.Errorf("sign: %w", err)
	}
	response, err := s.o.Client.Do(request)
	if err != nil {
		return wireResponse{}, fmt.Errorf("post: %w", err)
	}
	defer func() { _ = response.Body.Close() }() // read to its end, or given up
	body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return wireResponse{}, fmt.Errorf("post: %w", err)
	}
	answer := wireResponse{response.StatusCode, response.Header, body, response}
	if response.StatusCode == http.StatusNotImplemented {
		return answer, unavailable(strings.ToUpper(r.scope) + " (" + answer.failure("").Message + ")")
	}
	return answer, nil
}

// failure reads a refusal, in JSON or in XML.
func (r wireResponse) failure(service string) *awssdk.Failure {
	var answer struct {
		Type     string `json:"__type" xml:"-"`
		Code     string `json:"code" xml:"Error>Code"`
		Message  string `json:"message" xml:"Error>Message"`
		Message2 string `json:"Message" xml:"-"`
	}
	if json.Unmarshal(r.body, &answer) != nil && xml.Unmarshal(r.body, &answer) != nil || answer.Type+answer.Code == "" {
		answer.Code, answer.Message = "UnknownException", strings.TrimSpace(string(r.body[:min(len(r.body), 500)]))
	}
	code, message := answer.Type, answer.Message
	if code == "" {
		code = answer.Code
	}
	if message == "" {
		message = answer.Message2
	}
	return &awssdk.Failure{
		Service: service, Code: code[strings.LastIndexByte(code, '#')+1:], Message: message,
		Status: r.status, RequestID: r.header.Get("X-Amzn-Requestid"),
	}
}

// older is a service as AWS's first SDK for Java calls it, which the optimized
// integrations still speak with.
type older struct {
	prefix  string // of errors' names
	service string // in causes
	base    string // the exception of a code that the service's model does not name
	codes   string // those that it names; "" where a linked client knows
}

// failed names a refusal as optimized integrations do.
func (o older) failed(f *awssdk.Failure) *asl.TaskError {
	if f.Status == 0 {
		return &asl.TaskError{Name: o.prefix + ".SdkClientException", Cause: f.Message}
	}
	name := o.base
	for known := range strings.FieldsSeq(o.codes) {
		if known == f.Code {
			name = strings.TrimSuffix(known, "Exception") + "Exception"
		}
	}
	if o.codes == "" && f.Exception != "" && f.Exception != f.Service+"Exception" {
		name = f.Exception
	}
	return &asl.TaskError{Name: o.prefix + "." + name, Cause: fmt.Sprintf("%s (Service: %s; Status Code: %d; Error Code: %s; Request ID: %s; Proxy: null)",
		f.Message, o.service, f.Status, f.Code, f.RequestID)}
}

// withResponse adds to a result what the first SDK for Java says of the
// response that brought it.
func withResponse(result []byte, status int, header http.Header) ([]byte, error) {
	out := map[string]json.RawMessage{}
	if len(bytes.TrimSpace(result)) > 0 {
		if err := json.Unmarshal(result, &out); err != nil {
			return nil, &asl.TaskError{Name: asl.ErrorRuntime, Cause: err.Error()}
		}
	}
	id, one := "", map[string]string{}
	for name, values := range header {
		one[name] = values[0]
		if strings.EqualFold(name, "x-amzn-RequestId") {
			id = values[0]
		}
	}
	for name, value := range map[string]any{
		"SdkHttpMetadata":     map[string]any{"AllHttpHeaders": header, "HttpHeaders": one, "HttpStatusCode": status},
		"SdkResponseMetadata": map[string]string{"RequestId": id},
	} {
		text, err := json.Marshal(value)
		if err != nil {
			return nil, &asl.TaskError{Name: asl.ErrorRuntime, Cause: err.Error()}
		}
		out[name] = text
	}
	text, err := json.Marshal(out)
	if err != nil {
		return nil, &asl.TaskError{Name: asl.ErrorRuntime, Cause: err.Error()}
	}
	return text, nil
}
