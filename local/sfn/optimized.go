package sfn

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/mayfly-dev/mayfly/local/asl"
	"github.com/mayfly-dev/mayfly/local/sfn/awssdk"
)

var (
	olderDynamoDB = older{prefix: "DynamoDB", service: "AmazonDynamoDBv2", base: "AmazonDynamoDBException"}
	olderSQS      = older{prefix: "SQS", service: "AmazonSQS", base: "AmazonSQSException"}
)

// callOptimized does an optimized integration that is one operation in the
// API's own spelling, such as dynamodb:getItem.
func (s *Service) callOptimized(ctx context.Context, i integration, input []byte, names older) ([]byte, error) {
	operation, _ := i.operation()
	answer, err := s.callClient(ctx, operation, input)
	var failed *awssdk.Failure
	switch {
	case errors.As(err, &failed):
		return nil, names.failed(failed)
	case err != nil:
		return nil, err
	}
	return withResponse(answer.JSON, answer.HTTP.StatusCode, answer.HTTP.Header)
}

// stringified turns a member that is not a string into its JSON text.
func stringified(object []byte, name string) ([]byte, error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(object, &members); err != nil {
		return nil, &asl.TaskError{Name: asl.ErrorRuntime, Cause: "The parameters are no object: " + err.Error()}
	}
	value := bytes.TrimSpace(members[name])
	if len(value) == 0 || value[0] == '"' || string(value) == "null" {
		return object, nil
	}
	text, err := json.Marshal(string(value))
	if err == nil {
		members[name] = text
		object, err = json.Marshal(members)
	}
	if err != nil {
		return nil, &asl.TaskError{Name: asl.ErrorRuntime, Cause: err.Error()}
	}
	return object, nil
}

var notification = older{prefix: "SNS", service: "AmazonSNS", base: "AmazonSNSException", codes: "AuthorizationError EndpointDisabled InternalError " +
	"InvalidParameter InvalidParameterValue InvalidSecurity KMSAccessDenied KMSDisabled KMSInvalidState KMSNotFound KMSOptInRequired KMSThrottling " +
	"NotFound PlatformApplicationDisabled"}

// publish is sns:publish, in AWS's query protocol.
func (s *Service) publish(ctx context.Context, input []byte) ([]byte, error) {
	input, err := stringified(input, "Message")
	if err != nil {
		return nil, err
	}
	form := url.Values{"Action": {"Publish"}, "Version": {"2010-03-31"}}
	if err := publication(form, input); err != nil {
		return nil, &asl.TaskError{Name: asl.ErrorRuntime, Cause: err.Error()}
	}
	response, err := s.post(ctx, wireRequest{scope: "sns", contentType: "application/x-www-form-urlencoded", body: []byte(form.Encode())})
	switch {
	case err != nil:
		return nil, taskError(err, notification.prefix)
	case response.status != http.StatusOK:
		return nil, notification.failed(response.failure(""))
	}
	var published struct {
		MessageID      string `xml:"PublishResult>MessageId" json:"MessageId"`
		SequenceNumber string `xml:"PublishResult>SequenceNumber" json:"SequenceNumber,omitempty"`
	}
	if err := xml.Unmarshal(response.body, &published); err != nil {
		return nil, taskError(err, notification.prefix)
	}
	text, err := json.Marshal(published)
	if err != nil {
		return nil, taskError(err, notification.prefix)
	}
	return withResponse(text, response.status, response.header)
}

// publication writes a request's members into a form.
func publication(form url.Values, input []byte) error {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(input, &members); err != nil {
		return fmt.Errorf("parameters: %w", err)
	}
	for name, value := range members {
		var text string
		switch {
		case name == "MessageAttributes" || string(value) == "null":
		case json.Unmarshal(value, &text) == nil:
			form.Set(name, text)
		default:
			form.Set(name, string(value))
		}
	}
	var attributes map[string]map[string]string
	if value := members["MessageAttributes"]; value != nil {
		if err := json.Unmarshal(value, &attributes); err != nil {
			return fmt.Errorf("message attributes: %w", err)
		}
	}
	for i, name := range slices.Sorted(maps.Keys(attributes)) {
		entry := "MessageAttributes.entry." + strconv.Itoa(i+1) + "."
		form.Set(entry+"Name", name)
		for member, value := range attributes[name] {
			form.Set(entry+"Value."+member, value)
		}
	}
	return nil
}
