// Package invalidate is the step that has the edges forget what a release
// changed, and nothing else.
package invalidate

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"github.com/mayfly-dev/mayfly/awserr"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/release"
	"github.com/mayfly-dev/mayfly/release/s3store"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// Name is the step's name.
const Name = "invalidate"

// CloudFront is what the step needs of CloudFront.
type CloudFront interface {
	CreateInvalidation(context.Context, *cloudfront.CreateInvalidationInput, ...func(*cloudfront.Options)) (*cloudfront.CreateInvalidationOutput, error)
}

// Store is what the step needs of the store.
type Store interface {
	sandbox.Updater
	Durations(ctx context.Context, what string) ([]time.Duration, error)
}

// Step invalidates.
type Step struct {
	expected   time.Duration
	s3         s3store.Getter
	cloudfront CloudFront
	store      Store
	ledger     sandbox.Ledger
}

// New returns the step; expected is how long an invalidation takes before this
// installation has seen one.
func New(client s3store.Getter, cdn CloudFront, store Store, expected time.Duration, now func() time.Time) *Step {
	return &Step{s3: client, cloudfront: cdn, store: store, ledger: sandbox.Ledger{Store: store, Now: now}, expected: expected}
}

// Handle asks CloudFront for the invalidation of what the release changed. Its
// caller reference is the release's id, so that a second try finds the first
// one's invalidation. Nothing is to wait for when nothing changed, or when the
// sandbox has no distribution (yet). Too many invalidations under way are
// TooManyInvalidationsInProgress, which passes.
func (s *Step) Handle(ctx context.Context, flow events.ReleaseFlow) (events.Invalidation, error) {
	settled := events.Invalidation{Settled: true}
	box, err := s.ledger.BeginReleaseStep(ctx, sandbox.RefOf(flow.Sandbox), flow.Release.ID, Name)
	if err != nil {
		return events.Invalidation{}, err
	}
	distribution, ok := box.Resource(sandbox.KindDistribution)
	if !ok || distribution.Status != sandbox.StatusMade || flow.Plan == nil || !flow.Plan.Changed {
		return settled, nil
	}
	paths, err := s.paths(ctx, flow)
	if err != nil || len(paths) == 0 {
		return settled, err
	}
	out, err := s.cloudfront.CreateInvalidation(ctx, &cloudfront.CreateInvalidationInput{
		DistributionId: &distribution.ID,
		InvalidationBatch: &types.InvalidationBatch{
			CallerReference: aws.String("mayfly-" + flow.Release.ID),
			Paths:           &types.Paths{Quantity: aws.Int32(int32(len(paths))), Items: paths}, //nolint:gosec // at most MaxInvalidationPaths
		},
	})
	if awserr.Is(err, "NoSuchDistribution") {
		return settled, nil
	}
	if err != nil {
		return events.Invalidation{}, fmt.Errorf("invalidate %d paths of distribution %s: %w", len(paths), distribution.ID, err)
	}
	if out.Invalidation == nil || aws.ToString(out.Invalidation.Id) == "" {
		return events.Invalidation{}, fmt.Errorf("invalidate %d paths of distribution %s: CloudFront answered without an id", len(paths), distribution.ID)
	}
	past, err := s.store.Durations(ctx, release.DurationInvalidation)
	if err != nil {
		return events.Invalidation{}, fmt.Errorf("past invalidations: %w", err)
	}
	return events.Invalidation{
		DistributionID: distribution.ID, ID: *out.Invalidation.Id,
		Settled: aws.ToString(out.Invalidation.Status) == "Completed",
		Seconds: release.InvalidationWait(past, 0, s.expected),
	}, nil
}

// paths returns what the plan says is to be invalidated.
func (s *Step) paths(ctx context.Context, flow events.ReleaseFlow) ([]string, error) {
	header, err := s3store.GetPlanHeader(ctx, s.s3, flow.Plan.Bucket, flow.Plan.Key)
	if err != nil || len(header.Invalidate) > 0 {
		return header.Invalidate, err
	}
	// A plan of an older Mayfly leaves it to be found.
	plan, err := s3store.GetPlan(ctx, s.s3, flow.Plan.Bucket, flow.Plan.Key)
	return release.InvalidationPaths(plan.Changed(), flow.Sandbox.Spec), err
}
