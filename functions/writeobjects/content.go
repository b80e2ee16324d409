package writeobjects

import (
	"context"
	"io"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/release"
	"github.com/mayfly-dev/mayfly/release/image"
	"github.com/mayfly-dev/mayfly/release/s3store"
)

// Images is where images are.
type Images interface {
	// Repository returns a repository of an account's registry.
	Repository(registry, name string) image.Source
}

// content is what was inspected, and is read again to be written.
type content interface {
	// Walk calls visit at least for the files that are wanted, by the index of
	// their entry in the plan, in the order of the plan. An error of visit ends
	// the walk and is returned as it is.
	Walk(ctx context.Context, wanted func(index int) bool, visit func(release.File, io.Reader) error) error
	io.Closer
}

// open returns the content of a plan, or nil when the bucket itself has it.
func (s *Step) open(ctx context.Context, plan *release.Plan) (content, error) {
	switch source := plan.Source; source.Kind {
	case events.SourceUpload:
		archive, err := s3store.OpenArchive(ctx, s.s3, source.Bucket, source.Key, plan.ArchiveETag)
		if err != nil {
			return nil, err
		}
		return upload{archive, s.limits}, nil
	case events.SourceImage:
		repository := s.images.Repository(source.Registry, source.Repository)
		return layers{image.Content{Source: repository, Plan: plan, Limits: s.limits}}, nil
	default:
		return nil, nil
	}
}

// upload is an uploaded archive, which is read from its beginning whatever is
// wanted of it.
type upload struct {
	*s3store.Archive
	limits release.Limits
}

func (u upload) Walk(ctx context.Context, _ func(int) bool, visit func(release.File, io.Reader) error) error {
	return release.Walk(ctx, u.Content(ctx), u.limits, visit)
}

// layers are those of an image.
type layers struct{ image.Content }

func (layers) Close() error { return nil }
