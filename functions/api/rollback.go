package api

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/functions/api/internal/rest"
	"github.com/mayfly-dev/mayfly/sandbox"
)

func (a server) Rollback(ctx context.Context, request rest.RollbackRequestObject) (rest.RollbackResponseObject, error) {
	s, err := a.find(ctx, request.Name)
	if err != nil {
		return nil, err
	}
	var to sandbox.Release
	if request.Body != nil && request.Body.To != "" {
		to, err = a.wasLive(ctx, &s, request.Body.To)
	} else {
		to, err = a.before(ctx, &s)
	}
	if err != nil {
		return nil, err
	}
	id, err := sandbox.NewReleaseID(a.now(), a.Random)
	if err != nil {
		return nil, err
	}
	started, err := a.release(ctx, s, sandbox.Release{
		ID: id, Source: events.ReleaseSource{Kind: events.SourceRollback, ReleaseID: to.ID}, Image: to.Image, Rollout: sandbox.RollBackTo(to.Rollout),
	})
	return rest.Rollback202JSONResponse{ReleaseStartedJSONResponse: started}, err
}

// wasLive returns a release, unless it never was where the sandbox's releases
// go now.
func (a *API) wasLive(ctx context.Context, s *sandbox.Sandbox, id string) (sandbox.Release, error) {
	if !releaseID().MatchString(id) {
		return sandbox.Release{}, invalid(events.BrokenRule{Field: "to", Rule: "a release's id, such as r-0abc123defgh"})
	}
	r, err := a.Store.GetRelease(ctx, s.Ref(), id)
	if err != nil {
		return sandbox.Release{}, fmt.Errorf("release %s of sandbox %s: %w", id, s.Name, err)
	}
	if r.Status != sandbox.ReleaseLive {
		return sandbox.Release{}, invalid(events.BrokenRule{Field: "to", Rule: fmt.Sprintf("a release that was live; %s is %s", id, r.Status)})
	}
	if !s.GoesTo(&r) {
		return sandbox.Release{}, invalid(events.BrokenRule{Field: "to", Rule: fmt.Sprintf("a release to %s, where releases go now; %s went to %s", s.Spec.Deploy.Destination(), id, cmp.Or(r.Destination(), "the site"))})
	}
	return r, nil
}

// before returns the release that was live before the live one. A rollback
// counts as what it is: a release of its own.
//
// The list is in the order of the ids, which tell the second and no more, so
// that the list is read on to the end of the second in which one was found.
func (a *API) before(ctx context.Context, s *sandbox.Sandbox) (sandbox.Release, error) {
	nothing := &sandbox.PhaseError{Name: s.Name, Phase: s.Phase, Want: "it has no release before the live one to go back to"}
	if s.LiveRelease == "" {
		return sandbox.Release{}, nothing
	}
	live, err := a.Store.GetRelease(ctx, s.Ref(), s.LiveRelease)
	if err != nil {
		return sandbox.Release{}, fmt.Errorf("live release %s of sandbox %s: %w", s.LiveRelease, s.Name, err)
	}
	var found sandbox.Release
	for after := sandbox.Cursor(""); ; {
		page, next, err := a.Store.ListReleases(ctx, s.Ref(), sandbox.Page{Limit: sandbox.MaxPage, After: after})
		if err != nil {
			return sandbox.Release{}, fmt.Errorf("releases of sandbox %s: %w", s.Name, err)
		}
		for _, r := range page {
			if found.ID != "" && r.CreatedAt.Before(found.CreatedAt.Truncate(time.Second)) {
				return found, nil
			}
			if r.Status == sandbox.ReleaseLive && s.GoesTo(&r) && r.CreatedAt.Before(live.CreatedAt) && r.CreatedAt.After(found.CreatedAt) {
				found = r
			}
		}
		if next == "" && found.ID != "" {
			return found, nil
		}
		if next == "" {
			return sandbox.Release{}, nothing
		}
		after = next
	}
}
