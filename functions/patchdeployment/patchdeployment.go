// Package patchdeployment is the step that makes a Deployment of an EKS cluster
// run a release's image: its container's image is replaced by digest, and
// everything else stays as it is.
package patchdeployment

import (
	"context"
	"errors"
	"fmt"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/kubernetes"
	"github.com/mayfly-dev/mayfly/sandbox"
)

const step = "patchdeployment"

// Clusters is where the step finds a cluster.
type Clusters interface {
	Connect(ctx context.Context, name string) (*kubernetes.Cluster, error)
}

// Ledger is what the step writes down.
type Ledger interface {
	BeginReleaseStep(ctx context.Context, ref sandbox.Ref, release, step string) (sandbox.Sandbox, error)
	ReleaseProgress(ctx context.Context, ref sandbox.Ref, release, step, message string) error
}

// Step patches Deployments.
type Step struct {
	clusters Clusters
	ledger   Ledger
	store    sandbox.ReleaseStore
}

// New returns the step.
func New(clusters Clusters, ledger Ledger, store sandbox.ReleaseStore) *Step {
	return &Step{clusters: clusters, ledger: ledger, store: store}
}

// Handle returns what the release made of the Deployment, which is in the
// release's record then. Run again it finds what the first run did. What
// package kubernetes refuses keeps its name: a Deployment or container that is
// not there, one that is paused, a cluster that does not allow it.
func (s *Step) Handle(ctx context.Context, in events.RolloutFlow) (events.EKSRollout, error) {
	if in.Release.Rollout == nil || in.Release.Rollout.EKS == nil {
		return events.EKSRollout{}, errors.New("patch a deployment for a release that goes elsewhere")
	}
	ref, made := sandbox.RefOf(in.Sandbox), *in.Release.Rollout.EKS
	box, err := s.ledger.BeginReleaseStep(ctx, ref, in.Release.ID, step)
	if err != nil {
		return events.EKSRollout{}, err
	}
	image, err := box.ImageURI(in.Release.Image)
	if err != nil {
		return events.EKSRollout{}, err
	}
	cluster, err := s.clusters.Connect(ctx, made.Cluster)
	if err != nil {
		return events.EKSRollout{}, err
	}
	defer cluster.Close()
	of := kubernetes.Deployment{Namespace: made.Namespace, Name: made.Deployment, Container: made.Container}
	state, err := cluster.Bring(ctx, of, in.Release.ID, image)
	if err != nil {
		return events.EKSRollout{}, err
	}
	made.Image, made.Before, made.Generation = image, state.Before(), state.Generation()
	noted := *in.Release.Rollout
	noted.EKS = &made
	if err := sandbox.NoteRollout(ctx, s.store, ref, in.Release.ID, noted); err != nil {
		return events.EKSRollout{}, err
	}
	text := fmt.Sprintf("container %s of deployment %s in cluster %s is to run %s", state.Container(), of, made.Cluster, image)
	return made, s.ledger.ReleaseProgress(ctx, ref, in.Release.ID, step, text)
}
