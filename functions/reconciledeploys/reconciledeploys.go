// Package reconciledeploys is the step that looks for pushes that nobody told
// of: ECR's events are best effort. It compares the newest image of each
// repository with what its sandbox was last asked to show, and sees that the
// image which is live bears the tag that keeps it from expiry. And it ends the
// releases whose execution has ended without writing so, which would keep their
// sandboxes from every other one.
package reconciledeploys

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// Store is where the step reads sandboxes, and ends releases.
type Store interface {
	sandbox.ReleaseStore
	List(ctx context.Context, filter sandbox.Filter, page sandbox.Page) ([]sandbox.Sandbox, sandbox.Cursor, error)
}

// Step reconciles deploys.
type Step struct {
	client     Client
	executions Executions
	store      Store
	page       int
	now        func() time.Time
}

// New returns the step, which looks at page sandboxes in one run.
func New(client Client, executions Executions, store Store, page int, now func() time.Time) *Step {
	return &Step{client: client, executions: executions, store: store, page: page, now: now}
}

// Handle looks at the next page of sandboxes and returns the pushes that are
// to be deployed, and the sandboxes whose live image is to be protected. A
// sandbox that can't be looked at is among the troubles, and does not keep the
// step from the others.
func (s *Step) Handle(ctx context.Context, in events.Reconcile) (events.MissedPage, error) {
	after := sandbox.Cursor("")
	if in.Page != nil {
		after = sandbox.Cursor(in.Page.After)
	}
	boxes, next, err := s.store.List(ctx, sandbox.Filter{}, sandbox.Page{Limit: s.page, After: after})
	if err != nil {
		return events.MissedPage{}, fmt.Errorf("list sandboxes: %w", err)
	}
	out := events.MissedPage{Missed: []events.MissedPush{}, Unprotected: []events.ReleaseFlow{}, After: string(next), Done: next == ""}
	for _, box := range boxes {
		if err := s.reconcile(ctx, box, &out); err != nil {
			out.Troubles = append(out.Troubles, fmt.Sprintf("sandbox %s: %v", box.Name, err))
		}
	}
	return out, nil
}

// reconcile looks at one sandbox: at the release under way, and, when there is
// none, at the repository.
func (s *Step) reconcile(ctx context.Context, box sandbox.Sandbox, out *events.MissedPage) (err error) {
	if box.ActiveRelease != "" && box.Phase != sandbox.PhaseDeleting {
		if box, err = s.free(ctx, box); err != nil {
			return err
		}
	}
	if !deploys(&box) {
		return nil
	}
	return s.look(ctx, &box, out)
}

// look looks at one sandbox's repository.
func (s *Step) look(ctx context.Context, box *sandbox.Sandbox, out *events.MissedPage) error {
	rules, err := sandbox.ParseTagRules(sandbox.Defaults(box.Spec).Deploy.Tags)
	if err != nil {
		return err
	}
	found, err := s.images(ctx, box, rules)
	if err != nil {
		return err
	}
	if found.unprotected {
		out.Unprotected = append(out.Unprotected, events.ReleaseFlow{Sandbox: box.Event()})
	}
	for _, image := range []events.Image{found.newest, found.moved} {
		if image.Digest == "" || !box.Newer(image) {
			continue
		}
		// One that runs without the lock waits for it, or waited when its
		// execution died.
		r, err := s.store.GetRelease(ctx, box.Ref(), sandbox.PushReleaseID(image))
		if errors.Is(err, sandbox.ErrNotFound) || err == nil && (r.Refused() || r.Status == sandbox.ReleaseRunning) {
			out.Missed = append(out.Missed, s.push(image))
			return nil
		}
		if err != nil {
			return fmt.Errorf("release of %s: %w", image.Digest, err)
		}
	}
	return nil
}

// deploys reports whether pushes to a sandbox's repository deploy now. While a
// release is under way, what comes after it waits for it already, or is found
// the next time.
func deploys(box *sandbox.Sandbox) bool {
	line, ok := box.Resource(sandbox.KindRepository)
	return ok && line.Status == sandbox.StatusMade && box.Phase == sandbox.PhaseReady && !box.DeleteRequested &&
		box.ActiveRelease == "" && sandbox.Defaults(box.Spec).Deploy.Target != events.TargetNone
}

// push returns a missed push as the deploy machine is started with it: as if
// ECR had told of it.
func (s *Step) push(image events.Image) events.MissedPush {
	id := sandbox.PushReleaseID(image)
	return events.MissedPush{
		// A new name each time: an execution of before may have failed.
		Name: "missed-" + id + "-" + strconv.FormatInt(s.now().Unix(), 36),
		Event: events.ECRImageEvent{
			Version: "0", ID: id, DetailType: events.ECRImageAction, Source: events.SourceMissed, Time: image.PushedAt, Resources: []string{},
			Detail: events.ECRImageDetail{
				Result: events.ECRSuccess, ActionType: events.ECRPush,
				RepositoryName: image.Repository, ImageDigest: image.Digest, ImageTag: image.Tag,
			},
		},
	}
}
