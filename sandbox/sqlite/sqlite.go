// Package sqlite is the store of one machine: a SQLite file under the data
// folder. Every write is one transaction of one writer; readers have
// connections of their own and never wait for it. The file survives the
// process being killed at any moment (write-ahead log); several processes may
// have it open at once.
//
// A record is kept as JSON beside the few columns that are searched. The
// schema's version is SQLite's user_version.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"time"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/mayfly-dev/mayfly/sandbox"
	"github.com/mayfly-dev/mayfly/schema"
)

// Memory is the path of a store that lives no longer than it is open.
const Memory = ":memory:"

// readers is how many reads may go on at once.
const readers = 4

// Store keeps sandboxes in a SQLite file. It is safe for concurrent use.
type Store struct {
	now    func() time.Time
	writer *sql.DB
	reader *sql.DB
	stmt   statements
}

var _ sandbox.Store = (*Store)(nil)

// Open opens the store at path, or in memory when path is Memory, makes it
// when it is not there, and brings its schema up to date. It returns an error
// that wraps schema.ErrNewerVersion when a newer Mayfly wrote it.
func Open(ctx context.Context, path string, now func() time.Time) (*Store, error) {
	s, err := open(path, now)
	if err != nil {
		return nil, fmt.Errorf("open store %s: %w", path, err)
	}
	if err := schema.Migrate(ctx, s.writer, migrations()); err != nil {
		return nil, errors.Join(fmt.Errorf("open store %s: %w", path, err), s.Close())
	}
	if err := s.stmt.prepare(ctx, s.writer, s.reader); err != nil {
		return nil, errors.Join(fmt.Errorf("open store %s: %w", path, err), s.Close())
	}
	return s, nil
}

func open(path string, now func() time.Time) (*Store, error) {
	s := &Store{now: now}
	if path == Memory {
		// A database in memory belongs to its connection, so there is only one.
		db, err := sql.Open("sqlite", dsn(Memory, "immediate"))
		if err != nil {
			return nil, err
		}
		db.SetMaxOpenConns(1)
		db.SetConnMaxIdleTime(0)
		s.writer, s.reader = db, db
		return s, nil
	}
	absolute, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(absolute), 0o700); err != nil {
		return nil, err
	}
	file := "file:" + (&url.URL{Path: filepath.ToSlash(absolute)}).EscapedPath()
	if s.writer, err = sql.Open("sqlite", dsn(file, "immediate")); err != nil {
		return nil, err
	}
	s.writer.SetMaxOpenConns(1)
	if s.reader, err = sql.Open("sqlite", dsn(file, "deferred")); err != nil {
		return nil, errors.Join(err, s.writer.Close())
	}
	s.reader.SetMaxOpenConns(readers)
	s.reader.SetMaxIdleConns(readers)
	return s, nil
}

// dsn asks for a write-ahead log that is synced at checkpoints only: a killed
// process loses nothing, a power cut at most the last moments.
func dsn(file, lock string) string {
	query := url.Values{
		"_pragma": {"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(NORMAL)", "temp_store(MEMORY)"},
		"_txlock": {lock},
	}
	return file + "?" + query.Encode()
}

// Close closes the file. Closing twice is no error.
func (s *Store) Close() error {
	err := s.stmt.close()
	if s.reader != s.writer {
		err = errors.Join(err, s.reader.Close())
	}
	return errors.Join(err, s.writer.Close())
}

// write runs f in a transaction of the writer.
func (s *Store) write(ctx context.Context, f func(*sql.Tx) error) error {
	tx, err := s.writer.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := f(tx); err != nil {
		if undo := tx.Rollback(); undo != nil && !errors.Is(undo, sql.ErrTxDone) {
			return errors.Join(err, undo)
		}
		return err
	}
	return tx.Commit()
}
