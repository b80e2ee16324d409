// Package disabledistribution is the step that stops a distribution from
// serving, without which CloudFront does not delete it.
package disabledistribution

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"github.com/mayfly-dev/mayfly/awserr"
	"github.com/mayfly-dev/mayfly/distribution"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/find/distributions"
	"github.com/mayfly-dev/mayfly/sandbox"
)

const step = "disabledistribution"

// Client is what the step needs of CloudFront.
type Client interface {
	GetDistribution(context.Context, *cloudfront.GetDistributionInput, ...func(*cloudfront.Options)) (*cloudfront.GetDistributionOutput, error)
	UpdateDistribution(context.Context, *cloudfront.UpdateDistributionInput, ...func(*cloudfront.Options)) (*cloudfront.UpdateDistributionOutput, error)
}

// Ledger is what the step writes down.
type Ledger interface {
	Gone(ctx context.Context, ref sandbox.Ref, step string, kind sandbox.Kind) error
	Progress(ctx context.Context, ref sandbox.Ref, step, message string) error
	Waits(ctx context.Context, ref sandbox.Ref, what sandbox.Waiting) error
}

// History is how long things took in this installation.
type History interface {
	Durations(ctx context.Context, what string) ([]time.Duration, error)
}

// Options is what the step knows of its installation.
type Options struct {
	// Propagation is how long a change is expected to take without history.
	Propagation time.Duration
	// GiveUp is how long after a change step awaitdistribution no longer waits.
	GiveUp time.Duration
	Now    func() time.Time
}

// Step disables distributions.
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

// Handle disables the flow's distribution unless it is disabled, and says
// whether that has spread. What is not there needs no disabling. Only a
// distribution whose caller reference is the sandbox's is touched.
func (s *Step) Handle(ctx context.Context, in events.Flow) (events.Distribution, error) {
	ref := sandbox.RefOf(in.Sandbox)
	if in.Made.Distribution == nil || in.Made.Distribution.ID == "" {
		return s.gone(ctx, ref)
	}
	id := in.Made.Distribution.ID
	there, err := s.client.GetDistribution(ctx, &cloudfront.GetDistributionInput{Id: &id})
	if awserr.Is(err, "NoSuchDistribution") {
		return s.gone(ctx, ref)
	}
	if err != nil {
		return events.Distribution{}, fmt.Errorf("read distribution %s: %w", id, err)
	}
	if err := distributions.Prove(there.Distribution, in.Sandbox.ID); err != nil {
		return events.Distribution{}, err
	}
	if aws.ToBool(there.Distribution.DistributionConfig.Enabled) {
		return s.disable(ctx, ref, there)
	}
	state := distribution.State(there.Distribution)
	state.ChangedAt = s.since(there.Distribution)
	return s.wait(ctx, ref, state)
}

func (s *Step) disable(ctx context.Context, ref sandbox.Ref, there *cloudfront.GetDistributionOutput) (events.Distribution, error) {
	id, config := aws.ToString(there.Distribution.Id), there.Distribution.DistributionConfig
	config.Enabled = aws.Bool(false)
	out, err := s.client.UpdateDistribution(ctx, &cloudfront.UpdateDistributionInput{Id: &id, IfMatch: there.ETag, DistributionConfig: config})
	if awserr.Is(err, "NoSuchDistribution") {
		return s.gone(ctx, ref)
	}
	if err != nil {
		return events.Distribution{}, fmt.Errorf("disable distribution %s: %w", id, err)
	}
	err = s.ledger.Progress(ctx, ref, step, "distribution "+id+" is disabled; waiting for that to spread")
	if err != nil && !errors.Is(err, sandbox.ErrNotFound) {
		return events.Distribution{}, err
	}
	state := distribution.State(out.Distribution)
	state.ChangedAt = distribution.ChangedAt(out.Distribution, s.options.Now())
	return s.wait(ctx, ref, state)
}

// since returns when a distribution that an earlier run disabled was changed,
// as CloudFront has it. If that is so long ago that an earlier flow gave up
// the wait, this one waits anew.
func (s *Step) since(d *types.Distribution) time.Time {
	now := s.options.Now().UTC()
	if at := distribution.ChangedAt(d, now); now.Sub(at) < s.options.GiveUp {
		return at
	}
	return now
}

func (s *Step) wait(ctx context.Context, ref sandbox.Ref, state events.Distribution) (events.Distribution, error) {
	if state.Deployed {
		return state, nil
	}
	err := s.ledger.Waits(ctx, ref, sandbox.Waiting{
		For: "distribution " + state.ID + " to stop serving everywhere", Duration: sandbox.DurationPropagation, Since: state.ChangedAt,
	})
	if err != nil && !errors.Is(err, sandbox.ErrNotFound) {
		return events.Distribution{}, err
	}
	durations, err := s.history.Durations(ctx, sandbox.DurationPropagation)
	if err != nil {
		return events.Distribution{}, fmt.Errorf("read how long propagation takes: %w", err)
	}
	// CloudFront's clock may be ahead of this one: that is no reason to wait longer.
	passed := max(int(s.options.Now().Sub(state.ChangedAt).Seconds()), 0)
	state.WaitSeconds = max(sandbox.FirstWait(durations, s.options.Propagation)-passed, sandbox.NextWait(durations, s.options.Propagation))
	if s.options.Propagation <= 0 {
		state.WaitSeconds = 0
	}
	return state, nil
}

func (s *Step) gone(ctx context.Context, ref sandbox.Ref) (events.Distribution, error) {
	if err := s.ledger.Gone(ctx, ref, step, sandbox.KindDistribution); err != nil && !errors.Is(err, sandbox.ErrNotFound) {
		return events.Distribution{}, err
	}
	return events.Distribution{Deployed: true}, nil
}
