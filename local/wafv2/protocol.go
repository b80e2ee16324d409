package wafv2

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/mayfly-dev/mayfly/local/awsjson"
)

// targetPrefix is what stands before the operation's name in X-Amz-Target.
const targetPrefix = "AWSWAF_20190729."

// refusal is an error by the name that AWS gives it.
type refusal struct {
	Code    string `json:"__type"`
	Message string `json:"Message"`
	// Field, Parameter and Reason say what of a WAFInvalidParameterException.
	Field     string `json:"Field,omitempty"`
	Parameter string `json:"Parameter,omitempty"`
	Reason    string `json:"Reason,omitempty"`
}

func (r *refusal) Error() string { return r.Code + ": " + r.Message }

func refuse(code, format string, args ...any) error {
	return &refusal{Code: code, Message: fmt.Sprintf(format, args...)}
}

// invalid is a WAFInvalidParameterException, whose message AWS puts together
// from its parts.
func invalid(field, parameter, reason string) error {
	return &refusal{
		Code: "WAFInvalidParameterException", Field: field, Parameter: parameter, Reason: reason,
		Message: fmt.Sprintf("Error reason: %s, field: %s, parameter: %s", reason, field, parameter),
	}
}

// operation answers one request.
type operation func(ctx context.Context, body []byte) (any, error)

func typed[In, Out any](call func(context.Context, In) (Out, error)) operation {
	return func(ctx context.Context, body []byte) (any, error) {
		var in In
		if err := json.Unmarshal(body, &in); err != nil {
			return nil, refuse("SerializationException", "%v", err)
		}
		return call(ctx, in)
	}
}

func (s *Service) allOperations() map[string]operation {
	return map[string]operation{
		"CreateWebACL":        typed(s.createWebACL),
		"GetWebACL":           typed(s.getWebACL),
		"UpdateWebACL":        typed(s.updateWebACL),
		"DeleteWebACL":        typed(s.deleteWebACL),
		"ListWebACLs":         typed(s.listWebACLs),
		"TagResource":         typed(s.tagResource),
		"UntagResource":       typed(s.untagResource),
		"ListTagsForResource": typed(s.listTags),
	}
}

// ServeHTTP answers WAF's API in AWS's JSON 1.1 protocol.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	answers := awsjson.Answerer{Version: "1.1", Fault: "WAFInternalErrorException", NewID: rand.Text}
	request, err := awsjson.Read(w, r, targetPrefix)
	call := s.operations[request.Operation]
	var out any
	switch {
	case err != nil:
		err = refuse("SerializationException", "the request has more than %d bytes, or breaks off", awsjson.MaxRequest)
	case regionOf(r) != "" && regionOf(r) != "us-east-1":
		// Where AWS has none either; it says so of the scope.
		err = invalid("SCOPE_VALUE", "CLOUDFRONT", "The scope is not valid. Web ACLs for CloudFront are in us-east-1.")
	case !request.Addressed || call == nil:
		err = refuse("UnknownOperationException", "the local WAF has no operation %q; Mayfly offers those that sites need", request.Operation)
	default:
		out, err = call(r.Context(), request.Body)
	}
	var refused *refusal
	switch {
	case errors.As(err, &refused):
		answers.Answer(w, http.StatusBadRequest, refused)
	case err != nil:
		answers.Fail(w, err)
	default:
		answers.Answer(w, http.StatusOK, out)
	}
}

// regionOf returns the region that a request is signed for, "" when it is not
// signed: the scope of its credential is KEY/DATE/REGION/SERVICE/aws4_request.
func regionOf(r *http.Request) string {
	_, credential, _ := strings.Cut(r.Header.Get("Authorization"), "Credential=")
	parts := strings.Split(credential, "/")
	if len(parts) < 5 {
		return ""
	}
	return parts[len(parts)-3]
}
