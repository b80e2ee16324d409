package ecr

import (
	"context"
	"database/sql"
	"path/filepath"

	"github.com/mayfly-dev/mayfly/local/sqlfile"
)

// store is the SQLite file of what the registry knows: everything but blobs.
type store struct {
	file   *sqlfile.File
	reader *sql.DB
}

func openStore(dir string) (*store, error) {
	file, err := sqlfile.Open(filepath.Join(dir, "ecr.db"), migrations())
	if err != nil {
		return nil, err
	}
	return &store{file, file.Reader}, nil
}

func (s *store) close() error { return s.file.Close() }

// write runs f in a transaction of the writer. What f returns undoes it.
func (s *store) write(ctx context.Context, f func(*sql.Tx) error) error { return s.file.Write(ctx, f) }

// querier is a transaction, or the readers.
type querier interface {
	sqlfile.Queryer
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// collect reads all rows of a query.
func collect[T any](ctx context.Context, q querier, scan func(*sql.Rows) (T, error), query string, args ...any) (all []T, err error) {
	err = sqlfile.Each(ctx, q, func(rows *sql.Rows) error {
		one, err := scan(rows)
		if err == nil {
			all = append(all, one)
		}
		return err
	}, query, args...)
	if err != nil {
		return nil, err
	}
	return all, nil
}

// text scans a row's one column.
func text(rows *sql.Rows) (one string, err error) {
	err = rows.Scan(&one)
	return one, err
}
