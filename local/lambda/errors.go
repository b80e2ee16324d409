package lambda

import (
	"encoding/json"
	"fmt"
)

// FunctionError is what a function answered instead of a result.
type FunctionError struct {
	// Type is Lambda's errorType; Step Functions retries and catches by it.
	Type string
	// Message is Lambda's errorMessage.
	Message string
	// StackTrace is Lambda's stackTrace as the function gave it; nil when it
	// gave none.
	StackTrace json.RawMessage
}

func (e *FunctionError) Error() string { return e.Type + ": " + e.Message }

// ErrorName is the name of the error in a state machine.
func (e *FunctionError) ErrorName() string { return e.Type }

// Payload returns the JSON with which Lambda answers a failed invocation; it
// is the Cause in a state machine.
func (e *FunctionError) Payload() []byte {
	payload, err := json.Marshal(struct {
		Message    string          `json:"errorMessage"`
		Type       string          `json:"errorType"`
		StackTrace json.RawMessage `json:"stackTrace,omitempty"`
	}{e.Message, e.Type, e.StackTrace})
	if err != nil { // strings always marshal, and the trace was JSON
		panic(err)
	}
	return payload
}

// NotFoundError says that there is no function of that name or ARN.
type NotFoundError struct{ Function string }

func (e *NotFoundError) Error() string { return "Function not found: " + e.Function }

// ErrorName is the name of the error in a state machine.
func (e *NotFoundError) ErrorName() string { return "Lambda.ResourceNotFoundException" }

// decodeError reads the JSON that a bootstrap posts for a failed invocation.
func decodeError(body []byte) error {
	var posted struct {
		Message    string          `json:"errorMessage"`
		Type       string          `json:"errorType"`
		StackTrace json.RawMessage `json:"stackTrace"`
	}
	if err := json.Unmarshal(body, &posted); err != nil {
		return &FunctionError{Type: "Runtime.MalformedError", Message: fmt.Sprintf("the function posted an error that is not JSON: %v", err)}
	}
	return &FunctionError{Type: posted.Type, Message: posted.Message, StackTrace: posted.StackTrace}
}
