package ecr

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/mayfly-dev/mayfly/local/ecr/lifecycle"
)

// RunLifecycle applies every repository's lifecycle policy, as of now, and
// then removes what nobody has a use for any more: uploads that were given up,
// layers that no image names. A repository that fails does not stop the
// others; the error tells of all that did.
func (s *Service) RunLifecycle(ctx context.Context, now time.Time) error {
	all, err := collect(ctx, s.store.reader, scanRepositories, "SELECT "+repositoryColumns+" FROM repository WHERE visibility = ? ORDER BY id", private)
	if err != nil {
		return fmt.Errorf("run lifecycle policies: %w", err)
	}
	var failed []error
	for _, r := range all {
		if r.Lifecycle.Policy == "" {
			continue
		}
		if err := s.runPolicy(ctx, r.name, now); err != nil {
			failed = append(failed, fmt.Errorf("run the lifecycle policy of %s: %w", r.name, err))
		}
	}
	s.outbox.poke()
	if err := s.blobs.Sweep(ctx, s.store); err != nil {
		failed = append(failed, err)
	}
	return errors.Join(failed...)
}

// runPolicy applies one policy, in one transaction with its events.
func (s *Service) runPolicy(ctx context.Context, name string, now time.Time) error {
	var r *repository
	var freed []string
	err := s.store.write(ctx, func(tx *sql.Tx) (err error) {
		if r, err = s.find(ctx, tx, private, name); err != nil {
			return err
		}
		if r.Lifecycle.Policy == "" {
			return nil
		}
		marks, err := s.evaluate(ctx, tx, r, r.Lifecycle.Policy, now)
		if err != nil {
			return err
		}
		for _, mark := range marks {
			blobs, err := s.apply(ctx, tx, r, mark, now)
			if err != nil {
				return err
			}
			freed = append(freed, blobs...)
		}
		r.Lifecycle.EvaluatedAt = milliseconds(now)
		return saveSettings(ctx, tx, r)
	})
	var gone *Error
	if errors.As(err, &gone) && gone.Code == "RepositoryNotFoundException" {
		return nil // deleted in this moment
	}
	if err != nil {
		return err
	}
	s.release(ctx, r, freed)
	return nil
}

// apply does what a mark says, and returns the blobs that were named.
func (s *Service) apply(ctx context.Context, tx *sql.Tx, r *repository, mark lifecycle.Mark, now time.Time) ([]string, error) {
	i, err := s.lookUp(ctx, tx, r, imageID{ImageDigest: mark.Image.Digest})
	if err != nil {
		return nil, err
	}
	if mark.Action.Type == "transition" {
		return nil, archive(ctx, tx, i, now)
	}
	_, blobs, err := s.deleteImage(ctx, tx, r, i)
	return blobs, err
}
