// Package awaitrollout is the step that sees whether a Deployment of an EKS
// cluster has rolled a release out, and says how long to wait before asking
// again.
package awaitrollout

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/kubernetes"
	"github.com/mayfly-dev/mayfly/sandbox"
)

const step = "awaitrollout"

// Clusters is where the step finds a cluster.
type Clusters interface {
	Connect(ctx context.Context, name string) (*kubernetes.Cluster, error)
}

// Ledger is what the step writes down.
type Ledger interface {
	BeginReleaseStep(ctx context.Context, ref sandbox.Ref, release, step string) (sandbox.Sandbox, error)
	ReleaseProgress(ctx context.Context, ref sandbox.Ref, release, step, message string) error
}

// Options is what the step knows of its installation.
type Options struct {
	// GiveUp is how long the step waits for a Deployment that sets itself no
	// deadline it could miss.
	GiveUp time.Duration
	Now    func() time.Time
}

// Step watches rollouts.
type Step struct {
	clusters Clusters
	ledger   Ledger
	store    sandbox.ReleaseStore
	options  Options
}

// New returns the step.
func New(clusters Clusters, ledger Ledger, store sandbox.ReleaseStore, options Options) *Step {
	return &Step{clusters: clusters, ledger: ledger, store: store, options: options}
}

// Handle reports whether every replica runs the release's image and is
// available; the Deployment's revision is in the release's record then. It
// returns a *kubernetes.Refusal when that will not come: named RolloutFailed
// with the cluster's reasons when the Deployment's own deadline has passed,
// RolloutTimeout when Options.GiveUp has, DeploymentChanged when somebody put
// another image or release in its place, and as package kubernetes says.
func (s *Step) Handle(ctx context.Context, in events.RolloutFlow) (events.Awaited, error) {
	if in.Release.Rollout == nil || in.Release.Rollout.EKS == nil {
		return events.Awaited{}, errors.New("await a rollout of a release that goes elsewhere")
	}
	ref, made := sandbox.RefOf(in.Sandbox), *in.Release.Rollout.EKS
	box, err := s.ledger.BeginReleaseStep(ctx, ref, in.Release.ID, step)
	if err != nil {
		return events.Awaited{}, err
	}
	cluster, err := s.clusters.Connect(ctx, made.Cluster)
	if err != nil {
		return events.Awaited{}, err
	}
	defer cluster.Close()
	of := kubernetes.Deployment{Namespace: made.Namespace, Name: made.Deployment, Container: made.Container}
	state, err := cluster.Get(ctx, of)
	if err != nil {
		return events.Awaited{}, err
	}
	refuse := func(name, text string) error {
		return &kubernetes.Refusal{Name: name, Cluster: made.Cluster, Of: of.String(), Text: text}
	}
	if !state.At(in.Release.ID, in.Release.Image.Digest) {
		return events.Awaited{}, refuse(kubernetes.DeploymentChanged, fmt.Sprintf("somebody else changed it: it is to run %s of release %q", state.Image(), state.Release()))
	}
	rollout, err := state.Rollout()
	if err != nil {
		return events.Awaited{}, err
	}
	if rollout.Done {
		return events.Awaited{Settled: true}, s.settle(ctx, ref, in, state)
	}
	if since := box.StepSince; box.Step == step && s.options.Now().Sub(since) > s.options.GiveUp {
		return events.Awaited{}, refuse(kubernetes.RolloutTimeout, fmt.Sprintf("not rolled out in %s: %s", s.options.GiveUp, rollout.Text))
	}
	return s.wait(ctx, ref, in, rollout.Text)
}

// settle writes the revision down, which the cluster counted meanwhile.
func (s *Step) settle(ctx context.Context, ref sandbox.Ref, in events.RolloutFlow, state *kubernetes.State) error {
	noted, made := *in.Release.Rollout, *in.Release.Rollout.EKS
	made.Revision = state.Revision()
	noted.EKS = &made
	return sandbox.NoteRollout(ctx, s.store, ref, in.Release.ID, noted)
}

// wait tells what was seen, when that is news, and when to look again: soon at
// first, and more seldom the longer it takes.
func (s *Step) wait(ctx context.Context, ref sandbox.Ref, in events.RolloutFlow, seen string) (events.Awaited, error) {
	var last events.Awaited
	if in.Awaited != nil {
		last = *in.Awaited
	}
	const first, most = 2, 30 // seconds
	next := events.Awaited{Looks: last.Looks + 1, Seen: seen, Seconds: min(first<<min(last.Looks/2, 4), most)}
	if seen == last.Seen {
		return next, nil
	}
	return next, s.ledger.ReleaseProgress(ctx, ref, in.Release.ID, step, seen)
}
