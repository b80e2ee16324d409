package sandbox

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/mayfly-dev/mayfly/events"
)

// ReleaseStore is the part of a store that beginning and ending a release
// needs.
type ReleaseStore interface {
	Updater
	Get(ctx context.Context, name string) (Sandbox, error)
	PutRelease(ctx context.Context, ref Ref, r Release) error
	GetRelease(ctx context.Context, ref Ref, id string) (Release, error)
}

// ReleaseEndedError says that a release that is to begin has ended already.
type ReleaseEndedError struct {
	ID     string
	Status ReleaseStatus
}

func (e *ReleaseEndedError) Error() string {
	return fmt.Sprintf("release %s has ended: it is %s", e.ID, e.Status)
}

// ErrorName is the name of the error in the state machines.
func (e *ReleaseEndedError) ErrorName() string { return "ReleaseEnded" }

// BeginRelease writes r as running and takes the sandbox's release lock for
// it, so that at most one release is under way. Beginning the same release
// again is no error, which makes a repeated start harmless. A sandbox that is
// ready becomes updating; one that is still provisioning stays so, and takes
// releases as soon as its bucket has versioning.
//
// It returns ErrNotFound, a *PhaseError when the sandbox is in no phase for a
// release, a *ReleaseUnderwayError when another release has the lock, and a
// *ReleaseEndedError when r has ended before. Nothing is written then.
func BeginRelease(ctx context.Context, store ReleaseStore, ref Ref, r Release) error {
	return begin(ctx, store, ref, r, func(*Sandbox) error { return nil })
}

// begin is BeginRelease under one more condition, which is looked at when the
// lock is taken: an error of allow is returned, and nothing is begun then.
func begin(ctx context.Context, store ReleaseStore, ref Ref, r Release, allow func(*Sandbox) error) error {
	s, err := store.Get(ctx, ref.Name)
	if err != nil {
		return fmt.Errorf("begin release %s of sandbox %s: %w", r.ID, ref.Name, err)
	}
	if s.ID != ref.ID {
		return fmt.Errorf("begin release %s of sandbox %s: %w", r.ID, ref.Name, ErrNotFound)
	}
	// Looked at before the record is written, so that a refused release leaves
	// none; looked at again under the lock.
	if err := errors.Join(releasable(&s, r.ID, r.Rollout), allow(&s)); err != nil {
		return err
	}
	known, err := store.GetRelease(ctx, ref, r.ID)
	switch {
	case err == nil && known.Status != ReleaseRunning && !known.Refused():
		return &ReleaseEndedError{ID: r.ID, Status: known.Status}
	case errors.Is(err, ErrNotFound), err == nil && known.Refused():
		// The record comes before the lock: a lock without a record could not
		// be explained to anyone.
		r.Status = ReleaseRunning
		if err := store.PutRelease(ctx, ref, r); err != nil {
			return fmt.Errorf("write release %s of sandbox %s: %w", r.ID, ref.Name, err)
		}
	case err != nil:
		return fmt.Errorf("read release %s of sandbox %s: %w", r.ID, ref.Name, err)
	}
	_, err = store.Update(r.beginning(ctx), ref, func(s *Sandbox) ([]Event, error) {
		if err := errors.Join(releasable(s, r.ID, r.Rollout), allow(s)); err != nil {
			return nil, &refusedError{err}
		}
		if s.ActiveRelease == r.ID {
			return nil, nil
		}
		s.ActiveRelease = r.ID
		if s.Phase == PhaseReady {
			s.Phase = PhaseUpdating
		}
		return []Event{{
			At: r.CreatedAt.UTC(), Type: EventRelease, Phase: s.Phase, Release: r.ID,
			Message: "release " + r.ID + " begun " + describe(r),
		}}, nil
	})
	if err == nil {
		return nil
	}
	var refused *refusedError
	if errors.As(err, &refused) {
		// Somebody was faster between the look and the lock.
		err = refused.error
		if r.Pushed() {
			return err // others may begin the same release: it is BeginDeploy's to end
		}
		r.Status, r.EndedAt = ReleaseFailed, r.CreatedAt
		r.Failure = &events.Failure{Error: releaseRefused, Cause: err.Error()}
		if put := store.PutRelease(ctx, ref, r); put != nil {
			return errors.Join(err, fmt.Errorf("write release %s of sandbox %s: %w", r.ID, ref.Name, put))
		}
		return err
	}
	return fmt.Errorf("lock sandbox %s for release %s: %w", ref.Name, r.ID, err)
}

// refusedError is why a release did not get the lock.
type refusedError struct{ error }

// releaseRefused is the failure of a release that never got the lock.
const releaseRefused = "ReleaseRefused"

// Refused reports whether r never got the lock, so that it may begin again.
func (r *Release) Refused() bool { return r.Failure != nil && r.Failure.Error == releaseRefused }

// EndRelease writes r as it ended, with Status live or failed, and gives the
// lock back. A live release becomes the one that the site shows, and one by
// hand the newest thing that was asked for (see Mark); a sandbox that was
// updating for it is ready again. Ending a release twice is no error,
// nor is ending one of a sandbox that is gone; it never touches the lock of
// another release.
func EndRelease(ctx context.Context, store ReleaseStore, ref Ref, r Release) error {
	s, err := store.Get(ctx, ref.Name)
	if errors.Is(err, ErrNotFound) || err == nil && s.ID != ref.ID {
		return nil
	}
	if err != nil {
		return fmt.Errorf("end release %s of sandbox %s: %w", r.ID, ref.Name, err)
	}
	// The record comes before the unlock: who sees the lock free must see how
	// the release ended.
	if err := store.PutRelease(ctx, ref, r); err != nil {
		return fmt.Errorf("write release %s of sandbox %s: %w", r.ID, ref.Name, err)
	}
	_, err = store.Update(r.ending(ctx), ref, func(s *Sandbox) ([]Event, error) {
		if s.ActiveRelease != r.ID {
			return nil, nil
		}
		s.ActiveRelease = ""
		event := Event{At: r.EndedAt.UTC(), Type: EventRelease, Release: r.ID, Failure: r.Failure}
		if r.Status == ReleaseLive {
			s.LiveRelease, s.LiveImage, s.LiveAt = r.ID, r.Image, r.Destination()
			if !r.Pushed() && order(r.CreatedAt, s.Newest.At) >= 0 {
				s.Newest = Mark{At: r.CreatedAt.UTC(), Digest: r.Image.Digest, Tag: r.Image.Tag, Release: r.ID, Kind: r.Source.Kind}
			}
			event.Message = "release " + r.ID + " is live: " + r.brought()
		} else {
			event.Type = EventFailed
			event.Message = "release " + r.ID + " failed"
			if r.Failure != nil {
				event.Message += ": " + r.Failure.Error
			}
		}
		if s.Phase == PhaseUpdating {
			s.Failure, s.FailedStep = r.Failure, ""
			if r.Failure != nil {
				s.FailedStep = s.Step
			}
			s.Phase, s.Step, s.StepSince = PhaseReady, "", time.Time{}
		}
		event.Phase = s.Phase
		return []Event{event}, nil
	})
	if err != nil && !errors.Is(err, ErrNotFound) {
		return fmt.Errorf("unlock sandbox %s after release %s: %w", ref.Name, r.ID, err)
	}
	return nil
}

// CheckSite returns a *PhaseError when the sandbox has no site that content
// could be uploaded to, or brought back in.
func (s *Sandbox) CheckSite() error {
	switch {
	case s.Spec.Deploy.Target.Service():
		return &PhaseError{Name: s.Name, Phase: s.Phase, Want: fmt.Sprintf("it has no site: its releases are images, which go to %s", s.Spec.Deploy.Destination())}
	case s.Spec.Delivery == events.DeliveryNone:
		return &PhaseError{Name: s.Name, Phase: s.Phase, Want: "it has no site to release content to"}
	}
	return nil
}

// releasable says whether the release with an id may begin, or go on; rollout
// is where it goes, nil for the site.
func releasable(s *Sandbox, id string, rollout *events.Rollout) error {
	if s.DeleteRequested {
		return &PhaseError{Name: s.Name, Phase: s.Phase, Want: "its deletion was asked for"}
	}
	site := s.CheckSite()
	if site != nil && rollout == nil {
		return site
	}
	if s.ActiveRelease == id && (s.Phase == PhaseUpdating || s.Phase == PhaseProvisioning || s.Phase == PhaseReady) {
		return nil
	}
	if s.ActiveRelease != "" && s.ActiveRelease != id {
		return &ReleaseUnderwayError{Name: s.Name, Release: s.ActiveRelease}
	}
	if s.Phase == PhaseReady {
		return nil
	}
	if s.Phase == PhaseSleeping {
		return &PhaseError{Name: s.Name, Phase: s.Phase, Want: "it takes a release once it is awake: wake it first"}
	}
	if s.Phase != PhaseProvisioning {
		return &PhaseError{Name: s.Name, Phase: s.Phase, Want: "content is released to a sandbox that is ready"}
	}
	if rollout != nil {
		return &PhaseError{Name: s.Name, Phase: s.Phase, Want: "images are released to a service when it is ready"}
	}
	if r, ok := s.Resources[KindVersioning]; !ok || r.Status != StatusMade {
		return &PhaseError{Name: s.Name, Phase: s.Phase, Want: "content is released as soon as its bucket has versioning"}
	}
	return nil
}

func describe(r Release) string {
	if r.Rollout != nil {
		return describeSource(r.Source) + ", for " + r.Destination()
	}
	return describeSource(r.Source)
}

func describeSource(source events.ReleaseSource) string {
	switch source.Kind {
	case events.SourceRollback:
		return "to bring back release " + source.ReleaseID
	case events.SourceRestore:
		return "to bring back " + source.Path + " as of version " + source.VersionID
	case events.SourceImage:
		if source.Tag != "" {
			return "from image " + source.Repository + ":" + source.Tag + ", which is " + source.Digest
		}
		return "from image " + source.Repository + "@" + source.Digest
	default:
		return "from an uploaded archive"
	}
}
