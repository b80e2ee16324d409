package objects

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// A Part is the part of an object to read; at most one of the two is set.
type Part struct {
	Range  string // as in the Range header
	Number *int32 // of a multipart upload
}

// Get opens an object, or a version of it. The caller closes the body.
func (s *Store) Get(ctx context.Context, bucket, key, version string, part Part) (*s3.GetObjectOutput, error) {
	lock := s.key(bucket, key)
	// So that the attributes read belong to the file that is opened.
	lock.RLock()
	defer lock.RUnlock()
	path, encoded := s.path(bucket), encodeKey(key)
	out, err := s.posix.GetObject(ctx, &s3.GetObjectInput{
		Bucket: &path, Key: &encoded, VersionId: optional(version),
		Range: &part.Range, PartNumber: part.Number, ChecksumMode: types.ChecksumModeEnabled,
	})
	if out != nil && out.VersionId != nil && out.LastModified != nil {
		at := modified(*out.VersionId, *out.LastModified)
		out.LastModified = &at
	}
	return out, err
}

// Head is what Get answers, without the body.
func (s *Store) Head(ctx context.Context, bucket, key, version string, part Part) (*s3.HeadObjectOutput, error) {
	lock := s.key(bucket, key)
	lock.RLock()
	defer lock.RUnlock()
	path, encoded := s.path(bucket), encodeKey(key)
	out, err := s.posix.HeadObject(ctx, &s3.HeadObjectInput{
		Bucket: &path, Key: &encoded, VersionId: optional(version),
		Range: &part.Range, PartNumber: part.Number, ChecksumMode: types.ChecksumModeEnabled,
	})
	if out != nil && out.VersionId != nil && out.LastModified != nil {
		at := modified(*out.VersionId, *out.LastModified)
		out.LastModified = &at
	}
	return out, err
}

// CurrentVersion is the id of a key's current version or marker; it is "" when
// the key has none.
func (s *Store) CurrentVersion(bucket, key string) (string, error) {
	return s.currentVersion(bucket, key)
}

// Tags are the tags of an object, or of a version of it.
func (s *Store) Tags(ctx context.Context, bucket, key, version string) (map[string]string, error) {
	return s.posix.GetObjectTagging(ctx, s.path(bucket), encodeKey(key), version)
}

// SetTags replaces the tags of an object; nil removes them.
func (s *Store) SetTags(ctx context.Context, bucket, key, version string, tags map[string]string) error {
	lock := s.key(bucket, key)
	lock.Lock()
	defer lock.Unlock()
	return s.posix.PutObjectTagging(ctx, s.path(bucket), encodeKey(key), version, tags)
}

func optional(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
