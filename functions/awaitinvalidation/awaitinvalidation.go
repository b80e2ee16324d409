// Package awaitinvalidation is the step that asks how far an invalidation is.
package awaitinvalidation

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront"

	"github.com/mayfly-dev/mayfly/awserr"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/release"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// Name is the step's name.
const Name = "awaitinvalidation"

// CloudFront is what the step needs of CloudFront.
type CloudFront interface {
	GetInvalidation(context.Context, *cloudfront.GetInvalidationInput, ...func(*cloudfront.Options)) (*cloudfront.GetInvalidationOutput, error)
}

// Store is what the step needs of the store.
type Store interface {
	sandbox.Updater
	AddDuration(ctx context.Context, what string, took time.Duration, at time.Time) error
	Durations(ctx context.Context, what string) ([]time.Duration, error)
}

// Step asks how far an invalidation is.
type Step struct {
	expected   time.Duration
	cloudfront CloudFront
	store      Store
	ledger     sandbox.Ledger
	now        func() time.Time
}

// New returns the step; expected is how long an invalidation takes before this
// installation has seen one.
func New(cdn CloudFront, store Store, expected time.Duration, now func() time.Time) *Step {
	return &Step{cloudfront: cdn, store: store, ledger: sandbox.Ledger{Store: store, Now: now}, now: now, expected: expected}
}

// Handle returns the flow's invalidation with Settled once CloudFront has
// completed it, and how long to wait otherwise: by how long invalidations took
// before, and by how long this one is under way. An invalidation that is gone
// went with its distribution and is settled.
func (s *Step) Handle(ctx context.Context, flow events.ReleaseFlow) (events.Invalidation, error) {
	if _, err := s.ledger.BeginReleaseStep(ctx, sandbox.RefOf(flow.Sandbox), flow.Release.ID, Name); err != nil {
		return events.Invalidation{}, err
	}
	if flow.Invalidation == nil || flow.Invalidation.ID == "" {
		return events.Invalidation{Settled: true}, nil
	}
	asked := *flow.Invalidation
	out, err := s.cloudfront.GetInvalidation(ctx, &cloudfront.GetInvalidationInput{DistributionId: &asked.DistributionID, Id: &asked.ID})
	if awserr.Is(err, "NoSuchDistribution", "NoSuchInvalidation") {
		asked.Settled, asked.Seconds = true, 0
		return asked, nil
	}
	if err != nil {
		return events.Invalidation{}, fmt.Errorf("look at invalidation %s of distribution %s: %w", asked.ID, asked.DistributionID, err)
	}
	if out.Invalidation == nil {
		return events.Invalidation{}, fmt.Errorf("look at invalidation %s of distribution %s: CloudFront answered without it", asked.ID, asked.DistributionID)
	}
	now := s.now()
	took := max(now.Sub(aws.ToTime(out.Invalidation.CreateTime)), 0)
	if aws.ToString(out.Invalidation.Status) == "Completed" {
		if err := s.store.AddDuration(ctx, release.DurationInvalidation, took, now); err != nil {
			return events.Invalidation{}, fmt.Errorf("remember how long invalidation %s took: %w", asked.ID, err)
		}
		asked.Settled, asked.Seconds = true, 0
		return asked, nil
	}
	past, err := s.store.Durations(ctx, release.DurationInvalidation)
	if err != nil {
		return events.Invalidation{}, fmt.Errorf("past invalidations: %w", err)
	}
	asked.Settled, asked.Seconds = false, release.InvalidationWait(past, took, s.expected)
	return asked, nil
}
