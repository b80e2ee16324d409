package steptest

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

func (f *S3) pageSize() int {
	if f.PageSize == 0 {
		return 1000
	}
	return f.PageSize
}

// ListObjectVersions lists a page, in the order of keys and ids; the next one
// begins after the marker, whether or not what it names is still there.
func (f *S3) ListObjectVersions(_ context.Context, in *s3.ListObjectVersionsInput, _ ...func(*s3.Options)) (*s3.ListObjectVersionsOutput, error) {
	return withBucket(f, "ListObjectVersions", in.Bucket, func(b *Bucket) (*s3.ListObjectVersionsOutput, error) {
		all := slices.SortedFunc(slices.Values(b.Versions), func(x, y Version) int {
			return cmp.Or(cmp.Compare(x.Key, y.Key), cmp.Compare(x.ID, y.ID))
		})
		out := &s3.ListObjectVersionsOutput{IsTruncated: aws.Bool(false)}
		n := 0
		for _, v := range all {
			after := cmp.Or(cmp.Compare(v.Key, aws.ToString(in.KeyMarker)), cmp.Compare(v.ID, aws.ToString(in.VersionIdMarker)))
			if !strings.HasPrefix(v.Key, aws.ToString(in.Prefix)) || (in.KeyMarker != nil && after <= 0) {
				continue
			}
			if n == f.pageSize() {
				out.IsTruncated = aws.Bool(true)
				return out, nil
			}
			n++
			out.NextKeyMarker, out.NextVersionIdMarker = aws.String(v.Key), aws.String(v.ID)
			if v.Marker {
				out.DeleteMarkers = append(out.DeleteMarkers, types.DeleteMarkerEntry{Key: aws.String(v.Key), VersionId: aws.String(v.ID)})
				continue
			}
			out.Versions = append(out.Versions, types.ObjectVersion{Key: aws.String(v.Key), VersionId: aws.String(v.ID)})
		}
		return out, nil
	})
}

// DeleteObjects deletes versions, at most 1,000; a key in Denied fails alone.
func (f *S3) DeleteObjects(_ context.Context, in *s3.DeleteObjectsInput, _ ...func(*s3.Options)) (*s3.DeleteObjectsOutput, error) {
	return withBucket(f, "DeleteObjects", in.Bucket, func(b *Bucket) (*s3.DeleteObjectsOutput, error) {
		if n := len(in.Delete.Objects); n == 0 || n > 1000 {
			return nil, Refusal("MalformedXML")
		}
		out := &s3.DeleteObjectsOutput{}
		gone := map[Version]bool{}
		for _, object := range in.Delete.Objects {
			if code, denied := f.Denied[*object.Key]; denied {
				out.Errors = append(out.Errors, types.Error{Code: aws.String(code), Key: object.Key, VersionId: object.VersionId, Message: aws.String("said the test")})
				continue
			}
			gone[Version{Key: *object.Key, ID: *object.VersionId}] = true
		}
		b.Versions = slices.DeleteFunc(b.Versions, func(v Version) bool { return gone[Version{Key: v.Key, ID: v.ID}] })
		return out, nil
	})
}

// ListMultipartUploads lists a page of unfinished uploads.
func (f *S3) ListMultipartUploads(_ context.Context, in *s3.ListMultipartUploadsInput, _ ...func(*s3.Options)) (*s3.ListMultipartUploadsOutput, error) {
	return withBucket(f, "ListMultipartUploads", in.Bucket, func(b *Bucket) (*s3.ListMultipartUploadsOutput, error) {
		out := &s3.ListMultipartUploadsOutput{IsTruncated: aws.Bool(false)}
		for _, u := range b.Uploads {
			after := cmp.Or(cmp.Compare(u.Key, aws.ToString(in.KeyMarker)), cmp.Compare(u.ID, aws.ToString(in.UploadIdMarker)))
			if !strings.HasPrefix(u.Key, aws.ToString(in.Prefix)) || (in.KeyMarker != nil && after <= 0) {
				continue
			}
			if len(out.Uploads) == f.pageSize() {
				out.IsTruncated = aws.Bool(true)
				return out, nil
			}
			out.NextKeyMarker, out.NextUploadIdMarker = aws.String(u.Key), aws.String(u.ID)
			out.Uploads = append(out.Uploads, types.MultipartUpload{Key: aws.String(u.Key), UploadId: aws.String(u.ID)})
		}
		return out, nil
	})
}

// AbortMultipartUpload aborts one upload, or answers NoSuchUpload.
func (f *S3) AbortMultipartUpload(_ context.Context, in *s3.AbortMultipartUploadInput, _ ...func(*s3.Options)) (*s3.AbortMultipartUploadOutput, error) {
	return withBucket(f, "AbortMultipartUpload", in.Bucket, func(b *Bucket) (*s3.AbortMultipartUploadOutput, error) {
		before := len(b.Uploads)
		b.Uploads = slices.DeleteFunc(b.Uploads, func(u Upload) bool { return u.Key == *in.Key && u.ID == *in.UploadId })
		if len(b.Uploads) == before {
			return nil, Refusal("NoSuchUpload")
		}
		return &s3.AbortMultipartUploadOutput{}, nil
	})
}
