package releasetest

import (
	"bytes"
	"context"
	"crypto/md5" //nolint:gosec // S3's ETags
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
)

// S3 is an S3 in memory whose buckets have versioning. Its zero value has no
// bucket.
type S3 struct {
	mu      sync.Mutex
	buckets map[string]map[string][]*Version
	uploads map[string]*upload
	serial  int

	// Page is how many keys a list answer holds; 1,000 if zero.
	Page int
	// Fail is asked before each call, by the operation and the key; an error
	// is the call's answer.
	Fail func(operation, key string) error
	// Log holds each call that changed something, as "operation bucket/key".
	Log []string
	// Reading wraps the body of each object that is read.
	Reading func(key string, body io.Reader) io.Reader
}

// Version is one version of an object, or a delete marker.
type Version struct {
	ID, ETag, ContentType, CacheControl string
	Data                                []byte
	Marker                              bool
}

type upload struct {
	in    *s3.CreateMultipartUploadInput
	parts map[int32][]byte
}

// Error returns an AWS error with a code.
func Error(code string) error { return &smithy.GenericAPIError{Code: code, Message: code} }

// CreateBucket makes a bucket.
func (f *S3) CreateBucket(name string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.buckets == nil {
		f.buckets = make(map[string]map[string][]*Version)
		f.uploads = make(map[string]*upload)
	}
	f.buckets[name] = make(map[string][]*Version)
}

// Objects returns the current objects of a bucket as text by key.
func (f *S3) Objects(bucket string) map[string]string {
	f.mu.Lock()
	defer f.mu.Unlock()
	all := make(map[string]string)
	for key, versions := range f.buckets[bucket] {
		if last := versions[len(versions)-1]; !last.Marker {
			all[key] = string(last.Data)
		}
	}
	return all
}

// Versions returns the versions of an object, oldest first.
func (f *S3) Versions(bucket, key string) []Version {
	f.mu.Lock()
	defer f.mu.Unlock()
	var all []Version
	for _, v := range f.buckets[bucket][key] {
		all = append(all, *v)
	}
	return all
}

// Expire removes a version for good, as a lifecycle rule does.
func (f *S3) Expire(bucket, key, version string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.buckets[bucket][key] = slices.DeleteFunc(f.buckets[bucket][key], func(v *Version) bool { return v.ID == version })
}

// Uploads returns how many multipart uploads are unfinished.
func (f *S3) Uploads() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.uploads)
}

// Calls returns the log, and empties it.
func (f *S3) Calls() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	log := f.Log
	f.Log = nil
	return log
}

func (f *S3) enter(operation string, bucket, key *string) (map[string][]*Version, error) {
	f.mu.Lock()
	if f.Fail != nil {
		if err := f.Fail(operation, aws.ToString(key)); err != nil {
			return nil, err
		}
	}
	objects, ok := f.buckets[aws.ToString(bucket)]
	if !ok {
		return nil, &types.NoSuchBucket{}
	}
	switch operation {
	case "GetObject", "HeadObject", "ListObjectsV2", "ListObjectVersions":
	default:
		f.Log = append(f.Log, operation+" "+aws.ToString(bucket)+"/"+aws.ToString(key))
	}
	return objects, nil
}

func (f *S3) add(objects map[string][]*Version, key string, v *Version) *Version {
	f.serial++
	v.ID = fmt.Sprintf("v%06d", f.serial)
	objects[key] = append(objects[key], v)
	return v
}

func find(objects map[string][]*Version, key string, version *string) (*Version, error) {
	versions := objects[key]
	if version != nil {
		for _, v := range versions {
			if v.ID == *version {
				if v.Marker {
					return nil, Error("MethodNotAllowed")
				}
				return v, nil
			}
		}
		return nil, Error("NoSuchVersion")
	}
	if len(versions) == 0 || versions[len(versions)-1].Marker {
		return nil, &types.NoSuchKey{}
	}
	return versions[len(versions)-1], nil
}

// PutObject implements S3's operation.
func (f *S3) PutObject(_ context.Context, in *s3.PutObjectInput, _ ...func(*s3.Options)) (*s3.PutObjectOutput, error) {
	data, err := io.ReadAll(in.Body)
	if err != nil {
		return nil, err
	}
	defer f.mu.Unlock()
	objects, err := f.enter("PutObject", in.Bucket, in.Key)
	if err != nil {
		return nil, err
	}
	v := f.add(objects, *in.Key, &Version{
		Data: data, ETag: md5Hex(data), ContentType: aws.ToString(in.ContentType), CacheControl: aws.ToString(in.CacheControl),
	})
	return &s3.PutObjectOutput{ETag: quote(v.ETag), VersionId: &v.ID}, nil
}

// GetObject implements S3's operation, with Range and If-Match.
func (f *S3) GetObject(_ context.Context, in *s3.GetObjectInput, _ ...func(*s3.Options)) (*s3.GetObjectOutput, error) {
	defer f.mu.Unlock()
	objects, err := f.enter("GetObject", in.Bucket, in.Key)
	if err != nil {
		return nil, err
	}
	v, err := find(objects, *in.Key, in.VersionId)
	if err != nil {
		return nil, err
	}
	if in.IfMatch != nil && *in.IfMatch != *quote(v.ETag) {
		return nil, Error("PreconditionFailed")
	}
	data := v.Data
	if in.Range != nil {
		first, last, _ := strings.Cut(strings.TrimPrefix(*in.Range, "bytes="), "-")
		from, err := strconv.Atoi(first)
		if err != nil {
			return nil, Error("InvalidArgument")
		}
		to := len(data) - 1
		if last != "" {
			if to, err = strconv.Atoi(last); err != nil {
				return nil, Error("InvalidArgument")
			}
		}
		if from >= len(data) {
			return nil, Error("InvalidRange")
		}
		data = data[from:min(to+1, len(data))]
	}
	var body io.Reader = bytes.NewReader(data)
	if f.Reading != nil {
		body = f.Reading(*in.Key, body)
	}
	return &s3.GetObjectOutput{
		Body: io.NopCloser(body), ContentLength: aws.Int64(int64(len(data))), ETag: quote(v.ETag), VersionId: &v.ID,
	}, nil
}

// HeadObject implements S3's operation.
func (f *S3) HeadObject(_ context.Context, in *s3.HeadObjectInput, _ ...func(*s3.Options)) (*s3.HeadObjectOutput, error) {
	defer f.mu.Unlock()
	objects, err := f.enter("HeadObject", in.Bucket, in.Key)
	if err != nil {
		return nil, err
	}
	v, err := find(objects, *in.Key, in.VersionId)
	if err != nil {
		var api smithy.APIError
		if errors.As(err, &api) && api.ErrorCode() == "MethodNotAllowed" {
			return nil, err
		}
		return nil, &types.NotFound{} // a HEAD's answer has no body to say more
	}
	return &s3.HeadObjectOutput{
		ContentLength: aws.Int64(int64(len(v.Data))), ETag: quote(v.ETag), VersionId: &v.ID,
		ContentType: &v.ContentType, CacheControl: &v.CacheControl,
	}, nil
}

// CopyObject implements S3's operation, within a bucket.
func (f *S3) CopyObject(_ context.Context, in *s3.CopyObjectInput, _ ...func(*s3.Options)) (*s3.CopyObjectOutput, error) {
	defer f.mu.Unlock()
	objects, err := f.enter("CopyObject", in.Bucket, in.Key)
	if err != nil {
		return nil, err
	}
	source, version, _ := strings.Cut(*in.CopySource, "?versionId=")
	_, escaped, _ := strings.Cut(source, "/")
	key, err := url.QueryUnescape(escaped) // S3 reads a plus as a space here
	if err != nil {
		return nil, Error("InvalidArgument")
	}
	v, err := find(objects, key, &version)
	if err != nil {
		return nil, err
	}
	made := f.add(objects, *in.Key, &Version{Data: v.Data, ETag: md5Hex(v.Data), ContentType: v.ContentType, CacheControl: v.CacheControl})
	return &s3.CopyObjectOutput{VersionId: &made.ID, CopyObjectResult: &types.CopyObjectResult{ETag: quote(made.ETag)}}, nil
}

func md5Hex(data []byte) string {
	sum := md5.Sum(data) //nolint:gosec // S3's ETags
	return hex.EncodeToString(sum[:])
}

func quote(etag string) *string { return aws.String(`"` + etag + `"`) }
