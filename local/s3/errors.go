package s3

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/versity/versitygw/s3err"
)

// A failure is an error in S3's terms.
type failure struct {
	code    string
	message string
	status  int
	details [][2]string
}

func (f *failure) Error() string { return f.code + ": " + f.message }

// with adds an element to the error's XML.
func (f *failure) with(name, value string) *failure {
	f.details = append(f.details, [2]string{name, value})
	return f
}

// fail makes a failure with the status that S3 gives the code.
func fail(code, message string) *failure {
	return &failure{code: code, message: message, status: statusOf(code)}
}

// known makes a failure with S3's own message for the code.
func known(code string) *failure { return fail(code, messages[code]) }

func notImplemented(operation string) *failure {
	return fail("NotImplemented", "The operation "+operation+" is not implemented by this S3.").with("Operation", operation)
}

func noSuchBucket(bucket string) *failure {
	return known("NoSuchBucket").with("BucketName", bucket)
}

func noSuchKey(key string) *failure { return known("NoSuchKey").with("Key", key) }

func invalidArgument(message, name, value string) *failure {
	return fail("InvalidArgument", message).with("ArgumentName", name).with("ArgumentValue", value)
}

// statusOf is the HTTP status of an error code; 400 unless listed.
func statusOf(code string) int {
	switch code {
	case "AccessDenied", "AccountProblem", "AllAccessDisabled", "InvalidObjectState", "RequestTimeTooSkewed", "SignatureDoesNotMatch":
		return http.StatusForbidden
	case "MethodNotAllowed":
		return http.StatusMethodNotAllowed
	case "BucketAlreadyExists", "BucketAlreadyOwnedByYou", "BucketNotEmpty", "OperationAborted", "ConditionalRequestConflict", "InvalidBucketState":
		return http.StatusConflict
	case "PreconditionFailed":
		return http.StatusPreconditionFailed
	case "InvalidRange":
		return http.StatusRequestedRangeNotSatisfiable
	case "MissingContentLength":
		return http.StatusLengthRequired
	case "NotImplemented":
		return http.StatusNotImplemented
	case "InternalError":
		return http.StatusInternalServerError
	case "SlowDown", "ServiceUnavailable":
		return http.StatusServiceUnavailable
	case "NotModified":
		return http.StatusNotModified
	case "ServerSideEncryptionConfigurationNotFoundError", "OwnershipControlsNotFoundError", "ReplicationConfigurationNotFoundError", "ObjectLockConfigurationNotFoundError", "NoSuchObjectLockConfiguration":
		return http.StatusNotFound
	}
	if strings.HasPrefix(code, "NoSuch") {
		return http.StatusNotFound
	}
	return http.StatusBadRequest
}

// messages are S3's, for the codes that always have the same.
var messages = map[string]string{
	"AccessDenied":                          "Access Denied",
	"BadDigest":                             "The Content-MD5 you specified did not match what we received.",
	"BucketAlreadyExists":                   "The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again.",
	"BucketNotEmpty":                        "The bucket you tried to delete is not empty. You must delete all versions in the bucket.",
	"EntityTooLarge":                        "Your proposed upload exceeds the maximum allowed size",
	"IncompleteBody":                        "You did not provide the number of bytes specified by the Content-Length HTTP header",
	"InternalError":                         "We encountered an internal error. Please try again.",
	"InvalidBucketName":                     "The specified bucket is not valid.",
	"InvalidDigest":                         "The Content-MD5 you specified was invalid.",
	"InvalidRange":                          "The requested range is not satisfiable",
	"KeyTooLongError":                       "Your key is too long",
	"MalformedXML":                          "The XML you provided was not well-formed or did not validate against our published schema",
	"MetadataTooLarge":                      "Your metadata headers exceed the maximum allowed metadata size",
	"MethodNotAllowed":                      "The specified method is not allowed against this resource.",
	"MissingContentLength":                  "You must provide the Content-Length HTTP header.",
	"MissingRequestBodyError":               "Request body is empty.",
	"NoSuchBucket":                          "The specified bucket does not exist",
	"NoSuchBucketPolicy":                    "The bucket policy does not exist",
	"NoSuchCORSConfiguration":               "The CORS configuration does not exist",
	"NoSuchKey":                             "The specified key does not exist.",
	"NoSuchLifecycleConfiguration":          "The lifecycle configuration does not exist",
	"NoSuchPublicAccessBlockConfiguration":  "The public access block configuration was not found",
	"NoSuchTagSet":                          "The TagSet does not exist",
	"NoSuchUpload":                          "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.",
	"NoSuchVersion":                         "The specified version does not exist.",
	"NoSuchWebsiteConfiguration":            "The specified bucket does not have a website configuration",
	"ObjectLockConfigurationNotFoundError":  "Object Lock configuration does not exist for this bucket",
	"OwnershipControlsNotFoundError":        "The bucket ownership controls were not found",
	"PreconditionFailed":                    "At least one of the pre-conditions you specified did not hold",
	"ReplicationConfigurationNotFoundError": "The replication configuration was not found",
	"ServerSideEncryptionConfigurationNotFoundError": "The server side encryption configuration was not found",
	"TooManyBuckets":                     "You have attempted to create more buckets than allowed",
	"AccessControlListNotSupported":      "The bucket does not allow ACLs",
	"IllegalLocationConstraintException": "The unspecified location constraint is incompatible for the region specific endpoint this request was sent to.",
}

// asFailure finds S3's error in err. An error that is none is InternalError.
func asFailure(err error) *failure {
	var own *failure
	if errors.As(err, &own) {
		return own
	}
	var backend s3err.S3Error
	if errors.As(err, &backend) {
		base := backend.BaseError()
		return &failure{code: base.Code, message: base.Description, status: base.HTTPStatusCode}
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return fail("RequestTimeout", "Your socket connection to the server was not read from or written to within the timeout period. Idle connections will be closed.")
	}
	return known("InternalError")
}

// writeFailure answers with an error, in XML unless the answer has no body.
func writeFailure(w http.ResponseWriter, r *http.Request, f *failure, id string) {
	if f.status == http.StatusNotModified {
		w.WriteHeader(f.status)
		return
	}
	var body bytes.Buffer
	body.WriteString(xml.Header + "<Error>")
	element := func(name, value string) {
		body.WriteString("<" + name + ">")
		_ = xml.EscapeText(&body, []byte(value)) // a buffer takes everything
		body.WriteString("</" + name + ">")
	}
	element("Code", f.code)
	element("Message", f.message)
	for _, detail := range f.details {
		element(detail[0], detail[1])
	}
	element("RequestId", id)
	element("HostId", hostID(id))
	body.WriteString("</Error>")
	w.Header().Set("Content-Type", "application/xml")
	if r.Method == http.MethodHead {
		w.WriteHeader(f.status)
		return
	}
	w.Header().Set("Content-Length", strconv.Itoa(body.Len()))
	w.WriteHeader(f.status)
	_, _ = w.Write(body.Bytes()) // the client may have gone
}
