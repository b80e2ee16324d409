package s3_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	local "github.com/mayfly-dev/mayfly/local/s3"
)

func (f *fixture) lifecycle(bucket string, rules ...types.LifecycleRule) error {
	_, err := f.PutBucketLifecycleConfiguration(context.Background(), &s3.PutBucketLifecycleConfigurationInput{
		Bucket: &bucket, LifecycleConfiguration: &types.BucketLifecycleConfiguration{Rules: rules},
	})
	return err
}

func all() *types.LifecycleRuleFilter { return &types.LifecycleRuleFilter{Prefix: aws.String("")} }

func TestLifecycleRulesRun(t *testing.T) {
	f := start(t, local.Options{})
	ctx := context.Background()
	b := aws.String("cycle")
	f.versionedBucket(*b)
	must(t, f.lifecycle(*b, types.LifecycleRule{
		Status: "Enabled", Filter: all(), NoncurrentVersionExpiration: &types.NoncurrentVersionExpiration{NoncurrentDays: aws.Int32(7)},
		AbortIncompleteMultipartUpload: &types.AbortIncompleteMultipartUpload{DaysAfterInitiation: aws.Int32(1)},
	}, types.LifecycleRule{
		Status: "Enabled", Filter: all(), Expiration: &types.LifecycleExpiration{ExpiredObjectDeleteMarker: aws.Bool(true)},
	}, types.LifecycleRule{
		Status: "Enabled", Filter: &types.LifecycleRuleFilter{Prefix: aws.String("tmp/")}, Expiration: &types.LifecycleExpiration{Days: aws.Int32(2)},
	}, types.LifecycleRule{
		Status: "Disabled", Filter: all(), Expiration: &types.LifecycleExpiration{Days: aws.Int32(1)},
	}))
	for _, body := range []string{"1", "2", "3"} {
		f.put(*b, "kept", body)
	}
	f.put(*b, "deleted", "v")
	_, err := f.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: b, Key: aws.String("deleted")})
	must(t, err)
	f.put(*b, "tmp/x", "v")
	_, err = f.CreateMultipartUpload(ctx, &s3.CreateMultipartUploadInput{Bucket: b, Key: aws.String("unfinished")})
	must(t, err)

	state := func() (lines []string) {
		versions, err := f.ListObjectVersions(ctx, &s3.ListObjectVersionsInput{Bucket: b})
		must(t, err)
		for _, v := range versions.Versions {
			lines = append(lines, *v.Key)
		}
		for _, m := range versions.DeleteMarkers {
			lines = append(lines, *m.Key+" marker")
		}
		uploads, err := f.ListMultipartUploads(ctx, &s3.ListMultipartUploadsInput{Bucket: b})
		must(t, err)
		for _, u := range uploads.Uploads {
			lines = append(lines, *u.Key+" upload")
		}
		slices.Sort(lines)
		return lines
	}
	for _, step := range []struct {
		days int
		want []string
	}{
		{0, []string{"deleted", "deleted marker", "kept", "kept", "kept", "tmp/x", "unfinished upload"}},
		{2, []string{"deleted", "deleted marker", "kept", "kept", "kept", "tmp/x"}},
		{4, []string{"deleted", "deleted marker", "kept", "kept", "kept", "tmp/x", "tmp/x marker"}},
		{9, []string{"kept"}}, // and a marker that hides nothing goes too
	} {
		must(t, f.service.RunLifecycle(ctx, time.Now().Add(time.Duration(step.days)*24*time.Hour)))
		if got := state(); !slices.Equal(got, step.want) {
			t.Errorf("after %d days: %q\nwant %q", step.days, got, step.want)
		}
	}
	if body, err := f.get(*b, "kept", ""); err != nil || body != "3" {
		t.Errorf("the current version: %q %v", body, err)
	}
}

func TestLifecycleRulesAreChecked(t *testing.T) {
	f := start(t, local.Options{})
	f.bucket("checked")
	for _, test := range []struct {
		name string
		rule types.LifecycleRule
		want string
	}{
		{"no action", types.LifecycleRule{Status: "Enabled", Filter: all()}, "InvalidRequest"},
		{"no days", types.LifecycleRule{Status: "Enabled", Filter: all(), Expiration: &types.LifecycleExpiration{Days: aws.Int32(0)}}, "InvalidArgument"},
		{"no such status", types.LifecycleRule{Status: "Maybe", Filter: all(), Expiration: &types.LifecycleExpiration{Days: aws.Int32(1)}}, "MalformedXML"},
		{"no filter", types.LifecycleRule{Status: "Enabled", Expiration: &types.LifecycleExpiration{Days: aws.Int32(1)}}, "MalformedXML"},
		{"a transition", types.LifecycleRule{Status: "Enabled", Filter: all(), Transitions: []types.Transition{{Days: aws.Int32(1), StorageClass: "GLACIER"}}}, "NotImplemented"},
	} {
		t.Run(test.name, func(t *testing.T) { wantCode(t, f.lifecycle("checked", test.rule), test.want) })
	}
}
