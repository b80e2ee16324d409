package s3

import (
	"net/http"
	"net/url"
	"strings"
)

// Operation is the name of the S3 operation that a request asks for, such as
// PutBucketPolicy; for a request that is none it is the method and what it is
// for, such as "PATCH object".
func Operation(r *http.Request) string {
	bucket, key := address(r)
	return operationName(r, bucket, key, r.URL.Query())
}

// A verb table gives the operation for each method.
type verbs map[string]string

const (
	get    = http.MethodGet
	put    = http.MethodPut
	post   = http.MethodPost
	remove = http.MethodDelete
)

// bucketParts are the subresources of a bucket, in the order in which they are
// looked for.
var bucketParts = []struct {
	name  string
	verbs verbs
}{
	{"policyStatus", verbs{get: "GetBucketPolicyStatus"}},
	{"policy", verbs{get: "GetBucketPolicy", put: "PutBucketPolicy", remove: "DeleteBucketPolicy"}},
	{"publicAccessBlock", verbs{get: "GetPublicAccessBlock", put: "PutPublicAccessBlock", remove: "DeletePublicAccessBlock"}},
	{"encryption", verbs{get: "GetBucketEncryption", put: "PutBucketEncryption", remove: "DeleteBucketEncryption"}},
	{"lifecycle", verbs{get: "GetBucketLifecycleConfiguration", put: "PutBucketLifecycleConfiguration", remove: "DeleteBucketLifecycle"}},
	{"ownershipControls", verbs{get: "GetBucketOwnershipControls", put: "PutBucketOwnershipControls", remove: "DeleteBucketOwnershipControls"}},
	{"tagging", verbs{get: "GetBucketTagging", put: "PutBucketTagging", remove: "DeleteBucketTagging"}},
	{"website", verbs{get: "GetBucketWebsite", put: "PutBucketWebsite", remove: "DeleteBucketWebsite"}},
	{"cors", verbs{get: "GetBucketCors", put: "PutBucketCors", remove: "DeleteBucketCors"}},
	{"notification", verbs{get: "GetBucketNotificationConfiguration", put: "PutBucketNotificationConfiguration"}},
	{"versioning", verbs{get: "GetBucketVersioning", put: "PutBucketVersioning"}},
	{"location", verbs{get: "GetBucketLocation"}},
	{"acl", verbs{get: "GetBucketAcl", put: "PutBucketAcl"}},
	{"logging", verbs{get: "GetBucketLogging", put: "PutBucketLogging"}},
	{"accelerate", verbs{get: "GetBucketAccelerateConfiguration", put: "PutBucketAccelerateConfiguration"}},
	{"requestPayment", verbs{get: "GetBucketRequestPayment", put: "PutBucketRequestPayment"}},
	{"object-lock", verbs{get: "GetObjectLockConfiguration", put: "PutObjectLockConfiguration"}},
	{"replication", verbs{get: "GetBucketReplication", put: "PutBucketReplication", remove: "DeleteBucketReplication"}},
	{"analytics", verbs{get: "ListBucketAnalyticsConfigurations", put: "PutBucketAnalyticsConfiguration", remove: "DeleteBucketAnalyticsConfiguration"}},
	{"inventory", verbs{get: "ListBucketInventoryConfigurations", put: "PutBucketInventoryConfiguration", remove: "DeleteBucketInventoryConfiguration"}},
	{"metrics", verbs{get: "ListBucketMetricsConfigurations", put: "PutBucketMetricsConfiguration", remove: "DeleteBucketMetricsConfiguration"}},
	{"intelligent-tiering", verbs{get: "ListBucketIntelligentTieringConfigurations", put: "PutBucketIntelligentTieringConfiguration", remove: "DeleteBucketIntelligentTieringConfiguration"}},
	{"metadataConfiguration", verbs{get: "GetBucketMetadataConfiguration", post: "CreateBucketMetadataConfiguration", remove: "DeleteBucketMetadataConfiguration"}},
	{"session", verbs{get: "CreateSession"}},
	{"versions", verbs{get: "ListObjectVersions"}},
	{"uploads", verbs{get: "ListMultipartUploads"}},
	{"delete", verbs{post: "DeleteObjects"}},
}

var objectParts = []struct {
	name  string
	verbs verbs
}{
	{"tagging", verbs{get: "GetObjectTagging", put: "PutObjectTagging", remove: "DeleteObjectTagging"}},
	{"acl", verbs{get: "GetObjectAcl", put: "PutObjectAcl"}},
	{"retention", verbs{get: "GetObjectRetention", put: "PutObjectRetention"}},
	{"legal-hold", verbs{get: "GetObjectLegalHold", put: "PutObjectLegalHold"}},
	{"torrent", verbs{get: "GetObjectTorrent"}},
	{"attributes", verbs{get: "GetObjectAttributes"}},
	{"restore", verbs{post: "RestoreObject"}},
	{"select", verbs{post: "SelectObjectContent"}},
	{"renameObject", verbs{put: "RenameObject"}},
	{"uploads", verbs{post: "CreateMultipartUpload"}},
	{"uploadId", verbs{get: "ListParts", put: "UploadPart", post: "CompleteMultipartUpload", remove: "AbortMultipartUpload"}},
}

func operationName(r *http.Request, bucket, key string, query url.Values) string {
	method := r.Method
	if method == http.MethodOptions {
		return "OptionsPreflight"
	}
	switch {
	case bucket == "":
		if method == get {
			return "ListBuckets"
		}
		return method + " service"
	case key == "":
		for _, part := range bucketParts {
			if query.Has(part.name) {
				if name, ok := part.verbs[method]; ok {
					return name
				}
				return method + " bucket " + part.name
			}
		}
		return bucketOperation(r, query)
	}
	for _, part := range objectParts {
		if query.Has(part.name) {
			name, ok := part.verbs[method]
			if !ok {
				break // HEAD?uploadId and the like are plain
			}
			if name == "UploadPart" && r.Header.Get("X-Amz-Copy-Source") != "" {
				return "UploadPartCopy"
			}
			return name
		}
	}
	return objectOperation(r)
}

func bucketOperation(r *http.Request, query url.Values) string {
	switch r.Method {
	case get:
		if query.Get("list-type") == "2" {
			return "ListObjectsV2"
		}
		return "ListObjects"
	case put:
		return "CreateBucket"
	case remove:
		return "DeleteBucket"
	case http.MethodHead:
		return "HeadBucket"
	case post:
		if strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/form-data") {
			return "PostObject"
		}
	}
	return r.Method + " bucket"
}

func objectOperation(r *http.Request) string {
	switch r.Method {
	case get:
		return "GetObject"
	case http.MethodHead:
		return "HeadObject"
	case put:
		if r.Header.Get("X-Amz-Copy-Source") != "" {
			return "CopyObject"
		}
		return "PutObject"
	case remove:
		return "DeleteObject"
	}
	return r.Method + " object"
}
