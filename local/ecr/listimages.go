package ecr

import (
	"database/sql"
	"strconv"
	"strings"
)

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
