package ecr

import (
	"context"
	"database/sql"
	"fmt"
)

// Usage is what a private repository holds, and how often it was used.
type Usage struct {
	Repository string
	Images     int
	// Bytes are of layers and configurations, each once although several of the
	// repository's images may have it: what is billed.
	Bytes         int64
	Pulls, Pushes int64
}

// Usage returns the usage of each private repository, by its name.
func (s *Service) Usage(ctx context.Context) ([]Usage, error) {
	all, err := collect(ctx, s.store.reader, func(rows *sql.Rows) (u Usage, err error) {
		err = rows.Scan(&u.Repository, &u.Images, &u.Bytes, &u.Pulls, &u.Pushes)
		return u, err
	}, `SELECT name, (SELECT count(*) FROM image WHERE repository = r.id),
		(SELECT coalesce(sum(bytes), 0) FROM (SELECT max(size) AS bytes FROM reference WHERE repository = r.id AND kind = 'blob' GROUP BY target)),
		pulls, pushes FROM repository r WHERE visibility = ? ORDER BY name`, private)
	if err != nil {
		return nil, fmt.Errorf("usage of repositories: %w", err)
	}
	return all, nil
}
