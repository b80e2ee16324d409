package s3_test

import (
	"context"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	local "github.com/mayfly-dev/mayfly/local/s3"
)

func TestAnObjectComesInParts(t *testing.T) {
	f := start(t, local.Options{})
	ctx := context.Background()
	b, k := aws.String("parts"), aws.String("dir/large")
	f.versionedBucket(*b)
	f.put(*b, *k, "an earlier version")
	upload, err := f.CreateMultipartUpload(ctx, &s3.CreateMultipartUploadInput{Bucket: b, Key: k, ContentType: aws.String("text/plain"), Metadata: map[string]string{"a": "1"}})
	must(t, err)
	other, err := f.CreateMultipartUpload(ctx, &s3.CreateMultipartUploadInput{Bucket: b, Key: aws.String("other")})
	must(t, err)
	large := strings.Repeat("x", 5<<20)
	var done []types.CompletedPart
	for i, body := range []string{large, "the end"} {
		out, err := f.UploadPart(ctx, &s3.UploadPartInput{Bucket: b, Key: k, UploadId: upload.UploadId, PartNumber: aws.Int32(int32(i + 1)), Body: strings.NewReader(body)})
		must(t, err)
		done = append(done, types.CompletedPart{PartNumber: aws.Int32(int32(i + 1)), ETag: out.ETag, ChecksumCRC32: out.ChecksumCRC32})
	}
	parts, err := f.ListParts(ctx, &s3.ListPartsInput{Bucket: b, Key: k, UploadId: upload.UploadId, MaxParts: aws.Int32(1)})
	must(t, err)
	if len(parts.Parts) != 1 || !*parts.IsTruncated || *parts.Parts[0].Size != 5<<20 || *parts.Key != *k || *parts.Bucket != *b {
		t.Errorf("parts: %+v", parts)
	}
	uploads, err := f.ListMultipartUploads(ctx, &s3.ListMultipartUploadsInput{Bucket: b, MaxUploads: aws.Int32(1)})
	must(t, err)
	if len(uploads.Uploads) != 1 || *uploads.Uploads[0].Key != *k || !*uploads.IsTruncated {
		t.Errorf("uploads: %+v", uploads)
	}
	uploads, err = f.ListMultipartUploads(ctx, &s3.ListMultipartUploadsInput{Bucket: b, KeyMarker: uploads.NextKeyMarker, UploadIdMarker: uploads.NextUploadIdMarker})
	must(t, err)
	if len(uploads.Uploads) != 1 || *uploads.Uploads[0].UploadId != *other.UploadId || *uploads.IsTruncated {
		t.Errorf("next uploads: %+v", uploads)
	}
	complete := func(parts ...types.CompletedPart) (*s3.CompleteMultipartUploadOutput, error) {
		return f.CompleteMultipartUpload(ctx, &s3.CompleteMultipartUploadInput{Bucket: b, Key: k, UploadId: upload.UploadId, MultipartUpload: &types.CompletedMultipartUpload{Parts: parts}})
	}
	_, err = complete(done[1], done[0])
	wantCode(t, err, "InvalidPartOrder")
	_, err = complete(types.CompletedPart{PartNumber: aws.Int32(1), ETag: aws.String(`"00000000000000000000000000000000"`)})
	wantCode(t, err, "InvalidPart")
	out, err := complete(done...)
	must(t, err)
	if aws.ToString(out.VersionId) == "" || !strings.HasSuffix(*out.ETag, `-2"`) {
		t.Errorf("completed: %+v", out)
	}
	if body, err := f.get(*b, *k, ""); err != nil || body != large+"the end" {
		t.Errorf("%d bytes, %v", len(body), err)
	}
	head, err := f.HeadObject(ctx, &s3.HeadObjectInput{Bucket: b, Key: k})
	must(t, err)
	if *head.ContentType != "text/plain" || head.Metadata["a"] != "1" {
		t.Errorf("attributes: %+v", head)
	}
	versions, err := f.ListObjectVersions(ctx, &s3.ListObjectVersionsInput{Bucket: b})
	must(t, err)
	if len(versions.Versions) != 2 {
		t.Errorf("%d versions", len(versions.Versions))
	}

	copied, err := f.UploadPartCopy(ctx, &s3.UploadPartCopyInput{Bucket: b, Key: aws.String("other"), UploadId: other.UploadId, PartNumber: aws.Int32(1), CopySource: aws.String("parts/dir/large"), CopySourceRange: aws.String("bytes=5242880-5242882")})
	must(t, err)
	_, err = f.CompleteMultipartUpload(ctx, &s3.CompleteMultipartUploadInput{Bucket: b, Key: aws.String("other"), UploadId: other.UploadId, MultipartUpload: &types.CompletedMultipartUpload{
		Parts: []types.CompletedPart{{PartNumber: aws.Int32(1), ETag: copied.CopyPartResult.ETag}},
	}})
	must(t, err)
	if body, err := f.get(*b, "other", ""); err != nil || body != "the" {
		t.Errorf("copied part: %q %v", body, err)
	}

	gone, err := f.CreateMultipartUpload(ctx, &s3.CreateMultipartUploadInput{Bucket: b, Key: k})
	must(t, err)
	abort := func() error {
		_, err := f.AbortMultipartUpload(ctx, &s3.AbortMultipartUploadInput{Bucket: b, Key: k, UploadId: gone.UploadId})
		return err
	}
	must(t, abort())
	wantCode(t, abort(), "NoSuchUpload")
	_, err = f.UploadPart(ctx, &s3.UploadPartInput{Bucket: b, Key: k, UploadId: aws.String("../../x"), PartNumber: aws.Int32(1), Body: strings.NewReader("v")})
	wantCode(t, err, "NoSuchUpload")
	left, err := f.ListMultipartUploads(ctx, &s3.ListMultipartUploadsInput{Bucket: b})
	must(t, err)
	if len(left.Uploads) != 0 {
		t.Errorf("uploads left: %+v", left.Uploads)
	}
	f.empty(*b)
	_, err = f.DeleteBucket(ctx, &s3.DeleteBucketInput{Bucket: b})
	must(t, err)
}
