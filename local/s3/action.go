package s3

import (
	"net/http"
	"strings"
)

// actions are the IAM actions of the operations whose action has another name.
var actions = map[string]string{
	"ListBuckets":                     "ListAllMyBuckets",
	"HeadBucket":                      "ListBucket",
	"ListObjects":                     "ListBucket",
	"ListObjectsV2":                   "ListBucket",
	"ListObjectVersions":              "ListBucketVersions",
	"ListMultipartUploads":            "ListBucketMultipartUploads",
	"ListParts":                       "ListMultipartUploadParts",
	"HeadObject":                      "GetObject",
	"CopyObject":                      "PutObject",
	"UploadPart":                      "PutObject",
	"UploadPartCopy":                  "PutObject",
	"CreateMultipartUpload":           "PutObject",
	"CompleteMultipartUpload":         "PutObject",
	"DeleteObjects":                   "DeleteObject",
	"GetPublicAccessBlock":            "GetBucketPublicAccessBlock",
	"PutPublicAccessBlock":            "PutBucketPublicAccessBlock",
	"DeletePublicAccessBlock":         "PutBucketPublicAccessBlock",
	"GetBucketEncryption":             "GetEncryptionConfiguration",
	"PutBucketEncryption":             "PutEncryptionConfiguration",
	"DeleteBucketEncryption":          "PutEncryptionConfiguration",
	"GetBucketLifecycleConfiguration": "GetLifecycleConfiguration",
	"PutBucketLifecycleConfiguration": "PutLifecycleConfiguration",
	"DeleteBucketLifecycle":           "PutLifecycleConfiguration",
	"DeleteBucketOwnershipControls":   "PutBucketOwnershipControls",
	"DeleteBucketTagging":             "PutBucketTagging",
	"GetBucketCors":                   "GetBucketCORS",
	"PutBucketCors":                   "PutBucketCORS",
	"DeleteBucketCors":                "PutBucketCORS",

	"GetBucketNotificationConfiguration": "GetBucketNotification",
	"PutBucketNotificationConfiguration": "PutBucketNotification",
	"GetBucketAccelerateConfiguration":   "GetAccelerateConfiguration",
	"GetObjectLockConfiguration":         "GetBucketObjectLockConfiguration",
	"GetBucketReplication":               "GetReplicationConfiguration",
}

// versioned are the actions that have a twin for a given version.
var versioned = map[string]bool{
	"GetObject": true, "DeleteObject": true, "GetObjectTagging": true,
	"PutObjectTagging": true, "DeleteObjectTagging": true, "GetObjectAcl": true,
}

// Action is the IAM action that a request needs, such as s3:GetObject, and the
// ARN of what it is for. DeleteObjects and the copies need more than one; the
// answer is the one for their destination.
func Action(r *http.Request) (action, resource string) {
	bucket, key := address(r)
	query := r.URL.Query()
	return actionOf(operationName(r, bucket, key, query), query.Get("versionId")), resourceARN(bucket, key)
}

func actionOf(operation, version string) string {
	if name, ok := actions[operation]; ok {
		operation = name
	}
	if version != "" && versioned[operation] {
		switch {
		case strings.HasSuffix(operation, "Tagging"):
			operation = strings.TrimSuffix(operation, "Tagging") + "VersionTagging"
		case strings.HasSuffix(operation, "Acl"):
			operation = "GetObjectVersionAcl"
		default:
			operation += "Version"
		}
	}
	return "s3:" + operation
}

func resourceARN(bucket, key string) string {
	switch {
	case bucket == "":
		return "*"
	case key == "":
		return "arn:aws:s3:::" + bucket
	}
	return "arn:aws:s3:::" + bucket + "/" + key
}
