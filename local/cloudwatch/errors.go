package cloudwatch

import (
	"errors"
	"fmt"
	"net/http"
)

// refusal is an error by the names that CloudWatch gives it: shape in the
// protocols of today, code in the query protocol.
type refusal struct {
	shape, code, message string
	status               int
}

func (r *refusal) Error() string { return r.code + ": " + r.message }

// sender says whose fault it is, in the words of the query protocol.
func (r *refusal) sender() string {
	if r.status >= http.StatusInternalServerError {
		return "Receiver"
	}
	return "Sender"
}

func refuse(shape, code, format string, args ...any) error {
	return &refusal{shape: shape, code: code, status: http.StatusBadRequest, message: fmt.Sprintf(format, args...)}
}

func invalid(format string, args ...any) error {
	return refuse("InvalidParameterValueException", "InvalidParameterValue", format, args...)
}

func missing(parameter string) error {
	return refuse("MissingRequiredParameterException", "MissingParameter", "The parameter %s is required.", parameter)
}

func conflict(format string, args ...any) error {
	return refuse("InvalidParameterCombinationException", "InvalidParameterCombination", format, args...)
}

func validation(format string, args ...any) error {
	return refuse("ValidationError", "ValidationError", format, args...)
}

func badToken() error {
	return refuse("InvalidNextToken", "InvalidNextToken", "The next token is not valid: it is one of another request, or of none.")
}

func noOperation(name string) error {
	return refuse("UnknownOperationException", "InvalidAction",
		"CloudWatch on one machine answers PutMetricData, GetMetricData, GetMetricStatistics and ListMetrics; it has no %q", name)
}

// refusalOf returns an error as it is answered: what is no refusal is a fault
// of the service's own.
func refusalOf(err error) *refusal {
	var known *refusal
	if errors.As(err, &known) {
		return known
	}
	return &refusal{shape: "InternalServiceFault", code: "InternalServiceError", message: err.Error(), status: http.StatusInternalServerError}
}
