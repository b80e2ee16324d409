// Package updaterepository is the step that alters a sandbox's container
// repository to what its spec asks for now: which tags may move, whether pushes
// are scanned, what expires, who pushes and who pulls. Its key and who may see
// it were settled when it was made: AWS changes neither.
package updaterepository

import (
	"context"
	"errors"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/sandbox"
)

const step = "updaterepository"

// Ledger is what the step writes down.
type Ledger interface {
	Begin(ctx context.Context, ref sandbox.Ref, step string) error
}

// Step alters repositories.
type Step struct {
	private Private
	public  Public
	ledger  Ledger
	own     []string
}

// New returns the step. own are the ARNs of the installation's own principals,
// with * for any characters: no repository policy keeps them out.
func New(private Private, public Public, ledger Ledger, own []string) *Step {
	return &Step{private: private, public: public, ledger: ledger, own: own}
}

// Handle puts each setting, which replaces the one that was there, so that a
// second run changes nothing. A repository whose tags name another sandbox is a
// *find.NotOursError and left alone; one that is gone is ECR's
// RepositoryNotFoundException.
func (s *Step) Handle(ctx context.Context, in events.Flow) (*events.Repository, error) {
	there := in.Made.Repository
	if there == nil || there.Name == "" {
		return nil, errors.New("update repository: the flow carries no repository")
	}
	if err := s.ledger.Begin(ctx, sandbox.RefOf(in.Sandbox), step); err != nil {
		return nil, err
	}
	settle := s.settlePrivate
	if there.Public {
		settle = s.settlePublic
	}
	if err := settle(ctx, there.Name, in.Sandbox); err != nil {
		return nil, err
	}
	return there, nil
}
