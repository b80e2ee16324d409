package api

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/mayfly-dev/mayfly/activity"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// history remembers durations for one answer, which may show many sandboxes.
type history struct {
	store sandbox.Store
	known map[string][]time.Duration
}

func (a *API) history() *history {
	return &history{store: a.Store, known: map[string][]time.Duration{}}
}

// took returns the last durations of something.
func (h *history) took(ctx context.Context, what string) ([]time.Duration, error) {
	took, ok := h.known[what]
	if !ok {
		var err error
		if took, err = h.store.Durations(ctx, what); err != nil {
			return nil, fmt.Errorf("past durations of %s: %w", what, err)
		}
		h.known[what] = took
	}
	return took, nil
}

func (h *history) eta(ctx context.Context, what string, since, now time.Time) (time.Time, error) {
	took, err := h.took(ctx, what)
	if err != nil {
		return time.Time{}, err
	}
	end, _ := sandbox.ETA(since, took, now)
	return end, nil
}

// usual returns how long something usually takes, 0 when nobody knows.
func (h *history) usual(ctx context.Context, what string) (time.Duration, error) {
	took, err := h.took(ctx, what)
	return sandbox.Median(took), err
}

// state returns s as the API shows it.
func (a *API) state(ctx context.Context, s *sandbox.Sandbox, past *history) (events.SandboxState, error) {
	state := events.SandboxState{
		ID: s.ID, Name: s.Name, Owner: s.Owner, Phase: events.Phase(s.Phase), Spec: s.Spec, Execution: s.Execution,
		Step: s.Step, StepSince: s.StepSince,
		CreatedAt: s.CreatedAt, UpdatedAt: s.UpdatedAt, ReadyAt: s.ReadyAt, ExpiresAt: s.ExpiresAt, EndsAt: s.EndsAt, EndsWith: s.EndsWith,
		LiveRelease: s.LiveRelease, LiveImage: s.LiveImage, ActiveRelease: s.ActiveRelease, FailedStep: s.FailedStep,
		Pinned: s.Pinned, PinReason: s.PinReason, KeptUntil: s.KeptUntil, ExtendReason: s.ExtendReason,
		WarnedAt: s.WarnedAt, AsleepSince: s.AsleepSince, SleepReason: s.SleepReason, FailedNights: s.FailedNights,
		AcceptsReleases: acceptsReleases(s),
	}
	last, readAt := activity.LastOf(s)
	state.LastActivity = events.LastActivity{Kind: events.LastActivityKind(last.Kind), At: last.At, ReadAt: readAt}
	if s.Failure != nil {
		state.Failure = *s.Failure
	}
	made := func(kind sandbox.Kind) sandbox.Resource { return madeOf(s, kind) }
	bucket, distribution := made(sandbox.KindBucket), made(sandbox.KindDistribution)
	state.Bucket, state.DistributionID, state.DomainName = bucket.ID, distribution.ID, distribution.DomainName
	state.OriginAccessIdentity, state.OriginAccessControl = made(sandbox.KindOAI).ID, made(sandbox.KindOAC).ID
	if there := s.Made().Repository; there != nil {
		state.Repository, state.RepositoryURI = there.Name, there.URI
	}
	state.URL = a.siteURL(s)
	var err error
	if w := s.Waiting; w.For != "" && s.Phase == sandbox.PhaseDeleting {
		usual, err := past.usual(ctx, w.Duration)
		if err != nil {
			return state, err
		}
		state.Waiting = events.Waiting{For: w.For, Since: w.Since, UsualSeconds: int(usual.Round(time.Second).Seconds())}
	}
	switch now := a.now(); {
	case s.Phase == sandbox.PhaseProvisioning:
		state.Eta, err = past.eta(ctx, sandbox.DurationProvision, s.CreatedAt, now)
	case s.Step == "awaitdistribution":
		state.Eta, err = past.eta(ctx, sandbox.DurationPropagation, s.StepSince, now)
	}
	return state, err
}

// madeOf returns what was made of a kind for a sandbox; nothing when it was not.
func madeOf(s *sandbox.Sandbox, kind sandbox.Kind) sandbox.Resource {
	if r, ok := s.Resource(kind); ok && r.Status == sandbox.StatusMade {
		return r
	}
	return sandbox.Resource{}
}

// siteURL returns where a sandbox's site is, as soon as that is known.
func (a *API) siteURL(s *sandbox.Sandbox) string {
	if domain := madeOf(s, sandbox.KindDistribution).DomainName; domain != "" {
		return strings.ReplaceAll(a.SiteURL, "{domain}", domain)
	}
	if s.Spec.Delivery == events.DeliveryWebsite {
		return madeOf(s, sandbox.KindBucket).WebsiteURL
	}
	return ""
}

func acceptsReleases(s *sandbox.Sandbox) bool {
	if s.ActiveRelease != "" {
		return false
	}
	if s.Spec.Deploy.Target.Service() {
		return s.Phase == sandbox.PhaseReady
	}
	if s.Spec.Delivery == events.DeliveryNone {
		return false
	}
	versioning, ok := s.Resource(sandbox.KindVersioning)
	return s.Phase == sandbox.PhaseReady || s.Phase == sandbox.PhaseProvisioning && ok && versioning.Status == sandbox.StatusMade
}

func (a *API) releaseState(ctx context.Context, s *sandbox.Sandbox, r *sandbox.Release, past *history) (events.ReleaseState, error) {
	state := events.ReleaseState{
		ID: r.ID, Sandbox: s.Name, Kind: r.Source.Kind, Image: r.Image, Pushed: r.Pushed(), Of: r.Source.ReleaseID, VersionID: r.Source.VersionID, Key: r.Source.Path,
		Status: events.ReleaseStatus(r.Status), Live: s.LiveRelease == r.ID, Principal: r.Principal,
		CreatedAt: r.CreatedAt, EndedAt: r.EndedAt, Execution: r.Execution,
		Rollout: r.Rollout, Files: r.Files, Bytes: r.Bytes, Written: r.Written, Removed: r.Removed,
	}
	if r.Failure != nil {
		state.Failure = *r.Failure
	}
	// It has ended once the sandbox is free for the next one: who is told of
	// the end must be able to go on.
	if s.ActiveRelease == r.ID {
		state.Status = events.ReleaseStatus(sandbox.ReleaseRunning)
	}
	var err error
	if state.Status == events.ReleaseStatus(sandbox.ReleaseRunning) {
		state.Eta, err = past.eta(ctx, r.DurationName(), r.CreatedAt, a.now())
	}
	return state, err
}

func eventState(e *sandbox.Event) events.SandboxEvent {
	state := events.SandboxEvent{
		Seq: e.Seq, At: e.At, Type: string(e.Type), Step: e.Step, Phase: events.Phase(e.Phase), Message: e.Message,
		Resource: e.Resource, Release: e.Release,
	}
	if e.Failure != nil {
		state.Failure = *e.Failure
	}
	return state
}

// location is where a sandbox, or something of it, is looked at.
func location(name string, more ...string) string {
	return "/v1/sandboxes/" + strings.Join(append([]string{name}, more...), "/")
}
