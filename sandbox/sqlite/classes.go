package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/mayfly-dev/mayfly/class"
	"github.com/mayfly-dev/mayfly/sandbox"
)

var _ class.Store = (*Store)(nil)

// AddClass writes a new class; see class.Store.
func (s *Store) AddClass(ctx context.Context, c class.Class) error {
	c.Version = 1
	rows, err := s.execClass(ctx, c, `INSERT INTO class (name, owner, version, body) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING`)
	if err == nil && rows == 0 {
		err = class.ErrNameTaken
	}
	if err != nil {
		return fmt.Errorf("add class %s: %w", c.Name, err)
	}
	return nil
}

// execClass runs a write that has a class's name, owner, version and body as its
// parameters, and returns how many rows it changed.
func (s *Store) execClass(ctx context.Context, c class.Class, query string) (rows int64, err error) {
	body, err := json.Marshal(c)
	if err != nil {
		return 0, err
	}
	err = s.write(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, query, c.Name, c.Owner, c.Version, string(body))
		if err == nil {
			rows, err = result.RowsAffected()
		}
		return err
	})
	return rows, err
}

// GetClass returns a class; see class.Store.
func (s *Store) GetClass(ctx context.Context, name string) (class.Class, error) {
	var found class.Class
	if err := scanJSON(s.reader.QueryRowContext(ctx, `SELECT body FROM class WHERE name = ?`, name), &found); err != nil {
		return class.Class{}, fmt.Errorf("get class %s: %w", name, err)
	}
	return found, nil
}

// UpdateClass changes a class; see class.Store.
func (s *Store) UpdateClass(ctx context.Context, name string, change func(*class.Class) error) (class.Class, error) {
	for {
		old, err := s.GetClass(ctx, name)
		if err != nil {
			return old, err
		}
		next, written, err := old.Changed(change)
		if err != nil || !written {
			return old, err
		}
		rows, err := s.execClass(ctx, next, `UPDATE class SET owner = ?2, version = ?3, body = ?4 WHERE name = ?1 AND version = ?3 - 1`)
		switch {
		case err != nil:
			return old, fmt.Errorf("update class %s: %w", name, err)
		case rows > 0:
			return next, nil
		}
		// Whoever was faster made progress, so this ends.
	}
}

// RemoveClass deletes a class; see class.Store.
func (s *Store) RemoveClass(ctx context.Context, c class.Class) error {
	err := s.write(ctx, func(tx *sql.Tx) error {
		var version int64
		err := tx.QueryRowContext(ctx, `SELECT version FROM class WHERE name = ?`, c.Name).Scan(&version)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			return nil
		case err != nil:
			return err
		case version != c.Version:
			return sandbox.ErrStale
		}
		_, err = tx.ExecContext(ctx, `DELETE FROM class WHERE name = ?`, c.Name)
		return err
	})
	if err != nil {
		return fmt.Errorf("remove class %s: %w", c.Name, err)
	}
	return nil
}

// ListClasses returns a page of classes; see class.Store.
func (s *Store) ListClasses(ctx context.Context, owner string, page sandbox.Page) ([]class.Class, sandbox.Cursor, error) {
	after, err := page.After.Key()
	if err != nil {
		return nil, "", fmt.Errorf("list classes: %w", err)
	}
	size := page.Size()
	rows, err := s.reader.QueryContext(ctx, `SELECT body FROM class WHERE name > ?1 AND (?2 = '' OR owner = ?2) ORDER BY name LIMIT ?3`, after, owner, size+1)
	if err != nil {
		return nil, "", fmt.Errorf("list classes: %w", err)
	}
	found, err := collect[class.Class](rows, size+1)
	if err != nil {
		return nil, "", fmt.Errorf("list classes: %w", err)
	}
	if len(found) <= size {
		return found, "", nil
	}
	return found[:size], sandbox.CursorAt(found[size-1].Name), nil
}
