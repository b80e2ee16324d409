// Package undorollout is the step that puts back what a service of ECS, or a
// Deployment of an EKS cluster, ran before a release that failed.
package undorollout

import (
	"context"
	"errors"
	"fmt"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/sandbox"
)

const step = "undorollout"

// Ledger is what the step writes down.
type Ledger interface {
	ReleaseProgress(ctx context.Context, ref sandbox.Ref, release, step, message string) error
}

// Store is where the step reads how a release ended.
type Store interface {
	GetRelease(ctx context.Context, ref sandbox.Ref, id string) (sandbox.Release, error)
}

// Step undoes rollouts.
type Step struct {
	clusters Clusters
	services Services
	ledger   Ledger
	store    Store
}

// New returns the step.
func New(clusters Clusters, services Services, ledger Ledger, store Store) *Step {
	return &Step{clusters: clusters, services: services, ledger: ledger, store: store}
}

// Handle puts back what the service of the flow's release ran before, if it is
// at that release still, and says what became of it. A release that is live is
// not undone; a sandbox that is gone leaves no half of a rollout behind.
func (s *Step) Handle(ctx context.Context, in events.RolloutFlow) (events.Undone, error) {
	to := in.Release.Rollout
	if to == nil || to.EKS == nil && to.ECS == nil {
		return events.Undone{}, errors.New("undo a rollout of a release that went elsewhere")
	}
	if live, err := s.live(ctx, in); err != nil || live {
		return events.Undone{}, err
	}
	if to.ECS != nil {
		return s.service(ctx, in, *to.ECS)
	}
	return s.deployment(ctx, in, *to.EKS)
}

func (s *Step) tell(ctx context.Context, in events.RolloutFlow, text string) error {
	err := s.ledger.ReleaseProgress(ctx, sandbox.RefOf(in.Sandbox), in.Release.ID, step, text)
	if errors.Is(err, sandbox.ErrNotFound) {
		return nil // there is nobody left to tell
	}
	return err
}

// live reports whether the release is live: then only what came after it
// failed.
func (s *Step) live(ctx context.Context, in events.RolloutFlow) (bool, error) {
	r, err := s.store.GetRelease(ctx, sandbox.RefOf(in.Sandbox), in.Release.ID)
	if err != nil && !errors.Is(err, sandbox.ErrNotFound) {
		return false, fmt.Errorf("read release %s: %w", in.Release.ID, err)
	}
	return err == nil && r.Status == sandbox.ReleaseLive, nil
}
