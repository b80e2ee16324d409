// Package repositories finds a sandbox's container repository, in ECR or in ECR
// Public.
package repositories

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecrpublic"

	"github.com/mayfly-dev/mayfly/awserr"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/find"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// Reader is what looking for a private repository needs of ECR.
type Reader interface {
	DescribeRepositories(context.Context, *ecr.DescribeRepositoriesInput, ...func(*ecr.Options)) (*ecr.DescribeRepositoriesOutput, error)
	ListTagsForResource(context.Context, *ecr.ListTagsForResourceInput, ...func(*ecr.Options)) (*ecr.ListTagsForResourceOutput, error)
}

// PublicReader is what looking for a public one needs of ECR Public.
type PublicReader interface {
	DescribeRepositories(context.Context, *ecrpublic.DescribeRepositoriesInput, ...func(*ecrpublic.Options)) (*ecrpublic.DescribeRepositoriesOutput, error)
	ListTagsForResource(context.Context, *ecrpublic.ListTagsForResourceInput, ...func(*ecrpublic.Options)) (*ecrpublic.ListTagsForResourceOutput, error)
}

// noRepository is ECR's word, in both registries.
const noRepository = "RepositoryNotFoundException"

// Find returns the private repository with a name, or nil when there is
// none. One whose tags do not name the sandbox with id is a *[find.NotOursError]: the
// name is anyone's to take, and a repository is made with its tags, so that
// none of ours is ever without.
func Find(ctx context.Context, client Reader, name, id string) (*events.Repository, error) {
	out, err := client.DescribeRepositories(ctx, &ecr.DescribeRepositoriesInput{RepositoryNames: []string{name}})
	if awserr.Is(err, noRepository) || err == nil && len(out.Repositories) == 0 {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look for repository %s: %w", name, err)
	}
	there := out.Repositories[0]
	tags, err := client.ListTagsForResource(ctx, &ecr.ListTagsForResourceInput{ResourceArn: there.RepositoryArn})
	if awserr.Is(err, noRepository) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the tags of repository %s: %w", name, err)
	}
	owner := ""
	for _, tag := range tags.Tags {
		if aws.ToString(tag.Key) == sandbox.TagSandboxID {
			owner = aws.ToString(tag.Value)
		}
	}
	return &events.Repository{Name: name, ARN: aws.ToString(there.RepositoryArn), URI: aws.ToString(there.RepositoryUri)}, proveRepository(name, owner, id)
}

// FindPublic does the same in ECR Public.
func FindPublic(ctx context.Context, client PublicReader, name, id string) (*events.Repository, error) {
	out, err := client.DescribeRepositories(ctx, &ecrpublic.DescribeRepositoriesInput{RepositoryNames: []string{name}})
	if awserr.Is(err, noRepository) || err == nil && len(out.Repositories) == 0 {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look for public repository %s: %w", name, err)
	}
	there := out.Repositories[0]
	tags, err := client.ListTagsForResource(ctx, &ecrpublic.ListTagsForResourceInput{ResourceArn: there.RepositoryArn})
	if awserr.Is(err, noRepository) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the tags of public repository %s: %w", name, err)
	}
	owner := ""
	for _, tag := range tags.Tags {
		if aws.ToString(tag.Key) == sandbox.TagSandboxID {
			owner = aws.ToString(tag.Value)
		}
	}
	return &events.Repository{Name: name, ARN: aws.ToString(there.RepositoryArn), URI: aws.ToString(there.RepositoryUri), Public: true}, proveRepository(name, owner, id)
}

func proveRepository(name, owner, id string) error {
	if owner == id {
		return nil
	}
	return &find.NotOursError{Kind: "repository", ID: name, Why: fmt.Sprintf("its tag %s is %q, not %q", sandbox.TagSandboxID, owner, id)}
}
