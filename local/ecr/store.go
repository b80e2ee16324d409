package ecr

import (
	"context"
	"database/sql"
	"errors"
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
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// collect reads all rows of a query.
func collect[T any](ctx context.Context, q querier, scan func(*sql.Rows) (T, error), query string, args ...any) (all []T, err error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		one, err := scan(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, rows.Err()
}

// text scans a row's one column.
func text(rows *sql.Rows) (one string, err error) {
	err = rows.Scan(&one)
	return one, err
}
