// Package inspectcontent is the step that looks at all of a release's content
// before anything is changed, and plans what the release writes and removes.
package inspectcontent

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/release"
	"github.com/mayfly-dev/mayfly/release/image"
	"github.com/mayfly-dev/mayfly/release/s3store"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// Name is the step's name.
const Name = "inspectcontent"

// S3 is what the step needs of S3.
type S3 interface {
	s3store.Getter
	s3store.Putter
	s3store.Lister
	s3store.VersionLister
	HeadObject(context.Context, *s3.HeadObjectInput, ...func(*s3.Options)) (*s3.HeadObjectOutput, error)
}

// Store is what the step needs of the store.
type Store interface {
	sandbox.Updater
	GetRelease(ctx context.Context, ref sandbox.Ref, id string) (sandbox.Release, error)
}

// Images is where images are.
type Images interface {
	// Repository returns a repository of an account's registry.
	Repository(registry, name string) image.Source
}

// Step inspects content.
type Step struct {
	s3      S3
	images  Images
	store   Store
	ledger  sandbox.Ledger
	uploads string
	limits  release.Limits
}

// New returns the step. Plans, and what is known of images' layers, are kept in
// the bucket uploads.
func New(client S3, images Images, store Store, uploads string, limits release.Limits, now func() time.Time) *Step {
	return &Step{s3: client, images: images, store: store, ledger: sandbox.Ledger{Store: store, Now: now}, uploads: uploads, limits: limits}
}

// Handle inspects the flow's content, compares it with what the bucket holds,
// and keeps the plan in S3. It changes nothing else, so that it can be run
// again. Its errors: BadContent names the entry and the rule that it breaks,
// VersionExpired the version that a rollback or restore misses, ContentChanged
// an upload that was replaced while it was read, ImageNotFound an image or a
// layer that the repository does not have.
func (s *Step) Handle(ctx context.Context, flow events.ReleaseFlow) (events.ReleasePlan, error) {
	ref := sandbox.RefOf(flow.Sandbox)
	box, err := s.ledger.BeginReleaseStep(ctx, ref, flow.Release.ID, Name)
	if err != nil {
		return events.ReleasePlan{}, err
	}
	bucket, ok := box.Resource(sandbox.KindBucket)
	if !ok || bucket.Status != sandbox.StatusMade {
		return events.ReleasePlan{}, fmt.Errorf("sandbox %s has no bucket", ref.Name)
	}
	now, stop := s.lookAhead(ctx, &box, bucket.ID)
	defer stop()
	plan, err := s.plan(ctx, flow, bucket.ID, now)
	if err != nil {
		return events.ReleasePlan{}, fmt.Errorf("inspect content of release %s: %w", flow.Release.ID, err)
	}
	plan.SandboxID, plan.Release = ref.ID, flow.Release.ID
	plan.Source, plan.Bucket = flow.Release.Source, bucket.ID
	plan.Invalidate = release.InvalidationPaths(plan.Changed(), flow.Sandbox.Spec)
	if err := s.versions(ctx, &plan); err != nil {
		return events.ReleasePlan{}, err
	}
	if err := s3store.PutPlan(ctx, s.s3, s.uploads, plan); err != nil {
		return events.ReleasePlan{}, err
	}
	out := events.ReleasePlan{
		Bucket: s.uploads, Key: release.PlanKey(ref.ID, flow.Release.ID),
		Write: plan.Writes(), Remove: len(plan.Remove), Passes: plan.Passes(),
	}
	out.Files, out.Bytes = plan.Totals()
	out.Changed = out.Write+out.Remove > 0
	line := fmt.Sprintf("%d files, %d bytes: %d to write, %d to remove", out.Files, out.Bytes, out.Write, out.Remove)
	if plan.WebRoot != "" {
		line = "web root " + plan.WebRoot + " of the image: " + line
	}
	return out, s.ledger.ReleaseProgress(ctx, ref, flow.Release.ID, Name, line)
}

func (s *Step) manifest(ctx context.Context, ref sandbox.Ref, id string) (release.Manifest, error) {
	r, err := s.store.GetRelease(ctx, ref, id)
	if err != nil {
		return release.Manifest{}, err
	}
	if r.ManifestKey == "" {
		return release.Manifest{}, fmt.Errorf("manifest of release %s: %w", id, sandbox.ErrNotFound)
	}
	return s3store.GetManifest(ctx, s.s3, r.ManifestBucket, r.ManifestKey)
}

func (s *Step) plan(ctx context.Context, flow events.ReleaseFlow, bucket string, now look) (release.Plan, error) {
	switch source := flow.Release.Source; source.Kind {
	case events.SourceUpload:
		return s.upload(ctx, flow, now)
	case events.SourceImage:
		return s.image(ctx, flow, now)
	case events.SourceRollback:
		return s.rollback(ctx, flow, bucket, now)
	case events.SourceRestore:
		return s.restore(ctx, source, bucket, now)
	default:
		return release.Plan{}, &release.ContentError{Rule: fmt.Sprintf("its source is of the unknown kind %q", source.Kind)}
	}
}

func (s *Step) upload(ctx context.Context, flow events.ReleaseFlow, now look) (release.Plan, error) {
	source := flow.Release.Source
	archive, err := s3store.OpenArchive(ctx, s.s3, source.Bucket, source.Key, "")
	if err != nil {
		return release.Plan{}, err
	}
	defer archive.Close() //nolint:errcheck // only read
	files, err := release.Inspect(ctx, archive.Content(ctx), s.limits, flow.Sandbox.Spec.IndexDocument)
	if err != nil {
		return release.Plan{}, err
	}
	is, err := now()
	if err != nil {
		return release.Plan{}, err
	}
	plan, err := release.PlanFiles(files, is.live, is.listing())
	plan.ArchiveETag = archive.ETag
	return plan, err
}

func (s *Step) image(ctx context.Context, flow events.ReleaseFlow, now look) (release.Plan, error) {
	source := flow.Release.Source
	repository := s.images.Repository(source.Registry, source.Repository)
	known := s3store.Layers{Client: s.s3, Bucket: s.uploads}
	site, err := image.Inspect(ctx, repository, known, source.Digest, s.limits, flow.Sandbox.Spec.IndexDocument)
	if err != nil {
		return release.Plan{}, err
	}
	is, err := now()
	if err != nil {
		return release.Plan{}, err
	}
	plan, err := release.PlanFiles(site.Files, is.live, is.listing())
	plan.WebRoot, plan.Layers = site.WebRoot, site.Layers
	return plan, err
}

// versions looks up the version of the objects that stay and whose version the
// live manifest does not know: of what was written by a release that failed,
// or by somebody else.
func (s *Step) versions(ctx context.Context, plan *release.Plan) error {
	unknown := make(map[string]*release.PlanEntry)
	for i := range plan.Entries {
		if e := &plan.Entries[i]; !e.Write && e.VersionID == "" {
			unknown[e.Path] = e
		}
	}
	if len(unknown) == 0 {
		return nil
	}
	for version, err := range s3store.Current(ctx, s.s3, plan.Bucket) {
		if err != nil {
			return err
		}
		if e, ok := unknown[version.Key]; ok && e.ETag == version.ETag {
			e.VersionID = version.VersionID
		}
	}
	return nil
}
