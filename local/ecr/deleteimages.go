package ecr

import (
	"context"
	"database/sql"
	"slices"
)

type batchDeleteImageInput struct {
	target
	ImageIDs []imageID `json:"imageIds"`
}

type batchDeleteImageOutput struct {
	ImageIDs []imageID      `json:"imageIds"`
	Failures []imageFailure `json:"failures"`
}

// batchDeleteImage deletes images by digest, with all their tags, and tags: an
// image goes with its last tag. What no image names any more is freed before
// the answer.
func (s *Service) batchDeleteImage(c *call, in batchDeleteImageInput) (batchDeleteImageOutput, error) {
	out := batchDeleteImageOutput{ImageIDs: []imageID{}, Failures: []imageFailure{}}
	if len(in.ImageIDs) == 0 || len(in.ImageIDs) > maxIDs {
		return out, invalid("imageIds", "must have length between 1 and 100")
	}
	var r *repository
	var freed []string
	err := s.store.write(c, func(tx *sql.Tx) (err error) {
		if r, err = s.find(c, tx, c.registry, in.RepositoryName); err != nil {
			return err
		}
		for _, id := range in.ImageIDs {
			found, failure, err := s.fails(c, tx, r, id)
			if err == nil && failure == nil {
				failure, err = s.deleteOne(c, tx, r, found, id, &out, &freed)
			}
			if err != nil {
				return err
			}
			if failure != nil {
				out.Failures = append(out.Failures, *failure)
			}
		}
		return nil
	})
	if err != nil {
		return batchDeleteImageOutput{}, err
	}
	s.release(c, r, freed)
	s.outbox.poke()
	return out, nil
}

// deleteOne deletes what an id means, and adds it to out, and the blobs that
// the image named to freed.
func (s *Service) deleteOne(ctx context.Context, tx *sql.Tx, r *repository, i *image, id imageID, out *batchDeleteImageOutput, freed *[]string) (*imageFailure, error) {
	if id.ImageTag != "" && len(i.tags) > 1 {
		if _, err := tx.ExecContext(ctx, "DELETE FROM tag WHERE repository = ? AND tag = ?", r.id, id.ImageTag); err != nil {
			return nil, err
		}
		gone := imageID{i.digest, id.ImageTag}
		out.ImageIDs = append(out.ImageIDs, gone)
		return nil, s.announceDeleted(ctx, tx, r, gone)
	}
	holder, err := s.holderOf(ctx, tx, r, i)
	if err != nil {
		return nil, err
	}
	if holder != "" {
		return &imageFailure{id, "ImageReferencedByManifestList", "Requested image referenced by manifest list: [" + holder + "]"}, nil
	}
	gone, blobs, err := s.deleteImage(ctx, tx, r, i)
	out.ImageIDs = append(out.ImageIDs, gone...)
	*freed = append(*freed, blobs...)
	return nil, err
}

// holderOf returns the digest of an index that names the image, or nothing.
func (s *Service) holderOf(ctx context.Context, tx querier, r *repository, i *image) (string, error) {
	holders, err := collect(ctx, tx, text, "SELECT digest FROM reference WHERE repository = ? AND target = ? AND kind = 'manifest' LIMIT 1", r.id, i.digest)
	if err != nil || len(holders) == 0 {
		return "", err
	}
	return holders[0], nil
}

// deleteImage deletes an image with its tags and everything about it, such as
// its signatures. It returns what went, and the blobs that were named.
func (s *Service) deleteImage(ctx context.Context, tx *sql.Tx, r *repository, i *image) (gone []imageID, blobs []string, err error) {
	if blobs, err = collect(ctx, tx, text, "SELECT target FROM reference WHERE repository = ? AND digest = ? AND kind = 'blob'", r.id, i.digest); err != nil {
		return nil, nil, err
	}
	for _, query := range []string{
		"DELETE FROM reference WHERE repository = ? AND digest = ?",
		"DELETE FROM tag WHERE repository = ? AND digest = ?",
		"DELETE FROM image WHERE repository = ? AND digest = ?",
	} {
		if _, err := tx.ExecContext(ctx, query, r.id, i.digest); err != nil {
			return nil, nil, err
		}
	}
	for _, tag := range i.tags {
		gone = append(gone, imageID{i.digest, tag})
	}
	if len(gone) == 0 {
		gone = []imageID{{ImageDigest: i.digest}}
	}
	for _, id := range gone {
		if err := s.announceDeleted(ctx, tx, r, id); err != nil {
			return nil, nil, err
		}
	}
	about, err := collect(ctx, tx, scanImages, "SELECT "+imageColumns+" FROM image WHERE repository = ? AND subject = ?", r.id, i.digest)
	if err != nil {
		return nil, nil, err
	}
	for _, referrer := range about {
		// One that is tagged is an image of its own, too.
		if len(referrer.tags) > 0 || slices.Contains(gone, imageID{ImageDigest: referrer.digest}) {
			continue
		}
		_, more, err := s.deleteImage(ctx, tx, r, referrer)
		if err != nil {
			return nil, nil, err
		}
		blobs = append(blobs, more...)
	}
	return gone, blobs, nil
}

func (s *Service) announceDeleted(ctx context.Context, tx *sql.Tx, r *repository, id imageID) error {
	return s.announce(ctx, tx, r, imageAction, []string{}, imageActionDetail{
		Result: "SUCCESS", RepositoryName: r.name, ImageDigest: id.ImageDigest, ActionType: "DELETE", ImageTag: id.ImageTag,
	})
}
