// Package begindeploy is the step that makes a push a release of its sandbox,
// unless it is deployed already or something newer was asked for.
package begindeploy

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// Step begins deploys.
type Step struct {
	store    sandbox.ReleaseStore
	machines Machines
	now      func() time.Time
}

// Machines are the ARNs of the machines that run releases, Release those of
// sites and Rollout those of services, and of the one that wakes sandboxes.
type Machines struct {
	Release, Rollout, Wake string
}

// New returns the step.
func New(store sandbox.ReleaseStore, machines Machines, now func() time.Time) *Step {
	return &Step{store: store, machines: machines, now: now}
}

// Handle begins the release of the flow's verified image and takes the
// sandbox's lock for it. The errors ReleaseUnderway and WrongPhase are to be
// tried again on: another release runs, or the sandbox is not ready yet. One
// that sleeps is to be woken, by the execution that the answer names.
func (s *Step) Handle(ctx context.Context, in events.BeginDeploy) (events.Begun, error) {
	resolved, verified := in.Flow.Resolved, in.Flow.Verified
	if resolved == nil || resolved.Sandbox == nil || verified == nil {
		return events.Begun{}, errors.New("begin a deploy that was not resolved and verified")
	}
	image := verified.Image
	id := sandbox.PushReleaseID(image)
	machine, execution, to := s.machines.Release, "release-"+id, sandbox.RolloutTo(resolved.Sandbox.Spec.Deploy)
	if to != nil {
		machine, execution = s.machines.Rollout, "rollout-"+id
	}
	deploy, err := sandbox.BeginDeploy(ctx, s.store, sandbox.RefOf(*resolved.Sandbox), image, sandbox.Release{
		Status: sandbox.ReleaseRunning, CreatedAt: s.now().UTC(), Deploy: in.Execution,
		Source:    events.ReleaseSource{Kind: events.SourceImage, Repository: image.Repository, Digest: image.Digest, Tag: image.Tag},
		Execution: sandbox.ExecutionARN(machine, execution), Rollout: to,
	})
	var phase *sandbox.PhaseError
	if errors.As(err, &phase) && in.Flow.Elsewhere == nil {
		wake, failed := s.wake(ctx, sandbox.RefOf(*resolved.Sandbox), image)
		if wake != nil {
			return events.Begun{Verdict: events.VerdictAsleep, Reason: "the sandbox sleeps, and is woken", Wake: wake}, nil
		}
		if failed != nil {
			err = failed
		}
	}
	if errors.Is(err, sandbox.ErrNotFound) {
		return events.Begun{Verdict: events.VerdictDeleting, Reason: "the sandbox is gone"}, nil
	}
	if err != nil {
		return events.Begun{}, fmt.Errorf("deploy %s to sandbox %s: %w", image.Digest, resolved.Sandbox.Name, err)
	}
	out := events.Begun{Verdict: deploy.Verdict, Reason: deploy.Reason}
	if deploy.Verdict == events.VerdictDeploy {
		out.Flow = &events.ReleaseFlow{Sandbox: deploy.Sandbox.Event(), Release: deploy.Release.Event(), Execution: deploy.Release.Execution}
	}
	return out, nil
}
