package s3store

import (
	"context"
	"fmt"
	"iter"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/mayfly-dev/mayfly/release"
)

// List lists the objects of a bucket whose keys have a prefix, to the last
// page, in the order of their keys. An error ends the sequence.
func List(ctx context.Context, client Lister, bucket, prefix string) iter.Seq2[release.Listed, error] {
	return func(yield func(release.Listed, error) bool) {
		in := &s3.ListObjectsV2Input{Bucket: &bucket}
		if prefix != "" {
			in.Prefix = &prefix
		}
		for {
			out, err := client.ListObjectsV2(ctx, in)
			if err != nil {
				yield(release.Listed{}, fmt.Errorf("list s3://%s/%s: %w", bucket, prefix, err))
				return
			}
			for _, o := range out.Contents {
				if !yield(release.Listed{Key: aws.ToString(o.Key), Size: aws.ToInt64(o.Size), ETag: unquote(o.ETag)}, nil) {
					return
				}
			}
			if !aws.ToBool(out.IsTruncated) {
				return
			}
			in.ContinuationToken = out.NextContinuationToken
		}
	}
}

// Version is one version of an object.
type Version struct {
	release.Listed
	VersionID string
}

// Current lists the current version of every object of a bucket.
func Current(ctx context.Context, client VersionLister, bucket string) iter.Seq2[Version, error] {
	return func(yield func(Version, error) bool) {
		in := &s3.ListObjectVersionsInput{Bucket: &bucket}
		for {
			out, err := client.ListObjectVersions(ctx, in)
			if err != nil {
				yield(Version{}, fmt.Errorf("list versions of s3://%s: %w", bucket, err))
				return
			}
			for _, v := range out.Versions {
				if !aws.ToBool(v.IsLatest) {
					continue
				}
				listed := release.Listed{Key: aws.ToString(v.Key), Size: aws.ToInt64(v.Size), ETag: unquote(v.ETag)}
				if !yield(Version{Listed: listed, VersionID: aws.ToString(v.VersionId)}, nil) {
					return
				}
			}
			if !aws.ToBool(out.IsTruncated) {
				return
			}
			in.KeyMarker, in.VersionIdMarker = out.NextKeyMarker, out.NextVersionIdMarker
		}
	}
}
