package api

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/mayfly-dev/mayfly/awserr"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/functions/api/internal/rest"
	"github.com/mayfly-dev/mayfly/release"
	"github.com/mayfly-dev/mayfly/release/s3store"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// previous stands for the release that a rollback brings back which names none.
const previous = "previous"

// ListChanges compares the manifests of two releases. Both are read whole for
// each page, for the counts are of all pages; nothing of them is kept.
func (a server) ListChanges(ctx context.Context, request rest.ListChangesRequestObject) (rest.ListChangesResponseObject, error) {
	page, err := pageOf(request.Params.Limit, request.Params.Cursor)
	if err != nil {
		return nil, err
	}
	s, err := a.find(ctx, request.Name)
	if err != nil {
		return nil, err
	}
	to, err := a.toCompare(ctx, &s, "release", request.Release)
	if err != nil {
		return nil, err
	}
	var from sandbox.Release
	if id := request.Params.From; id != "" {
		from, err = a.toCompare(ctx, &s, "from", id)
	} else if s.LiveRelease != "" {
		from, err = a.toCompare(ctx, &s, "from", s.LiveRelease)
	}
	if err != nil {
		return nil, err
	}
	if from.ID != "" && (from.Rollout == nil) != (to.Rollout == nil) {
		return nil, invalid(events.BrokenRule{Field: "from", Rule: fmt.Sprintf("a release that went to where %s went: one of them is a site's, the other a service's", to.ID)})
	}
	return a.compare(ctx, &s, &from, &to, page)
}

// toCompare returns a release that was live.
func (a *API) toCompare(ctx context.Context, s *sandbox.Sandbox, field, id string) (sandbox.Release, error) {
	if field == "release" && id == previous {
		return a.before(ctx, s)
	}
	r, err := a.Store.GetRelease(ctx, s.Ref(), id)
	if err != nil {
		return sandbox.Release{}, fmt.Errorf("release %s of sandbox %s: %w", id, s.Name, err)
	}
	if r.Status != sandbox.ReleaseLive {
		return sandbox.Release{}, invalid(events.BrokenRule{Field: field, Rule: fmt.Sprintf("a release that was live; %s is %s", id, r.Status)})
	}
	return r, nil
}

// compare answers what differs from one release to another; the zero Release
// consists of nothing.
func (a *API) compare(ctx context.Context, s *sandbox.Sandbox, from, to *sandbox.Release, page sandbox.Page) (answer rest.ListChanges200JSONResponse, err error) {
	past := a.history()
	answer.Changes = []events.FileChange{}
	if answer.Release, err = a.releaseState(ctx, s, to, past); err != nil {
		return answer, err
	}
	if from.ID != "" {
		if answer.From, err = a.releaseState(ctx, s, from, past); err != nil {
			return answer, err
		}
	}
	before, doneBefore, err := a.filesOf(ctx, from)
	if err != nil {
		return answer, err
	}
	defer func() { err = errors.Join(err, doneBefore()) }()
	after, doneAfter, err := a.filesOf(ctx, to)
	if err != nil {
		return answer, err
	}
	defer func() { err = errors.Join(err, doneAfter()) }()
	for d, err := range release.Differences(before, after) {
		if err != nil {
			return answer, fmt.Errorf("compare release %s with %s: %w", from.ID, to.ID, err)
		}
		kind, of, bytes := events.ChangeKindChanged, &answer.Changed, d.After.Size
		switch {
		case d.Added():
			kind, of = events.ChangeKindAdded, &answer.Added
		case d.Removed():
			kind, of, bytes = events.ChangeKindRemoved, &answer.Removed, d.Before.Size
		}
		of.Files++
		of.Bytes += bytes
		switch {
		case d.Path() <= string(page.After): // on a page before
		case len(answer.Changes) < page.Limit:
			answer.Changes = append(answer.Changes, events.FileChange{Path: d.Path(), Kind: kind, Before: d.Before.Size, After: d.After.Size})
		default:
			answer.Next = answer.Changes[page.Limit-1].Path
		}
	}
	return answer, nil
}

// filesOf reads what the site consisted of by a release, none for a service's.
// done is to be called once no more is wanted.
func (a *API) filesOf(ctx context.Context, r *sandbox.Release) (files iter.Seq2[release.Object, error], done func() error, err error) {
	if r.ManifestKey == "" {
		return func(func(release.Object, error) bool) {}, func() error { return nil }, nil
	}
	_, files, done, err = s3store.StreamManifest(ctx, a.Objects, r.ManifestBucket, r.ManifestKey)
	if awserr.Is(err, "NoSuchKey") { // it goes when its sandbox goes
		return nil, nil, fmt.Errorf("files of release %s: %w", r.ID, sandbox.ErrNotFound)
	}
	return files, done, err
}
