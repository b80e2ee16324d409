package s3_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	local "github.com/mayfly-dev/mayfly/local/s3"
)

// Keys of one prefix share folders on the disk, and so do the versions of keys
// that have nothing in common; they come and go with them. S3 has no folders,
// so no client may notice.
func TestObjectsOfOnePrefixComeAndGoAtOnce(t *testing.T) {
	for _, versioned := range []bool{false, true} {
		t.Run(fmt.Sprintf("versioned %t", versioned), func(t *testing.T) {
			f := start(t, local.Options{})
			f.bucket("shared")
			if versioned {
				f.versioning("shared", "Enabled")
			}
			var all sync.WaitGroup
			for worker := range 6 {
				all.Go(func() {
					for range 40 {
						if err := f.comeAndGo(t.Context(), fmt.Sprintf("a/b/c/%d", worker)); err != nil {
							t.Error(err)
							return
						}
					}
				})
			}
			all.Wait()
			_, err := f.DeleteBucket(t.Context(), &s3.DeleteBucketInput{Bucket: aws.String("shared")})
			must(t, err)
		})
	}
}

// comeAndGo writes an object twice and deletes all of it.
func (f *fixture) comeAndGo(ctx context.Context, key string) error {
	var versions []*string
	for range 2 {
		out, err := f.PutObject(ctx, &s3.PutObjectInput{Bucket: aws.String("shared"), Key: &key, Body: strings.NewReader("v")})
		if err != nil {
			return err
		}
		versions = append(versions, out.VersionId)
	}
	marker, err := f.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: aws.String("shared"), Key: &key})
	if err != nil || marker.VersionId == nil {
		return err
	}
	for _, version := range append(versions, marker.VersionId) {
		if _, err := f.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: aws.String("shared"), Key: &key, VersionId: version}); err != nil {
			return err
		}
	}
	return nil
}
