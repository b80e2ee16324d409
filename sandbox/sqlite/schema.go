package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// ErrNewerVersion is returned for a file that a newer Mayfly wrote.
var ErrNewerVersion = errors.New("written by a newer Mayfly")

// migrations brings a file from version i to version i+1, by index. What is
// here was released and never changes; a new version is one more entry.
func migrations() []string {
	return []string{`
CREATE TABLE sandbox (
	name    TEXT PRIMARY KEY,
	id      TEXT NOT NULL,
	owner   TEXT NOT NULL,
	phase   TEXT NOT NULL,
	clean   INTEGER NOT NULL, -- 1 when the ledger is empty
	version INTEGER NOT NULL,
	body    TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX sandbox_owner ON sandbox (owner, name);
CREATE INDEX sandbox_phase ON sandbox (phase, name);

CREATE TABLE event (
	sandbox TEXT NOT NULL, -- the sandbox's id
	seq     INTEGER NOT NULL,
	body    TEXT NOT NULL,
	PRIMARY KEY (sandbox, seq)
) WITHOUT ROWID;

CREATE TABLE release (
	sandbox TEXT NOT NULL, -- the sandbox's id
	id      TEXT NOT NULL, -- sorts by time
	body    TEXT NOT NULL,
	PRIMARY KEY (sandbox, id)
) WITHOUT ROWID;

CREATE TABLE duration (
	seq  INTEGER PRIMARY KEY,
	what TEXT NOT NULL,
	at   INTEGER NOT NULL, -- nanoseconds since 1970
	took INTEGER NOT NULL  -- nanoseconds
);
CREATE INDEX duration_what ON duration (what, at, seq);

CREATE TABLE idempotency (
	key     TEXT PRIMARY KEY,
	expires INTEGER NOT NULL, -- nanoseconds since 1970
	body    TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX idempotency_expires ON idempotency (expires);
`}
}

// migrate brings the schema up to date in one transaction, so that a killed
// process leaves either the old or the new one.
func migrate(ctx context.Context, db *sql.DB) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := migrateIn(ctx, tx); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}

func migrateIn(ctx context.Context, tx *sql.Tx) error {
	var version int
	if err := tx.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
		return fmt.Errorf("read schema version: %w", err)
	}
	steps := migrations()
	if version > len(steps) {
		return fmt.Errorf("%w: its format is version %d, this Mayfly knows up to %d", ErrNewerVersion, version, len(steps))
	}
	for ; version < len(steps); version++ {
		if _, err := tx.ExecContext(ctx, steps[version]); err != nil {
			return fmt.Errorf("migrate schema to version %d: %w", version+1, err)
		}
	}
	if _, err := tx.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", version)); err != nil {
		return fmt.Errorf("write schema version: %w", err)
	}
	return nil
}
