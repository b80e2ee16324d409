package ecr

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/mayfly-dev/mayfly/local/awsjson"
)

// imageFilter narrows a list of images.
type imageFilter struct {
	TagStatus   string `json:"tagStatus"`
	ImageStatus string `json:"imageStatus"`
}

// where is the filter as a condition. Without a status, images in the archive
// are left out, as on AWS.
func (f imageFilter) where() (string, error) {
	tagged := "EXISTS (SELECT 1 FROM tag t WHERE t.repository = image.repository AND t.digest = image.digest)"
	var parts []string
	switch f.TagStatus {
	case "", "ANY":
	case "TAGGED":
		parts = append(parts, tagged)
	case "UNTAGGED":
		parts = append(parts, "NOT "+tagged)
	default:
		return "", invalid("filter.tagStatus", "Member must satisfy enum value set: [TAGGED, UNTAGGED, ANY]")
	}
	switch f.ImageStatus {
	case "", "ACTIVE":
		parts = append(parts, "archived_at <= activated_at")
	case "ARCHIVED":
		parts = append(parts, "archived_at > activated_at")
	case "ACTIVATING":
		parts = append(parts, "FALSE") // it takes no time here
	case "ANY":
	default:
		return "", invalid("filter.imageStatus", "Member must satisfy enum value set: [ACTIVE, ARCHIVED, ACTIVATING, ANY]")
	}
	return strings.Join(append(parts, "TRUE"), " AND "), nil
}

// imageDetail is an image as the API shows it.
type imageDetail struct {
	RegistryID           string        `json:"registryId"`
	RepositoryName       string        `json:"repositoryName"`
	ImageDigest          string        `json:"imageDigest"`
	ImageTags            []string      `json:"imageTags,omitempty"`
	ImageSizeInBytes     int64         `json:"imageSizeInBytes"`
	ImagePushedAt        *awsjson.Time `json:"imagePushedAt"`
	ManifestMediaType    string        `json:"imageManifestMediaType"`
	ArtifactMediaType    string        `json:"artifactMediaType,omitempty"`
	LastRecordedPullTime *awsjson.Time `json:"lastRecordedPullTime,omitempty"`
	ScanStatus           *scanStatus   `json:"imageScanStatus,omitempty"`
	SubjectDigest        string        `json:"subjectManifestDigest,omitempty"`
	ImageStatus          string        `json:"imageStatus,omitempty"`
	LastArchivedAt       *awsjson.Time `json:"lastArchivedAt,omitempty"`
	LastActivatedAt      *awsjson.Time `json:"lastActivatedAt,omitempty"`
}

func (s *Service) detail(r *repository, i *image) imageDetail {
	d := imageDetail{
		RegistryID: s.o.Account, RepositoryName: r.name, ImageDigest: i.digest, ImageTags: i.tags,
		ImageSizeInBytes: i.size, ImagePushedAt: at(i.pushedAt), ManifestMediaType: i.mediaType, ArtifactMediaType: i.artifactType,
	}
	if r.visibility == public {
		return d
	}
	d.LastRecordedPullTime, d.SubjectDigest = at(i.pulledAt), i.subject
	d.ImageStatus, d.LastArchivedAt, d.LastActivatedAt = "ACTIVE", at(i.archivedAt), at(i.activatedAt)
	if i.archived() {
		d.ImageStatus = "ARCHIVED"
	}
	if done, ok := readScan(i.scan); ok {
		d.ScanStatus = &done.Status
	}
	return d
}

type describeImagesInput struct {
	target
	page
	ImageIDs []imageID   `json:"imageIds"`
	Filter   imageFilter `json:"filter"`
}

type describeImagesOutput struct {
	ImageDetails []imageDetail `json:"imageDetails"`
	NextToken    string        `json:"nextToken,omitempty"`
}

// maxIDs is how many images a request may name.
const maxIDs = 100

func (s *Service) describeImages(c *call, in describeImagesInput) (describeImagesOutput, error) {
	out := describeImagesOutput{ImageDetails: []imageDetail{}}
	r, err := s.find(c, s.store.reader, c.registry, in.RepositoryName)
	if err != nil {
		return out, err
	}
	if len(in.ImageIDs) > 0 {
		out.ImageDetails, err = s.describeNamed(c, r, in.ImageIDs)
		return out, err
	}
	limit, after, err := in.read()
	if err != nil {
		return out, err
	}
	where, err := in.Filter.where()
	if err != nil {
		return out, err
	}
	from, _ := strconv.ParseInt(after, 10, 64)
	found, err := collect(c, s.store.reader, scanImages, "SELECT "+imageColumns+" FROM image WHERE repository = ? AND image.id > ? AND "+where+" ORDER BY image.id LIMIT ?", r.id, from, limit+1)
	if err != nil {
		return out, err
	}
	found, out.NextToken = cut(found, limit, func(i *image) string { return strconv.FormatInt(i.id, 10) })
	for _, i := range found {
		out.ImageDetails = append(out.ImageDetails, s.detail(r, i))
	}
	return out, nil
}

// describeNamed describes the images of ids; two ids of one image give one.
func (s *Service) describeNamed(ctx context.Context, r *repository, ids []imageID) ([]imageDetail, error) {
	if len(ids) > maxIDs {
		return nil, invalid("imageIds", "must have length between 1 and 100")
	}
	details := []imageDetail{}
	for _, id := range ids {
		if err := id.check(); err != nil {
			return nil, err
		}
		i, err := s.lookUp(ctx, s.store.reader, r, id)
		if err != nil {
			return nil, err
		}
		if !slices.ContainsFunc(details, func(d imageDetail) bool { return d.ImageDigest == i.digest }) {
			details = append(details, s.detail(r, i))
		}
	}
	return details, nil
}
