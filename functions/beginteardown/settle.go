package beginteardown

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/mayfly-dev/mayfly/distribution"
	"github.com/mayfly-dev/mayfly/find"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// settle turns an intent into a made line or strikes it out. It returns a
// *NotSettledError while it is too early for that.
func (s *Step) settle(ctx context.Context, ref sandbox.Ref, kind sandbox.Kind, since time.Time) error {
	found, err := s.find(ctx, ref, kind)
	if err != nil {
		return err
	}
	if found.ID != "" {
		return s.ledger.Made(ctx, ref, step, found)
	}
	// Versioning is a property of the bucket: nothing can come of it later.
	if until := since.Add(s.options.Settle); kind != sandbox.KindVersioning && s.options.Now().Before(until) {
		return &NotSettledError{Kind: kind, Until: until}
	}
	return s.strike(ctx, ref, kind)
}

// find returns the ledger's line of what is there, with an empty ID when
// nothing is.
func (s *Step) find(ctx context.Context, ref sandbox.Ref, kind sandbox.Kind) (sandbox.Resource, error) {
	line := sandbox.Resource{Kind: kind}
	switch kind {
	case sandbox.KindBucket:
		name, err := find.Bucket(ctx, s.buckets, ref)
		line.ID, line.Region = name, s.options.Region
		return line, err
	case sandbox.KindOAI:
		there, err := find.Identity(ctx, s.distributions, ref)
		if there != nil {
			line.ID, line.CanonicalUserID = aws.ToString(there.Id), aws.ToString(there.S3CanonicalUserId)
		}
		return line, err
	case sandbox.KindOAC:
		id, err := find.Control(ctx, s.distributions, ref.ID)
		line.ID = id
		return line, err
	case sandbox.KindDistribution:
		there, err := find.Distribution(ctx, s.distributions, ref)
		if there != nil {
			line = distribution.Resource(there)
		}
		return line, err
	}
	return line, nil
}

// strike removes an intent that came to nothing. It is no deletion, and the
// event says so.
func (s *Step) strike(ctx context.Context, ref sandbox.Ref, kind sandbox.Kind) error {
	_, err := s.store.Update(ctx, ref, func(record *sandbox.Sandbox) ([]sandbox.Event, error) {
		if line, ok := record.Resource(kind); !ok || line.Status != sandbox.StatusIntended {
			return nil, nil
		}
		delete(record.Resources, kind)
		return []sandbox.Event{{
			At: s.options.Now().UTC(), Type: sandbox.EventGone, Step: step, Phase: record.Phase,
			Message: fmt.Sprintf("%s was never made", kind),
		}}, nil
	})
	if err != nil {
		return fmt.Errorf("strike the intended %s of sandbox %s: %w", kind, ref.Name, err)
	}
	return nil
}
