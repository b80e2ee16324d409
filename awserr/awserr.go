// Package awserr gives errors the names by which state machines retry and
// catch them: AWS's own error codes where AWS raised them, the domain's names
// where Mayfly did. It is used at the boundary of a step and nowhere else.
package awserr

import (
	"context"
	"errors"
	"net"

	"github.com/aws/aws-lambda-go/lambda/messages"
	"github.com/aws/smithy-go"
)

// Names that this package gives to errors that bring none.
const (
	// NetworkError is a request whose reply never came: it may have worked.
	NetworkError = "NetworkError"
	// Timeout is a step that ran out of its own time.
	Timeout = "StepTimeout"
	// Unclassified is any other error; no state machine retries it.
	Unclassified = "Unclassified"
)

// Name returns the name of err in the States Language: its ErrorName method's
// answer if there is one in the chain, else the code of the AWS error in the
// chain, else one of this package's names.
func Name(err error) string {
	var named interface{ ErrorName() string }
	if errors.As(err, &named) {
		return named.ErrorName()
	}
	var api smithy.APIError
	if errors.As(err, &api) && api.ErrorCode() != "" {
		return api.ErrorCode()
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return Timeout
	}
	var network net.Error
	var canceled *smithy.CanceledError
	if errors.As(err, &network) || errors.As(err, &canceled) || isSend(err) {
		return NetworkError
	}
	return Unclassified
}

// Told returns what anybody may be told of err: of an AWS error its code alone,
// since its message may name the role that asked, its account and its requests.
func Told(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return Name(err)
	}
	return err.Error()
}

// Is reports whether err is, or wraps, an AWS error with one of the codes.
func Is(err error, codes ...string) bool {
	var api smithy.APIError
	if !errors.As(err, &api) {
		return false
	}
	for _, code := range codes {
		if api.ErrorCode() == code {
			return true
		}
	}
	return false
}

// Answer returns err as a function answers it: under its name. The Lambda
// runtime would name it after its outermost Go type instead. Nil stays nil.
func Answer(err error) error {
	if err == nil {
		return nil
	}
	return messages.InvokeResponse_Error{Type: Name(err), Message: err.Error()}
}

// isSend reports whether the request could not be sent or answered: smithy
// wraps connection failures in a RequestSendError.
func isSend(err error) bool {
	var operation *smithy.OperationError
	if !errors.As(err, &operation) {
		return false
	}
	var send interface{ ConnectionError() bool }
	return errors.As(operation.Err, &send) && send.ConnectionError()
}
