package cloudfront

import (
	"fmt"
	"net/http"
)

// Error is a refusal in CloudFront's terms.
type Error struct {
	Code    string // CloudFront's error code, such as NoSuchDistribution
	Message string // for a person
	Status  int    // HTTP status
}

func (e *Error) Error() string { return e.Code + ": " + e.Message }

// statuses holds the HTTP status of each code that is not 400.
var statuses = map[string]int{
	"AccessDenied":       http.StatusForbidden,
	"CNAMEAlreadyExists": http.StatusConflict,
	"CloudFrontOriginAccessIdentityAlreadyExists": http.StatusConflict,
	"CloudFrontOriginAccessIdentityInUse":         http.StatusConflict,
	"DistributionAlreadyExists":                   http.StatusConflict,
	"DistributionNotDisabled":                     http.StatusConflict,
	"FunctionAlreadyExists":                       http.StatusConflict,
	"FunctionInUse":                               http.StatusConflict,
	"FunctionSizeLimitExceeded":                   http.StatusRequestEntityTooLarge,
	"InternalError":                               http.StatusInternalServerError,
	"InvalidationBatchAlreadyExists":              http.StatusConflict,
	"NoSuchCachePolicy":                           http.StatusNotFound,
	"NoSuchCloudFrontOriginAccessIdentity":        http.StatusNotFound,
	"NoSuchDistribution":                          http.StatusNotFound,
	"NoSuchFunctionExists":                        http.StatusNotFound,
	"NoSuchInvalidation":                          http.StatusNotFound,
	"NoSuchOrigin":                                http.StatusNotFound,
	"NoSuchOriginAccessControl":                   http.StatusNotFound,
	"NoSuchOriginRequestPolicy":                   http.StatusNotFound,
	"NoSuchResource":                              http.StatusNotFound,
	"NoSuchResponseHeadersPolicy":                 http.StatusNotFound,
	"NotImplemented":                              http.StatusNotImplemented,
	"OriginAccessControlAlreadyExists":            http.StatusConflict,
	"OriginAccessControlInUse":                    http.StatusConflict,
	"PreconditionFailed":                          http.StatusPreconditionFailed,
	"RequestEntityTooLarge":                       http.StatusRequestEntityTooLarge,
	"TestFunctionFailed":                          http.StatusInternalServerError,
}

// refuse returns the error of a code, with the status that AWS gives it.
func refuse(code, format string, args ...any) *Error {
	status, ok := statuses[code]
	if !ok {
		status = http.StatusBadRequest
	}
	return &Error{Code: code, Message: fmt.Sprintf(format, args...), Status: status}
}

// The refusals that several operations share, in AWS's words.
func noSuchDistribution() *Error {
	return refuse("NoSuchDistribution", "The specified distribution does not exist.")
}

func noSuchIdentity() *Error {
	return refuse("NoSuchCloudFrontOriginAccessIdentity", "The specified origin access identity does not exist.")
}

func noSuchAccessControl() *Error {
	return refuse("NoSuchOriginAccessControl", "The specified origin access control does not exist.")
}

func noSuchFunction() *Error {
	return refuse("NoSuchFunctionExists", "The specified function does not exist.")
}

// checkMatch compares the caller's If-Match with the current ETag.
func checkMatch(given, current string) *Error {
	switch given {
	case "":
		return refuse("InvalidIfMatchVersion", "The If-Match version is missing or not valid for the resource.")
	case current, "*":
		return nil
	}
	return refuse("PreconditionFailed", "The request failed because it didn't meet the preconditions in one or more request-header fields.")
}
