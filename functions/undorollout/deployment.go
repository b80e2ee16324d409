package undorollout

import (
	"context"
	"errors"
	"fmt"

	"github.com/mayfly-dev/mayfly/awserr"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/kubernetes"
)

// Clusters is where the step finds a cluster.
type Clusters interface {
	Connect(ctx context.Context, name string) (*kubernetes.Cluster, error)
}

// deployment puts the image back that ran before the release, if the Deployment
// is at that release and its image still. The Deployment itself knows what that
// was, so that a change whose reply was lost is undone too.
func (s *Step) deployment(ctx context.Context, in events.RolloutFlow, made events.EKSRollout) (events.Undone, error) {
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

// gone reports whether there is nothing left that could be undone.
func gone(err error) bool {
	switch awserr.Name(err) {
	case kubernetes.ClusterNotFound, kubernetes.DeploymentNotFound, kubernetes.ContainerNotFound:
		return err != nil
	}
	return false
}
