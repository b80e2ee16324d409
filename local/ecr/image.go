package ecr

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
)

// imageID names an image by its digest, by a tag, or by both.
type imageID struct {
	ImageDigest string `json:"imageDigest,omitempty"`
	ImageTag    string `json:"imageTag,omitempty"`
}

// String is the id as ECR's messages have it.
func (id imageID) String() string {
	quoted := func(text string) string {
		if text == "" {
			return "'null'"
		}
		return "'" + text + "'"
	}
	return fmt.Sprintf("{imageDigest:%s, imageTag:%s}", quoted(id.ImageDigest), quoted(id.ImageTag))
}

// check refuses an id that cannot be one.
func (id imageID) check() error {
	switch {
	case id.ImageDigest == "" && id.ImageTag == "":
		return invalid("imageId", "must have a digest or a tag")
	case id.ImageDigest != "" && !digestRule.MatchString(id.ImageDigest):
		return invalid("imageDigest", "must satisfy regular expression '[a-zA-Z0-9-_+.]+:[a-fA-F0-9]+'")
	case id.ImageTag != "" && !tagRule.MatchString(id.ImageTag):
		return invalid("imageTag", "must satisfy regular expression '"+tagPattern+"'")
	}
	return nil
}

// image is a manifest as it is kept, without its text.
type image struct {
	id           int64
	digest       string
	mediaType    string
	artifactType string
	subject      string
	size         int64 // bytes
	pushedAt     int64 // milliseconds since 1970, as all times here
	pulledAt     int64
	archivedAt   int64
	activatedAt  int64
	pulls        int64
	pushes       int64
	scan         string
	tags         []string
}

func (i *image) archived() bool { return i.archivedAt > i.activatedAt }

const imageColumns = `image.id, image.digest, media_type, artifact_type, subject, size, pushed_at, pulled_at, archived_at, activated_at, pulls, pushes, scan,
	(SELECT group_concat(tag, ' ') FROM (SELECT tag FROM tag WHERE tag.repository = image.repository AND tag.digest = image.digest ORDER BY tag))`

func scanImage(row interface{ Scan(...any) error }) (*image, error) {
	i := &image{}
	var tags sql.NullString
	err := row.Scan(&i.id, &i.digest, &i.mediaType, &i.artifactType, &i.subject, &i.size, &i.pushedAt, &i.pulledAt, &i.archivedAt, &i.activatedAt, &i.pulls, &i.pushes, &i.scan, &tags)
	i.tags = strings.Fields(tags.String) // a tag has no space
	return i, err
}

func scanImages(rows *sql.Rows) (*image, error) { return scanImage(rows) }

// lookUp returns the image of an id, which is checked, or
// ImageNotFoundException.
func (s *Service) lookUp(ctx context.Context, q querier, r *repository, id imageID) (*image, error) {
	digest := id.ImageDigest
	if id.ImageTag != "" {
		var tagged string
		err := q.QueryRowContext(ctx, "SELECT digest FROM tag WHERE repository = ? AND tag = ?", r.id, id.ImageTag).Scan(&tagged)
		if errors.Is(err, sql.ErrNoRows) || err == nil && digest != "" && digest != tagged {
			return nil, s.noImage(r.name, id)
		}
		if err != nil {
			return nil, err
		}
		digest = tagged
	}
	found, err := scanImage(q.QueryRowContext(ctx, "SELECT "+imageColumns+" FROM image WHERE repository = ? AND digest = ?", r.id, digest))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, s.noImage(r.name, id)
	}
	return found, err
}

// findImage returns a repository of the registry that is called, and an image
// in it.
func (s *Service) findImage(c *call, q querier, name string, id imageID) (*repository, *image, error) {
	if err := id.check(); err != nil {
		return nil, nil, err
	}
	r, err := s.find(c, q, c.registry, name)
	if err != nil {
		return nil, nil, err
	}
	i, err := s.lookUp(c, q, r, id)
	return r, i, err
}

// manifestOf returns an image's manifest.
func (s *Service) manifestOf(ctx context.Context, i *image) ([]byte, error) {
	var body []byte
	err := s.store.reader.QueryRowContext(ctx, "SELECT manifest FROM image WHERE id = ?", i.id).Scan(&body)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, errVanished // deleted since it was looked up
	}
	return body, err
}

var errVanished = errors.New("the image was deleted in this moment")
