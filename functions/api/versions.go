package api

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/mayfly-dev/mayfly/awserr"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/functions/api/internal/rest"
	"github.com/mayfly-dev/mayfly/release"
	"github.com/mayfly-dev/mayfly/sandbox"
)

func (a server) ListVersions(ctx context.Context, request rest.ListVersionsRequestObject) (rest.ListVersionsResponseObject, error) {
	s, err := a.find(ctx, request.Name)
	if err != nil {
		return nil, err
	}
	versions, err := a.versions(ctx, &s, request.Key)
	return rest.ListVersions200JSONResponse{Key: request.Key, Versions: versions}, err
}

func (a server) Restore(ctx context.Context, request rest.RestoreRequestObject) (rest.RestoreResponseObject, error) {
	key, version := request.Body.Key, request.Body.VersionID
	if version == "" {
		return nil, invalid(events.BrokenRule{Field: "versionId", Rule: "one that GET .../objects/KEY/versions shows"})
	}
	s, err := a.find(ctx, request.Name)
	if err != nil {
		return nil, err
	}
	versions, err := a.versions(ctx, &s, key)
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(versions, func(v events.ObjectVersion) bool { return v.VersionID == version })
	switch {
	case at < 0:
		return nil, invalid(events.BrokenRule{Field: "versionId", Rule: "one that GET .../objects/KEY/versions shows"})
	case versions[at].DeleteMarker:
		return nil, invalid(events.BrokenRule{Field: "versionId", Rule: "a version with content, not a delete marker"})
	}
	id, err := sandbox.NewReleaseID(a.now(), a.Random)
	if err != nil {
		return nil, err
	}
	started, err := a.release(ctx, s, sandbox.Release{ID: id, Source: events.ReleaseSource{Kind: events.SourceRestore, Path: key, VersionID: version}})
	return rest.Restore202JSONResponse{ReleaseStartedJSONResponse: started}, err
}

// versions returns all versions and delete markers of one object, newest
// first. An object that never was is not found.
func (a *API) versions(ctx context.Context, s *sandbox.Sandbox, key string) ([]events.ObjectVersion, error) {
	if clean, err := release.CleanName(key, false); err != nil || clean != key {
		return nil, invalid(events.BrokenRule{Field: "key", Rule: "an object's path, without a slash first or last, empty, . or .. parts and control characters"})
	}
	missing := &refusal{status: http.StatusNotFound, kind: "not-found", title: "There is no such object", detail: fmt.Sprintf("sandbox %q never had an object %q", s.Name, key)}
	bucket, ok := s.Resource(sandbox.KindBucket)
	if !ok || bucket.Status != sandbox.StatusMade {
		return nil, missing
	}
	var found []events.ObjectVersion
	pages := s3.NewListObjectVersionsPaginator(a.Objects, &s3.ListObjectVersionsInput{Bucket: &bucket.ID, Prefix: &key})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if awserr.Is(err, "NoSuchBucket") {
			return nil, missing
		}
		if err != nil {
			return nil, fmt.Errorf("versions of %s in %s: %w", key, bucket.ID, err)
		}
		further := false
		for _, v := range page.Versions {
			further = further || aws.ToString(v.Key) > key
			if aws.ToString(v.Key) == key {
				found = append(found, events.ObjectVersion{
					VersionID: aws.ToString(v.VersionId), Latest: aws.ToBool(v.IsLatest), LastModified: aws.ToTime(v.LastModified),
					Size: aws.ToInt64(v.Size), Etag: strings.Trim(aws.ToString(v.ETag), `"`),
				})
			}
		}
		for _, m := range page.DeleteMarkers {
			further = further || aws.ToString(m.Key) > key
			if aws.ToString(m.Key) == key {
				found = append(found, events.ObjectVersion{
					VersionID: aws.ToString(m.VersionId), Latest: aws.ToBool(m.IsLatest), LastModified: aws.ToTime(m.LastModified), DeleteMarker: true,
				})
			}
		}
		if further {
			break // keys come in order: the object's own are all before
		}
	}
	if len(found) == 0 {
		return nil, missing
	}
	slices.SortStableFunc(found, newestFirst)
	return found, nil
}

// newestFirst sorts by time; S3's times are whole seconds, so that the latest
// goes before its equals.
func newestFirst(a, b events.ObjectVersion) int {
	if a.Latest != b.Latest {
		if a.Latest {
			return -1
		}
		return 1
	}
	return cmp.Compare(b.LastModified.Truncate(time.Second).Unix(), a.LastModified.Truncate(time.Second).Unix())
}
