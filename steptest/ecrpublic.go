package steptest

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecrpublic"
	"github.com/aws/aws-sdk-go-v2/service/ecrpublic/types"
)

// ECRPublic is a small ECR Public. Its operations are those of ECR under the
// same names, and it has none about images.
type ECRPublic struct{ ECR }

// NewECRPublic returns a public registry without repositories.
func NewECRPublic() *ECRPublic { return &ECRPublic{ECR{Repositories: map[string]*Repository{}}} }

const publicRepositories = "arn:aws:ecr-public::000000000000:repository/"

func shownPublic(name string) *types.Repository {
	return &types.Repository{RepositoryName: &name, RepositoryArn: aws.String(publicRepositories + name), RepositoryUri: aws.String("public.ecr.aws/a1b2c3d4/" + name)}
}

// CreateRepository makes a repository, whose name must be free.
func (f *ECRPublic) CreateRepository(_ context.Context, in *ecrpublic.CreateRepositoryInput, _ ...func(*ecrpublic.Options)) (*ecrpublic.CreateRepositoryOutput, error) {
	return inECR(&f.ECR, "CreateRepository", *in.RepositoryName, func(there *Repository) (*ecrpublic.CreateRepositoryOutput, error) {
		if there != nil {
			return nil, Refusal("RepositoryAlreadyExistsException")
		}
		made := &Repository{Created: ecr.CreateRepositoryInput{RepositoryName: in.RepositoryName}, Tags: map[string]string{}}
		for _, tag := range in.Tags {
			made.Tags[*tag.Key] = *tag.Value
		}
		f.Repositories[*in.RepositoryName] = made
		return &ecrpublic.CreateRepositoryOutput{Repository: shownPublic(*in.RepositoryName)}, nil
	})
}

// DescribeRepositories shows one repository by its name.
func (f *ECRPublic) DescribeRepositories(_ context.Context, in *ecrpublic.DescribeRepositoriesInput, _ ...func(*ecrpublic.Options)) (*ecrpublic.DescribeRepositoriesOutput, error) {
	return inECR(&f.ECR, "DescribeRepositories", in.RepositoryNames[0], func(*Repository) (*ecrpublic.DescribeRepositoriesOutput, error) {
		return &ecrpublic.DescribeRepositoriesOutput{Repositories: []types.Repository{*shownPublic(in.RepositoryNames[0])}}, nil
	})
}

// ListTagsForResource returns a repository's tags.
func (f *ECRPublic) ListTagsForResource(_ context.Context, in *ecrpublic.ListTagsForResourceInput, _ ...func(*ecrpublic.Options)) (*ecrpublic.ListTagsForResourceOutput, error) {
	return inECR(&f.ECR, "ListTagsForResource", strings.TrimPrefix(*in.ResourceArn, publicRepositories), func(r *Repository) (*ecrpublic.ListTagsForResourceOutput, error) {
		out := &ecrpublic.ListTagsForResourceOutput{}
		for key, value := range r.Tags {
			out.Tags = append(out.Tags, types.Tag{Key: &key, Value: &value})
		}
		return out, nil
	})
}

// SetRepositoryPolicy keeps the policy's text.
func (f *ECRPublic) SetRepositoryPolicy(_ context.Context, in *ecrpublic.SetRepositoryPolicyInput, _ ...func(*ecrpublic.Options)) (*ecrpublic.SetRepositoryPolicyOutput, error) {
	return inECR(&f.ECR, "SetRepositoryPolicy", *in.RepositoryName, func(r *Repository) (*ecrpublic.SetRepositoryPolicyOutput, error) {
		r.Policy = *in.PolicyText
		return &ecrpublic.SetRepositoryPolicyOutput{}, nil
	})
}

// DeleteRepositoryPolicy forgets the policy, which must be there.
func (f *ECRPublic) DeleteRepositoryPolicy(_ context.Context, in *ecrpublic.DeleteRepositoryPolicyInput, _ ...func(*ecrpublic.Options)) (*ecrpublic.DeleteRepositoryPolicyOutput, error) {
	return inECR(&f.ECR, "DeleteRepositoryPolicy", *in.RepositoryName, func(r *Repository) (*ecrpublic.DeleteRepositoryPolicyOutput, error) {
		if r.Policy == "" {
			return nil, Refusal("RepositoryPolicyNotFoundException")
		}
		r.Policy = ""
		return &ecrpublic.DeleteRepositoryPolicyOutput{}, nil
	})
}

// DeleteRepository deletes a repository that is empty, or any by force.
func (f *ECRPublic) DeleteRepository(_ context.Context, in *ecrpublic.DeleteRepositoryInput, _ ...func(*ecrpublic.Options)) (*ecrpublic.DeleteRepositoryOutput, error) {
	return inECR(&f.ECR, "DeleteRepository", *in.RepositoryName, func(r *Repository) (*ecrpublic.DeleteRepositoryOutput, error) {
		if len(r.Images) > 0 && !in.Force {
			return nil, Refusal("RepositoryNotEmptyException")
		}
		delete(f.Repositories, *in.RepositoryName)
		return &ecrpublic.DeleteRepositoryOutput{}, nil
	})
}
