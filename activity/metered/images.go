package metered

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"

	"github.com/mayfly-dev/mayfly/activity"
	"github.com/mayfly-dev/mayfly/awserr"
)

// Images is what the package needs of ECR.
type Images interface {
	DescribeImages(context.Context, *ecr.DescribeImagesInput, ...func(*ecr.Options)) (*ecr.DescribeImagesOutput, error)
}

// holdings looks at all images of a private repository. One that is not there
// holds nothing.
func holdings(ctx context.Context, client Images, repository string) (h activity.Holdings, err error) {
	pages := ecr.NewDescribeImagesPaginator(client, &ecr.DescribeImagesInput{RepositoryName: &repository, MaxResults: aws.Int32(1000)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if awserr.Is(err, "RepositoryNotFoundException") {
			return activity.Holdings{}, nil
		}
		if err != nil {
			return h, err
		}
		for i := range page.ImageDetails {
			image := &page.ImageDetails[i]
			h.Images++
			h.Bytes += aws.ToInt64(image.ImageSizeInBytes)
			h.Last = h.Last.Later(activity.Use{Kind: activity.Push, At: aws.ToTime(image.ImagePushedAt)}).Later(activity.Use{Kind: activity.Pull, At: aws.ToTime(image.LastRecordedPullTime)})
		}
	}
	return h, nil
}

// unlisted says why it is not known what a repository holds.
func unlisted(repository string, err error) string {
	return fmt.Sprintf("list the images of %s: %s", repository, awserr.Told(err))
}
