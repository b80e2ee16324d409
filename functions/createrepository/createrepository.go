// Package createrepository is the step that makes a sandbox's container
// repository: a private one of ECR that is encrypted, scanned and kept small,
// or one of ECR Public when that was asked for.
package createrepository

import (
	"context"
	"errors"
	"fmt"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/find"
	"github.com/mayfly-dev/mayfly/sandbox"
)

const step = "createrepository"

// Ledger is what the step writes down.
type Ledger interface {
	Intend(ctx context.Context, ref sandbox.Ref, step string, r sandbox.Resource) (sandbox.Resource, error)
	Made(ctx context.Context, ref sandbox.Ref, step string, r sandbox.Resource) error
}

// Options is what the step knows of its installation.
type Options struct {
	// Prefix is what all its repositories' names begin with.
	Prefix string
	// Own are the ARNs of the installation's own principals, with * for any
	// characters: no repository policy keeps them out.
	Own []string
}

// Step makes repositories.
type Step struct {
	private Private
	public  Public
	ledger  Ledger
	options Options
}

// New returns the step.
func New(private Private, public Public, ledger Ledger, options Options) *Step {
	return &Step{private: private, public: public, ledger: ledger, options: options}
}

// Handle makes the sandbox's repository, or goes on with the one that an
// earlier try made; nil when the sandbox is to have none. A name that another
// has is a *find.NotOursError, which is final: the name is what people push
// to, so no other one is tried.
func (s *Step) Handle(ctx context.Context, in events.Flow) (*events.Repository, error) {
	kind, create, settle := sandbox.KindRepository, s.createPrivate, s.settlePrivate
	switch in.Sandbox.Spec.Repository.Visibility {
	case events.VisibilityPublic:
		kind, create, settle = sandbox.KindPublicRepository, s.createPublic, s.settlePublic
	case events.VisibilityPrivate:
	default:
		return nil, nil
	}
	ref, name := sandbox.RefOf(in.Sandbox), sandbox.RepositoryName(s.options.Prefix, in.Sandbox.Name)
	known, err := s.ledger.Intend(ctx, ref, step, sandbox.Resource{Kind: kind, ID: name})
	if err != nil {
		return nil, err
	}
	made := &events.Repository{Name: known.ID, ARN: known.ARN, URI: known.URI, Public: kind == sandbox.KindPublicRepository}
	if known.Status == sandbox.StatusMade {
		return made, nil
	}
	if made, err = create(ctx, name, in.Sandbox); err != nil {
		return nil, err
	}
	if err := settle(ctx, name, in.Sandbox.Spec.Repository); err != nil {
		return nil, err
	}
	return made, s.ledger.Made(ctx, ref, step, sandbox.Resource{Kind: kind, ID: name, ARN: made.ARN, URI: made.URI})
}

// taken explains why a name can't be had.
func taken(name string, err error) error {
	var other *find.NotOursError
	if errors.As(err, &other) {
		return fmt.Errorf("a repository %s is there already; delete it, or choose another name: %w", name, err)
	}
	return err
}

// tags are those of everything that is the sandbox's.
func tags(of events.Sandbox) map[string]string {
	return map[string]string{sandbox.TagSandbox: of.Name, sandbox.TagSandboxID: of.ID, sandbox.TagOwner: of.Owner}
}
