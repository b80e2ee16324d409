// Package verifyimage is the step that asks a repository for the image that an
// event names: an event is a hint, which may be late, or forged.
package verifyimage

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"

	"github.com/mayfly-dev/mayfly/awserr"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/metric"
	"github.com/mayfly-dev/mayfly/pattern"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// Client is what the step needs of ECR.
type Client interface {
	DescribeImages(context.Context, *ecr.DescribeImagesInput, ...func(*ecr.Options)) (*ecr.DescribeImagesOutput, error)
}

// Step verifies images.
type Step struct {
	client Client
	store  sandbox.Updater
	now    func() time.Time
}

// New returns the step.
func New(client Client, store sandbox.Updater, now func() time.Time) *Step {
	return &Step{client: client, store: store, now: now}
}

var digestPattern = pattern.Of(`^sha256:[0-9a-f]{64}$`)

// Handle verifies that the repository has the image, and that the event's tag
// is still on it: when it has moved on, what it moved to has an event of its
// own. Why an image is not deployed is in the answer and in the sandbox's
// stream of events.
func (s *Step) Handle(ctx context.Context, in events.DeployFlow) (events.Verified, error) {
	detail := in.Detail
	if in.Resolved == nil || in.Resolved.Sandbox == nil {
		return events.Verified{}, errors.New("verify an image of no sandbox")
	}
	out, err := s.verify(ctx, detail, in.Time)
	if err != nil || out.Verdict == events.VerdictDeploy {
		return out, err
	}
	ref := sandbox.RefOf(*in.Resolved.Sandbox)
	_, err = s.store.Update(ctx, ref, func(box *sandbox.Sandbox) ([]sandbox.Event, error) {
		return []sandbox.Event{{
			At: s.now().UTC(), Type: sandbox.EventImage, Phase: box.Phase, Resource: detail.ImageDigest,
			Message: "image " + sandbox.ShortImage(detail.ImageDigest, detail.ImageTag) + " is not deployed: " + out.Reason,
		}}, nil
	})
	if err != nil && !errors.Is(err, sandbox.ErrNotFound) {
		return events.Verified{}, fmt.Errorf("note an image of sandbox %s: %w", ref.Name, err)
	}
	return out, nil
}

func (s *Step) verify(ctx context.Context, detail events.ECRImageDetail, told time.Time) (events.Verified, error) {
	missing := func(reason string) (events.Verified, error) {
		return events.Verified{Verdict: events.VerdictNoSuchImage, Reason: reason}, nil
	}
	if !digestPattern().MatchString(detail.ImageDigest) {
		return missing("its digest is none")
	}
	found, err := s.client.DescribeImages(ctx, &ecr.DescribeImagesInput{
		RepositoryName: &detail.RepositoryName, ImageIds: []types.ImageIdentifier{{ImageDigest: &detail.ImageDigest}},
	})
	switch {
	case awserr.Is(err, "ImageNotFoundException"), err == nil && len(found.ImageDetails) == 0:
		return missing("the repository has no such image")
	case awserr.Is(err, "RepositoryNotFoundException"):
		return missing("the repository is gone")
	case err != nil:
		return events.Verified{}, fmt.Errorf("describe image %s of %s: %w", detail.ImageDigest, detail.RepositoryName, err)
	}
	image := found.ImageDetails[0]
	metric.AddOf(ctx, detail.RepositoryName, metric.ImageBytes, float64(aws.ToInt64(image.ImageSizeInBytes)))
	if !slices.Contains(image.ImageTags, detail.ImageTag) {
		return events.Verified{Verdict: events.VerdictTagMoved, Reason: fmt.Sprintf("the tag %s is not on it any more", detail.ImageTag)}, nil
	}
	return events.Verified{Verdict: events.VerdictDeploy, Image: events.Image{
		Repository: detail.RepositoryName, Digest: detail.ImageDigest, Tag: detail.ImageTag,
		PushedAt: s.pushedAt(aws.ToTime(image.ImagePushedAt), told),
	}}, nil
}

// pushedAt returns when an image was pushed. ECR keeps the time of the first
// push, so that only the event tells of a later one, under another tag say; it
// is believed as far as now, for nothing is pushed in the future.
func (s *Step) pushedAt(first, told time.Time) time.Time {
	if now := s.now(); told.After(now) {
		told = now
	}
	if told.After(first) {
		return told.UTC()
	}
	return first.UTC()
}
