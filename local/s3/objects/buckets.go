package objects

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/versity/versitygw/s3err"
)

// Buckets lists the buckets that have a folder.
func (s *Store) Buckets() ([]string, error) {
	entries, err := os.ReadDir(s.objects)
	if err != nil {
		return nil, fmt.Errorf("list buckets: %w", err)
	}
	var names []string
	for _, e := range entries {
		if e.IsDir() {
			names = append(names, e.Name())
		}
	}
	return names, nil
}

// CreateBucket makes a bucket, or finds it made.
func (s *Store) CreateBucket(ctx context.Context, name string) error {
	path := s.path(name)
	err := s.posix.CreateBucket(ctx, &s3.CreateBucketInput{
		Bucket:                    &path,
		CreateBucketConfiguration: &types.CreateBucketConfiguration{},
	}, []byte(`{}`))
	var known s3err.S3Error
	if errors.As(err, &known) && strings.HasPrefix(known.BaseError().Code, "BucketAlready") {
		err = nil
	}
	if err != nil {
		return fmt.Errorf("create bucket %s: %w", name, err)
	}
	for _, folder := range []string{filepath.Join(path, temporaryDir), filepath.Join(s.versions, name, temporaryDir)} {
		if err := os.MkdirAll(folder, 0o700); err != nil {
			return fmt.Errorf("create bucket %s: %w", name, err)
		}
	}
	return nil
}

// DeleteBucket removes a bucket, calling committed once it is known to be
// empty and nothing can come into it any more. It answers BucketNotEmpty while
// there is a version or a marker. A bucket without a folder is success.
func (s *Store) DeleteBucket(ctx context.Context, name string, committed func() error) error {
	lock := s.bucket(name)
	lock.Lock()
	defer lock.Unlock()
	for _, tree := range []string{s.path(name), filepath.Join(s.versions, name)} {
		occupied, err := s.occupied(tree)
		if err != nil {
			return fmt.Errorf("delete bucket %s: %w", name, err)
		}
		if occupied {
			return s3err.GetAPIError(s3err.ErrBucketNotEmpty)
		}
	}
	if err := committed(); err != nil {
		return err
	}
	// What is left are empty folders and uploads that were never completed.
	if err := s.sweeper.trees(filepath.Join(s.versions, name), s.path(name)); err != nil {
		return fmt.Errorf("delete bucket %s: %w", name, err)
	}
	return s.meta.DeleteAttributes(s.path(name), "")
}

// occupied reports whether a tree has a file outside the temporary folder.
// Folders alone do not count: a kill may leave them empty.
func (s *Store) occupied(tree string) (bool, error) {
	found := errors.New("found")
	err := filepath.WalkDir(tree, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case missing(err):
			return nil
		case err != nil:
			return err
		case entry.IsDir() && entry.Name() == temporaryDir:
			return fs.SkipDir
		case entry.IsDir():
			return nil
		case strings.HasPrefix(path, s.objects):
			if _, ours := decodeLeaf(entry.Name()); !ours {
				return nil
			}
		case strings.HasPrefix(entry.Name(), "."):
			return nil
		}
		return found
	})
	if errors.Is(err, found) {
		return true, nil
	}
	return false, err
}

// SetVersioning turns versioning on or suspends it.
func (s *Store) SetVersioning(ctx context.Context, bucket string, enabled bool) error {
	status := types.BucketVersioningStatusSuspended
	if enabled {
		status = types.BucketVersioningStatusEnabled
	}
	return s.posix.PutBucketVersioning(ctx, s.path(bucket), status)
}

// Versioning is Enabled, Suspended, or empty for a bucket that never had it.
func (s *Store) Versioning(ctx context.Context, bucket string) (types.BucketVersioningStatus, error) {
	out, err := s.posix.GetBucketVersioning(ctx, s.path(bucket))
	if err != nil || out.Status == nil {
		return "", err
	}
	return *out.Status, nil
}
