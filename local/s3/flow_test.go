package s3_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	local "github.com/mayfly-dev/mayfly/local/s3"
)

func (f *fixture) versioning(bucket string, status types.BucketVersioningStatus) {
	f.t.Helper()
	_, err := f.PutBucketVersioning(context.Background(), &s3.PutBucketVersioningInput{
		Bucket: &bucket, VersioningConfiguration: &types.VersioningConfiguration{Status: status},
	})
	must(f.t, err)
}

func (f *fixture) policy(bucket, text string) error {
	_, err := f.PutBucketPolicy(context.Background(), &s3.PutBucketPolicyInput{Bucket: &bucket, Policy: &text})
	return err
}

func allow(principal, bucket string) string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":` + principal + `,"Action":"s3:GetObject","Resource":"arn:aws:s3:::` + bucket + `/*"}]}`
}

// The life of a sandbox's bucket, from its creation to its removal.
func TestASandboxBucketLivesAndLeavesNothing(t *testing.T) {
	f := start(t, local.Options{Identities: oais{"E1": "canon1", "E2": "canon2"}})
	ctx := context.Background()
	const b = "sbx-0001-site"
	f.versionedBucket(b)
	must(t, f.policy(b, allow(`{"AWS":"arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1"}`, b)))
	v1 := f.put(b, "index.html", "<h1>one</h1>")
	f.put(b, "index.html", "<h1>two</h1>")

	for _, reader := range []struct {
		name   string
		who    local.Principal
		status int
	}{
		{"the identity that the policy names", local.OriginAccessIdentity("E1", "canon1"), 200},
		{"another identity", local.OriginAccessIdentity("E2", "canon2"), 403},
		{"nobody", local.Principal{}, 403},
		{"the root", local.Root(), 200},
		{"CloudFront for a distribution", local.ServicePrincipal(local.CloudFrontService, "arn:aws:cloudfront::000000000000:distribution/D"), 403},
	} {
		if status, body := f.as(reader.who, http.MethodGet, b+"/index.html"); status != reader.status || status == 200 && body != "<h1>two</h1>" {
			t.Errorf("read as %s: %d %s, want %d", reader.name, status, body, reader.status)
		}
	}

	if body, err := f.get(b, "index.html", v1); err != nil || body != "<h1>one</h1>" {
		t.Errorf("the first version: %q, %v", body, err)
	}
	deleted, err := f.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: aws.String(b), Key: aws.String("index.html")})
	must(t, err)
	if !aws.ToBool(deleted.DeleteMarker) || aws.ToString(deleted.VersionId) == "" {
		t.Errorf("delete made no marker: %+v", deleted)
	}
	_, err = f.get(b, "index.html", "")
	wantCode(t, err, "NoSuchKey")
	_, err = f.DeleteBucket(ctx, &s3.DeleteBucketInput{Bucket: aws.String(b)})
	wantCode(t, err, "BucketNotEmpty")

	f.empty(b)
	_, err = f.DeleteBucket(ctx, &s3.DeleteBucketInput{Bucket: aws.String(b)})
	must(t, err)
	_, err = f.DeleteBucket(ctx, &s3.DeleteBucketInput{Bucket: aws.String(b)})
	wantCode(t, err, "NoSuchBucket")
	// The name is free, and nothing of the old bucket comes back with it.
	f.bucket(b)
	_, err = f.GetBucketPolicy(ctx, &s3.GetBucketPolicyInput{Bucket: aws.String(b)})
	wantCode(t, err, "NoSuchBucketPolicy")
	versions, err := f.ListObjectVersions(ctx, &s3.ListObjectVersionsInput{Bucket: aws.String(b)})
	must(t, err)
	if n := len(versions.Versions) + len(versions.DeleteMarkers); n != 0 {
		t.Errorf("a new bucket has %d versions", n)
	}
}

// empty removes every version and marker, page by page.
func (f *fixture) empty(bucket string) {
	f.t.Helper()
	ctx := context.Background()
	pages := s3.NewListObjectVersionsPaginator(f.Client, &s3.ListObjectVersionsInput{Bucket: &bucket})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		must(f.t, err)
		var ids []types.ObjectIdentifier
		for _, v := range page.Versions {
			ids = append(ids, types.ObjectIdentifier{Key: v.Key, VersionId: v.VersionId})
		}
		for _, v := range page.DeleteMarkers {
			ids = append(ids, types.ObjectIdentifier{Key: v.Key, VersionId: v.VersionId})
		}
		if len(ids) == 0 {
			return
		}
		out, err := f.DeleteObjects(ctx, &s3.DeleteObjectsInput{Bucket: &bucket, Delete: &types.Delete{Objects: ids, Quiet: aws.Bool(true)}})
		must(f.t, err)
		if len(out.Errors) > 0 {
			f.t.Fatalf("delete: %+v", out.Errors)
		}
	}
}
