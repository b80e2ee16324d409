package ecr

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
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

type listImagesInput struct {
	target
	page
	Filter imageFilter `json:"filter"`
}

type listImagesOutput struct {
	ImageIDs  []imageID `json:"imageIds"`
	NextToken string    `json:"nextToken,omitempty"`
}

// listed is an image's place in a list: an image has one for each tag, or one.
type listed struct {
	image int64
	imageID
}

func (l listed) key() string { return strconv.FormatInt(l.image, 10) + "/" + l.ImageTag }

func (s *Service) listImages(c *call, in listImagesInput) (listImagesOutput, error) {
	out := listImagesOutput{ImageIDs: []imageID{}}
	r, err := s.find(c, s.store.reader, c.registry, in.RepositoryName)
	if err != nil {
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
	first, tag, _ := strings.Cut(after, "/")
	image, _ := strconv.ParseInt(first, 10, 64)
	found, err := collect(c, s.store.reader, func(rows *sql.Rows) (l listed, err error) {
		err = rows.Scan(&l.image, &l.ImageDigest, &l.ImageTag)
		return l, err
	}, `SELECT image.id, image.digest, coalesce(tag.tag, '') AS name
		FROM image LEFT JOIN tag ON tag.repository = image.repository AND tag.digest = image.digest
		WHERE image.repository = ? AND (image.id, coalesce(tag.tag, '')) > (?, ?) AND `+where+` ORDER BY image.id, name LIMIT ?`,
		r.id, image, tag, limit+1)
	if err != nil {
		return out, err
	}
	found, out.NextToken = cut(found, limit, listed.key)
	for _, l := range found {
		out.ImageIDs = append(out.ImageIDs, l.imageID)
	}
	return out, nil
}

// imageDetail is an image as the API shows it.
type imageDetail struct {
	RegistryID           string      `json:"registryId"`
	RepositoryName       string      `json:"repositoryName"`
	ImageDigest          string      `json:"imageDigest"`
	ImageTags            []string    `json:"imageTags,omitempty"`
	ImageSizeInBytes     int64       `json:"imageSizeInBytes"`
	ImagePushedAt        *instant    `json:"imagePushedAt"`
	ManifestMediaType    string      `json:"imageManifestMediaType"`
	ArtifactMediaType    string      `json:"artifactMediaType,omitempty"`
	LastRecordedPullTime *instant    `json:"lastRecordedPullTime,omitempty"`
	ScanStatus           *scanStatus `json:"imageScanStatus,omitempty"`
	SubjectDigest        string      `json:"subjectManifestDigest,omitempty"`
	ImageStatus          string      `json:"imageStatus,omitempty"`
	LastArchivedAt       *instant    `json:"lastArchivedAt,omitempty"`
	LastActivatedAt      *instant    `json:"lastActivatedAt,omitempty"`
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

type putImageInput struct {
	target
	Manifest  string `json:"imageManifest"`
	MediaType string `json:"imageManifestMediaType"`
	Tag       string `json:"imageTag"`
	Digest    string `json:"imageDigest"`
}

type putImageOutput struct {
	Image imageView `json:"image"`
}

func (s *Service) putImage(c *call, in putImageInput) (putImageOutput, error) {
	if in.Digest != "" && !digestRule.MatchString(in.Digest) {
		return putImageOutput{}, invalid("imageDigest", "must satisfy regular expression '[a-zA-Z0-9-_+.]+:[a-fA-F0-9]+'")
	}
	done, err := s.put(c, push{registry: c.registry, name: in.RepositoryName, mediaType: in.MediaType, body: []byte(in.Manifest), id: imageID{in.Digest, in.Tag}})
	if err != nil {
		return putImageOutput{}, err
	}
	if done.known {
		return putImageOutput{}, refuse("ImageAlreadyExistsException", "Image with digest '%s' and tag '%s' already exists in the repository with name '%s' in registry with id '%s'", done.digest, in.Tag, in.RepositoryName, s.o.Account)
	}
	return putImageOutput{imageView{s.o.Account, in.RepositoryName, imageID{done.digest, in.Tag}, in.Manifest, done.mediaType}}, nil
}

// referrers are the manifests that are about another one.
func (s *Service) referrers(ctx context.Context, r *repository, subject string) ([]descriptor, error) {
	return collect(ctx, s.store.reader, func(rows *sql.Rows) (descriptor, error) {
		var d descriptor
		var body []byte
		if err := rows.Scan(&d.MediaType, &d.Digest, &d.ArtifactType, &body); err != nil {
			return d, err
		}
		d.Size = int64(len(body))
		var parsed struct {
			Annotations map[string]string `json:"annotations"`
		}
		err := json.Unmarshal(body, &parsed)
		d.Annotations = parsed.Annotations
		return d, err
	}, "SELECT media_type, digest, artifact_type, manifest FROM image WHERE repository = ? AND subject = ? AND subject <> '' ORDER BY id", r.id, subject)
}
