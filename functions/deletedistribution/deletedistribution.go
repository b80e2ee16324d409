// Package deletedistribution is the step that deletes a distribution that is
// disabled and deployed.
package deletedistribution

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"github.com/mayfly-dev/mayfly/awserr"
	"github.com/mayfly-dev/mayfly/distribution"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/find/distributions"
	"github.com/mayfly-dev/mayfly/sandbox"
)

const step = "deletedistribution"

// Client is what the step needs of CloudFront.
type Client interface {
	GetDistribution(context.Context, *cloudfront.GetDistributionInput, ...func(*cloudfront.Options)) (*cloudfront.GetDistributionOutput, error)
	DeleteDistribution(context.Context, *cloudfront.DeleteDistributionInput, ...func(*cloudfront.Options)) (*cloudfront.DeleteDistributionOutput, error)
}

// Ledger is what the step writes down.
type Ledger interface {
	Gone(ctx context.Context, ref sandbox.Ref, step string, kind sandbox.Kind) error
}

// Step deletes distributions.
type Step struct {
	client Client
	ledger Ledger
}

// New returns the step.
func New(client Client, ledger Ledger) *Step { return &Step{client: client, ledger: ledger} }

// Handle reads the ETag again and deletes the flow's distribution. One that is
// gone is a success. One that is enabled or still InProgress, because somebody
// changed it, is DistributionNotDisabled without a call: back to waiting. One
// whose caller reference is not the sandbox's is a *find.NotOursError.
func (s *Step) Handle(ctx context.Context, in events.Flow) (events.Recorded, error) {
	if in.Made.Distribution != nil && in.Made.Distribution.ID != "" {
		if err := s.delete(ctx, in.Made.Distribution.ID, in.Sandbox.ID); err != nil && !awserr.Is(err, "NoSuchDistribution") {
			return events.Recorded{}, err
		}
	}
	err := s.ledger.Gone(ctx, sandbox.RefOf(in.Sandbox), step, sandbox.KindDistribution)
	if err != nil && !errors.Is(err, sandbox.ErrNotFound) {
		return events.Recorded{}, err
	}
	return events.Recorded{Phase: string(sandbox.PhaseDeleting)}, nil
}

func (s *Step) delete(ctx context.Context, id, sandboxID string) error {
	there, err := s.client.GetDistribution(ctx, &cloudfront.GetDistributionInput{Id: &id})
	if err != nil {
		return fmt.Errorf("read distribution %s: %w", id, err)
	}
	if err := distributions.Prove(there.Distribution, sandboxID); err != nil {
		return err
	}
	if aws.ToBool(there.Distribution.DistributionConfig.Enabled) || !distribution.State(there.Distribution).Deployed {
		return fmt.Errorf("delete distribution %s: %w", id, &types.DistributionNotDisabled{Message: aws.String("it is enabled, or that it is disabled has not spread")})
	}
	if _, err := s.client.DeleteDistribution(ctx, &cloudfront.DeleteDistributionInput{Id: &id, IfMatch: there.ETag}); err != nil {
		return fmt.Errorf("delete distribution %s: %w", id, err)
	}
	return nil
}
