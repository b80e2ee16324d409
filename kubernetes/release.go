package kubernetes

import (
	"context"
	"errors"
	"strings"
)

// The annotations by which a Deployment says which release it is at, and what
// was there before: whoever comes after a crash reads them.
const (
	annotationRelease       = "mayfly.dev/release"
	annotationBefore        = "mayfly.dev/image-before"
	annotationReleaseBefore = "mayfly.dev/release-before"
	// annotationCause is what `kubectl rollout history` shows of a revision.
	annotationCause = "kubernetes.io/change-cause"
	// annotationRevision is the cluster's own.
	annotationRevision = "deployment.kubernetes.io/revision"
)

// conflicts is how often a change is tried that others come between: a
// Deployment's status changes by itself while it rolls out.
const conflicts = 5

// Bring makes a Deployment run an image for a release. Asked a second time for
// the same release it changes nothing, and returns what is there. A Deployment
// that is paused is refused: it would take the image and run the old one.
func (c *Cluster) Bring(ctx context.Context, of Deployment, release, image string) (*State, error) {
	return c.change(ctx, of, func(s *State) (patch, bool, error) {
		if s.Release() == release {
			return patch{}, false, nil
		}
		if s.read.Spec.Paused {
			return patch{}, false, s.refuse(DeploymentPaused, "its rollouts are paused; kubectl rollout resume lets them go on")
		}
		cause, before := "Mayfly release "+release, s.Image()
		annotations := map[string]*string{annotationRelease: &release, annotationBefore: &before, annotationCause: &cause, annotationReleaseBefore: nil}
		if earlier := s.Release(); earlier != "" {
			annotations[annotationReleaseBefore] = &earlier
		}
		return newPatch(s.Container(), image, annotations), true, nil
	})
}

// Undo puts back the image that ran before a release of an image with a
// digest, as the Deployment's own annotations have it, and reports whether it
// did. A Deployment that is no
// longer at that release, or whose image somebody has changed since, is left
// as it is; so is one that is gone.
func (c *Cluster) Undo(ctx context.Context, of Deployment, release, digest string) (*State, bool, error) {
	undone := false
	s, err := c.change(ctx, of, func(s *State) (patch, bool, error) {
		undone = s.At(release, digest) && s.Before() != ""
		if !undone {
			return patch{}, false, nil
		}
		cause := "Mayfly undid release " + release
		annotations := map[string]*string{annotationRelease: nil, annotationBefore: nil, annotationReleaseBefore: nil, annotationCause: &cause}
		if earlier, ok := s.read.Annotations[annotationReleaseBefore]; ok {
			annotations[annotationRelease] = &earlier
		}
		return newPatch(s.Container(), s.Before(), annotations), true, nil
	})
	return s, undone && err == nil, err
}

// change reads a Deployment and changes it as decide says, again if somebody
// else did meanwhile.
func (c *Cluster) change(ctx context.Context, of Deployment, decide func(*State) (patch, bool, error)) (*State, error) {
	for try := 1; ; try++ {
		s, err := c.Get(ctx, of)
		if err != nil {
			return nil, err
		}
		p, wanted, err := decide(s)
		if err != nil || !wanted {
			return s, err
		}
		changed, err := c.patch(ctx, s, p)
		var refusal *Refusal
		if try < conflicts && errors.As(err, &refusal) && refusal.Name == Conflict {
			continue
		}
		return changed, err
	}
}

// At reports whether the Deployment is at a release and is to run its image,
// which is known by its digest.
func (s *State) At(release, digest string) bool {
	return s.Release() == release && digest != "" && strings.HasSuffix(s.Image(), "@"+digest)
}
