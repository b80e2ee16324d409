// Package resolvedeploy is the step that makes out what an event of a
// repository is about: whose repository it is, and whether what happened is to
// be deployed, by the sandbox's own rules.
package resolvedeploy

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/metric"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// Store is where the step reads sandboxes, and writes what it decides.
type Store interface {
	Get(ctx context.Context, name string) (sandbox.Sandbox, error)
	sandbox.Updater
}

// Step resolves events.
type Step struct {
	store  Store
	prefix string
	now    func() time.Time
}

// New returns the step; prefix is what the installation's repositories' names
// begin with.
func New(store Store, prefix string, now func() time.Time) *Step {
	return &Step{store: store, prefix: prefix, now: now}
}

// Handle resolves the flow's event. Why one deploys nothing is in the answer,
// and in the sandbox's stream of events where it is news to its owner.
func (s *Step) Handle(ctx context.Context, in events.DeployFlow) (events.Resolved, error) {
	detail := in.Detail
	name, ok := sandbox.NameOfRepository(s.prefix, detail.RepositoryName)
	unknown := events.Resolved{Verdict: events.VerdictUnknownRepository, Reason: fmt.Sprintf("no sandbox has the repository %q", detail.RepositoryName)}
	if !ok {
		return unknown, nil
	}
	box, err := s.store.Get(ctx, name)
	if errors.Is(err, sandbox.ErrNotFound) {
		return unknown, nil
	}
	if err != nil {
		return events.Resolved{}, fmt.Errorf("read sandbox %s: %w", name, err)
	}
	if line, ok := box.Resource(sandbox.KindRepository); !ok || line.Status != sandbox.StatusMade || line.ID != detail.RepositoryName {
		return unknown, nil
	}
	if detail.ActionType == events.ECRPush && detail.Result == events.ECRSuccess && news(detail) {
		metric.AddOf(ctx, detail.RepositoryName, metric.Pushes, 1) // again, when ECR tells of it again
	}
	spec, of := sandbox.Defaults(box.Spec), box.Event()
	out := events.Resolved{Verdict: events.VerdictDeploy, Sandbox: &of, Target: spec.Deploy.Target}
	if out.Verdict, out.Reason, err = judge(detail, spec.Deploy); err != nil {
		return events.Resolved{}, fmt.Errorf("tag rules of sandbox %s: %w", name, err)
	}
	if out.Verdict == events.VerdictDeploy || !news(detail) {
		return out, nil
	}
	return out, s.note(ctx, box.Ref(), detail, out.Reason)
}

// judge says whether what happened is to be deployed, or why not.
func judge(detail events.ECRImageDetail, deploy events.DeploySpec) (events.Verdict, string, error) {
	switch {
	case detail.ActionType != events.ECRPush:
		return events.VerdictNotAPush, fmt.Sprintf("it was no push (%s); the site stays as it is", detail.ActionType), nil
	case detail.Result != events.ECRSuccess:
		return events.VerdictPushFailed, fmt.Sprintf("the push did not succeed (%s)", detail.Result), nil
	case deploy.Target == events.TargetNone:
		return events.VerdictIgnored, "pushes to this repository deploy nothing", nil
	}
	rules, err := sandbox.ParseTagRules(deploy.Tags)
	if err != nil {
		return "", "", err
	}
	if why := rules.Refuses(detail.ImageTag); why != "" {
		return events.VerdictIgnored, why, nil
	}
	return events.VerdictDeploy, "", nil
}

// news reports whether an event is of something that somebody did: the parts of
// an image and Mayfly's own tag are not, and are worth neither a line to the
// owner nor a count.
func news(detail events.ECRImageDetail) bool {
	return detail.ImageTag != "" && detail.ImageTag != sandbox.LiveTag
}

func (s *Step) note(ctx context.Context, ref sandbox.Ref, detail events.ECRImageDetail, reason string) error {
	_, err := s.store.Update(ctx, ref, func(box *sandbox.Sandbox) ([]sandbox.Event, error) {
		return []sandbox.Event{{
			At: s.now().UTC(), Type: sandbox.EventImage, Phase: box.Phase, Resource: detail.ImageDigest,
			Message: "image " + sandbox.ShortImage(detail.ImageDigest, detail.ImageTag) + " is not deployed: " + reason,
		}}, nil
	})
	if err != nil && !errors.Is(err, sandbox.ErrNotFound) {
		return fmt.Errorf("note an event of sandbox %s: %w", ref.Name, err)
	}
	return nil
}
