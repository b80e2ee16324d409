package createrepository

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"

	"github.com/mayfly-dev/mayfly/awserr"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/find/repositories"
	"github.com/mayfly-dev/mayfly/repository"
)

// Private is what the step needs of ECR.
type Private interface {
	repositories.Reader
	CreateRepository(context.Context, *ecr.CreateRepositoryInput, ...func(*ecr.Options)) (*ecr.CreateRepositoryOutput, error)
	PutLifecyclePolicy(context.Context, *ecr.PutLifecyclePolicyInput, ...func(*ecr.Options)) (*ecr.PutLifecyclePolicyOutput, error)
	SetRepositoryPolicy(context.Context, *ecr.SetRepositoryPolicyInput, ...func(*ecr.Options)) (*ecr.SetRepositoryPolicyOutput, error)
}

// createPrivate makes the repository with its tags, so that what has the name
// and not the tags is another's.
func (s *Step) createPrivate(ctx context.Context, name string, of events.Sandbox) (*events.Repository, error) {
	spec := of.Spec.Repository
	in := &ecr.CreateRepositoryInput{
		RepositoryName:             &name,
		EncryptionConfiguration:    &types.EncryptionConfiguration{EncryptionType: types.EncryptionTypeAes256},
		ImageScanningConfiguration: &types.ImageScanningConfiguration{ScanOnPush: spec.Scans()},
	}
	if spec.KMSKey != "" {
		in.EncryptionConfiguration = &types.EncryptionConfiguration{EncryptionType: types.EncryptionTypeKms, KmsKey: &spec.KMSKey}
	}
	in.ImageTagMutability, in.ImageTagMutabilityExclusionFilters = repository.Mutability(spec)
	for key, value := range tags(of) {
		in.Tags = append(in.Tags, types.Tag{Key: &key, Value: &value})
	}
	out, err := s.private.CreateRepository(ctx, in)
	switch {
	case err == nil:
		return &events.Repository{Name: name, ARN: aws.ToString(out.Repository.RepositoryArn), URI: aws.ToString(out.Repository.RepositoryUri)}, nil
	case awserr.Is(err, "RepositoryAlreadyExistsException"):
		there, lookup := repositories.Find(ctx, s.private, name, of.ID)
		if lookup != nil {
			return nil, taken(name, lookup)
		}
		if there != nil {
			return there, nil
		}
	case awserr.Is(err, "LimitExceededException"):
		return nil, fmt.Errorf("create repository %s: the account's quota of repositories (100,000 by default) is used up; delete some or ask for more under Service Quotas: %w", name, err)
	case awserr.Is(err, "KmsException"):
		return nil, fmt.Errorf("create repository %s: the key %s can't be used; see that it exists, is enabled, and lets ECR use it: %w", name, spec.KMSKey, err)
	}
	return nil, fmt.Errorf("create repository %s: %w", name, err)
}

// settlePrivate puts the policies, each of which replaces what was there.
func (s *Step) settlePrivate(ctx context.Context, name string, spec events.RepositorySpec) error {
	text, err := repository.Lifecycle(spec)
	if err != nil {
		return err
	}
	if _, err := s.private.PutLifecyclePolicy(ctx, &ecr.PutLifecyclePolicyInput{RepositoryName: &name, LifecyclePolicyText: &text}); err != nil {
		return fmt.Errorf("put the lifecycle policy of repository %s: %w", name, err)
	}
	if text, err = repository.Policy(spec, s.options.Own); err != nil || text == "" {
		return err
	}
	if _, err := s.private.SetRepositoryPolicy(ctx, &ecr.SetRepositoryPolicyInput{RepositoryName: &name, PolicyText: &text}); err != nil {
		return fmt.Errorf("set the policy of repository %s: %w", name, err)
	}
	return nil
}
