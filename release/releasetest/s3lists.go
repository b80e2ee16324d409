package releasetest

import (
	"bytes"
	"cmp"
	"context"
	"crypto/md5" //nolint:gosec // S3's ETags
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// ListObjectsV2 implements S3's operation.
func (f *S3) ListObjectsV2(_ context.Context, in *s3.ListObjectsV2Input, _ ...func(*s3.Options)) (*s3.ListObjectsV2Output, error) {
	defer f.mu.Unlock()
	objects, err := f.enter("ListObjectsV2", in.Bucket, in.Prefix)
	if err != nil {
		return nil, err
	}
	out := &s3.ListObjectsV2Output{IsTruncated: aws.Bool(false)}
	for _, key := range slices.Sorted(maps.Keys(objects)) {
		if key <= aws.ToString(in.ContinuationToken) || !strings.HasPrefix(key, aws.ToString(in.Prefix)) {
			continue
		}
		v, err := find(objects, key, nil)
		if err != nil {
			continue
		}
		if len(out.Contents) == f.page() {
			out.IsTruncated, out.NextContinuationToken = aws.Bool(true), out.Contents[len(out.Contents)-1].Key
			break
		}
		out.Contents = append(out.Contents, types.Object{Key: aws.String(key), Size: aws.Int64(int64(len(v.Data))), ETag: quote(v.ETag)})
	}
	return out, nil
}

// ListObjectVersions implements S3's operation, without delete markers.
func (f *S3) ListObjectVersions(_ context.Context, in *s3.ListObjectVersionsInput, _ ...func(*s3.Options)) (*s3.ListObjectVersionsOutput, error) {
	defer f.mu.Unlock()
	objects, err := f.enter("ListObjectVersions", in.Bucket, in.Prefix)
	if err != nil {
		return nil, err
	}
	var all []types.ObjectVersion
	for _, key := range slices.Sorted(maps.Keys(objects)) {
		for i, v := range slices.Backward(objects[key]) {
			if !v.Marker {
				all = append(all, types.ObjectVersion{
					Key: aws.String(key), VersionId: &v.ID, ETag: quote(v.ETag), Size: aws.Int64(int64(len(v.Data))),
					IsLatest: aws.Bool(i == len(objects[key])-1),
				})
			}
		}
	}
	if in.KeyMarker != nil {
		at := slices.IndexFunc(all, func(v types.ObjectVersion) bool {
			return *v.Key == *in.KeyMarker && *v.VersionId == aws.ToString(in.VersionIdMarker)
		})
		all = all[at+1:]
	}
	out := &s3.ListObjectVersionsOutput{IsTruncated: aws.Bool(false), Versions: all}
	if len(all) > f.page() {
		out.Versions, out.IsTruncated = all[:f.page()], aws.Bool(true)
		last := out.Versions[f.page()-1]
		out.NextKeyMarker, out.NextVersionIdMarker = last.Key, last.VersionId
	}
	return out, nil
}

// DeleteObject implements S3's operation: it puts a delete marker.
func (f *S3) DeleteObject(_ context.Context, in *s3.DeleteObjectInput, _ ...func(*s3.Options)) (*s3.DeleteObjectOutput, error) {
	defer f.mu.Unlock()
	objects, err := f.enter("DeleteObject", in.Bucket, in.Key)
	if err != nil {
		return nil, err
	}
	f.add(objects, *in.Key, &Version{Marker: true})
	return &s3.DeleteObjectOutput{}, nil
}

// DeleteObjects implements S3's operation. What Fail says of a key under the
// operation DeleteObjects.key is the key's own error.
func (f *S3) DeleteObjects(_ context.Context, in *s3.DeleteObjectsInput, _ ...func(*s3.Options)) (*s3.DeleteObjectsOutput, error) {
	defer f.mu.Unlock()
	objects, err := f.enter("DeleteObjects", in.Bucket, nil)
	if err != nil {
		return nil, err
	}
	if len(in.Delete.Objects) > 1000 {
		return nil, Error("MalformedXML")
	}
	out := &s3.DeleteObjectsOutput{}
	for _, o := range in.Delete.Objects {
		if f.Fail != nil {
			if err := f.Fail("DeleteObjects.key", *o.Key); err != nil {
				out.Errors = append(out.Errors, types.Error{Key: o.Key, Code: aws.String(err.Error()), Message: aws.String("refused")})
				continue
			}
		}
		f.Log = append(f.Log, "Delete "+*in.Bucket+"/"+*o.Key)
		f.add(objects, *o.Key, &Version{Marker: true})
	}
	return out, nil
}

// CreateMultipartUpload implements S3's operation.
func (f *S3) CreateMultipartUpload(_ context.Context, in *s3.CreateMultipartUploadInput, _ ...func(*s3.Options)) (*s3.CreateMultipartUploadOutput, error) {
	defer f.mu.Unlock()
	if _, err := f.enter("CreateMultipartUpload", in.Bucket, in.Key); err != nil {
		return nil, err
	}
	f.serial++
	id := fmt.Sprintf("u%06d", f.serial)
	f.uploads[id] = &upload{in: in, parts: make(map[int32][]byte)}
	return &s3.CreateMultipartUploadOutput{UploadId: &id}, nil
}

// UploadPart implements S3's operation.
func (f *S3) UploadPart(_ context.Context, in *s3.UploadPartInput, _ ...func(*s3.Options)) (*s3.UploadPartOutput, error) {
	data, err := io.ReadAll(in.Body)
	if err != nil {
		return nil, err
	}
	defer f.mu.Unlock()
	if _, err := f.enter("UploadPart", in.Bucket, in.Key); err != nil {
		return nil, err
	}
	u, ok := f.uploads[*in.UploadId]
	if !ok {
		return nil, &types.NoSuchUpload{}
	}
	u.parts[*in.PartNumber] = data
	return &s3.UploadPartOutput{ETag: quote(md5Hex(data))}, nil
}

// CompleteMultipartUpload implements S3's operation.
func (f *S3) CompleteMultipartUpload(_ context.Context, in *s3.CompleteMultipartUploadInput, _ ...func(*s3.Options)) (*s3.CompleteMultipartUploadOutput, error) {
	defer f.mu.Unlock()
	objects, err := f.enter("CompleteMultipartUpload", in.Bucket, in.Key)
	if err != nil {
		return nil, err
	}
	u, ok := f.uploads[*in.UploadId]
	if !ok {
		return nil, &types.NoSuchUpload{}
	}
	const smallest = 5 << 20
	var all bytes.Buffer
	var sums []byte
	parts := in.MultipartUpload.Parts
	if !slices.IsSortedFunc(parts, func(a, b types.CompletedPart) int { return cmp.Compare(*a.PartNumber, *b.PartNumber) }) {
		return nil, Error("InvalidPartOrder")
	}
	for i, p := range parts {
		data, ok := u.parts[*p.PartNumber]
		if !ok || *p.ETag != *quote(md5Hex(data)) {
			return nil, Error("InvalidPart")
		}
		if len(data) < smallest && i < len(parts)-1 {
			return nil, Error("EntityTooSmall")
		}
		all.Write(data)
		sum := md5.Sum(data) //nolint:gosec // S3's ETags
		sums = append(sums, sum[:]...)
	}
	delete(f.uploads, *in.UploadId)
	sum := md5.Sum(sums) //nolint:gosec // S3's ETags
	v := f.add(objects, *in.Key, &Version{
		Data: all.Bytes(), ETag: fmt.Sprintf("%s-%d", hex.EncodeToString(sum[:]), len(parts)),
		ContentType: aws.ToString(u.in.ContentType), CacheControl: aws.ToString(u.in.CacheControl),
	})
	return &s3.CompleteMultipartUploadOutput{ETag: quote(v.ETag), VersionId: &v.ID}, nil
}

// AbortMultipartUpload implements S3's operation.
func (f *S3) AbortMultipartUpload(_ context.Context, in *s3.AbortMultipartUploadInput, _ ...func(*s3.Options)) (*s3.AbortMultipartUploadOutput, error) {
	defer f.mu.Unlock()
	if _, err := f.enter("AbortMultipartUpload", in.Bucket, in.Key); err != nil {
		return nil, err
	}
	if _, ok := f.uploads[*in.UploadId]; !ok {
		return nil, &types.NoSuchUpload{}
	}
	delete(f.uploads, *in.UploadId)
	return &s3.AbortMultipartUploadOutput{}, nil
}

func (f *S3) page() int { return cmp.Or(f.Page, 1000) }
