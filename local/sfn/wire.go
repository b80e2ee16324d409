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
	answer := wireResponse{response.StatusCode, response.Header, body}
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
