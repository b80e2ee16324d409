// Package awaitdistribution is the step that sees whether the last change of a
// distribution has spread to every edge, and says how long to wait before
// asking again. It is used after a creation, an update and a disabling alike.
package awaitdistribution

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudfront"

	"github.com/mayfly-dev/mayfly/awserr"
	"github.com/mayfly-dev/mayfly/distribution"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/sandbox"
)

const step = "awaitdistribution"

// Client is what the step needs of CloudFront.
type Client interface {
	GetDistribution(context.Context, *cloudfront.GetDistributionInput, ...func(*cloudfront.Options)) (*cloudfront.GetDistributionOutput, error)
}

// Ledger is what the step writes down.
type Ledger interface {
	Progress(ctx context.Context, ref sandbox.Ref, step, message string) error
}

// Store is where the step reads the sandbox's phase, and reads and remembers
// how long propagation takes.
type Store interface {
	Get(ctx context.Context, name string) (sandbox.Sandbox, error)
	Durations(ctx context.Context, what string) ([]time.Duration, error)
	AddDuration(ctx context.Context, what string, took time.Duration, at time.Time) error
}

// Options is what the step knows of its installation.
type Options struct {
	// Propagation is how long a change is expected to take without history.
	Propagation time.Duration
	// GiveUp is how long after a change the step no longer waits.
	GiveUp time.Duration
	Now    func() time.Time
}

// Step watches distributions.
type Step struct {
	client  Client
	ledger  Ledger
	store   Store
	options Options
}

// New returns the step.
func New(client Client, ledger Ledger, store Store, options Options) *Step {
	return &Step{client: client, ledger: ledger, store: store, options: options}
}

// Handle returns the flow's distribution with Deployed or WaitSeconds set.
// Where there is none, there is nothing to wait for: that is Deployed too. It
// returns a *distribution.PropagationTimeoutError when the change is older
// than Options.GiveUp and still has not spread.
func (s *Step) Handle(ctx context.Context, in events.Flow) (events.Distribution, error) {
	if in.Made.Distribution == nil || in.Made.Distribution.ID == "" {
		return events.Distribution{Deployed: true}, nil
	}
	watched := *in.Made.Distribution
	out, err := s.client.GetDistribution(ctx, &cloudfront.GetDistributionInput{Id: &watched.ID})
	if awserr.Is(err, "NoSuchDistribution") {
		return s.gone(ctx, in.Sandbox, err)
	}
	if err != nil {
		return events.Distribution{}, fmt.Errorf("read distribution %s: %w", watched.ID, err)
	}
	state := distribution.State(out.Distribution)
	state.ChangedAt = watched.ChangedAt
	if state.ChangedAt.IsZero() {
		state.ChangedAt = distribution.ChangedAt(out.Distribution, s.options.Now())
	}
	if state.Deployed {
		if watched.Deployed {
			return state, nil // the answer to the change said so already
		}
		return state, s.remember(ctx, in.Sandbox, state)
	}
	if s.options.Now().Sub(state.ChangedAt) > s.options.GiveUp {
		return events.Distribution{}, &distribution.PropagationTimeoutError{ID: state.ID, Since: state.ChangedAt, Limit: s.options.GiveUp}
	}
	durations, err := s.store.Durations(ctx, sandbox.DurationPropagation)
	if err != nil {
		return events.Distribution{}, fmt.Errorf("read how long propagation takes: %w", err)
	}
	state.WaitSeconds = sandbox.NextWait(durations, s.options.Propagation)
	return state, nil
}

// gone ends the wait for a distribution that is no longer there: a success
// while the sandbox is being deleted, a failure while it is being made.
func (s *Step) gone(ctx context.Context, of events.Sandbox, missing error) (events.Distribution, error) {
	record, err := s.store.Get(ctx, of.Name)
	if err != nil && !errors.Is(err, sandbox.ErrNotFound) {
		return events.Distribution{}, fmt.Errorf("read sandbox %s: %w", of.Name, err)
	}
	if err == nil && record.ID == of.ID && record.Phase != sandbox.PhaseDeleting {
		return events.Distribution{}, fmt.Errorf("await distribution of sandbox %s: %w", of.Name, missing)
	}
	return events.Distribution{Deployed: true}, nil
}

// remember notes how long a change took to spread, once for each change: the
// flow goes on when it has spread. Only a run whose reply was lost may note it
// again, which does not move a median of 32.
func (s *Step) remember(ctx context.Context, of events.Sandbox, state events.Distribution) error {
	took := s.options.Now().Sub(state.ChangedAt).Round(time.Millisecond)
	err := s.ledger.Progress(ctx, sandbox.RefOf(of), step, fmt.Sprintf("distribution %s has spread, %s after the change", state.ID, took.Round(time.Second)))
	if err != nil && !errors.Is(err, sandbox.ErrNotFound) {
		return err
	}
	if err := s.store.AddDuration(ctx, sandbox.DurationPropagation, took, state.ChangedAt); err != nil {
		return fmt.Errorf("remember how long propagation took: %w", err)
	}
	return nil
}
