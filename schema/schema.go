// Package schema brings the schema of an SQLite file up to date. The version is
// SQLite's user_version: how many migrations the file has seen.
package schema

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// ErrNewerVersion is returned for a file that a newer Mayfly wrote.
var ErrNewerVersion = errors.New("written by a newer Mayfly")

// Migrate brings a file from version i to version i+1 by migrations[i], until
// it has seen them all. It does so in one transaction, so that a killed process
// leaves either the old schema or the new one. It returns an error that wraps
// ErrNewerVersion for a file that has seen more of them.
func Migrate(ctx context.Context, db *sql.DB, migrations []string) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin to migrate: %w", err)
	}
	if err := migrate(ctx, tx, migrations); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit the migration: %w", err)
	}
	return nil
}

func migrate(ctx context.Context, tx *sql.Tx, migrations []string) error {
	var version int
	if err := tx.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
		return fmt.Errorf("read schema version: %w", err)
	}
	if version == len(migrations) {
		return nil
	}
	if version > len(migrations) {
		return fmt.Errorf("%w: its format is version %d, this Mayfly knows up to %d", ErrNewerVersion, version, len(migrations))
	}
	for ; version < len(migrations); version++ {
		if _, err := tx.ExecContext(ctx, migrations[version]); err != nil {
			return fmt.Errorf("migrate schema to version %d: %w", version+1, err)
		}
	}
	if _, err := tx.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", version)); err != nil {
		return fmt.Errorf("write schema version: %w", err)
	}
	return nil
}
