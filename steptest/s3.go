package steptest

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// S3 is a small S3 in one region. Buckets of another account are there under
// their names alone.
type S3 struct {
	Faults

	Region string
	// PageSize is how many keys a list page holds, S3's 1,000 when 0.
	PageSize int

	mu      sync.Mutex
	Buckets map[string]*Bucket
	// Denied holds keys whose versions can't be deleted, and the code.
	Denied map[string]string
}

// Bucket is what S3 keeps of one bucket.
type Bucket struct {
	// Foreign buckets belong to another account.
	Foreign    bool
	Location   types.BucketLocationConstraint
	Ownership  types.ObjectOwnership
	Tags       []types.Tag
	Access     *types.PublicAccessBlockConfiguration
	Encryption *types.ServerSideEncryptionConfiguration
	Versioning types.BucketVersioningStatus
	Lifecycle  *types.BucketLifecycleConfiguration
	Policy     string
	Website    *types.WebsiteConfiguration
	Versions   []Version
	Uploads    []Upload
}

// Version is one version of an object, or a delete marker.
type Version struct {
	Key, ID string
	Marker  bool
}

// Upload is an unfinished multipart upload.
type Upload struct{ Key, ID string }

// NewS3 returns an empty S3.
func NewS3(region string) *S3 {
	return &S3{Region: region, Buckets: map[string]*Bucket{}, Denied: map[string]string{}}
}

// Fill puts n versions, half of them delete markers, into a bucket, with keys
// that begin with prefix.
func (f *S3) Fill(bucket, prefix string, n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i := range n {
		f.Buckets[bucket].Versions = append(f.Buckets[bucket].Versions,
			Version{Key: fmt.Sprintf("%sk%06d", prefix, i/2), ID: fmt.Sprintf("v%d", i), Marker: i%2 == 1})
	}
}

func (f *S3) own(name *string) (*Bucket, error) {
	bucket, ok := f.Buckets[aws.ToString(name)]
	if !ok {
		return nil, Refusal("NoSuchBucket")
	}
	if bucket.Foreign {
		return nil, Refusal("AccessDenied")
	}
	return bucket, nil
}

func withBucket[Out any](f *S3, operation string, name *string, act func(*Bucket) (*Out, error)) (*Out, error) {
	return call(&f.Faults, operation, func() (*Out, error) {
		f.mu.Lock()
		defer f.mu.Unlock()
		bucket, err := f.own(name)
		if err != nil {
			return nil, err
		}
		return act(bucket)
	})
}

// CreateBucket creates as S3 does, with us-east-1's 200 for what is ours.
func (f *S3) CreateBucket(_ context.Context, in *s3.CreateBucketInput, _ ...func(*s3.Options)) (*s3.CreateBucketOutput, error) {
	return call(&f.Faults, "CreateBucket", func() (*s3.CreateBucketOutput, error) {
		f.mu.Lock()
		defer f.mu.Unlock()
		var location types.BucketLocationConstraint
		if in.CreateBucketConfiguration != nil {
			location = in.CreateBucketConfiguration.LocationConstraint
		}
		if (f.Region == "us-east-1") != (location == "") || (location != "" && string(location) != f.Region) {
			return nil, Refusal("IllegalLocationConstraintException")
		}
		if there, ok := f.Buckets[*in.Bucket]; ok {
			if there.Foreign {
				return nil, Refusal("BucketAlreadyExists")
			}
			if f.Region != "us-east-1" {
				return nil, Refusal("BucketAlreadyOwnedByYou")
			}
			return &s3.CreateBucketOutput{}, nil
		}
		f.Buckets[*in.Bucket] = &Bucket{Location: location, Ownership: in.ObjectOwnership}
		return &s3.CreateBucketOutput{}, nil
	})
}

// HeadBucket answers as S3 does, without a body: NotFound, Forbidden.
func (f *S3) HeadBucket(_ context.Context, in *s3.HeadBucketInput, _ ...func(*s3.Options)) (*s3.HeadBucketOutput, error) {
	return call(&f.Faults, "HeadBucket", func() (*s3.HeadBucketOutput, error) {
		f.mu.Lock()
		defer f.mu.Unlock()
		bucket, ok := f.Buckets[*in.Bucket]
		switch {
		case !ok:
			return nil, &types.NotFound{}
		case bucket.Foreign:
			return nil, Refusal("Forbidden")
		}
		return &s3.HeadBucketOutput{BucketRegion: &f.Region}, nil
	})
}

// DeleteBucket deletes a bucket that holds nothing.
func (f *S3) DeleteBucket(_ context.Context, in *s3.DeleteBucketInput, _ ...func(*s3.Options)) (*s3.DeleteBucketOutput, error) {
	return withBucket(f, "DeleteBucket", in.Bucket, func(b *Bucket) (*s3.DeleteBucketOutput, error) {
		if len(b.Versions) > 0 {
			return nil, Refusal("BucketNotEmpty")
		}
		delete(f.Buckets, *in.Bucket)
		return &s3.DeleteBucketOutput{}, nil
	})
}

// GetBucketTagging returns the tags, or NoSuchTagSet.
func (f *S3) GetBucketTagging(_ context.Context, in *s3.GetBucketTaggingInput, _ ...func(*s3.Options)) (*s3.GetBucketTaggingOutput, error) {
	return withBucket(f, "GetBucketTagging", in.Bucket, func(b *Bucket) (*s3.GetBucketTaggingOutput, error) {
		if len(b.Tags) == 0 {
			return nil, Refusal("NoSuchTagSet")
		}
		return &s3.GetBucketTaggingOutput{TagSet: slices.Clone(b.Tags)}, nil
	})
}
