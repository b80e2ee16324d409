package steptest

import (
	"cmp"
	"context"
	"slices"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
)

// DescribeImages shows the images that are asked for, or a page of all; one
// that is not there is ImageNotFoundException.
func (f *ECR) DescribeImages(_ context.Context, in *ecr.DescribeImagesInput, _ ...func(*ecr.Options)) (*ecr.DescribeImagesOutput, error) {
	return inECR(f, "DescribeImages", *in.RepositoryName, func(r *Repository) (*ecr.DescribeImagesOutput, error) {
		out := &ecr.DescribeImagesOutput{}
		if len(in.ImageIds) > 0 {
			for _, id := range in.ImageIds {
				i := r.find(id)
				if i == nil {
					return nil, Refusal("ImageNotFoundException")
				}
				out.ImageDetails = append(out.ImageDetails, i.detail(*in.RepositoryName))
			}
			return out, nil
		}
		from := 0
		if in.NextToken != nil {
			from, _ = strconv.Atoi(*in.NextToken)
		}
		to := min(from+cmp.Or(f.PageSize, 100), len(r.Images))
		for _, i := range r.Images[from:to] {
			if in.Filter == nil || in.Filter.TagStatus != types.TagStatusTagged || len(i.Tags) > 0 {
				out.ImageDetails = append(out.ImageDetails, i.detail(*in.RepositoryName))
			}
		}
		if to < len(r.Images) {
			out.NextToken = aws.String(strconv.Itoa(to))
		}
		return out, nil
	})
}

func (r *Repository) find(id types.ImageIdentifier) *Image {
	digest := aws.ToString(id.ImageDigest)
	if id.ImageTag != nil {
		tagged := r.Tagged(*id.ImageTag)
		if digest != "" && digest != tagged {
			return nil
		}
		digest = tagged
	}
	return r.image(digest)
}

func (i *Image) detail(repository string) types.ImageDetail {
	return types.ImageDetail{RepositoryName: &repository, ImageDigest: aws.String(i.Digest), ImageTags: slices.Clone(i.Tags), ImagePushedAt: aws.Time(i.PushedAt), ImageSizeInBytes: aws.Int64(i.Size)}
}

// BatchGetImage returns the manifests of images; what is not there is a
// failure within the answer.
func (f *ECR) BatchGetImage(_ context.Context, in *ecr.BatchGetImageInput, _ ...func(*ecr.Options)) (*ecr.BatchGetImageOutput, error) {
	return inECR(f, "BatchGetImage", *in.RepositoryName, func(r *Repository) (*ecr.BatchGetImageOutput, error) {
		out := &ecr.BatchGetImageOutput{}
		for _, id := range in.ImageIds {
			if i := r.find(id); i != nil {
				out.Images = append(out.Images, types.Image{
					ImageId:       &types.ImageIdentifier{ImageDigest: aws.String(i.Digest)},
					ImageManifest: aws.String("manifest of " + i.Digest), ImageManifestMediaType: aws.String("application/vnd.oci.image.manifest.v1+json"),
				})
				continue
			}
			out.Failures = append(out.Failures, types.ImageFailure{ImageId: &id, FailureCode: types.ImageFailureCodeImageNotFound})
		}
		return out, nil
	})
}

// PutImage puts a tag on an image that is there. The same tag again is
// refused, and so is one that may not move.
func (f *ECR) PutImage(_ context.Context, in *ecr.PutImageInput, _ ...func(*ecr.Options)) (*ecr.PutImageOutput, error) {
	return inECR(f, "PutImage", *in.RepositoryName, func(r *Repository) (*ecr.PutImageOutput, error) {
		i := r.image(aws.ToString(in.ImageDigest))
		if i == nil || aws.ToString(in.ImageManifest) != "manifest of "+i.Digest {
			return nil, Refusal("ImageDigestDoesNotMatchException")
		}
		tag := aws.ToString(in.ImageTag)
		switch r.Tagged(tag) {
		case i.Digest:
			return nil, Refusal("ImageAlreadyExistsException")
		case "":
		default:
			if !r.movable(tag) {
				return nil, Refusal("ImageTagAlreadyExistsException")
			}
		}
		r.move(tag, i)
		return &ecr.PutImageOutput{}, nil
	})
}
