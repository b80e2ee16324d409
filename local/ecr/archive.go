package ecr

import (
	"context"
	"database/sql"
	"time"
)

type updateImageStorageClassInput struct {
	target
	ImageID      imageID `json:"imageId"`
	StorageClass string  `json:"targetStorageClass"`
}

type updateImageStorageClassOutput struct {
	RegistryID     string  `json:"registryId"`
	RepositoryName string  `json:"repositoryName"`
	ImageID        imageID `json:"imageId"`
	ImageStatus    string  `json:"imageStatus"`
}

// updateImageStorageClass moves an image into the archive, from which it is
// not pulled, or back. It takes no time here.
func (s *Service) updateImageStorageClass(c *call, in updateImageStorageClassInput) (updateImageStorageClassOutput, error) {
	out := updateImageStorageClassOutput{RegistryID: s.o.Account, RepositoryName: in.RepositoryName}
	err := s.store.write(c, func(tx *sql.Tx) error {
		r, i, err := s.findImage(c, tx, in.RepositoryName, in.ImageID)
		if err != nil {
			return err
		}
		out.ImageID = imageID{i.digest, in.ImageID.ImageTag}
		switch in.StorageClass {
		case "STANDARD":
			out.ImageStatus = "ACTIVATING"
			return activate(c, tx, i, s.now())
		case "ARCHIVE":
			out.ImageStatus = "ARCHIVED"
			holder, err := s.holderOf(c, tx, r, i)
			if err == nil && holder != "" {
				err = refuse("ImageStorageClassUpdateNotSupportedException", "The image is referenced by manifest list: [%s]", holder)
			}
			if err != nil {
				return err
			}
			return archive(c, tx, i, s.now())
		}
		return invalid("targetStorageClass", "Member must satisfy enum value set: [STANDARD, ARCHIVE]")
	})
	return out, err
}

// archive moves an image into the archive, unless it is there.
func archive(ctx context.Context, tx *sql.Tx, i *image, now time.Time) error {
	_, err := tx.ExecContext(ctx, "UPDATE image SET archived_at = max(?, activated_at + 1) WHERE id = ? AND archived_at <= activated_at", milliseconds(now), i.id)
	return err
}

// activate moves an image out of the archive, unless it is not there.
func activate(ctx context.Context, tx *sql.Tx, i *image, now time.Time) error {
	_, err := tx.ExecContext(ctx, "UPDATE image SET activated_at = max(?, archived_at) WHERE id = ? AND archived_at > activated_at", milliseconds(now), i.id)
	return err
}
