package sandbox

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/mayfly-dev/mayfly/events"
)

// Deploy is what became of a push.
type Deploy struct {
	Verdict events.Verdict
	// Reason is why it is not deployed, in one line for a person.
	Reason string
	// Sandbox and Release are there when the verdict is VerdictDeploy: the
	// release is under way and has the sandbox's lock.
	Sandbox Sandbox
	Release Release
}

// BeginDeploy begins the release that a push becomes, unless something newer
// was asked for, or the push is deployed already; r says whose image it is, how
// it is run and by which execution of the deploy machine, and its id is the
// push's own. Whoever is told of the same push begins the same release, so that
// each push is deployed at most once.
//
// A push that can't begin yet is taken down as the newest one: older ones that
// also wait give way to it. The errors to try again on are
// *ReleaseUnderwayError, while another release has the lock, and *PhaseError,
// while the sandbox takes no release; ErrNotFound says that there is no such
// sandbox any more.
func BeginDeploy(ctx context.Context, store ReleaseStore, ref Ref, push events.Image, r Release) (Deploy, error) {
	r.ID, r.Image = PushReleaseID(push), push
	r.By = Actor{Principal: PrincipalPush, Trigger: fmt.Sprintf("push of %s@%s as %s", push.Repository, push.Digest, push.Tag)}
	for {
		deploy, done, err := begun(ctx, store, ref, r.ID)
		if err != nil || done {
			return deploy, err
		}
		earlier := deploy.Release
		deploy, err = take(ctx, store, ref, push, r.CreatedAt)
		if err == nil && deploy.Verdict != events.VerdictDeploy && earlier.Status == ReleaseRunning {
			err = refuse(ctx, store, ref, earlier, deploy.Reason)
		}
		if err != nil || deploy.Verdict != events.VerdictDeploy {
			return deploy, err
		}
		err = begin(ctx, store, ref, r, func(s *Sandbox) error { return stillNewest(s, push) })
		var overtaken *overtakenError
		var ended *ReleaseEndedError
		if errors.As(err, &overtaken) || errors.As(err, &ended) {
			continue // whoever was faster made progress, so this ends
		}
		deploy.Release = r
		return deploy, err
	}
}

// begun looks whether the release of a push was begun before: by an earlier
// try, whose reply was lost, or by another who was told of the same push. One
// that has the lock goes on, whatever was pushed since.
func begun(ctx context.Context, store ReleaseStore, ref Ref, id string) (deploy Deploy, done bool, err error) {
	known, err := store.GetRelease(ctx, ref, id)
	switch {
	case errors.Is(err, ErrNotFound), err == nil && known.Refused():
		return Deploy{}, false, nil
	case err != nil:
		return Deploy{}, false, fmt.Errorf("read release %s of sandbox %s: %w", id, ref.Name, err)
	case known.Status != ReleaseRunning:
		reason := fmt.Sprintf("release %s, which is %s, was of this push", id, known.Status)
		return Deploy{Verdict: events.VerdictDeployed, Reason: reason}, true, nil
	}
	s, err := store.Get(ctx, ref.Name)
	if err == nil && s.ID != ref.ID {
		err = ErrNotFound
	}
	if err != nil {
		return Deploy{}, false, fmt.Errorf("read sandbox %s: %w", ref.Name, err)
	}
	return Deploy{Verdict: events.VerdictDeploy, Sandbox: s, Release: known}, s.ActiveRelease == id, nil
}

// refuse ends the record of a release that an earlier try wrote before it had
// the lock, and that now never gets it: what is asked for only gets newer.
func refuse(ctx context.Context, store ReleaseStore, ref Ref, r Release, why string) error {
	r.Status, r.EndedAt, r.Failure = ReleaseFailed, r.CreatedAt, &events.Failure{Error: releaseRefused, Cause: why}
	if err := store.PutRelease(ctx, ref, r); err != nil {
		return fmt.Errorf("write release %s of sandbox %s: %w", r.ID, ref.Name, err)
	}
	return nil
}

// take writes a push down as the newest thing that was asked for, if it is.
func take(ctx context.Context, store ReleaseStore, ref Ref, push events.Image, now time.Time) (Deploy, error) {
	var deploy Deploy
	s, err := store.Update(ctx, ref, func(s *Sandbox) ([]Event, error) {
		if deploy.Verdict, deploy.Reason = s.judge(push); s.ActiveRelease == PushReleaseID(push) {
			deploy.Verdict, deploy.Reason = events.VerdictDeploy, "" // it has the lock since it was last looked at
			return nil, nil
		}
		note := func(text string) []Event {
			return []Event{{At: now.UTC(), Type: EventImage, Phase: s.Phase, Resource: push.Digest, Message: "image " + ShortImage(push.Digest, push.Tag) + text}}
		}
		newer := !s.Newest.is(push) && order(push.PushedAt, s.Newest.At) >= 0
		switch {
		case deploy.Verdict == events.VerdictDeploy && newer:
			s.Newest = markOf(push)
			return note(" was pushed, and is to be deployed"), nil
		case deploy.Verdict == events.VerdictLive && newer:
			s.Newest = markOf(push)
		case deploy.Verdict == events.VerdictDeploy, deploy.Verdict == events.VerdictDeleting:
			return nil, nil // a second try, and a sandbox that will soon tell of nothing, are no news
		}
		return note(" is not deployed: " + deploy.Reason), nil
	})
	if err != nil {
		return Deploy{}, fmt.Errorf("take push of %s to sandbox %s: %w", push.Digest, ref.Name, err)
	}
	deploy.Sandbox = s
	return deploy, nil
}

func (m Mark) is(push events.Image) bool {
	return m.Release == "" && m.Digest == push.Digest && m.At.Equal(push.PushedAt)
}

// overtakenError says that a push is no longer the newest thing asked for.
type overtakenError struct{ by Mark }

func (e *overtakenError) Error() string { return "superseded by " + e.by.String() }

// stillNewest returns an *overtakenError unless the push that was taken down
// still is what is to be deployed: while it waited for the lock, a newer one
// or a release by hand may have had it.
func stillNewest(s *Sandbox, push events.Image) error {
	if verdict, _ := s.judge(push); !s.Newest.is(push) || verdict == events.VerdictLive {
		return &overtakenError{by: s.Newest}
	}
	return nil
}
