package api

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/mayfly-dev/mayfly/awserr"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/functions/api/internal/rest"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// ListObjects goes through versions, so that what was deleted can be brought
// back. A page ends between two objects: its cursor is the last one's key.
func (a server) ListObjects(ctx context.Context, request rest.ListObjectsRequestObject) (rest.ListObjectsResponseObject, error) {
	page, err := pageOf(request.Params.Limit, request.Params.Cursor)
	if err != nil {
		return nil, err
	}
	s, err := a.find(ctx, request.Name)
	if err != nil {
		return nil, err
	}
	answer := rest.ListObjects200JSONResponse{Objects: []events.SiteObject{}}
	bucket, ok := s.Resource(sandbox.KindBucket)
	if !ok || bucket.Status != sandbox.StatusMade {
		return answer, nil
	}
	in := &s3.ListObjectVersionsInput{Bucket: &bucket.ID, KeyMarker: tokenOf(page)}
	if request.Params.Prefix != "" {
		in.Prefix = &request.Params.Prefix
	}
	pages := s3.NewListObjectVersionsPaginator(a.Objects, in)
	for pages.HasMorePages() {
		found, err := pages.NextPage(ctx)
		if awserr.Is(err, "NoSuchBucket") {
			return answer, nil
		}
		if err != nil {
			return nil, fmt.Errorf("objects in %s: %w", bucket.ID, err)
		}
		all := merged(answer.Objects, found)
		if len(all) > page.Limit {
			answer.Objects, answer.Next = all[:page.Limit], all[page.Limit-1].Key
			return answer, nil
		}
		answer.Objects = all
	}
	return answer, nil
}

// merged adds a page of versions to the objects of those before. Both lists of
// a page are in the order of their keys.
func merged(all []events.SiteObject, page *s3.ListObjectVersionsOutput) []events.SiteObject {
	add := func(o events.SiteObject, latest bool) {
		if n := len(all); n > 0 && all[n-1].Key == o.Key {
			o.Versions = all[n-1].Versions + 1
			if !latest {
				o.Size, o.LastModified, o.Deleted = all[n-1].Size, all[n-1].LastModified, all[n-1].Deleted
			}
			all[n-1] = o
			return
		}
		o.Versions = 1
		all = append(all, o)
	}
	versions, markers := page.Versions, page.DeleteMarkers
	for len(versions) > 0 || len(markers) > 0 {
		if len(markers) == 0 || len(versions) > 0 && aws.ToString(versions[0].Key) <= aws.ToString(markers[0].Key) {
			v := versions[0]
			add(events.SiteObject{Key: aws.ToString(v.Key), Size: aws.ToInt64(v.Size), LastModified: aws.ToTime(v.LastModified).UTC()}, aws.ToBool(v.IsLatest))
			versions = versions[1:]
			continue
		}
		m := markers[0]
		add(events.SiteObject{Key: aws.ToString(m.Key), LastModified: aws.ToTime(m.LastModified).UTC(), Deleted: true}, aws.ToBool(m.IsLatest))
		markers = markers[1:]
	}
	return all
}

func (a server) ListImages(ctx context.Context, request rest.ListImagesRequestObject) (rest.ListImagesResponseObject, error) {
	page, err := pageOf(request.Params.Limit, request.Params.Cursor)
	if err != nil {
		return nil, err
	}
	s, err := a.find(ctx, request.Name)
	if err != nil {
		return nil, err
	}
	answer := rest.ListImages200JSONResponse{Images: []events.RepositoryImage{}}
	repository, ok := s.Resource(sandbox.KindRepository)
	if !ok || repository.Status != sandbox.StatusMade {
		return answer, nil
	}
	found, err := a.Images.DescribeImages(ctx, &ecr.DescribeImagesInput{
		RepositoryName: &repository.ID, MaxResults: aws.Int32(int32(page.Limit)), NextToken: tokenOf(page), //nolint:gosec // at most 1000
	})
	if awserr.Is(err, "RepositoryNotFoundException") {
		return answer, nil
	}
	if err != nil {
		return nil, fmt.Errorf("images in %s: %w", repository.ID, asToken(err))
	}
	answer.Next = aws.ToString(found.NextToken)
	for _, i := range found.ImageDetails {
		image := events.RepositoryImage{
			Digest: aws.ToString(i.ImageDigest), Tags: visible(i.ImageTags), Size: aws.ToInt64(i.ImageSizeInBytes), PushedAt: aws.ToTime(i.ImagePushedAt).UTC(),
			LastPull: timeOf(i.LastRecordedPullTime), Live: s.LiveImage.Digest == aws.ToString(i.ImageDigest),
		}
		if i.ImageScanStatus != nil {
			image.Scan = string(i.ImageScanStatus.Status)
		}
		if i.ImageScanFindingsSummary != nil {
			image.Findings = i.ImageScanFindingsSummary.FindingSeverityCounts
		}
		answer.Images = append(answer.Images, image)
	}
	return answer, nil
}

// visible returns the tags that people gave, without the one that keeps what is
// live from the repository's lifecycle rules.
func visible(tags []string) []string {
	return slices.DeleteFunc(append([]string{}, tags...), func(tag string) bool { return tag == sandbox.LiveTag })
}

// asToken gives AWS's complaint about a token the parameter's own name.
func asToken(err error) error {
	if awserr.Is(err, "InvalidToken", "InvalidParameterException") {
		return invalid(events.BrokenRule{Field: "cursor", Rule: "the next of the page before"})
	}
	return err
}
