package s3

import (
	"context"
	"encoding/xml"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/mayfly-dev/mayfly/local/iam"
)

// A request is one request on its way.
type request struct {
	*http.Request
	w          http.ResponseWriter
	id         string
	query      url.Values
	bucket     string
	key        string
	version    string // versionId
	operation  string
	who        Principal
	signed     string // s3:authType
	now        time.Time
	record     *bucket     // of the bucket, when the operation is on one
	conditions iam.Context // what conditions told
}

// ServeHTTP answers S3's API.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	q := &request{Request: r, w: w, id: s.requestID(), now: s.options.Clock()}
	header := w.Header()
	header.Set("X-Amz-Request-Id", q.id)
	header.Set("X-Amz-Id-2", hostID(q.id))
	header.Set("Server", "AmazonS3")
	if err := s.serve(q); err != nil {
		f := asFailure(err)
		if f.code == "InternalError" {
			s.log.Error("s3: request failed", "operation", q.operation, "bucket", q.bucket, "key", q.key, "request", q.id, "error", err)
		}
		writeFailure(w, r, f, q.id)
	}
}

func (s *Service) serve(q *request) error {
	q.bucket, q.key = address(q.Request)
	q.query = q.URL.Query()
	q.version = q.query.Get("versionId")
	q.operation = operationName(q.Request, q.bucket, q.key, q.query)
	if q.operation == "OptionsPreflight" {
		return s.preflight(q)
	}
	var err error
	if q.who, q.signed, err = s.caller(q); err != nil {
		return err
	}
	handle, ok := handlers[q.operation]
	if !ok {
		return notImplemented(q.operation)
	}
	if q.query.Has("versionId") && q.version == "" {
		return invalidArgument("Version id cannot be the empty string", "versionId", "")
	}
	if len(q.key) > 1024 {
		return known("KeyTooLongError").with("Size", strconv.Itoa(len(q.key))).with("MaxSizeAllowed", "1024")
	}
	if q.bucket != "" && q.operation != "CreateBucket" {
		if q.record, ok = s.registry.get(q.bucket); !ok {
			if !validBucketName(q.bucket) {
				return known("InvalidBucketName").with("BucketName", q.bucket)
			}
			if s.foreign[q.bucket] {
				return known("AccessDenied") // it exists, and is not ours
			}
			if q.who.caller != nil { // whoever may not ask does not learn that it is not there
				if err := s.authorize(q, actionOf(q.operation, q.version), q.bucket, q.key); err != nil {
					return err
				}
			}
			return noSuchBucket(q.bucket)
		}
		if owner := q.Header.Get("X-Amz-Expected-Bucket-Owner"); owner != "" && owner != Account {
			return known("AccessDenied")
		}
	}
	// What DeleteObjects may delete is decided for each key.
	if q.operation != "DeleteObjects" {
		if err := s.authorize(q, actionOf(q.operation, q.version), q.bucket, q.key); err != nil {
			return err
		}
		if err := s.authorizeBesides(q); err != nil {
			return err
		}
	}
	if origin := q.Header.Get("Origin"); origin != "" && q.record != nil {
		q.record.CORS.answer(q.w.Header(), origin, q.Method, nil)
	}
	return handle(s, q)
}

// A handler answers one operation.
type handler func(*Service, *request) error

// handlers are the operations that this S3 has.
var handlers = map[string]handler{
	"ListBuckets":       (*Service).listBuckets,
	"CreateBucket":      (*Service).createBucket,
	"HeadBucket":        (*Service).headBucket,
	"DeleteBucket":      (*Service).deleteBucket,
	"GetBucketLocation": (*Service).getLocation,

	"GetBucketPolicy":       (*Service).getPolicy,
	"PutBucketPolicy":       (*Service).putPolicy,
	"DeleteBucketPolicy":    (*Service).deletePolicy,
	"GetBucketPolicyStatus": (*Service).getPolicyStatus,

	"GetPublicAccessBlock":    (*Service).getPublicAccessBlock,
	"PutPublicAccessBlock":    (*Service).putPublicAccessBlock,
	"DeletePublicAccessBlock": (*Service).deletePublicAccessBlock,

	"GetBucketOwnershipControls":    (*Service).getOwnership,
	"PutBucketOwnershipControls":    (*Service).putOwnership,
	"DeleteBucketOwnershipControls": (*Service).deleteOwnership,

	"GetBucketEncryption":    (*Service).getEncryption,
	"PutBucketEncryption":    (*Service).putEncryption,
	"DeleteBucketEncryption": (*Service).deleteEncryption,

	"GetBucketLifecycleConfiguration": (*Service).getLifecycle,
	"PutBucketLifecycleConfiguration": (*Service).putLifecycle,
	"DeleteBucketLifecycle":           (*Service).deleteLifecycle,

	"GetBucketTagging":    (*Service).getBucketTagging,
	"PutBucketTagging":    (*Service).putBucketTagging,
	"DeleteBucketTagging": (*Service).deleteBucketTagging,

	"GetBucketWebsite":    (*Service).getWebsite,
	"PutBucketWebsite":    (*Service).putWebsite,
	"DeleteBucketWebsite": (*Service).deleteWebsite,

	"GetBucketCors":    (*Service).getCORS,
	"PutBucketCors":    (*Service).putCORS,
	"DeleteBucketCors": (*Service).deleteCORS,

	"GetBucketVersioning": (*Service).getVersioning,
	"PutBucketVersioning": (*Service).putVersioning,

	"GetBucketAcl": (*Service).getBucketACL,
	"PutBucketAcl": (*Service).putBucketACL,
	"GetObjectAcl": (*Service).getObjectACL,
	"PutObjectAcl": (*Service).putObjectACL,

	"GetBucketNotificationConfiguration": (*Service).getNotification,
	"GetBucketLogging":                   (*Service).getLogging,
	"GetBucketAccelerateConfiguration":   (*Service).getAccelerate,
	"GetBucketRequestPayment":            (*Service).getRequestPayment,
	"GetBucketReplication":               (*Service).getReplication,
	"GetObjectLockConfiguration":         (*Service).getObjectLock,

	"ListObjects":          (*Service).listObjects,
	"ListObjectsV2":        (*Service).listObjectsV2,
	"ListObjectVersions":   (*Service).listObjectVersions,
	"ListMultipartUploads": (*Service).listUploads,

	"GetObject":     (*Service).getObject,
	"HeadObject":    (*Service).headObject,
	"PutObject":     (*Service).putObject,
	"CopyObject":    (*Service).copyObject,
	"DeleteObject":  (*Service).deleteObject,
	"DeleteObjects": (*Service).deleteObjects,

	"GetObjectTagging":    (*Service).getObjectTagging,
	"PutObjectTagging":    (*Service).putObjectTagging,
	"DeleteObjectTagging": (*Service).deleteObjectTagging,

	"CreateMultipartUpload":   (*Service).createUpload,
	"UploadPart":              (*Service).uploadPart,
	"UploadPartCopy":          (*Service).uploadPartCopy,
	"CompleteMultipartUpload": (*Service).completeUpload,
	"AbortMultipartUpload":    (*Service).abortUpload,
	"ListParts":               (*Service).listParts,
}

// ctx is the request's context.
func (q *request) ctx() context.Context { return q.Context() }

// answer writes a value as XML.
func (q *request) answer(status int, value any) error {
	body, err := xml.Marshal(value)
	if err != nil {
		return err
	}
	q.w.Header().Set("Content-Type", "application/xml")
	q.w.Header().Set("Content-Length", strconv.Itoa(len(xml.Header)+len(body)))
	q.w.WriteHeader(status)
	// An error here is the client's going; the answer has begun.
	_, _ = q.w.Write([]byte(xml.Header))
	_, _ = q.w.Write(body)
	return nil
}

// done answers without a body.
func (q *request) done(status int) error {
	q.w.WriteHeader(status)
	return nil
}
