// Package enabledistribution is the step that lets a distribution serve again
// that was disabled while its sandbox slept.
package enabledistribution

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront"

	"github.com/mayfly-dev/mayfly/distribution"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/find/distributions"
	"github.com/mayfly-dev/mayfly/sandbox"
)

const (
	step = "enabledistribution"
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
	// Propagation is how long a change is expected to take without history.
	Propagation time.Duration
	Now         func() time.Time
}

// Step enables distributions.
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

// Handle enables the flow's distribution unless it is enabled, and says whether
// that has spread; PreconditionFailed means that somebody else changed it
// meanwhile. Only a distribution whose caller reference is the sandbox's is
// touched, and none of a sandbox that is being deleted.
func (s *Step) Handle(ctx context.Context, in events.Flow) (events.Distribution, error) {
	if in.Made.Distribution == nil || in.Made.Distribution.ID == "" {
		return events.Distribution{}, errors.New("enable distribution: the flow carries no distribution")
	}
	ref, id := sandbox.RefOf(in.Sandbox), in.Made.Distribution.ID
	if err := s.ledger.Begin(ctx, ref, step); err != nil {
		return events.Distribution{}, err
	}
	there, err := s.client.GetDistribution(ctx, &cloudfront.GetDistributionInput{Id: &id})
	if err != nil {
		return events.Distribution{}, fmt.Errorf("read distribution %s: %w", id, err)
	}
	if err := distributions.Prove(there.Distribution, in.Sandbox.ID); err != nil {
		return events.Distribution{}, err
	}
	after := there.Distribution
	if config := after.DistributionConfig; !aws.ToBool(config.Enabled) {
		config.Enabled = aws.Bool(true)
		out, err := s.client.UpdateDistribution(ctx, &cloudfront.UpdateDistributionInput{Id: &id, IfMatch: there.ETag, DistributionConfig: config})
		if err != nil {
			return events.Distribution{}, fmt.Errorf("enable distribution %s: %w", id, err)
		}
		after = out.Distribution
	}
	state := distribution.State(after)
	if state.Deployed {
		return state, nil
	}
	state.ChangedAt = distribution.ChangedAt(after, s.options.Now())
	durations, err := s.history.Durations(ctx, sandbox.DurationPropagation)
	if err != nil {
		return events.Distribution{}, fmt.Errorf("read how long propagation takes: %w", err)
	}
	state.WaitSeconds = sandbox.FirstWait(durations, s.options.Propagation)
	// Nothing runs during the wait that could say so.
	return state, s.ledger.Progress(ctx, ref, next, "distribution "+id+" is enabled; waiting for that to spread")
}
