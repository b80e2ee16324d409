package s3_test

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/google/go-cmp/cmp"

	local "github.com/mayfly-dev/mayfly/local/s3"
)

func TestUsageCountsAllVersions(t *testing.T) {
	f := start(t, local.Options{})
	f.versionedBucket("used")
	f.versionedBucket("empty")
	f.put("used", "a", "12345")
	f.put("used", "a", "123")
	f.put("used", "folder/b", "1")
	_, err := f.DeleteObject(context.Background(), &s3.DeleteObjectInput{Bucket: aws.String("used"), Key: aws.String("a")})
	must(t, err)
	got, err := f.service.Usage(t.Context())
	must(t, err)
	want := map[string]local.Usage{"used": {Bucket: "used", Objects: 4, Bytes: 9}, "empty": {Bucket: "empty"}}
	by := map[string]local.Usage{}
	for _, u := range got {
		by[u.Bucket] = u
	}
	if diff := cmp.Diff(want, by); diff != "" {
		t.Error(diff)
	}
}
