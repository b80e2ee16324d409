// Package undorollout is the step that puts back what a Deployment of an EKS
// cluster ran before a release that failed.
package undorollout

import (
	"context"
	"errors"
	"fmt"

	"github.com/mayfly-dev/mayfly/awserr"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/kubernetes"
	"github.com/mayfly-dev/mayfly/sandbox"
)

const step = "undorollout"

// Clusters is where the step finds a cluster.
type Clusters interface {
	Connect(ctx context.Context, name string) (*kubernetes.Cluster, error)
}

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
	ledger   Ledger
	store    Store
}

// New returns the step.
func New(clusters Clusters, ledger Ledger, store Store) *Step {
	return &Step{clusters: clusters, ledger: ledger, store: store}
}

// Handle puts the image back that ran before the flow's release, if the
// Deployment is at that release and its image still, and says what became of
// it. The Deployment itself knows what that was, so that a change whose reply
// was lost is undone too. A release that is live is not undone; a sandbox that
// is gone leaves no half of a rollout behind.
func (s *Step) Handle(ctx context.Context, in events.RolloutFlow) (events.Undone, error) {
	if in.Release.Rollout == nil || in.Release.Rollout.EKS == nil {
		return events.Undone{}, errors.New("undo a rollout of a release that went elsewhere")
	}
	if live, err := s.live(ctx, in); err != nil || live {
		return events.Undone{}, err
	}
	made := *in.Release.Rollout.EKS
	of := kubernetes.Deployment{Namespace: made.Namespace, Name: made.Deployment, Container: made.Container}
	what := fmt.Sprintf("deployment %s in cluster %s", of, made.Cluster)
	state, undone, err := s.undo(ctx, of, in)
	switch refused := (*kubernetes.Refusal)(nil); {
	case gone(err):
		return events.Undone{}, nil
	case errors.As(err, &refused) && !refused.Passing() && made.Image != "":
		return events.Undone{}, errors.Join(err, s.tell(ctx, in, what+" was not put back: "+refused.Text))
	case err != nil:
		return events.Undone{}, err
	case undone:
		return events.Undone{Undone: true}, s.tell(ctx, in, what+" is to run "+state.Image()+" again")
	case state.Release() == in.Release.ID:
		return events.Undone{}, s.tell(ctx, in, what+" runs "+state.Image()+", which somebody else put there: it is left as it is")
	}
	return events.Undone{}, nil // it never was at this release, or is back already
}

func (s *Step) undo(ctx context.Context, of kubernetes.Deployment, in events.RolloutFlow) (*kubernetes.State, bool, error) {
	cluster, err := s.clusters.Connect(ctx, in.Release.Rollout.EKS.Cluster)
	if err != nil {
		return nil, false, err
	}
	defer cluster.Close()
	return cluster.Undo(ctx, of, in.Release.ID, in.Release.Image.Digest)
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

// gone reports whether there is nothing left that could be undone.
func gone(err error) bool {
	switch awserr.Name(err) {
	case kubernetes.ClusterNotFound, kubernetes.DeploymentNotFound, kubernetes.ContainerNotFound:
		return err != nil
	}
	return false
}
