package sfn

import (
	"fmt"
	"strings"
)

// Error is a refusal, by the name that AWS gives it.
type Error struct {
	Code    string // "StateMachineDoesNotExist"
	Message string
	// Reason is sent along for ValidationException and some others.
	Reason string
}

// Error returns code and message.
func (e *Error) Error() string { return e.Code + ": " + e.Message }

// body is the error in the protocol's shape.
func (e *Error) body() map[string]string {
	kind := "com.amazonaws.states#" + e.Code
	switch e.Code {
	case "UnknownOperationException", "SerializationException", "RequestEntityTooLargeException":
		kind = "com.amazon.coral.service#" + e.Code
	}
	body := map[string]string{"__type": kind, "message": e.Message}
	if e.Reason != "" {
		body["reason"] = e.Reason
	}
	return body
}

func failf(code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

func invalidARN(arn string) *Error { return failf("InvalidArn", "Invalid Arn: '%s'", arn) }

func noMachine(arn string) *Error {
	return failf("StateMachineDoesNotExist", "State Machine Does Not Exist: '%s'", arn)
}

func noExecution(arn string) *Error {
	return failf("ExecutionDoesNotExist", "Execution Does Not Exist: '%s'", arn)
}

func noResource(arn string) *Error {
	return failf("ResourceNotFound", "Resource not found: '%s'", arn)
}

func invalidToken() *Error { return failf("InvalidToken", "Invalid Token: 'Invalid token'") }

// required refuses a request that lacks one of its members, given as pairs of
// name and value.
func required(pairs ...string) error {
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] == "" {
			return failf("ValidationException",
				"1 validation error detected: Value null at '%s' failed to satisfy constraint: Member must not be null", pairs[i])
		}
	}
	return nil
}

// checkName refuses names that AWS refuses.
func checkName(name string) error {
	if name == "" || len([]rune(name)) > 80 {
		return failf("InvalidName", "Invalid Name: '%s'", name)
	}
	if strings.ContainsAny(name, " \t\r\n<>{}[]?*\"#%\\^|~`$&,;:/") || strings.ContainsFunc(name, func(r rune) bool {
		return r < 0x20 || r >= 0x7f && r <= 0x9f || r >= 0xfffe
	}) {
		return failf("InvalidName", "Invalid Name: '%s'", name)
	}
	return nil
}

// limited refuses a page size that is out of range, and gives 0 its meaning.
func limited(maxResults, standard int) (int, error) {
	if maxResults < 0 || maxResults > 1000 {
		return 0, failf("ValidationException",
			"1 validation error detected: Value '%d' at 'maxResults' failed to satisfy constraint: Member must have value between 0 and 1000", maxResults)
	}
	if maxResults == 0 {
		return standard, nil
	}
	return maxResults, nil
}
