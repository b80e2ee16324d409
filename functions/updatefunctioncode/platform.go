package updatefunctioncode

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"

	"github.com/mayfly-dev/mayfly/sandbox"
)

// The media types of images for several platforms.
const (
	dockerList = "application/vnd.docker.distribution.manifest.list.v2+json"
	ociIndex   = "application/vnd.oci.image.index.v1+json"
)

// index is an image for several platforms.
type index struct {
	MediaType string `json:"mediaType"`
	Manifests []struct {
		Digest   string `json:"digest"`
		Platform *struct {
			OS           string `json:"os"`
			Architecture string `json:"architecture"`
		} `json:"platform"`
	} `json:"manifests"`
}

// forPlatform returns the digest of a release's image, or of the part of it
// that is for linux on an architecture.
func (s *Step) forPlatform(ctx context.Context, r *sandbox.Release, architecture string) (string, error) {
	image := r.Image
	out, err := s.images.BatchGetImage(ctx, &ecr.BatchGetImageInput{
		RepositoryName: &image.Repository, ImageIds: []types.ImageIdentifier{{ImageDigest: &image.Digest}},
	})
	if err != nil {
		return "", fmt.Errorf("read the manifest of image %s in %s: %w", image.Digest, image.Repository, err)
	}
	refused := func(why string) (string, error) {
		return "", &sandbox.TargetError{Destination: r.Destination(), Why: why}
	}
	if len(out.Images) == 0 {
		return refused(fmt.Sprintf("the image %s is no longer in the repository %s; push it again", image.Digest, image.Repository))
	}
	several := func(media string) bool { return media == dockerList || media == ociIndex }
	media := aws.ToString(out.Images[0].ImageManifestMediaType)
	if media != "" && !several(media) {
		return image.Digest, nil
	}
	var parts index
	if err := json.Unmarshal([]byte(aws.ToString(out.Images[0].ImageManifest)), &parts); err != nil {
		return refused(fmt.Sprintf("the manifest of image %s can't be read: %v", image.Digest, err))
	}
	if media == "" && !several(parts.MediaType) {
		return image.Digest, nil
	}
	var known []string
	for _, part := range parts.Manifests {
		switch {
		case part.Platform == nil || part.Platform.OS != "linux":
			continue // attestations come as platform unknown
		case part.Platform.Architecture == architecture:
			return part.Digest, nil
		}
		known = append(known, part.Platform.OS+"/"+part.Platform.Architecture)
	}
	return refused(fmt.Sprintf("the function runs on linux/%s, and the image is for %s alone", architecture, strings.Join(known, ", ")))
}
