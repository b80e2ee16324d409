package s3_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	local "github.com/mayfly-dev/mayfly/local/s3"
)

// model lists keys as S3 documents it.
func model(keys []string, prefix, delimiter, after string) (lines []string) {
	slices.Sort(keys)
	for _, key := range keys {
		if !strings.HasPrefix(key, prefix) || key <= after {
			continue
		}
		line := key
		if before, _, found := strings.Cut(key[len(prefix):], delimiter); delimiter != "" && found {
			line = prefix + before + delimiter
		}
		if line > after && (len(lines) == 0 || lines[len(lines)-1] != line) {
			lines = append(lines, line)
		}
	}
	return lines
}

func TestListsAgreeWithTheDocumentation(t *testing.T) {
	f := start(t, local.Options{})
	ctx := context.Background()
	f.versionedBucket("lists")
	random := rand.New(rand.NewPCG(1, 2))
	parts := []string{"a", "b", "a-", "a.b", "ab", "", "é", "z"}
	set := map[string]bool{}
	for len(set) < 60 {
		key := parts[random.IntN(7)]
		for range random.IntN(3) {
			key += "/" + parts[random.IntN(len(parts))]
		}
		if key != "" {
			set[key] = true
		}
	}
	var live []string
	for key := range set {
		f.put("lists", key, "v")
		if len(live) >= 50 { // ten end as delete markers
			_, err := f.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: aws.String("lists"), Key: &key})
			must(t, err)
			continue
		}
		live = append(live, key)
	}
	for _, prefix := range []string{"", "a", "a/", "a-", "b/a", "nothing"} {
		for _, delimiter := range []string{"", "/", "-", "b"} {
			for _, after := range []string{"", "a", "a/", "a/b", "b", "zz"} {
				for _, size := range []int32{1, 7, 1000} {
					want := model(live, prefix, delimiter, after)
					input := &s3.ListObjectsV2Input{Bucket: aws.String("lists"), Prefix: &prefix, Delimiter: &delimiter, StartAfter: &after, MaxKeys: &size}
					var got []string
					for pages := s3.NewListObjectsV2Paginator(f.Client, input); pages.HasMorePages(); {
						page, err := pages.NextPage(ctx)
						must(t, err)
						var lines []string
						for _, o := range page.Contents {
							lines = append(lines, *o.Key)
						}
						for _, p := range page.CommonPrefixes {
							lines = append(lines, *p.Prefix)
						}
						if int(*page.KeyCount) != len(lines) || len(lines) > int(size) || *page.IsTruncated != (len(got)+len(lines) < len(want)) {
							t.Fatalf("page of %d lines, truncated %v, after %d of %d", len(lines), *page.IsTruncated, len(got), len(want))
						}
						slices.Sort(lines)
						got = append(got, lines...)
					}
					if !slices.Equal(got, want) {
						t.Fatalf("prefix %q, delimiter %q, after %q, pages of %d:\n got %q\nwant %q", prefix, delimiter, after, size, got, want)
					}
				}
			}
		}
	}
}

func TestVersionsAreListedToTheirEnd(t *testing.T) {
	f := start(t, local.Options{})
	ctx := context.Background()
	b := aws.String("history")
	f.bucket(*b)
	var want []string
	write := func(key, body string) {
		version := f.put(*b, key, body)
		if version == "" {
			version = "null"
		}
		want = append(want, key+" "+version)
	}
	write("a", "before versioning")
	write("b", "before versioning")
	f.versioning(*b, "Enabled")
	write("a", "1")
	write("a", "2")
	for i := range 3 {
		write("c/d", fmt.Sprint(i))
	}
	out, err := f.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: b, Key: aws.String("a")})
	must(t, err)
	want = append(want, "a "+*out.VersionId)
	f.versioning(*b, "Suspended")
	if version := f.put(*b, "c/d", "suspended"); version != "" && version != "null" {
		t.Errorf("a version under suspension: %s", version)
	}
	want = append(want, "c/d null")
	f.versioning(*b, "Enabled")
	write("c/d", "again")

	for _, size := range []int32{1, 2, 3, 1000} {
		var got []string
		latest := map[string]int{}
		order := map[string][]types.ObjectVersion{}
		for pages := s3.NewListObjectVersionsPaginator(f.Client, &s3.ListObjectVersionsInput{Bucket: b, MaxKeys: &size}); pages.HasMorePages(); {
			page, err := pages.NextPage(ctx)
			must(t, err)
			for _, v := range page.Versions {
				got = append(got, *v.Key+" "+*v.VersionId)
				order[*v.Key] = append(order[*v.Key], v)
				if *v.IsLatest {
					latest[*v.Key]++
				}
			}
			for _, m := range page.DeleteMarkers {
				got = append(got, *m.Key+" "+*m.VersionId)
				if *m.IsLatest {
					latest[*m.Key]++
				}
			}
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("pages of %d:\n got %q\nwant %q", size, got, want)
		}
		for key, n := range latest {
			if n != 1 {
				t.Errorf("%s has %d latest versions", key, n)
			}
		}
		for key, versions := range order {
			if !slices.IsSortedFunc(versions, func(x, y types.ObjectVersion) int { return y.LastModified.Compare(*x.LastModified) }) {
				t.Errorf("the versions of %s are not from the newest to the oldest", key)
			}
		}
	}
	if body, err := f.get(*b, "c/d", "null"); err != nil || body != "suspended" {
		t.Errorf("the null version: %q %v", body, err)
	}
	f.empty(*b)
	_, err = f.DeleteBucket(ctx, &s3.DeleteBucketInput{Bucket: b})
	must(t, err)
}
