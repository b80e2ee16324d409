package account

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecrpublic"

	"github.com/mayfly-dev/mayfly/awserr"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/inventory"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// Repositories is what reading an account needs of ECR.
type Repositories interface {
	DescribeRepositories(context.Context, *ecr.DescribeRepositoriesInput, ...func(*ecr.Options)) (*ecr.DescribeRepositoriesOutput, error)
	ListTagsForResource(context.Context, *ecr.ListTagsForResourceInput, ...func(*ecr.Options)) (*ecr.ListTagsForResourceOutput, error)
}

// PublicRepositories is what it needs of ECR Public.
type PublicRepositories interface {
	DescribeRepositories(context.Context, *ecrpublic.DescribeRepositoriesInput, ...func(*ecrpublic.Options)) (*ecrpublic.DescribeRepositoriesOutput, error)
	ListTagsForResource(context.Context, *ecrpublic.ListTagsForResourceInput, ...func(*ecrpublic.Options)) (*ecrpublic.ListTagsForResourceOutput, error)
}

// noRepository is ECR's word, in both registries.
const noRepository = "RepositoryNotFoundException"

// repositoryPage is how many repositories a page of either registry has.
const repositoryPage = 1000

// looksOurs reports whether a repository has a name that a sandbox's may have.
func (a *Account) looksOurs(name string) bool {
	rest, ok := strings.CutPrefix(name, a.options.RepositoryPrefix)
	return ok && sandbox.CheckName(rest) == nil
}

func (a *Account) listRepositories(ctx context.Context) ([]inventory.Thing, map[string][]string, error) {
	var all []inventory.Thing
	in := &ecr.DescribeRepositoriesInput{MaxResults: aws.Int32(repositoryPage)}
	for {
		page, err := a.repositories.DescribeRepositories(ctx, in)
		if err != nil {
			return all, nil, fmt.Errorf("list repositories: %w", err)
		}
		for _, r := range page.Repositories {
			name := aws.ToString(r.RepositoryName)
			all = append(all, inventory.Thing{
				Kind: sandbox.KindRepository, ID: name, Marked: a.looksOurs(name), At: aws.ToTime(r.CreatedAt),
				Made: events.Made{Repository: &events.Repository{Name: name, ARN: aws.ToString(r.RepositoryArn), URI: aws.ToString(r.RepositoryUri)}},
			})
		}
		if in.NextToken = page.NextToken; aws.ToString(in.NextToken) == "" {
			return all, nil, nil
		}
	}
}

func (a *Account) listPublic(ctx context.Context) ([]inventory.Thing, map[string][]string, error) {
	var all []inventory.Thing
	in := &ecrpublic.DescribeRepositoriesInput{MaxResults: aws.Int32(repositoryPage)}
	for {
		page, err := a.public.DescribeRepositories(ctx, in)
		if err != nil {
			return all, nil, fmt.Errorf("list public repositories: %w", err)
		}
		for _, r := range page.Repositories {
			name := aws.ToString(r.RepositoryName)
			all = append(all, inventory.Thing{
				Kind: sandbox.KindPublicRepository, ID: name, Marked: a.looksOurs(name), At: aws.ToTime(r.CreatedAt),
				Made: events.Made{Repository: &events.Repository{Name: name, ARN: aws.ToString(r.RepositoryArn), URI: aws.ToString(r.RepositoryUri), Public: true}},
			})
		}
		if in.NextToken = page.NextToken; aws.ToString(in.NextToken) == "" {
			return all, nil, nil
		}
	}
}

func (a *Account) inspectRepository(ctx context.Context, thing inventory.Thing) (inventory.Thing, bool, error) {
	out, err := a.repositories.ListTagsForResource(ctx, &ecr.ListTagsForResourceInput{ResourceArn: &thing.Made.Repository.ARN})
	if awserr.Is(err, noRepository) {
		return thing, false, nil
	}
	if err != nil {
		return thing, false, fmt.Errorf("read its tags: %w", err)
	}
	tags := make(map[string]string, len(out.Tags))
	for _, tag := range out.Tags {
		tags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
	}
	return a.weighTags(thing, tags)
}

func (a *Account) inspectPublic(ctx context.Context, thing inventory.Thing) (inventory.Thing, bool, error) {
	out, err := a.public.ListTagsForResource(ctx, &ecrpublic.ListTagsForResourceInput{ResourceArn: &thing.Made.Repository.ARN})
	if awserr.Is(err, noRepository) {
		return thing, false, nil
	}
	if err != nil {
		return thing, false, fmt.Errorf("read its tags: %w", err)
	}
	tags := make(map[string]string, len(out.Tags))
	for _, tag := range out.Tags {
		tags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
	}
	return a.weighTags(thing, tags)
}

// weighTags fills in what a repository's tags say. One without any tag of ours
// is not of interest: it is made with its tags, so that none of ours is without,
// and the name alone is anyone's to take.
func (a *Account) weighTags(thing inventory.Thing, tags map[string]string) (inventory.Thing, bool, error) {
	mark, tagged := inventory.OfTags(tags)
	thing.Mark = mark
	if name := strings.TrimPrefix(thing.ID, a.options.RepositoryPrefix); tagged && (mark.Name != name || mark.ID == "") {
		thing.Doubt = fmt.Sprintf("its name says sandbox %s, its tags %q (%q)", name, mark.Name, mark.ID)
	}
	return thing, tagged, nil
}
