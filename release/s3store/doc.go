// Package s3store keeps what releases are made of in S3: it reads uploaded
// archives, writes and reads plans, parts and manifests, and lists what a
// sandbox's bucket holds. Each function takes the one S3 method that it needs.
package s3store

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// Getter reads objects.
type Getter interface {
	GetObject(context.Context, *s3.GetObjectInput, ...func(*s3.Options)) (*s3.GetObjectOutput, error)
}

// Putter writes objects.
type Putter interface {
	PutObject(context.Context, *s3.PutObjectInput, ...func(*s3.Options)) (*s3.PutObjectOutput, error)
}

// Lister lists objects.
type Lister interface {
	ListObjectsV2(context.Context, *s3.ListObjectsV2Input, ...func(*s3.Options)) (*s3.ListObjectsV2Output, error)
}

// VersionLister lists the versions of objects.
type VersionLister interface {
	ListObjectVersions(context.Context, *s3.ListObjectVersionsInput, ...func(*s3.Options)) (*s3.ListObjectVersionsOutput, error)
}
