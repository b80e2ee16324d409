package awssdk

import (
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"
)

// Failure is what a service answered instead of a result.
type Failure struct {
	// Service is the prefix of its errors' names: "S3".
	Service string
	// Exception is what AWS's SDK for Java has for it: "NoSuchKeyException",
	// "S3Exception" for a code that the service's model does not name, and
	// "SdkClientException" when there was no answer.
	Exception string
	// Code and Message are the service's own.
	Code, Message string
	// Status is HTTP's, 0 when there was no answer.
	Status            int
	RequestID, HostID string
}

// Error returns the error's name in a state machine, and the cause.
func (f *Failure) Error() string { return f.Name() + ": " + f.Cause() }

// Name is what Retry and Catch match: "S3.NoSuchKeyException".
func (f *Failure) Name() string { return f.Service + "." + f.Exception }

// Cause says what happened, as AWS's SDK for Java does.
func (f *Failure) Cause() string {
	if f.Status == 0 {
		return f.Message
	}
	message := f.Message
	if message == "" {
		message = "null"
	}
	cause := fmt.Sprintf("%s (Service: %s, Status Code: %d, Request ID: %s", message, f.Service, f.Status, f.RequestID)
	if f.HostID != "" {
		cause += ", Extended Request ID: " + f.HostID
	}
	return cause + ")"
}

// failure reads what a client returned as its error.
func (o *Operation) failure(err error) *Failure {
	f := &Failure{Service: services[o.service].prefix, Exception: "SdkClientException"}
	var response *awshttp.ResponseError
	if errors.As(err, &response) {
		f.Status, f.RequestID = response.HTTPStatusCode(), response.ServiceRequestID()
	}
	var hosted interface{ ServiceHostID() string }
	if errors.As(err, &hosted) {
		f.HostID = hosted.ServiceHostID()
	}
	var refused smithy.APIError
	if f.Status == 0 || !errors.As(err, &refused) {
		f.Message = "Unable to execute HTTP request: " + innermost(err).Error()
		f.Status = 0
		return f
	}
	f.Code, f.Message = refused.ErrorCode(), refused.ErrorMessage()
	f.Exception = exception(o.service, f.Code)
	if shape := reflect.Indirect(reflect.ValueOf(refused)).Type(); strings.HasSuffix(shape.PkgPath(), "/types") {
		f.Exception = exceptionName(shape.Name()) // whose code may be an older one
	}
	if f.Status == http.StatusNotFound { // an answer to HEAD has no code
		switch o.name {
		case "HeadObject":
			f.Exception, f.Message = "NoSuchKeyException", ""
		case "HeadBucket":
			f.Exception, f.Message = "NoSuchBucketException", ""
		}
	}
	return f
}

// innermost is what a chain of errors began with.
func innermost(err error) error {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err
		}
		err = inner
	}
}

// exception is what AWS's SDK for Java calls the error with a code.
func exception(service, code string) string {
	for _, known := range strings.Fields(modelled[service]) {
		if name, shape, differs := strings.Cut(known, "="); name == code {
			if differs {
				return exceptionName(shape)
			}
			return exceptionName(code)
		}
	}
	return services[service].prefix + "Exception"
}

// exceptionName makes a Java exception's name of a shape's: words in Pascal
// case, with Exception at the end.
func exceptionName(shape string) string {
	shape = strings.TrimSuffix(strings.TrimSuffix(shape, "Fault"), "Exception")
	var name strings.Builder
	for _, word := range words(shape) {
		name.WriteString(word[:1] + strings.ToLower(word[1:]))
	}
	return name.String() + "Exception"
}

// words takes a name apart: Invalid TTL Order, EC 2 Access, S 3 Origin.
func words(name string) []string {
	var all []string
	start := 0
	for i := 1; i < len(name); i++ {
		before, here := name[i-1], name[i]
		after := byte('x')
		if i+1 < len(name) {
			after = name[i+1]
		}
		starts := isUpper(here) && isLower(before) && i+1 < len(name) || // endS Here
			isUpper(before) && isUpper(here) && isLower(after) && i+1 < len(name) || // ACRonym
			before >= '0' && before <= '9' && (isUpper(here) || isLower(here)) // S3Origin
		if starts {
			all = append(all, name[start:i])
			start = i
		}
	}
	return slices.DeleteFunc(append(all, name[start:]), func(word string) bool { return word == "" })
}

// Exception returns what AWS's SDK for Java calls the error with a code of a
// linked service, and whether the service's model names it.
func Exception(serviceName, code string) (name string, known bool) {
	name = exception(serviceName, code)
	return name, name != services[serviceName].prefix+"Exception"
}
