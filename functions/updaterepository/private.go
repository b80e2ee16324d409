package updaterepository

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

// noPolicy is ECR's word, in both registries, for a policy that is not there.
const noPolicy = "RepositoryPolicyNotFoundException"

// Private is what the step needs of ECR.
type Private interface {
	repositories.Reader
	PutImageTagMutability(context.Context, *ecr.PutImageTagMutabilityInput, ...func(*ecr.Options)) (*ecr.PutImageTagMutabilityOutput, error)
	PutImageScanningConfiguration(context.Context, *ecr.PutImageScanningConfigurationInput, ...func(*ecr.Options)) (*ecr.PutImageScanningConfigurationOutput, error)
	PutLifecyclePolicy(context.Context, *ecr.PutLifecyclePolicyInput, ...func(*ecr.Options)) (*ecr.PutLifecyclePolicyOutput, error)
	GetRepositoryPolicy(context.Context, *ecr.GetRepositoryPolicyInput, ...func(*ecr.Options)) (*ecr.GetRepositoryPolicyOutput, error)
	SetRepositoryPolicy(context.Context, *ecr.SetRepositoryPolicyInput, ...func(*ecr.Options)) (*ecr.SetRepositoryPolicyOutput, error)
	DeleteRepositoryPolicy(context.Context, *ecr.DeleteRepositoryPolicyInput, ...func(*ecr.Options)) (*ecr.DeleteRepositoryPolicyOutput, error)
}

// settlePrivate puts each setting of a private repository.
func (s *Step) settlePrivate(ctx context.Context, name string, of events.Sandbox) error {
	if _, err := repositories.Find(ctx, s.private, name, of.ID); err != nil {
		return err
	}
	spec := of.Spec.Repository
	if err := s.policy(ctx, name, spec); err != nil {
		return err
	}
	mutability, movable := repository.Mutability(spec)
	if _, err := s.private.PutImageTagMutability(ctx, &ecr.PutImageTagMutabilityInput{
		RepositoryName: &name, ImageTagMutability: mutability, ImageTagMutabilityExclusionFilters: movable,
	}); err != nil {
		return fmt.Errorf("put which tags of repository %s may move: %w", name, err)
	}
	if _, err := s.private.PutImageScanningConfiguration(ctx, &ecr.PutImageScanningConfigurationInput{
		RepositoryName: &name, ImageScanningConfiguration: &types.ImageScanningConfiguration{ScanOnPush: spec.Scans()},
	}); err != nil {
		return fmt.Errorf("put whether pushes to repository %s are scanned: %w", name, err)
	}
	text, err := repository.Lifecycle(spec)
	if err != nil {
		return err
	}
	if _, err := s.private.PutLifecyclePolicy(ctx, &ecr.PutLifecyclePolicyInput{RepositoryName: &name, LifecyclePolicyText: &text}); err != nil {
		return fmt.Errorf("put the lifecycle policy of repository %s: %w", name, err)
	}
	return nil
}

// policy sets the repository's policy, or takes it away when nobody is named
// any more. What others added to it stays.
func (s *Step) policy(ctx context.Context, name string, spec events.RepositorySpec) error {
	text, err := repository.Policy(spec, s.own)
	if err != nil {
		return err
	}
	there, err := s.private.GetRepositoryPolicy(ctx, &ecr.GetRepositoryPolicyInput{RepositoryName: &name})
	switch {
	case awserr.Is(err, noPolicy):
	case err != nil:
		return fmt.Errorf("read the policy of repository %s: %w", name, err)
	default:
		if text, err = repository.Merge(text, aws.ToString(there.PolicyText)); err != nil {
			return err
		}
	}
	if text == "" {
		_, err := s.private.DeleteRepositoryPolicy(ctx, &ecr.DeleteRepositoryPolicyInput{RepositoryName: &name})
		if err != nil && !awserr.Is(err, noPolicy) {
			return fmt.Errorf("delete the policy of repository %s: %w", name, err)
		}
		return nil
	}
	if _, err := s.private.SetRepositoryPolicy(ctx, &ecr.SetRepositoryPolicyInput{RepositoryName: &name, PolicyText: &text}); err != nil {
		return fmt.Errorf("set the policy of repository %s: %w", name, err)
	}
	return nil
}
