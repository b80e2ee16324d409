package ecr

import (
	"context"
	"database/sql"
)

type deleteRepositoryInput struct {
	target
	Force bool `json:"force"`
}

func (s *Service) deleteRepository(c *call, in deleteRepositoryInput) (repositoryOutput, error) {
	var gone *repository
	var blobs []string
	err := s.store.write(c, func(tx *sql.Tx) (err error) {
		if gone, err = s.find(c, tx, c.registry, in.RepositoryName); err != nil {
			return err
		}
		images, err := collect(c, tx, text, "SELECT digest FROM image WHERE repository = ?", gone.id)
		if err != nil {
			return err
		}
		if len(images) > 0 && !in.Force {
			return refuse("RepositoryNotEmptyException", "The repository with name '%s' in registry with id '%s' cannot be deleted because it still contains images", gone.name, s.o.Account)
		}
		if blobs, err = collect(c, tx, text, "SELECT DISTINCT target FROM reference WHERE repository = ? AND kind = 'blob'", gone.id); err != nil {
			return err
		}
		_, err = tx.ExecContext(c, "DELETE FROM repository WHERE id = ?", gone.id)
		return err
	})
	if err != nil {
		return repositoryOutput{}, err
	}
	// What fails here is left to a sweep.
	s.release(c, gone, blobs)
	if err := s.blobs.RemoveRepository(context.WithoutCancel(c), gone.key()); err != nil {
		s.o.Logger.Warn("blobs of a deleted repository are left to the next sweep", "repository", gone.name, "error", err)
	}
	return repositoryOutput{Repository: s.view(gone)}, nil
}

// release frees blobs that no image names any more.
func (s *Service) release(ctx context.Context, r *repository, blobs []string) {
	if err := s.blobs.Release(context.WithoutCancel(ctx), r.key(), blobs, s.store); err != nil {
		s.o.Logger.Warn("blobs of deleted images are left to the next sweep", "repository", r.name, "error", err)
	}
}
