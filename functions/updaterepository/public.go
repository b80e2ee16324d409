package updaterepository

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/ecrpublic"

	"github.com/mayfly-dev/mayfly/awserr"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/find/repositories"
	"github.com/mayfly-dev/mayfly/repository"
)

// Public is what the step needs of ECR Public, which is in us-east-1 alone.
type Public interface {
	repositories.PublicReader
	SetRepositoryPolicy(context.Context, *ecrpublic.SetRepositoryPolicyInput, ...func(*ecrpublic.Options)) (*ecrpublic.SetRepositoryPolicyOutput, error)
	DeleteRepositoryPolicy(context.Context, *ecrpublic.DeleteRepositoryPolicyInput, ...func(*ecrpublic.Options)) (*ecrpublic.DeleteRepositoryPolicyOutput, error)
}

// settlePublic puts the one thing that a public repository has of what can be
// chosen: who pushes.
func (s *Step) settlePublic(ctx context.Context, name string, of events.Sandbox) error {
	if _, err := repositories.FindPublic(ctx, s.public, name, of.ID); err != nil {
		return err
	}
	text, err := repository.Policy(of.Spec.Repository, s.own)
	if err != nil {
		return err
	}
	if text == "" {
		_, err := s.public.DeleteRepositoryPolicy(ctx, &ecrpublic.DeleteRepositoryPolicyInput{RepositoryName: &name})
		if err != nil && !awserr.Is(err, noPolicy) {
			return fmt.Errorf("delete the policy of public repository %s: %w", name, err)
		}
		return nil
	}
	if _, err := s.public.SetRepositoryPolicy(ctx, &ecrpublic.SetRepositoryPolicyInput{RepositoryName: &name, PolicyText: &text}); err != nil {
		return fmt.Errorf("set the policy of public repository %s: %w", name, err)
	}
	return nil
}
