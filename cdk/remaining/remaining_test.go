package main

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"

	"github.com/mayfly-dev/mayfly/cdk/settings"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// records are sandboxes, in pages of two.
type records struct {
	names []string
	fails error
}

func (r records) List(_ context.Context, _ sandbox.Filter, page sandbox.Page) ([]sandbox.Sandbox, sandbox.Cursor, error) {
	if r.fails != nil {
		return nil, "", fmt.Errorf("list sandboxes: %w", r.fails)
	}
	from := 0
	if page.After != "" {
		from = len(page.After)
	}
	var found []sandbox.Sandbox
	for _, name := range r.names[from:min(from+2, len(r.names))] {
		found = append(found, sandbox.Sandbox{Name: name})
	}
	if from+2 >= len(r.names) {
		return found, "", nil
	}
	return found, sandbox.Cursor(strings.Repeat("x", from+2)), nil
}

// bucket is S3 with one bucket, which lists two versions at a time.
type bucket struct {
	name     string
	versions []string
	stay     bool
}

func (b *bucket) ListObjectVersions(_ context.Context, in *s3.ListObjectVersionsInput, _ ...func(*s3.Options)) (*s3.ListObjectVersionsOutput, error) {
	if *in.Bucket != b.name || *in.ExpectedBucketOwner != "111122223333" {
		return nil, &smithy.GenericAPIError{Code: "NoSuchBucket"}
	}
	out := &s3.ListObjectVersionsOutput{IsTruncated: aws.Bool(len(b.versions) > 2)}
	for i, id := range b.versions[:min(2, len(b.versions))] {
		if i == 0 {
			out.Versions = append(out.Versions, s3types.ObjectVersion{Key: aws.String("k"), VersionId: aws.String(id)})
		} else {
			out.DeleteMarkers = append(out.DeleteMarkers, s3types.DeleteMarkerEntry{Key: aws.String("k"), VersionId: aws.String(id)})
		}
	}
	if *out.IsTruncated {
		out.NextKeyMarker, out.NextVersionIdMarker = aws.String("k"), aws.String(b.versions[1])
	}
	return out, nil
}

func (b *bucket) DeleteObjects(_ context.Context, in *s3.DeleteObjectsInput, _ ...func(*s3.Options)) (*s3.DeleteObjectsOutput, error) {
	if b.stay {
		return &s3.DeleteObjectsOutput{Errors: []s3types.Error{{Key: aws.String("k"), Code: aws.String("AccessDenied"), Message: aws.String("no")}}}, nil
	}
	b.versions = b.versions[len(in.Delete.Objects):]
	return &s3.DeleteObjectsOutput{}, nil
}

type identity struct{}

func (identity) GetCallerIdentity(context.Context, *sts.GetCallerIdentityInput, ...func(*sts.Options)) (*sts.GetCallerIdentityOutput, error) {
	return &sts.GetCallerIdentityOutput{Account: aws.String("111122223333")}, nil
}

func TestDestroyIsRefusedWhileThereIsSomethingToTakeAway(t *testing.T) {
	const uploads = "uploads-mayfly-dev-111122223333-us-east-1"
	for name, test := range map[string]struct {
		stage   string
		records records
		bucket  *bucket
		says    []string
		fails   []string
	}{
		"sandboxes on two pages": {"dev", records{names: []string{"a", "b", "c"}}, &bucket{name: uploads, versions: []string{"1"}}, nil, []string{"3 sandboxes", "a, b, c", "mayfly delete"}},
		"more than is read":      {"dev", records{names: strings.Split("a b c d e f g h i j k l m n o p q r s t u v", " ")}, &bucket{name: uploads}, nil, []string{"22 sandboxes", "t, …"}},
		"none, and uploads":      {"dev", records{}, &bucket{name: uploads, versions: []string{"1", "2", "3"}}, []string{"No sandboxes", uploads + " is empty", "3 objects"}, nil},
		"none, and nothing":      {"dev", records{}, &bucket{name: uploads}, []string{"0 objects"}, nil},
		"no table, no bucket":    {"dev", records{fails: &smithy.GenericAPIError{Code: "ResourceNotFoundException"}}, &bucket{name: "another"}, []string{"No sandboxes"}, nil},
		"may not ask":            {"dev", records{fails: &smithy.GenericAPIError{Code: "AccessDeniedException"}}, &bucket{}, nil, []string{"stage dev in us-east-1", "AccessDeniedException"}},
		"uploads that stay":      {"dev", records{}, &bucket{name: uploads, versions: []string{"1"}, stay: true}, []string{"No sandboxes"}, []string{"1 objects stay", "AccessDenied"}},
		"prod":                   {"prod", records{}, &bucket{}, nil, []string{"termination protection"}},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := settings.Parse(map[string]any{"mayfly:stage": test.stage}, time.Date(2026, 11, 27, 0, 0, 0, 0, time.UTC))
			if err != nil {
				t.Fatal(err)
			}
			var out strings.Builder
			err = installation{settings: s, sandboxes: test.records, objects: test.bucket, account: identity{}}.clear(t.Context(), &out)
			if (err != nil) != (test.fails != nil) {
				t.Fatalf("got %v", err)
			}
			for _, part := range test.fails {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%q does not say %q", err, part)
				}
			}
			for _, part := range test.says {
				if !strings.Contains(out.String(), part) {
					t.Errorf("%q does not say %q", out.String(), part)
				}
			}
			if test.fails == nil && test.bucket.name == uploads && len(test.bucket.versions) != 0 {
				t.Errorf("%v stay", test.bucket.versions)
			}
		})
	}
}
