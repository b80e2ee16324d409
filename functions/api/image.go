package api

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"

	"github.com/mayfly-dev/mayfly/awserr"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/functions/api/internal/rest"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// releaseImage releases an image of the sandbox's repository, by a tag or a
// digest, whatever its tag rules say: it is asked for by hand.
func (a *API) releaseImage(ctx context.Context, s sandbox.Sandbox, which string) (rest.ReleaseStartedJSONResponse, error) {
	none := rest.ReleaseStartedJSONResponse{}
	repository, ok := s.Resource(sandbox.KindRepository)
	if !ok || repository.Status != sandbox.StatusMade {
		return none, &sandbox.PhaseError{Name: s.Name, Phase: s.Phase, Want: "it has no private repository to take an image from"}
	}
	to := sandbox.RolloutTo(s.Spec.Deploy)
	if err := s.CheckSite(); err != nil && to == nil {
		return none, err
	}
	image, err := a.image(ctx, repository.ID, which)
	if err != nil {
		return none, err
	}
	id, err := sandbox.NewReleaseID(a.now(), a.Random)
	if err != nil {
		return none, err
	}
	source := events.ReleaseSource{Kind: events.SourceImage, Repository: image.Repository, Digest: image.Digest, Tag: image.Tag}
	return a.release(ctx, s, sandbox.Release{ID: id, Source: source, Image: image, Rollout: to})
}

// image looks an image up by a tag or a digest.
func (a *API) image(ctx context.Context, repository, which string) (events.Image, error) {
	id := types.ImageIdentifier{ImageTag: &which}
	if strings.HasPrefix(which, "sha256:") {
		id = types.ImageIdentifier{ImageDigest: &which}
	}
	found, err := a.Images.DescribeImages(ctx, &ecr.DescribeImagesInput{RepositoryName: &repository, ImageIds: []types.ImageIdentifier{id}})
	// What can't be a tag or a digest is InvalidParameterException.
	missing := awserr.Is(err, "ImageNotFoundException", "RepositoryNotFoundException", "InvalidParameterException")
	if missing || err == nil && len(found.ImageDetails) == 0 {
		return events.Image{}, invalid(events.BrokenRule{Field: "image", Rule: fmt.Sprintf("a tag or a digest of an image that is in %s", repository)})
	}
	if err != nil {
		return events.Image{}, fmt.Errorf("look for image %s in %s: %w", which, repository, err)
	}
	there := found.ImageDetails[0]
	return events.Image{
		Repository: repository, Digest: aws.ToString(there.ImageDigest), Tag: aws.ToString(id.ImageTag), PushedAt: aws.ToTime(there.ImagePushedAt).UTC(),
	}, nil
}
