// Package createdistribution is the step that makes a sandbox's CloudFront
// distribution. Its domain name is known, and written down, as soon as
// CloudFront has answered; that it serves is step awaitdistribution's to see.
package createdistribution

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"github.com/mayfly-dev/mayfly/awserr"
	"github.com/mayfly-dev/mayfly/distribution"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/find/distributions"
	"github.com/mayfly-dev/mayfly/sandbox"
)

const step = "createdistribution"

// Client is what the step needs of CloudFront.
type Client interface {
	distributions.Reader
	CreateDistributionWithTags(context.Context, *cloudfront.CreateDistributionWithTagsInput, ...func(*cloudfront.Options)) (*cloudfront.CreateDistributionWithTagsOutput, error)
}

// Ledger is what the step writes down.
type Ledger interface {
	Intend(ctx context.Context, ref sandbox.Ref, step string, r sandbox.Resource) (sandbox.Resource, error)
	Made(ctx context.Context, ref sandbox.Ref, step string, r sandbox.Resource) error
}

// History is how long things took in this installation.
type History interface {
	Durations(ctx context.Context, what string) ([]time.Duration, error)
}

// Options is what the step knows of its installation.
type Options struct {
	// FolderURLs is the ARN of the installation's CloudFront function with the
	// code of the same name; empty for none.
	FolderURLs string
	// Propagation is how long the first change is expected to take to spread.
	Propagation time.Duration
	Now         func() time.Time
}

// Step makes distributions.
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

// Handle makes the sandbox's distribution, or finds the one that an earlier
// try made, and says how long to wait before asking whether it has spread.
func (s *Step) Handle(ctx context.Context, in events.Flow) (events.Distribution, error) {
	if in.Made.Bucket == nil || in.Made.OriginAccess == nil {
		return events.Distribution{}, errors.New("create distribution: the flow carries no bucket or no origin access")
	}
	ref := sandbox.RefOf(in.Sandbox)
	if _, err := s.ledger.Intend(ctx, ref, step, sandbox.Resource{Kind: sandbox.KindDistribution}); err != nil {
		return events.Distribution{}, err
	}
	// Asked again, CloudFront answers with the distribution there is, so what
	// the ledger already has takes the same way.
	made, err := s.create(ctx, in)
	if err != nil {
		return events.Distribution{}, err
	}
	if err := s.ledger.Made(ctx, ref, step, distribution.Resource(made)); err != nil {
		return events.Distribution{}, err
	}
	state := distribution.State(made)
	state.ChangedAt = distribution.ChangedAt(made, s.options.Now())
	if state.Deployed {
		return state, nil
	}
	durations, err := s.history.Durations(ctx, sandbox.DurationPropagation)
	if err != nil {
		return events.Distribution{}, fmt.Errorf("read how long propagation takes: %w", err)
	}
	state.WaitSeconds = sandbox.FirstWait(durations, s.options.Propagation)
	return state, nil
}

func (s *Step) create(ctx context.Context, in events.Flow) (*types.Distribution, error) {
	config := distribution.Config(distribution.Site{
		Sandbox: in.Sandbox, Bucket: *in.Made.Bucket, Access: *in.Made.OriginAccess, FolderURLs: s.options.FolderURLs,
	})
	if _, err := distribution.Protect(config, "of sandbox "+in.Sandbox.Name, in); err != nil {
		return nil, err
	}
	out, err := s.client.CreateDistributionWithTags(ctx, &cloudfront.CreateDistributionWithTagsInput{
		DistributionConfigWithTags: &types.DistributionConfigWithTags{DistributionConfig: config, Tags: distribution.Tags(in.Sandbox)},
	})
	if err == nil {
		return out.Distribution, nil
	}
	// The same caller reference with another configuration: an earlier version
	// of Mayfly, or of the spec, made it. It is ours all the same.
	if awserr.Is(err, "DistributionAlreadyExists") {
		there, lookup := distributions.Find(ctx, s.client, sandbox.RefOf(in.Sandbox))
		if lookup != nil {
			return nil, lookup
		}
		if there != nil {
			return there, nil
		}
	}
	if awserr.Is(err, "TooManyDistributions") {
		return nil, fmt.Errorf("create distribution: the account's quota (500 by default) is used up; delete sandboxes or ask for more under Service Quotas: %w", err)
	}
	return nil, fmt.Errorf("create distribution of sandbox %s: %w", in.Sandbox.Name, err)
}
