package createrepository

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecrpublic"
	"github.com/aws/aws-sdk-go-v2/service/ecrpublic/types"

	"github.com/mayfly-dev/mayfly/awserr"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/find/repositories"
	"github.com/mayfly-dev/mayfly/repository"
)

// Public is what the step needs of ECR Public, which is in us-east-1 alone.
type Public interface {
	repositories.PublicReader
	CreateRepository(context.Context, *ecrpublic.CreateRepositoryInput, ...func(*ecrpublic.Options)) (*ecrpublic.CreateRepositoryOutput, error)
	SetRepositoryPolicy(context.Context, *ecrpublic.SetRepositoryPolicyInput, ...func(*ecrpublic.Options)) (*ecrpublic.SetRepositoryPolicyOutput, error)
}

func (s *Step) createPublic(ctx context.Context, name string, of events.Sandbox) (*events.Repository, error) {
	in := &ecrpublic.CreateRepositoryInput{RepositoryName: &name}
	for key, value := range tags(of) {
		in.Tags = append(in.Tags, types.Tag{Key: &key, Value: &value})
	}
	out, err := s.public.CreateRepository(ctx, in)
	switch {
	case err == nil:
		return &events.Repository{Name: name, ARN: aws.ToString(out.Repository.RepositoryArn), URI: aws.ToString(out.Repository.RepositoryUri), Public: true}, nil
	case awserr.Is(err, "RepositoryAlreadyExistsException"):
		there, lookup := repositories.FindPublic(ctx, s.public, name, of.ID)
		if lookup != nil {
			return nil, taken(name, lookup)
		}
		if there != nil {
			return there, nil
		}
	case awserr.Is(err, "LimitExceededException"):
		return nil, fmt.Errorf("create public repository %s: the account's quota of public repositories (10,000 by default) is used up; delete some or ask for more under Service Quotas: %w", name, err)
	}
	return nil, fmt.Errorf("create public repository %s: %w", name, err)
}

// settlePublic puts the policy: everyone pulls, and it says who pushes.
func (s *Step) settlePublic(ctx context.Context, name string, spec events.RepositorySpec) error {
	text, err := repository.Policy(spec, s.options.Own)
	if err != nil || text == "" {
		return err
	}
	if _, err := s.public.SetRepositoryPolicy(ctx, &ecrpublic.SetRepositoryPolicyInput{RepositoryName: &name, PolicyText: &text}); err != nil {
		return fmt.Errorf("set the policy of public repository %s: %w", name, err)
	}
	return nil
}
