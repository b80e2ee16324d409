// Package sqlfile opens the SQLite files in which services keep what they know:
// one writer, several readers that never wait for it, and a write-ahead log in
// which each transaction is once it has ended, so that a killed process loses
// none.
package sqlfile

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

// File is an open file. It is safe for concurrent use.
type File struct {
	// Reader is for queries.
	Reader *sql.DB
	writer *sql.DB
}

// Open opens the file at path, makes it and its folder when they are not there,
// and brings its schema up to date by migrations (see schema.Migrate). It
// returns an error that wraps schema.ErrNewerVersion when a newer Mayfly wrote
// it.
func Open(path string, migrations []string) (*File, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	f := &File{}
	if f.writer, err = sql.Open("sqlite", dsn(path, "immediate")); err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	f.writer.SetMaxOpenConns(1)
	if f.Reader, err = sql.Open("sqlite", dsn(path, "deferred")); err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", path, err), f.writer.Close())
	}
	f.Reader.SetMaxOpenConns(readers)
	f.Reader.SetMaxIdleConns(readers)
	if err := schema.Migrate(context.Background(), f.writer, migrations); err != nil {
		return nil, errors.Join(fmt.Errorf("prepare %s: %w", path, err), f.Close())
	}
	return f, nil
}

// dsn asks for a log that is synced at checkpoints only: a power cut may lose
// the last moments.
func dsn(path, lock string) string {
	query := url.Values{
		"_pragma": {"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(NORMAL)", "temp_store(MEMORY)", "foreign_keys(ON)"},
		"_txlock": {lock},
	}
	return "file:" + (&url.URL{Path: filepath.ToSlash(path)}).EscapedPath() + "?" + query.Encode()
}

// Close closes the file.
func (f *File) Close() error { return errors.Join(f.Reader.Close(), f.writer.Close()) }

// Write runs change in a transaction of the writer. What change returns undoes
// it. It is finished though ctx ends: the client may leave.
func (f *File) Write(ctx context.Context, change func(*sql.Tx) error) error {
	tx, err := f.writer.BeginTx(context.WithoutCancel(ctx), nil)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	if err := change(tx); err != nil {
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
