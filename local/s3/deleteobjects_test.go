package s3_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	local "github.com/mayfly-dev/mayfly/local/s3"
)

// One call deletes any versions of a key, in any order, and answers for each;
// what is left is the key's history without them, whose newest is current.
func TestVersionsOfAKeyAreDeletedTogether(t *testing.T) {
	const foreign = "01KAAAAAAAAAAAAAAAAAAAAAAA" // the id of a version that never was
	for name, test := range map[string]struct {
		delete  []string // of n (written without versioning), a, m (a marker), b; or ids
		deleted []string // as DeleteObjects answers, a marker with a star
		refused []string
		left    []string // the newest first
	}{
		"earlier ones":               {[]string{"a", "n"}, []string{"a", "n"}, nil, []string{"b", "m"}},
		"a marker among them":        {[]string{"n", "m"}, []string{"n", "m*"}, nil, []string{"b", "a"}},
		"the current one":            {[]string{"b"}, []string{"b"}, nil, []string{"m", "a", "n"}},
		"the current one first":      {[]string{"b", "m", "a"}, []string{"b", "m*", "a"}, nil, []string{"n"}},
		"the current one in between": {[]string{"n", "b", "a"}, []string{"n", "b", "a"}, nil, []string{"m"}},
		"all of them":                {[]string{"n", "a", "m", "b"}, []string{"n", "a", "m*", "b"}, nil, nil},
		"one twice":                  {[]string{"b", "b", "a", "a"}, []string{"b", "b", "a", "a"}, nil, []string{"m", "n"}},
		"one that is not there":      {[]string{"a", foreign, "b"}, []string{"a", foreign, "b"}, nil, []string{"m", "n"}},
		"what is no version":         {[]string{"a", "../x", "b"}, []string{"a", "b"}, []string{"../x NoSuchVersion"}, []string{"m", "n"}},
	} {
		for _, sidecar := range []bool{false, true} {
			for _, quiet := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s, sidecar %t, quiet %t", name, sidecar, quiet), func(t *testing.T) {
					f := start(t, local.Options{Sidecar: sidecar})
					ids := f.history("together", "dir/k")
					names := map[string]string{}
					for name, id := range ids {
						names[id] = name
					}
					var objects []types.ObjectIdentifier
					for _, one := range test.delete {
						id, ok := ids[one]
						if !ok {
							id = one
						}
						objects = append(objects, types.ObjectIdentifier{Key: aws.String("dir/k"), VersionId: &id})
					}
					out, err := f.DeleteObjects(t.Context(), &s3.DeleteObjectsInput{
						Bucket: aws.String("together"), Delete: &types.Delete{Objects: objects, Quiet: &quiet},
					})
					must(t, err)
					var deleted, refused []string
					for _, d := range out.Deleted {
						one := named(names, aws.ToString(d.VersionId))
						if aws.ToBool(d.DeleteMarker) {
							if aws.ToString(d.DeleteMarkerVersionId) != aws.ToString(d.VersionId) {
								t.Errorf("the marker %s has the id %s", aws.ToString(d.VersionId), aws.ToString(d.DeleteMarkerVersionId))
							}
							one += "*"
						}
						deleted = append(deleted, one)
					}
					for _, e := range out.Errors {
						refused = append(refused, aws.ToString(e.VersionId)+" "+aws.ToString(e.Code))
					}
					want := test.deleted
					if quiet {
						want = nil
					}
					if !slices.Equal(deleted, want) || !slices.Equal(refused, test.refused) {
						t.Errorf("deleted %q and refused %q; want %q and %q", deleted, refused, want, test.refused)
					}
					f.wantHistory("together", names, test.left)
					f.empty("together")
					_, err = f.DeleteBucket(t.Context(), &s3.DeleteBucketInput{Bucket: aws.String("together")})
					must(t, err)
				})
			}
		}
	}
}

// history makes a versioned bucket with four versions of a key and one version of
// another beside it, and answers their ids by name: n, a, m, b.
func (f *fixture) history(bucket, key string) map[string]string {
	f.t.Helper()
	f.bucket(bucket)
	f.put(bucket, key, "n")
	f.versioning(bucket, "Enabled")
	f.put(bucket, key+"2", "beside")
	ids := map[string]string{"n": "null", "a": f.put(bucket, key, "a")}
	marker, err := f.DeleteObject(context.Background(), &s3.DeleteObjectInput{Bucket: &bucket, Key: &key})
	must(f.t, err)
	ids["m"], ids["b"] = aws.ToString(marker.VersionId), f.put(bucket, key, "b")
	return ids
}

// wantHistory checks what is left of a key's history, and its current content.
func (f *fixture) wantHistory(bucket string, names map[string]string, want []string) {
	f.t.Helper()
	versions, err := f.ListObjectVersions(context.Background(), &s3.ListObjectVersionsInput{Bucket: &bucket})
	must(f.t, err)
	type line struct {
		name   string
		latest bool
	}
	var left []line
	beside := 0
	add := func(key, id *string, latest *bool) {
		if strings.HasSuffix(*key, "2") {
			beside++
			return
		}
		left = append(left, line{named(names, *id), *latest})
	}
	for _, v := range versions.Versions {
		add(v.Key, v.VersionId, v.IsLatest)
	}
	for _, m := range versions.DeleteMarkers {
		add(m.Key, m.VersionId, m.IsLatest)
	}
	if beside != 1 {
		f.t.Errorf("%d versions beside it are left", beside)
	}
	if len(left) != len(want) {
		f.t.Errorf("left %+v, want %q", left, want)
	}
	for _, l := range left {
		if at := slices.Index(want, l.name); at < 0 || l.latest != (at == 0) {
			f.t.Errorf("left %+v, want %q", left, want)
		}
	}
	body, err := f.get(bucket, "dir/k", "")
	switch {
	case len(want) == 0 || want[0] == "m":
		wantCode(f.t, err, "NoSuchKey")
	case err != nil || body != want[0]:
		f.t.Errorf("the current content is %q (%v), want %q", body, err, want[0])
	}
}

func named(names map[string]string, id string) string {
	if name, ok := names[id]; ok {
		return name
	}
	return id
}

// Entries that are about the same key but not about its versions alone are
// treated one by one, in their order.
func TestDeletesOfAKeyKeepTheirOrder(t *testing.T) {
	f := start(t, local.Options{})
	ids := f.history("order", "dir/k")
	key := aws.String("dir/k")
	out, err := f.DeleteObjects(t.Context(), &s3.DeleteObjectsInput{Bucket: aws.String("order"), Delete: &types.Delete{Objects: []types.ObjectIdentifier{
		{Key: key, VersionId: aws.String(ids["a"])},
		{Key: key, VersionId: aws.String(ids["b"]), ETag: aws.String(`"other"`)},
		{Key: key},
		{Key: key, VersionId: aws.String(ids["b"])},
		{Key: aws.String("dir/k2")},
		{Key: key, VersionId: aws.String(ids["n"])},
	}}})
	must(t, err)
	if len(out.Errors) != 1 || aws.ToString(out.Errors[0].Code) != "PreconditionFailed" {
		t.Errorf("errors: %+v", out.Errors)
	}
	var deleted []string
	for _, d := range out.Deleted {
		deleted = append(deleted, fmt.Sprint(*d.Key, " ", aws.ToString(d.VersionId), " ", aws.ToBool(d.DeleteMarker)))
	}
	want := []string{"dir/k " + ids["a"] + " false", "dir/k  true", "dir/k " + ids["b"] + " false", "dir/k2  true", "dir/k " + ids["n"] + " false"}
	if !slices.Equal(deleted, want) {
		t.Errorf("deleted %q, want %q", deleted, want)
	}
	versions, err := f.ListObjectVersions(t.Context(), &s3.ListObjectVersionsInput{Bucket: aws.String("order"), Prefix: key})
	must(t, err)
	if len(versions.Versions) != 1 || len(versions.DeleteMarkers) != 3 {
		t.Errorf("left: %+v and %+v", versions.Versions, versions.DeleteMarkers)
	}
}
