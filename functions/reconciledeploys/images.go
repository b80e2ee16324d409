package reconciledeploys

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"

	"github.com/mayfly-dev/mayfly/awserr"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/metric"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// Client is what the step needs of ECR.
type Client interface {
	DescribeImages(context.Context, *ecr.DescribeImagesInput, ...func(*ecr.Options)) (*ecr.DescribeImagesOutput, error)
}

// found is what there is to know of a repository's images.
type found struct {
	// newest is the newest image with a tag that deploys.
	newest events.Image
	// moved is the image that the tag of the newest push has moved to since, if
	// it has: ECR keeps no time of that.
	moved events.Image
	// unprotected says that the live image is there without Mayfly's tag.
	unprotected bool
	held        held
}

// held is how much a repository holds.
type held struct {
	images int
	bytes  int64 // compressed; a layer that several images have counts with each
	pushed time.Time
}

// news is how long after a push the size of its repository is measured: AWS
// bills each metric for the hours in which it is told, and most repositories
// rarely change.
const news = 2 * time.Hour

func (h *held) add(detail *types.ImageDetail) {
	h.images++
	h.bytes += aws.ToInt64(detail.ImageSizeInBytes)
	if at := aws.ToTime(detail.ImagePushedAt); at.After(h.pushed) {
		h.pushed = at
	}
}

func (h *held) measure(ctx context.Context, repository string, now time.Time) {
	if h.images > 0 && now.Sub(h.pushed) < news {
		metric.AddOf(ctx, repository, metric.RepositoryImages, float64(h.images))
		metric.AddOf(ctx, repository, metric.RepositoryBytes, float64(h.bytes))
	}
}

// images goes through all images of a sandbox's repository.
func (s *Step) images(ctx context.Context, box *sandbox.Sandbox, rules sandbox.TagRules) (f found, err error) {
	line, _ := box.Resource(sandbox.KindRepository)
	mark := box.Newest
	follow := mark.Release == "" && rules.Refuses(mark.Tag) == ""
	// What is pushed from now on must count as newer than what is found.
	began := s.now().UTC()
	pages := ecr.NewDescribeImagesPaginator(s.client, &ecr.DescribeImagesInput{RepositoryName: &line.ID, MaxResults: aws.Int32(1000)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if awserr.Is(err, "RepositoryNotFoundException") {
			return found{}, nil
		}
		if err != nil {
			return found{}, fmt.Errorf("list the images of %s: %w", line.ID, err)
		}
		for i := range page.ImageDetails {
			f.held.add(&page.ImageDetails[i])
			image, tags := imageOf(line.ID, &page.ImageDetails[i], rules)
			if image.Digest == box.LiveImage.Digest {
				f.unprotected = !slices.Contains(tags, sandbox.LiveTag)
			}
			if image.Tag != "" && newer(image, f.newest, box) {
				f.newest = image
			}
			if follow && image.Digest != mark.Digest && slices.Contains(tags, mark.Tag) {
				f.moved = image
				f.moved.Tag, f.moved.PushedAt = mark.Tag, began
			}
		}
	}
	f.held.measure(ctx, line.ID, began)
	// The event of the newest push may have told a later time than ECR keeps.
	if mark.Release == "" && mark.Digest == f.newest.Digest && mark.At.After(f.newest.PushedAt) {
		f.newest.PushedAt = mark.At
	}
	if f.moved.Digest == f.newest.Digest {
		f.moved = events.Image{}
	}
	return f, nil
}

// imageOf returns an image under the first of its tags that deploys, if one
// does, and all its tags.
func imageOf(repository string, detail *types.ImageDetail, rules sandbox.TagRules) (events.Image, []string) {
	image := events.Image{Repository: repository, Digest: aws.ToString(detail.ImageDigest), PushedAt: aws.ToTime(detail.ImagePushedAt).UTC()}
	for _, tag := range slices.Sorted(slices.Values(detail.ImageTags)) {
		if rules.Refuses(tag) == "" {
			image.Tag = tag
			break
		}
	}
	return image, detail.ImageTags
}

// newer reports whether an image goes before the newest one so far. Of those
// that were pushed at the same time, the one that the sandbox shows stays.
func newer(image, than events.Image, box *sandbox.Sandbox) bool {
	switch {
	case !image.PushedAt.Equal(than.PushedAt):
		return image.PushedAt.After(than.PushedAt)
	case box.LiveImage.Digest == image.Digest, box.LiveImage.Digest == than.Digest:
		return box.LiveImage.Digest == image.Digest
	}
	return image.Digest > than.Digest
}
