package sandbox

import (
	"context"
	"errors"
	"fmt"

	"github.com/mayfly-dev/mayfly/events"
)

// Destination returns where r goes, as [events.DeploySpec.Destination] writes
// it; "" for the sandbox's own site.
func (r *Release) Destination() string { return destinationOf(r.Rollout) }

// GoesTo reports whether r went where releases of the sandbox go now.
func (s *Sandbox) GoesTo(r *Release) bool {
	return r.Destination() == destinationOf(RolloutTo(s.Spec.Deploy))
}

func destinationOf(to *events.Rollout) string {
	if to == nil {
		return ""
	}
	spec := events.DeploySpec{Target: to.Target}
	switch {
	case to.ECS != nil:
		spec.ECS = &to.ECS.ECSTarget
	case to.EKS != nil:
		spec.EKS = &to.EKS.EKSTarget
	case to.Lambda != nil:
		spec.Lambda = &to.Lambda.LambdaTarget
	}
	return spec.Destination()
}

// brought says on one line what a live release has made.
func (r *Release) brought() string {
	switch to := r.Rollout; {
	case to == nil:
		return fmt.Sprintf("%d files, %d written, %d removed", r.Files, r.Written, r.Removed)
	case to.ECS != nil && to.ECS.TaskDefinition != "":
		return r.Destination() + " runs " + to.ECS.TaskDefinition
	case to.EKS != nil && to.EKS.Revision != "":
		return r.Destination() + " is at revision " + to.EKS.Revision
	case to.Lambda != nil && to.Lambda.Version != "":
		return r.Destination() + " is version " + to.Lambda.Version
	}
	return r.Destination()
}

// RollBackTo returns what the record of a release begins with that brings back
// what an earlier one had made, rather than making it again; nil when that is
// the site's.
func RollBackTo(earlier *events.Rollout) *events.Rollout {
	if earlier == nil {
		return nil
	}
	back := &events.Rollout{Target: earlier.Target}
	switch {
	case earlier.ECS != nil:
		back.ECS = &events.ECSRollout{ECSTarget: earlier.ECS.ECSTarget, TaskDefinition: earlier.ECS.TaskDefinition}
	case earlier.EKS != nil:
		back.EKS = &events.EKSRollout{EKSTarget: earlier.EKS.EKSTarget}
	case earlier.Lambda != nil:
		back.Lambda = &events.LambdaRollout{LambdaTarget: earlier.Lambda.LambdaTarget, Version: earlier.Lambda.Version, CodeSHA256: earlier.Lambda.CodeSHA256}
	}
	return back
}

// NoteRollout writes down what a release that is under way has made so far.
// A release that has ended, or is gone with its sandbox, stays as it is.
func NoteRollout(ctx context.Context, store ReleaseStore, ref Ref, id string, made events.Rollout) error {
	r, err := store.GetRelease(ctx, ref, id)
	if errors.Is(err, ErrNotFound) || err == nil && r.Status != ReleaseRunning {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read release %s of sandbox %s: %w", id, ref.Name, err)
	}
	r.Rollout = &made
	if err := store.PutRelease(ctx, ref, r); err != nil {
		return fmt.Errorf("write release %s of sandbox %s: %w", id, ref.Name, err)
	}
	return nil
}

// ImageURI returns an image of the sandbox's repository as clients pull it: by
// its digest, which can't move. It returns an error when the repository's
// address is not in the ledger.
func (s *Sandbox) ImageURI(image events.Image) (string, error) {
	repository := s.Made().Repository
	if repository == nil || repository.URI == "" || image.Digest == "" {
		return "", fmt.Errorf("sandbox %s has no repository with an image %q", s.Name, image.Digest)
	}
	return repository.URI + "@" + image.Digest, nil
}
