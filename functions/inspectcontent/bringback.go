package inspectcontent

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"golang.org/x/sync/errgroup"

	"github.com/mayfly-dev/mayfly/awserr"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/release"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// rollback plans to bring an earlier release's objects back, after it has
// looked that the bucket still keeps every version that is needed.
func (s *Step) rollback(ctx context.Context, flow events.ReleaseFlow, bucket string, now look) (release.Plan, error) {
	id := flow.Release.Source.ReleaseID
	manifest, err := s.manifest(ctx, sandbox.RefOf(flow.Sandbox), id)
	if errors.Is(err, sandbox.ErrNotFound) || awserr.Is(err, "NoSuchKey") {
		return release.Plan{}, &release.ContentError{Rule: fmt.Sprintf("release %q has no manifest; only a release that was live can be brought back", id)}
	}
	if err != nil {
		return release.Plan{}, fmt.Errorf("manifest of release %s: %w", id, err)
	}
	is, err := now()
	if err != nil {
		return release.Plan{}, err
	}
	plan, err := release.PlanRollback(manifest.Objects, is.live, is.listing())
	if err != nil {
		return release.Plan{}, err
	}
	return plan, s.check(ctx, bucket, manifest.Objects, &plan)
}

// check looks that each version to be copied is there and is what the manifest
// says. The manifest's objects are in the order of the plan's entries.
func (s *Step) check(ctx context.Context, bucket string, objects []release.Object, plan *release.Plan) error {
	const atOnce = 32
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for i := range plan.Entries {
		if !plan.Entries[i].Write {
			continue
		}
		wanted := objects[i]
		group.Go(func() error {
			found, err := s.head(ctx, bucket, wanted.Path, wanted.VersionID)
			if err == nil && (found.ETag != wanted.ETag || found.Size != wanted.Size) {
				err = &release.VersionGoneError{Path: wanted.Path, VersionID: wanted.VersionID}
			}
			return err
		})
	}
	return group.Wait()
}

// restore plans to bring one object back as it was in an earlier version.
func (s *Step) restore(ctx context.Context, source events.ReleaseSource, bucket string, now look) (release.Plan, error) {
	if path, err := release.CleanName(source.Path, false); err != nil || path != source.Path {
		return release.Plan{}, &release.ContentError{Entry: source.Path, Rule: "is not a path of a site"}
	}
	wanted, err := s.head(ctx, bucket, source.Path, source.VersionID)
	if err != nil {
		return release.Plan{}, err
	}
	is, err := now()
	if err != nil {
		return release.Plan{}, err
	}
	if known, ok := is.live[wanted.Path]; ok && known.VersionID == wanted.VersionID {
		wanted.SHA256 = known.SHA256
	} else if wanted.SHA256, err = s.digest(ctx, bucket, wanted); err != nil {
		return release.Plan{}, err
	}
	return release.PlanRestore(wanted, is.live, is.listing())
}

// head looks at one version of an object.
func (s *Step) head(ctx context.Context, bucket, path, version string) (release.Object, error) {
	gone := &release.VersionGoneError{Path: path, VersionID: version}
	if version == "" {
		return release.Object{}, gone
	}
	out, err := s.s3.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &bucket, Key: &path, VersionId: &version})
	// A HEAD has no body, so S3 answers with little more than the status: 404
	// for a version that is gone, 405 for one that is a delete marker, 400 for
	// what can't be a version.
	if awserr.Is(err, "NotFound", "NoSuchKey", "NoSuchVersion", "MethodNotAllowed", "BadRequest", "InvalidArgument") {
		return release.Object{}, gone
	}
	if err != nil {
		return release.Object{}, fmt.Errorf("look at version %s of %q: %w", version, path, err)
	}
	if aws.ToBool(out.DeleteMarker) {
		return release.Object{}, gone
	}
	return release.Object{
		Path: path, VersionID: version, Size: aws.ToInt64(out.ContentLength), ETag: strings.Trim(aws.ToString(out.ETag), `"`),
		ContentType: aws.ToString(out.ContentType), CacheControl: aws.ToString(out.CacheControl),
	}, nil
}

func (s *Step) digest(ctx context.Context, bucket string, o release.Object) (string, error) {
	out, err := s.s3.GetObject(ctx, &s3.GetObjectInput{Bucket: &bucket, Key: &o.Path, VersionId: &o.VersionID})
	if err != nil {
		return "", fmt.Errorf("read version %s of %q: %w", o.VersionID, o.Path, err)
	}
	defer out.Body.Close() //nolint:errcheck // only read
	var digester release.Digester
	digest, err := digester.Read(out.Body, 0)
	if err != nil {
		return "", fmt.Errorf("read version %s of %q: %w", o.VersionID, o.Path, err)
	}
	return digest.SHA256, nil
}
