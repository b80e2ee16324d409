// Package ecrrepo reads images out of repositories of ECR, by ECR's own API: a
// manifest in its answer, a layer from the presigned URL that it hands out. So
// a step needs the rights to read, on the repositories that it reads, and never
// holds a token for a registry.
package ecrrepo

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/aws/smithy-go"

	"github.com/mayfly-dev/mayfly/release/image"
)

// ECR is what is needed of ECR.
type ECR interface {
	BatchGetImage(context.Context, *ecr.BatchGetImageInput, ...func(*ecr.Options)) (*ecr.BatchGetImageOutput, error)
	GetDownloadUrlForLayer(context.Context, *ecr.GetDownloadUrlForLayerInput, ...func(*ecr.Options)) (*ecr.GetDownloadUrlForLayerOutput, error)
}

// HTTP fetches what a presigned URL names.
type HTTP interface {
	Do(*http.Request) (*http.Response, error)
}

// Images are what the repositories of ECR hold.
type Images struct {
	ECR  ECR
	HTTP HTTP
}

// Repository returns the repository with a name, of the account registry, 12
// digits; empty for the caller's own.
func (i Images) Repository(registry, name string) image.Source {
	return &repository{Images: i, account: registry, name: name}
}

// repository is one repository.
type repository struct {
	Images
	account, name string
}

// mediaTypes are the manifests that ECR may answer with; without them it would
// turn one into another.
func mediaTypes() []string {
	return []string{
		"application/vnd.oci.image.manifest.v1+json", "application/vnd.oci.image.index.v1+json",
		"application/vnd.docker.distribution.manifest.v2+json", "application/vnd.docker.distribution.manifest.list.v2+json",
	}
}

// Manifest implements image.Source.
func (r *repository) Manifest(ctx context.Context, digest string) (string, []byte, error) {
	out, err := r.ECR.BatchGetImage(ctx, &ecr.BatchGetImageInput{
		RegistryId: r.registry(), RepositoryName: &r.name, AcceptedMediaTypes: mediaTypes(),
		ImageIds: []types.ImageIdentifier{{ImageDigest: &digest}},
	})
	if err != nil {
		return "", nil, r.fault("image "+digest, err)
	}
	if len(out.Images) > 0 {
		found := out.Images[0]
		return aws.ToString(found.ImageManifestMediaType), []byte(aws.ToString(found.ImageManifest)), nil
	}
	if len(out.Failures) == 0 || out.Failures[0].FailureCode == types.ImageFailureCodeImageNotFound {
		return "", nil, r.missing("image " + digest)
	}
	failed := out.Failures[0]
	return "", nil, fmt.Errorf("image %s of repository %q: %s: %s", digest, r.name, failed.FailureCode, aws.ToString(failed.FailureReason))
}

func (r *repository) registry() *string {
	if r.account == "" {
		return nil
	}
	return &r.account
}

func (r *repository) missing(what string) error {
	return &image.NotFoundError{What: fmt.Sprintf("%s of repository %q", what, r.name)}
}

// fault names an error of ECR. The SDK has tried again what it could.
func (r *repository) fault(what string, err error) error {
	var api smithy.APIError
	if !errors.As(err, &api) {
		return fmt.Errorf("%s of repository %q: %w", what, r.name, err)
	}
	switch api.ErrorCode() {
	case "RepositoryNotFoundException":
		return &image.NotFoundError{What: fmt.Sprintf("repository %q", r.name)}
	case "LayersNotFoundException", "ImageNotFoundException":
		return r.missing(what)
	case "ServerException":
		return &image.PassingError{Name: "ServiceUnavailable", Err: fmt.Errorf("%s of repository %q: %w", what, r.name, err)}
	}
	return fmt.Errorf("%s of repository %q: %w", what, r.name, err)
}
