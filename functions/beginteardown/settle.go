package beginteardown

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/mayfly-dev/mayfly/distribution"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/find"
	"github.com/mayfly-dev/mayfly/find/buckets"
	"github.com/mayfly-dev/mayfly/find/distributions"
	"github.com/mayfly-dev/mayfly/find/repositories"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// settle turns an intent into a made line or strikes it out. It returns a
// *NotSettledError while it is too early for that.
func (s *Step) settle(ctx context.Context, ref sandbox.Ref, intended sandbox.Resource, since time.Time) error {
	kind := intended.Kind
	found, err := s.find(ctx, ref, intended)
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
func (s *Step) find(ctx context.Context, ref sandbox.Ref, intended sandbox.Resource) (sandbox.Resource, error) {
	line := sandbox.Resource{Kind: intended.Kind}
	switch intended.Kind {
	case sandbox.KindBucket:
		name, err := buckets.Find(ctx, s.services.Buckets, ref)
		line.ID, line.Region = name, s.options.Region
		return line, err
	case sandbox.KindOAI:
		there, err := distributions.Identity(ctx, s.services.Distributions, ref)
		if there != nil {
			line.ID, line.CanonicalUserID = aws.ToString(there.Id), aws.ToString(there.S3CanonicalUserId)
		}
		return line, err
	case sandbox.KindOAC:
		id, err := distributions.Control(ctx, s.services.Distributions, ref.ID)
		line.ID = id
		return line, err
	case sandbox.KindDistribution:
		there, err := distributions.Find(ctx, s.services.Distributions, ref)
		if there != nil {
			line = distribution.Resource(there)
		}
		return line, err
	case sandbox.KindRepository:
		there, err := repositories.Find(ctx, s.services.Repositories, intended.ID, ref.ID)
		return madeRepository(line, there, err)
	case sandbox.KindPublicRepository:
		there, err := repositories.FindPublic(ctx, s.services.PublicRepositories, intended.ID, ref.ID)
		return madeRepository(line, there, err)
	}
	return line, nil
}

// madeRepository fills line in with the repository that was found. One that is
// another's has the name that was intended, and nothing of ours came to be.
func madeRepository(line sandbox.Resource, there *events.Repository, err error) (sandbox.Resource, error) {
	var other *find.NotOursError
	if errors.As(err, &other) {
		return line, nil
	}
	if there != nil {
		line.ID, line.ARN, line.URI = there.Name, there.ARN, there.URI
	}
	return line, err
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
