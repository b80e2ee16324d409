// Package deleterepository is the step that deletes a sandbox's container
// repository, with every image in it.
package deleterepository

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecrpublic"

	"github.com/mayfly-dev/mayfly/awserr"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/find/repositories"
	"github.com/mayfly-dev/mayfly/sandbox"
)

const step = "deleterepository"

// Private is what the step needs of ECR.
type Private interface {
	repositories.Reader
	DeleteRepository(context.Context, *ecr.DeleteRepositoryInput, ...func(*ecr.Options)) (*ecr.DeleteRepositoryOutput, error)
}

// Public is what the step needs of ECR Public.
type Public interface {
	repositories.PublicReader
	DeleteRepository(context.Context, *ecrpublic.DeleteRepositoryInput, ...func(*ecrpublic.Options)) (*ecrpublic.DeleteRepositoryOutput, error)
}

// Ledger is what the step writes down.
type Ledger interface {
	Gone(ctx context.Context, ref sandbox.Ref, step string, kind sandbox.Kind) error
}

// Step deletes repositories.
type Step struct {
	private Private
	public  Public
	ledger  Ledger
}

// New returns the step.
func New(private Private, public Public, ledger Ledger) *Step {
	return &Step{private: private, public: public, ledger: ledger}
}

// Handle deletes the flow's repository, which is proven to be the sandbox's
// first. One that is gone is a success, one that is not the sandbox's a
// *find.NotOursError.
func (s *Step) Handle(ctx context.Context, in events.Flow) (events.Recorded, error) {
	done := events.Recorded{Phase: string(sandbox.PhaseDeleting)}
	made := in.Made.Repository
	if made == nil || made.Name == "" {
		return done, nil
	}
	kind, remove := sandbox.KindRepository, s.deletePrivate
	if made.Public {
		kind, remove = sandbox.KindPublicRepository, s.deletePublic
	}
	if err := remove(ctx, made.Name, in.Sandbox.ID); err != nil && !awserr.Is(err, "RepositoryNotFoundException") {
		return events.Recorded{}, err
	}
	err := s.ledger.Gone(ctx, sandbox.RefOf(in.Sandbox), step, kind)
	if err != nil && !errors.Is(err, sandbox.ErrNotFound) {
		return events.Recorded{}, err
	}
	return done, nil
}

func (s *Step) deletePrivate(ctx context.Context, name, id string) error {
	there, err := repositories.Find(ctx, s.private, name, id)
	if err != nil || there == nil {
		return err
	}
	if _, err := s.private.DeleteRepository(ctx, &ecr.DeleteRepositoryInput{RepositoryName: &name, Force: true}); err != nil {
		return fmt.Errorf("delete repository %s: %w", name, err)
	}
	return nil
}

func (s *Step) deletePublic(ctx context.Context, name, id string) error {
	there, err := repositories.FindPublic(ctx, s.public, name, id)
	if err != nil || there == nil {
		return err
	}
	if _, err := s.public.DeleteRepository(ctx, &ecrpublic.DeleteRepositoryInput{RepositoryName: &name, Force: true}); err != nil {
		return fmt.Errorf("delete public repository %s: %w", name, err)
	}
	return nil
}
