// Package protectimage is the step that puts Mayfly's own tag on the image
// that a sandbox shows, so that no lifecycle rule expires it (see package
// repository).
package protectimage

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"

	"github.com/mayfly-dev/mayfly/awserr"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// Client is what the step needs of ECR.
type Client interface {
	BatchGetImage(context.Context, *ecr.BatchGetImageInput, ...func(*ecr.Options)) (*ecr.BatchGetImageOutput, error)
	PutImage(context.Context, *ecr.PutImageInput, ...func(*ecr.Options)) (*ecr.PutImageOutput, error)
}

// Store is where the step reads what is live.
type Store interface {
	Get(ctx context.Context, name string) (sandbox.Sandbox, error)
	sandbox.Updater
}

// Step protects images.
type Step struct {
	client Client
	store  Store
	now    func() time.Time
}

// New returns the step.
func New(client Client, store Store, now func() time.Time) *Step {
	return &Step{client: client, store: store, now: now}
}

// Handle tags the image that the sandbox shows now, which may be a later one
// than the flow's: what counts is what is live. A sandbox that shows no image,
// or is gone, has nothing to protect.
func (s *Step) Handle(ctx context.Context, in events.ReleaseFlow) (events.Recorded, error) {
	ref := sandbox.RefOf(in.Sandbox)
	for tagged := (events.Image{}); ; {
		box, err := s.store.Get(ctx, ref.Name)
		if errors.Is(err, sandbox.ErrNotFound) || err == nil && box.ID != ref.ID {
			return events.Recorded{Phase: string(sandbox.PhaseDeleted)}, nil
		}
		if err != nil {
			return events.Recorded{}, fmt.Errorf("read sandbox %s: %w", ref.Name, err)
		}
		// Read again after each tag: a release that ended meanwhile may have
		// put its own before this one.
		if box.LiveImage.Digest == tagged.Digest {
			return events.Recorded{Phase: string(box.Phase)}, nil
		}
		tagged = box.LiveImage
		if err := s.tag(ctx, ref, tagged); err != nil {
			return events.Recorded{}, fmt.Errorf("protect image %s of sandbox %s: %w", tagged.Digest, ref.Name, err)
		}
	}
}

// tag puts the tag on an image, unless the image is gone, which its site can
// do without.
func (s *Step) tag(ctx context.Context, ref sandbox.Ref, image events.Image) error {
	out, err := s.client.BatchGetImage(ctx, &ecr.BatchGetImageInput{
		RepositoryName: &image.Repository, ImageIds: []types.ImageIdentifier{{ImageDigest: &image.Digest}},
	})
	if awserr.Is(err, "RepositoryNotFoundException") || err == nil && len(out.Images) == 0 {
		return s.note(ctx, ref, image)
	}
	if err != nil {
		return fmt.Errorf("read its manifest: %w", err)
	}
	_, err = s.client.PutImage(ctx, &ecr.PutImageInput{
		RepositoryName: &image.Repository, ImageDigest: &image.Digest, ImageTag: aws.String(sandbox.LiveTag),
		ImageManifest: out.Images[0].ImageManifest, ImageManifestMediaType: out.Images[0].ImageManifestMediaType,
	})
	if err != nil && !awserr.Is(err, "ImageAlreadyExistsException") {
		return fmt.Errorf("tag it %s: %w", sandbox.LiveTag, err)
	}
	return nil
}

func (s *Step) note(ctx context.Context, ref sandbox.Ref, image events.Image) error {
	_, err := s.store.Update(ctx, ref, func(box *sandbox.Sandbox) ([]sandbox.Event, error) {
		return []sandbox.Event{{
			At: s.now().UTC(), Type: sandbox.EventImage, Phase: box.Phase, Resource: image.Digest,
			Message: "image " + sandbox.ShortImage(image.Digest, image.Tag) + " is live, and no longer in its repository",
		}}, nil
	})
	if err != nil && !errors.Is(err, sandbox.ErrNotFound) {
		return fmt.Errorf("note that an image is gone: %w", err)
	}
	return nil
}
