package inspectcontent

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"golang.org/x/sync/errgroup"

	"github.com/mayfly-dev/mayfly/awserr"
	"github.com/mayfly-dev/mayfly/release"
	"github.com/mayfly-dev/mayfly/release/s3store"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// present is the site as it is.
type present struct {
	// live is what its release's manifest says, nil when there is none.
	live release.Live
	// objects are what its bucket really has.
	objects []release.Listed
}

// listing returns the objects as a listing.
func (p *present) listing() iter.Seq2[release.Listed, error] {
	return func(yield func(release.Listed, error) bool) {
		for _, o := range p.objects {
			if !yield(o, nil) {
				return
			}
		}
	}
}

// look waits for how the site is.
type look func() (*present, error)

// lookAhead looks at the site as it is while its new content is inspected. stop
// ends that, and is to be called.
func (s *Step) lookAhead(ctx context.Context, box *sandbox.Sandbox, bucket string) (now look, stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	group, ctx := errgroup.WithContext(ctx)
	var is present
	group.Go(func() (err error) {
		is.live, err = s.live(ctx, box)
		return err
	})
	group.Go(func() error {
		for object, err := range s3store.List(ctx, s.s3, bucket, "") {
			if err != nil {
				return err
			}
			is.objects = append(is.objects, object)
		}
		return nil
	})
	now = func() (*present, error) {
		if err := group.Wait(); err != nil {
			return nil, err
		}
		return &is, nil
	}
	return now, func() {
		cancel()
		_ = group.Wait() // whoever wanted to know has asked
	}
}

// live reads the manifest of the release that the site shows. Without one, or
// when it is no longer there, the bucket alone says what is.
func (s *Step) live(ctx context.Context, box *sandbox.Sandbox) (release.Live, error) {
	if box.LiveRelease == "" {
		return nil, nil
	}
	manifest, err := s.manifest(ctx, box.Ref(), box.LiveRelease)
	if errors.Is(err, sandbox.ErrNotFound) || awserr.Is(err, "NoSuchKey") {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read live manifest: %w", err)
	}
	return release.NewLive(manifest.Objects), nil
}
