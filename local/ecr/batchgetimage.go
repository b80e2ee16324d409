package ecr

import (
	"context"
	"errors"
	"fmt"
)

// imageView is an image with its manifest.
type imageView struct {
	RegistryID     string  `json:"registryId"`
	RepositoryName string  `json:"repositoryName"`
	ImageID        imageID `json:"imageId"`
	Manifest       string  `json:"imageManifest"`
	MediaType      string  `json:"imageManifestMediaType"`
}

// imageFailure is why something was not done with one image of several.
type imageFailure struct {
	ImageID imageID `json:"imageId"`
	Code    string  `json:"failureCode"`
	Reason  string  `json:"failureReason"`
}

// fails says why an id does not name an image of the repository; nil when it
// does, with the image.
func (s *Service) fails(ctx context.Context, q querier, r *repository, id imageID) (*image, *imageFailure, error) {
	switch {
	case id.ImageDigest == "" && id.ImageTag == "":
		return nil, &imageFailure{id, "MissingDigestAndTag", "Invalid request parameters: both tag and digest cannot be null"}, nil
	case id.ImageDigest != "" && !digestRule.MatchString(id.ImageDigest):
		return nil, &imageFailure{id, "InvalidImageDigest", "Invalid request parameters: image digest should satisfy the regex '[a-zA-Z0-9-_+.]+:[a-fA-F0-9]+'"}, nil
	case id.ImageTag != "" && !tagRule.MatchString(id.ImageTag):
		return nil, &imageFailure{id, "InvalidImageTag", "Invalid request parameters: image tag should satisfy the regex '" + tagPattern + "'"}, nil
	}
	var missing *Error
	found, err := s.lookUp(ctx, q, r, id)
	if !errors.As(err, &missing) {
		return found, nil, err
	}
	if id.ImageDigest != "" && id.ImageTag != "" {
		if _, err := s.lookUp(ctx, q, r, imageID{ImageTag: id.ImageTag}); err == nil {
			return nil, &imageFailure{id, "ImageTagDoesNotMatchDigest", fmt.Sprintf("The image tag %s does not match the image digest %s", id.ImageTag, id.ImageDigest)}, nil
		}
	}
	return nil, &imageFailure{id, "ImageNotFound", "Requested image not found"}, nil
}

type batchGetImageInput struct {
	target
	ImageIDs           []imageID `json:"imageIds"`
	AcceptedMediaTypes []string  `json:"acceptedMediaTypes"`
}

type batchGetImageOutput struct {
	Images   []imageView    `json:"images"`
	Failures []imageFailure `json:"failures"`
}

func (s *Service) batchGetImage(c *call, in batchGetImageInput) (batchGetImageOutput, error) {
	out := batchGetImageOutput{Images: []imageView{}, Failures: []imageFailure{}}
	if len(in.ImageIDs) == 0 || len(in.ImageIDs) > maxIDs {
		return out, invalid("imageIds", "must have length between 1 and 100")
	}
	r, err := s.find(c, s.store.reader, c.registry, in.RepositoryName)
	if err != nil {
		return out, err
	}
	for _, id := range in.ImageIDs {
		found, failure, err := s.fails(c, s.store.reader, r, id)
		if err != nil {
			return out, err
		}
		if failure == nil && found.archived() {
			failure = &imageFailure{id, "ImageInaccessible", "The image is archived"}
		}
		if failure != nil {
			out.Failures = append(out.Failures, *failure)
			continue
		}
		body, err := s.manifestOf(c, found)
		if err == nil {
			err = s.countPull(c, r, found)
		}
		if err != nil {
			return out, err
		}
		out.Images = append(out.Images, imageView{s.o.Account, r.name, imageID{found.digest, id.ImageTag}, string(body), found.mediaType})
	}
	return out, nil
}
