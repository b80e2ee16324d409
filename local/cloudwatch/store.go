package cloudwatch

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/mayfly-dev/mayfly/schema"
)

// readers is how many reads may go on at once.
const readers = 4

// store is the SQLite file of all metrics. Each change is one transaction of
// one writer, whose end is in the write-ahead log: a killed process loses none.
type store struct {
	writer *sql.DB
	reader *sql.DB
}

func openStore(dir string) (*store, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	file := "file:" + (&url.URL{Path: filepath.ToSlash(filepath.Join(dir, "metrics.db"))}).EscapedPath()
	s := &store{}
	if s.writer, err = sql.Open("sqlite", dsn(file, "immediate")); err != nil {
		return nil, err
	}
	s.writer.SetMaxOpenConns(1)
	if s.reader, err = sql.Open("sqlite", dsn(file, "deferred")); err != nil {
		return nil, errors.Join(err, s.writer.Close())
	}
	s.reader.SetMaxOpenConns(readers)
	s.reader.SetMaxIdleConns(readers)
	if err := schema.Migrate(context.Background(), s.writer, migrations()); err != nil {
		return nil, errors.Join(fmt.Errorf("prepare %s: %w", file, err), s.close())
	}
	return s, nil
}

func dsn(file, lock string) string {
	query := url.Values{
		"_pragma": {"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(NORMAL)", "temp_store(MEMORY)", "foreign_keys(ON)"},
		"_txlock": {lock},
	}
	return file + "?" + query.Encode()
}

func (s *store) close() error { return errors.Join(s.reader.Close(), s.writer.Close()) }

// write runs f in a transaction of the writer. What f returns undoes it.
func (s *store) write(ctx context.Context, f func(*sql.Tx) error) error {
	// The client may leave: what was begun is finished.
	tx, err := s.writer.BeginTx(context.WithoutCancel(ctx), nil)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	if err := f(tx); err != nil {
		if undo := tx.Rollback(); undo != nil && !errors.Is(undo, sql.ErrTxDone) {
			return errors.Join(err, undo)
		}
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// collect reads all rows of a query.
func (s *store) collect(ctx context.Context, scan func(*sql.Rows) error, query string, args ...any) (err error) {
	rows, err := s.reader.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}
