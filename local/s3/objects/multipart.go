package objects

import (
	"context"
	"math"
	"sort"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/versity/versitygw/s3response"
)

// CreateUpload starts a multipart upload and answers its id. Bucket and Key of
// the input are set here.
func (s *Store) CreateUpload(ctx context.Context, bucket, key string, input s3response.CreateMultipartUploadInput) (string, error) {
	path, encoded := s.path(bucket), encodeKey(key)
	input.Bucket, input.Key = &path, &encoded
	lock := s.bucket(bucket)
	lock.RLock()
	defer lock.RUnlock()
	out, err := s.posix.CreateMultipartUpload(ctx, input)
	return out.UploadId, err
}

// UploadPart writes a part. Bucket, Key and UploadId of the input are set here.
func (s *Store) UploadPart(ctx context.Context, bucket, key, upload string, input s3.UploadPartInput) (*s3.UploadPartOutput, error) {
	path, encoded := s.path(bucket), encodeKey(key)
	input.Bucket, input.Key, input.UploadId = &path, &encoded, &upload
	return s.posix.UploadPart(ctx, &input)
}

// Complete makes an object of the parts. Bucket and Key of the input are set here.
func (s *Store) Complete(ctx context.Context, bucket, key string, input s3.CompleteMultipartUploadInput, condition Condition) (out s3response.CompleteMultipartUploadResult, version string, err error) {
	path, encoded := s.path(bucket), encodeKey(key)
	input.Bucket, input.Key = &path, &encoded
	defer s.need(bucket, key)()
	change := change{store: s, bucket: bucket, key: key, writes: true}
	defer func() { err = change.end(err) }()
	if err := change.begin(condition); err != nil {
		return out, "", err
	}
	return s.posix.CompleteMultipartUpload(ctx, &input)
}

// Abort removes an upload and its parts.
func (s *Store) Abort(ctx context.Context, bucket, key, upload string) error {
	path, encoded := s.path(bucket), encodeKey(key)
	return s.posix.AbortMultipartUpload(ctx, &s3.AbortMultipartUploadInput{Bucket: &path, Key: &encoded, UploadId: &upload})
}

// Parts lists the parts of an upload after a part number.
func (s *Store) Parts(ctx context.Context, bucket, key, upload, after string, limit int32) (s3response.ListPartsResult, error) {
	path, encoded := s.path(bucket), encodeKey(key)
	return s.posix.ListParts(ctx, &s3.ListPartsInput{
		Bucket: &path, Key: &encoded, UploadId: &upload, PartNumberMarker: optional(after), MaxParts: &limit,
	})
}

// An Upload is a multipart upload under way.
type Upload struct {
	Key       string
	ID        string
	Initiated time.Time
}

// Uploads lists all uploads under way of a bucket, by key and time.
func (s *Store) Uploads(ctx context.Context, bucket string) ([]Upload, error) {
	path, limit := s.path(bucket), int32(math.MaxInt32)
	out, err := s.posix.ListMultipartUploads(ctx, &s3.ListMultipartUploadsInput{Bucket: &path, MaxUploads: &limit})
	if err != nil {
		return nil, err
	}
	uploads := make([]Upload, 0, len(out.Uploads))
	for _, u := range out.Uploads {
		key, ok := decodeKey(u.Key)
		if !ok {
			continue
		}
		uploads = append(uploads, Upload{Key: key, ID: u.UploadID, Initiated: u.Initiated})
	}
	sort.SliceStable(uploads, func(i, j int) bool {
		if uploads[i].Key != uploads[j].Key {
			return uploads[i].Key < uploads[j].Key
		}
		return uploads[i].ID < uploads[j].ID
	})
	return uploads, nil
}

// decodeKey undoes encodeKey.
func decodeKey(path string) (string, bool) {
	parts := strings.Split(path, "/")
	for i, part := range parts {
		if i < len(parts)-1 {
			parts[i] = decodePart(part)
			continue
		}
		leaf, ok := decodeLeaf(part)
		if !ok {
			return "", false
		}
		parts[i] = leaf
	}
	return strings.Join(parts, "/"), true
}
