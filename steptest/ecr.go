package steptest

import (
	"context"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
)

// ECR is a small private registry: repositories with their policies and tags,
// and images by digest.
type ECR struct {
	Faults

	Now func() time.Time
	// PageSize is how many images a page holds, ECR's 100 when 0.
	PageSize int

	mu           sync.Mutex
	Repositories map[string]*Repository
}

// Repository is what ECR keeps of one repository.
type Repository struct {
	// Created is what it was made with, but for what was changed since.
	Created   ecr.CreateRepositoryInput
	Tags      map[string]string
	Lifecycle string
	Policy    string
	Images    []*Image
}

// Image is an image of a repository.
type Image struct {
	Digest   string
	Tags     []string
	PushedAt time.Time
	// Size is in bytes, compressed.
	Size int64
}

// NewECR returns a registry without repositories.
func NewECR(now func() time.Time) *ECR {
	return &ECR{Now: now, Repositories: map[string]*Repository{}}
}

// Push puts an image into a repository under a tag, which leaves the image
// that had it.
func (f *ECR) Push(repository, digest, tag string, at time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	r, ok := f.Repositories[repository]
	if !ok {
		r = &Repository{}
		f.Repositories[repository] = r
	}
	i := r.image(digest)
	if i == nil {
		i = &Image{Digest: digest, PushedAt: at}
		r.Images = append(r.Images, i)
	}
	r.move(tag, i)
}

func (r *Repository) image(digest string) *Image {
	for _, i := range r.Images {
		if i.Digest == digest {
			return i
		}
	}
	return nil
}

// Tagged returns the digest of the image with a tag, or "".
func (r *Repository) Tagged(tag string) string {
	for _, i := range r.Images {
		if slices.Contains(i.Tags, tag) {
			return i.Digest
		}
	}
	return ""
}

func (r *Repository) move(tag string, to *Image) {
	for _, i := range r.Images {
		i.Tags = slices.DeleteFunc(i.Tags, func(t string) bool { return t == tag })
	}
	if tag != "" {
		to.Tags = append(to.Tags, tag)
	}
}

// movable reports whether a tag may leave the image that has it.
func (r *Repository) movable(tag string) bool {
	excluded := slices.ContainsFunc(r.Created.ImageTagMutabilityExclusionFilters, func(f types.ImageTagMutabilityExclusionFilter) bool {
		matched, err := path.Match(*f.Filter, tag)
		return err == nil && matched
	})
	immutable := strings.HasPrefix(string(r.Created.ImageTagMutability), "IMMUTABLE")
	return immutable == excluded
}

const repositories = "arn:aws:ecr:us-east-1:000000000000:repository/"

func inECR[Out any](f *ECR, operation, repository string, act func(*Repository) (*Out, error)) (*Out, error) {
	return call(&f.Faults, operation, func() (*Out, error) {
		f.mu.Lock()
		defer f.mu.Unlock()
		r, ok := f.Repositories[repository]
		if !ok && operation != "CreateRepository" {
			return nil, Refusal("RepositoryNotFoundException")
		}
		return act(r)
	})
}

func shown(name string) *types.Repository {
	return &types.Repository{RepositoryName: &name, RepositoryArn: aws.String(repositories + name), RepositoryUri: aws.String("localhost:4566/" + name)}
}

// CreateRepository makes a repository, whose name must be free.
func (f *ECR) CreateRepository(_ context.Context, in *ecr.CreateRepositoryInput, _ ...func(*ecr.Options)) (*ecr.CreateRepositoryOutput, error) {
	return inECR(f, "CreateRepository", *in.RepositoryName, func(there *Repository) (*ecr.CreateRepositoryOutput, error) {
		if there != nil {
			return nil, Refusal("RepositoryAlreadyExistsException")
		}
		made := &Repository{Created: *in, Tags: map[string]string{}}
		for _, tag := range in.Tags {
			made.Tags[*tag.Key] = *tag.Value
		}
		f.Repositories[*in.RepositoryName] = made
		return &ecr.CreateRepositoryOutput{Repository: shown(*in.RepositoryName)}, nil
	})
}

// DescribeRepositories shows one repository by its name.
func (f *ECR) DescribeRepositories(_ context.Context, in *ecr.DescribeRepositoriesInput, _ ...func(*ecr.Options)) (*ecr.DescribeRepositoriesOutput, error) {
	return inECR(f, "DescribeRepositories", in.RepositoryNames[0], func(*Repository) (*ecr.DescribeRepositoriesOutput, error) {
		return &ecr.DescribeRepositoriesOutput{Repositories: []types.Repository{*shown(in.RepositoryNames[0])}}, nil
	})
}

// ListTagsForResource returns a repository's tags.
func (f *ECR) ListTagsForResource(_ context.Context, in *ecr.ListTagsForResourceInput, _ ...func(*ecr.Options)) (*ecr.ListTagsForResourceOutput, error) {
	return inECR(f, "ListTagsForResource", strings.TrimPrefix(*in.ResourceArn, repositories), func(r *Repository) (*ecr.ListTagsForResourceOutput, error) {
		out := &ecr.ListTagsForResourceOutput{}
		for key, value := range r.Tags {
			out.Tags = append(out.Tags, types.Tag{Key: &key, Value: &value})
		}
		return out, nil
	})
}

// PutLifecyclePolicy keeps the policy's text.
func (f *ECR) PutLifecyclePolicy(_ context.Context, in *ecr.PutLifecyclePolicyInput, _ ...func(*ecr.Options)) (*ecr.PutLifecyclePolicyOutput, error) {
	return inECR(f, "PutLifecyclePolicy", *in.RepositoryName, func(r *Repository) (*ecr.PutLifecyclePolicyOutput, error) {
		r.Lifecycle = *in.LifecyclePolicyText
		return &ecr.PutLifecyclePolicyOutput{}, nil
	})
}

// GetRepositoryPolicy returns the policy, which must be there.
func (f *ECR) GetRepositoryPolicy(_ context.Context, in *ecr.GetRepositoryPolicyInput, _ ...func(*ecr.Options)) (*ecr.GetRepositoryPolicyOutput, error) {
	return inECR(f, "GetRepositoryPolicy", *in.RepositoryName, func(r *Repository) (*ecr.GetRepositoryPolicyOutput, error) {
		if r.Policy == "" {
			return nil, Refusal("RepositoryPolicyNotFoundException")
		}
		return &ecr.GetRepositoryPolicyOutput{PolicyText: &r.Policy}, nil
	})
}

// SetRepositoryPolicy keeps the policy's text.
func (f *ECR) SetRepositoryPolicy(_ context.Context, in *ecr.SetRepositoryPolicyInput, _ ...func(*ecr.Options)) (*ecr.SetRepositoryPolicyOutput, error) {
	return inECR(f, "SetRepositoryPolicy", *in.RepositoryName, func(r *Repository) (*ecr.SetRepositoryPolicyOutput, error) {
		r.Policy = *in.PolicyText
		return &ecr.SetRepositoryPolicyOutput{}, nil
	})
}

// DeleteRepositoryPolicy forgets the policy, which must be there.
func (f *ECR) DeleteRepositoryPolicy(_ context.Context, in *ecr.DeleteRepositoryPolicyInput, _ ...func(*ecr.Options)) (*ecr.DeleteRepositoryPolicyOutput, error) {
	return inECR(f, "DeleteRepositoryPolicy", *in.RepositoryName, func(r *Repository) (*ecr.DeleteRepositoryPolicyOutput, error) {
		if r.Policy == "" {
			return nil, Refusal("RepositoryPolicyNotFoundException")
		}
		r.Policy = ""
		return &ecr.DeleteRepositoryPolicyOutput{}, nil
	})
}

// PutImageTagMutability keeps which tags may move.
func (f *ECR) PutImageTagMutability(_ context.Context, in *ecr.PutImageTagMutabilityInput, _ ...func(*ecr.Options)) (*ecr.PutImageTagMutabilityOutput, error) {
	return inECR(f, "PutImageTagMutability", *in.RepositoryName, func(r *Repository) (*ecr.PutImageTagMutabilityOutput, error) {
		r.Created.ImageTagMutability, r.Created.ImageTagMutabilityExclusionFilters = in.ImageTagMutability, in.ImageTagMutabilityExclusionFilters
		return &ecr.PutImageTagMutabilityOutput{}, nil
	})
}

// PutImageScanningConfiguration keeps whether pushes are scanned.
func (f *ECR) PutImageScanningConfiguration(_ context.Context, in *ecr.PutImageScanningConfigurationInput, _ ...func(*ecr.Options)) (*ecr.PutImageScanningConfigurationOutput, error) {
	return inECR(f, "PutImageScanningConfiguration", *in.RepositoryName, func(r *Repository) (*ecr.PutImageScanningConfigurationOutput, error) {
		r.Created.ImageScanningConfiguration = in.ImageScanningConfiguration
		return &ecr.PutImageScanningConfigurationOutput{}, nil
	})
}

// DeleteRepository deletes a repository that is empty, or any by force.
func (f *ECR) DeleteRepository(_ context.Context, in *ecr.DeleteRepositoryInput, _ ...func(*ecr.Options)) (*ecr.DeleteRepositoryOutput, error) {
	return inECR(f, "DeleteRepository", *in.RepositoryName, func(r *Repository) (*ecr.DeleteRepositoryOutput, error) {
		if len(r.Images) > 0 && !in.Force {
			return nil, Refusal("RepositoryNotEmptyException")
		}
		delete(f.Repositories, *in.RepositoryName)
		return &ecr.DeleteRepositoryOutput{}, nil
	})
}
