package cloudfront

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	_ "modernc.org/sqlite" // the database/sql driver

	"github.com/mayfly-dev/mayfly/schema"
)

// migrations brings a file from version i to version i+1, by index. What is
// here was released and never changes; a new version is one more entry.
func migrations() []string {
	return []string{`CREATE TABLE record (kind TEXT NOT NULL, id TEXT NOT NULL, body BLOB NOT NULL, PRIMARY KEY (kind, id)) WITHOUT ROWID`}
}

// store keeps records as JSON by kind and id in one SQLite file. A commit is
// in the write-ahead log, so it survives kill -9 of the process.
type store struct {
	db *sql.DB
}

// change is one record to write, or to delete when value is nil.
type change struct {
	kind, id string
	value    any
}

func openStore(dir string) (*store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the CloudFront data folder: %w", err)
	}
	file := filepath.Join(dir, "cloudfront.db")
	pragmas := url.Values{"_pragma": {"journal_mode(WAL)", "synchronous(NORMAL)", "busy_timeout(5000)"}}
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: file}).EscapedPath()+"?"+pragmas.Encode())
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", file, err)
	}
	db.SetMaxOpenConns(1) // one writer; reads are served from memory
	s := &store{db: db}
	if err := schema.Migrate(context.Background(), db, migrations()); err != nil {
		_ = db.Close()
		return nil, fmt.Errorf("prepare %s: %w", file, err)
	}
	return s, nil
}

// apply writes all changes or none.
func (s *store) apply(changes ...change) error {
	tx, err := s.db.Begin()
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer func() { _ = tx.Rollback() }()
	for _, c := range changes {
		if err := write(tx, c); err != nil {
			return fmt.Errorf("write %s %s: %w", c.kind, c.id, err)
		}
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

func write(tx *sql.Tx, c change) error {
	if c.value == nil {
		_, err := tx.Exec("DELETE FROM record WHERE kind = ? AND id = ?", c.kind, c.id)
		return err
	}
	body, err := json.Marshal(c.value)
	if err != nil {
		return err
	}
	_, err = tx.Exec("INSERT INTO record (kind, id, body) VALUES (?, ?, ?) ON CONFLICT (kind, id) DO UPDATE SET body = excluded.body", c.kind, c.id, body)
	return err
}

// load calls each for every record.
func (s *store) load(each func(kind, id string, body []byte) error) error {
	rows, err := s.db.Query("SELECT kind, id, body FROM record")
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var kind, id string
		var body []byte
		if err := rows.Scan(&kind, &id, &body); err != nil {
			return err
		}
		if err := each(kind, id, body); err != nil {
			return fmt.Errorf("read %s %s: %w", kind, id, err)
		}
	}
	return rows.Err()
}

func (s *store) close() error { return s.db.Close() }
