// Package updatedistribution is the step that alters a sandbox's distribution
// to what its spec asks for now.
package updatedistribution

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"github.com/mayfly-dev/mayfly/distribution"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/find/distributions"
	"github.com/mayfly-dev/mayfly/sandbox"
)

const (
	step = "updatedistribution"
	next = "awaitdistribution"
)

// Client is what the step needs of CloudFront.
type Client interface {
	GetDistribution(context.Context, *cloudfront.GetDistributionInput, ...func(*cloudfront.Options)) (*cloudfront.GetDistributionOutput, error)
	UpdateDistribution(context.Context, *cloudfront.UpdateDistributionInput, ...func(*cloudfront.Options)) (*cloudfront.UpdateDistributionOutput, error)
}

// Ledger is what the step writes down.
type Ledger interface {
	Begin(ctx context.Context, ref sandbox.Ref, step string) error
	Progress(ctx context.Context, ref sandbox.Ref, step, message string) error
}

// History is how long things took in this installation.
type History interface {
	Durations(ctx context.Context, what string) ([]time.Duration, error)
}

// Options is what the step knows of its installation.
type Options struct {
	// FolderURLs is the ARN of the installation's function for folders' URLs.
	FolderURLs string
	// Propagation is how long a change is expected to take without history.
	Propagation time.Duration
	Now         func() time.Time
}

// Step alters distributions.
type Step struct {
	client  Client
	ledger  Ledger
	history History
	options Options
}

// New returns the step.
func New(client Client, ledger Ledger, history History, options Options) *Step {
	return &Step{client: client, ledger: ledger, history: history, options: options}
}

// Handle reads the distribution, alters what the spec says, and writes it back
// if that changed anything; PreconditionFailed means that somebody else did
// meanwhile, and a new run reads again. The same spec twice is one change. What
// it returns has no ChangedAt when there was nothing to change and nothing to
// wait for.
func (s *Step) Handle(ctx context.Context, in events.Flow) (events.Distribution, error) {
	if in.Made.Distribution == nil || in.Made.Distribution.ID == "" {
		return events.Distribution{}, errors.New("update distribution: the flow carries no distribution")
	}
	ref, id := sandbox.RefOf(in.Sandbox), in.Made.Distribution.ID
	if err := s.ledger.Begin(ctx, ref, step); err != nil {
		return events.Distribution{}, err
	}
	after, changed, err := s.apply(ctx, id, in)
	if err != nil {
		return events.Distribution{}, err
	}
	state := distribution.State(after)
	if changed || !state.Deployed {
		state.ChangedAt = distribution.ChangedAt(after, s.options.Now())
	}
	if state.Deployed {
		return state, nil
	}
	durations, err := s.history.Durations(ctx, sandbox.DurationPropagation)
	if err != nil {
		return events.Distribution{}, fmt.Errorf("read how long propagation takes: %w", err)
	}
	state.WaitSeconds = sandbox.FirstWait(durations, s.options.Propagation)
	// Nothing runs during the wait that could say so.
	return state, s.ledger.Progress(ctx, ref, next, "waiting for the change of distribution "+id+" to spread")
}

func (s *Step) apply(ctx context.Context, id string, in events.Flow) (after *types.Distribution, changed bool, err error) {
	there, err := s.client.GetDistribution(ctx, &cloudfront.GetDistributionInput{Id: &id})
	if err != nil {
		return nil, false, fmt.Errorf("read distribution %s: %w", id, err)
	}
	if err := distributions.Prove(there.Distribution, in.Sandbox.ID); err != nil {
		return nil, false, err
	}
	config := there.Distribution.DistributionConfig
	changed = distribution.Apply(config, in.Sandbox.Spec, s.options.FolderURLs)
	protected, err := distribution.Protect(config, id, in)
	if err != nil {
		return nil, false, err
	}
	if !changed && !protected {
		return there.Distribution, false, nil
	}
	out, err := s.client.UpdateDistribution(ctx, &cloudfront.UpdateDistributionInput{Id: &id, IfMatch: there.ETag, DistributionConfig: config})
	if err != nil {
		return nil, false, fmt.Errorf("update distribution %s: %w", id, err)
	}
	return out.Distribution, true, nil
}
