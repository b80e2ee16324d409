package api

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/mayfly-dev/mayfly/awserr"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/functions/api/internal/rest"
	"github.com/mayfly-dev/mayfly/pattern"
	"github.com/mayfly-dev/mayfly/release"
	"github.com/mayfly-dev/mayfly/sandbox"
)

var releaseID = pattern.Of(`^r-[0-9a-z]{12,20}$`)

func (a server) ListReleases(ctx context.Context, request rest.ListReleasesRequestObject) (rest.ListReleasesResponseObject, error) {
	s, err := a.find(ctx, request.Name)
	if err != nil {
		return nil, err
	}
	page, err := pageOf(request.Params.Limit, request.Params.Cursor)
	if err != nil {
		return nil, err
	}
	found, next, err := a.Store.ListReleases(ctx, s.Ref(), page)
	if err != nil {
		return nil, fmt.Errorf("releases of sandbox %s: %w", s.Name, asCursor(err))
	}
	past := a.history()
	answer := rest.ListReleases200JSONResponse{Releases: make([]events.ReleaseState, len(found)), Next: string(next)}
	for i := range found {
		if answer.Releases[i], err = a.releaseState(ctx, &s, &found[i], past); err != nil {
			return nil, err
		}
	}
	return answer, nil
}

func (a server) GetRelease(ctx context.Context, request rest.GetReleaseRequestObject) (rest.GetReleaseResponseObject, error) {
	s, err := a.find(ctx, request.Name)
	if err != nil {
		return nil, err
	}
	r, err := a.Store.GetRelease(ctx, s.Ref(), request.Release)
	if err != nil {
		return nil, fmt.Errorf("release %s of sandbox %s: %w", request.Release, s.Name, err)
	}
	state, err := a.releaseState(ctx, &s, &r, a.history())
	return rest.GetRelease200JSONResponse(state), err
}

func (a server) CreateRelease(ctx context.Context, request rest.CreateReleaseRequestObject) (rest.CreateReleaseResponseObject, error) {
	upload, image := request.Body.Upload, request.Body.Image
	if (upload == "") == (image == "") {
		return nil, invalid(events.BrokenRule{Field: "upload", Rule: "given, or image, and not both"})
	}
	s, err := a.find(ctx, request.Name)
	if err != nil {
		return nil, err
	}
	release := a.releaseUpload
	if image != "" {
		release = a.releaseImage
	}
	started, err := release(ctx, s, upload+image)
	return rest.CreateRelease202JSONResponse{ReleaseStartedJSONResponse: started}, err
}

// releaseUpload releases an uploaded archive, by the id of its upload.
func (a *API) releaseUpload(ctx context.Context, s sandbox.Sandbox, id string) (rest.ReleaseStartedJSONResponse, error) {
	none := rest.ReleaseStartedJSONResponse{}
	if !releaseID().MatchString(id) {
		return none, invalid(events.BrokenRule{Field: "upload", Rule: "the id that POST .../uploads answered"})
	}
	source := events.ReleaseSource{Kind: events.SourceUpload, Bucket: a.UploadBucket, Key: release.UploadKey(s.ID, id)}
	known, err := a.Store.GetRelease(ctx, s.Ref(), id)
	switch {
	case err == nil && known.Source != source:
		return none, invalid(events.BrokenRule{Field: "upload", Rule: "the id of an upload, not of another release"})
	case err == nil && known.Status == sandbox.ReleaseLive:
		return a.started(ctx, &s, &known)
	case errors.Is(err, sandbox.ErrNotFound):
		_, err := a.Objects.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &source.Bucket, Key: aws.String(source.Key)})
		if awserr.Is(err, "NotFound", "NoSuchKey") {
			return none, invalid(events.BrokenRule{Field: "upload", Rule: "the id of an upload that is complete: PUT the archive to its URL first"})
		}
		if err != nil {
			return none, fmt.Errorf("look for upload %s: %w", id, err)
		}
	case err != nil:
		return none, fmt.Errorf("release %s of sandbox %s: %w", id, s.Name, err)
	}
	return a.release(ctx, s, sandbox.Release{ID: id, Source: source})
}

// release takes the sandbox's release lock for r, of which the id, the source,
// the image and where it goes are given, and starts the flow. The flows of a
// site and of a service begin with the same document.
func (a *API) release(ctx context.Context, s sandbox.Sandbox, r sandbox.Release) (rest.ReleaseStartedJSONResponse, error) {
	none := rest.ReleaseStartedJSONResponse{}
	r.Status, r.Principal, r.CreatedAt = sandbox.ReleaseRunning, callerOf(ctx).Name, a.now()
	r.By, _ = sandbox.ActorOf(ctx)
	r.Execution = sandbox.ExecutionARN(a.Machines.Release, releaseName(r.ID))
	if r.Rollout != nil {
		r.Execution = sandbox.ExecutionARN(a.Machines.Rollout, rolloutName(r.ID))
	}
	var underway *sandbox.ReleaseUnderwayError
	err := sandbox.BeginRelease(ctx, a.Store, s.Ref(), r)
	if errors.As(err, &underway) {
		// The release that has the lock may be stuck; then it must not stay so.
		if _, healErr := a.heal(ctx, s); healErr != nil {
			return none, errors.Join(err, healErr)
		}
	}
	if err != nil {
		return none, err
	}
	if err := a.run(ctx, r.Execution, events.ReleaseFlow{Sandbox: s.Event(), Release: r.Event(), Execution: r.Execution}); err != nil {
		return none, err
	}
	id := r.ID
	if r, err = a.Store.GetRelease(ctx, s.Ref(), id); err != nil {
		return none, fmt.Errorf("release %s of sandbox %s: %w", id, s.Name, err)
	}
	return a.started(ctx, &s, &r)
}

func (a *API) started(ctx context.Context, s *sandbox.Sandbox, r *sandbox.Release) (rest.ReleaseStartedJSONResponse, error) {
	state, err := a.releaseState(ctx, s, r, a.history())
	return rest.ReleaseStartedJSONResponse{
		Body: state, Headers: rest.ReleaseStartedResponseHeaders{Location: location(s.Name, "releases", r.ID)},
	}, err
}
