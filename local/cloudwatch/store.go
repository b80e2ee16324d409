package cloudwatch

import (
	"context"
	"database/sql"
	"path/filepath"

	"github.com/mayfly-dev/mayfly/local/sqlfile"
)

// store is the SQLite file of all metrics.
type store struct {
	file   *sqlfile.File
	reader *sql.DB
}

func openStore(dir string) (*store, error) {
	file, err := sqlfile.Open(filepath.Join(dir, "metrics.db"), migrations())
	if err != nil {
		return nil, err
	}
	return &store{file, file.Reader}, nil
}

func (s *store) close() error { return s.file.Close() }

// write runs f in a transaction of the writer. What f returns undoes it.
func (s *store) write(ctx context.Context, f func(*sql.Tx) error) error { return s.file.Write(ctx, f) }

// collect reads all rows of a query.
func (s *store) collect(ctx context.Context, scan func(*sql.Rows) error, query string, args ...any) error {
	return sqlfile.Each(ctx, s.reader, scan, query, args...)
}
