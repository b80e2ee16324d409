package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/mayfly-dev/mayfly/night"
	"github.com/mayfly-dev/mayfly/sandbox"
)

var _ night.Store = (*Store)(nil)

// ClaimNight begins a night; see night.Store. Nights that are too old are
// forgotten on the way.
func (s *Store) ClaimNight(ctx context.Context, n night.Night, over string) (claimed night.Night, mine bool, err error) {
	err = s.write(ctx, func(tx *sql.Tx) error {
		if err := s.dropNights(ctx, tx); err != nil {
			return err
		}
		var there night.Night
		err := scanJSON(tx.QueryRowContext(ctx, `SELECT body FROM night WHERE current = 1`), &there)
		switch {
		case err == nil && there.Execution == n.Execution:
			claimed, mine = there, true
			return nil
		case err == nil && there.Execution != over:
			claimed = there
			return nil
		case err == nil:
			there.Status, there.EndedAt = night.Broken, n.StartedAt
			there.Version++
			if err := putNight(ctx, tx, there); err != nil {
				return err
			}
		case !errors.Is(err, sandbox.ErrNotFound):
			return err
		}
		n.Version = 1
		claimed, mine = n, true
		return putNight(ctx, tx, n)
	})
	if err != nil {
		return night.Night{}, false, fmt.Errorf("claim the night %s: %w", n.ID, err)
	}
	return claimed, mine, nil
}

// putNight writes a night, which is the current one until it is over.
func putNight(ctx context.Context, tx *sql.Tx, n night.Night) error {
	body, err := json.Marshal(n)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO night (id, current, body) VALUES (?1, ?2, ?3) ON CONFLICT (id) DO UPDATE SET current = ?2, body = ?3`, n.ID, !n.Over(), string(body))
	return err
}

func (s *Store) dropNights(ctx context.Context, tx *sql.Tx) error {
	if _, err := tx.ExecContext(ctx, `DELETE FROM night_item WHERE night < ?`, night.IDAt(s.now().Add(-night.ItemLife))); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `DELETE FROM night WHERE id < ? AND current = 0`, night.IDAt(s.now().Add(-night.Life)))
	return err
}

// GetNight returns a night; see night.Store.
func (s *Store) GetNight(ctx context.Context, id string) (night.Night, error) {
	var n night.Night
	err := scanJSON(s.reader.QueryRowContext(ctx, `SELECT body FROM night WHERE id = ?`, id), &n)
	if errors.Is(err, sandbox.ErrNotFound) {
		err = night.ErrNotFound
	}
	if err != nil {
		return night.Night{}, fmt.Errorf("get the night %s: %w", id, err)
	}
	return n, nil
}

// UpdateNight changes a night; see night.Store.
func (s *Store) UpdateNight(ctx context.Context, id string, change func(*night.Night) error) (n night.Night, err error) {
	err = s.write(ctx, func(tx *sql.Tx) error {
		n = night.Night{}
		err := scanJSON(tx.QueryRowContext(ctx, `SELECT body FROM night WHERE id = ?`, id), &n)
		if errors.Is(err, sandbox.ErrNotFound) {
			return night.ErrNotFound
		}
		if err != nil {
			return err
		}
		if err := change(&n); err != nil {
			return err
		}
		n.Version++
		return putNight(ctx, tx, n)
	})
	if err != nil {
		return night.Night{}, fmt.Errorf("change the night %s: %w", id, err)
	}
	return n, nil
}

// ListNights returns a page of nights, newest first; see night.Store.
func (s *Store) ListNights(ctx context.Context, page sandbox.Page) ([]night.Night, sandbox.Cursor, error) {
	before, err := page.After.Key()
	if err != nil {
		return nil, "", fmt.Errorf("list nights: %w", err)
	}
	return pageOf(page.Size(), func(n night.Night) string { return n.ID }, func(limit int) ([]night.Night, error) {
		rows, err := s.reader.QueryContext(ctx, `SELECT body FROM night WHERE ?1 = '' OR id < ?1 ORDER BY id DESC LIMIT ?2`, before, limit)
		if err != nil {
			return nil, fmt.Errorf("list nights: %w", err)
		}
		return collect[night.Night](rows, limit)
	})
}

// pageOf returns a page of a list, and where the next one begins.
func pageOf[T any](size int, key func(T) string, read func(limit int) ([]T, error)) ([]T, sandbox.Cursor, error) {
	found, err := read(size + 1)
	if err != nil || len(found) <= size {
		return found, "", err
	}
	return found[:size], sandbox.CursorAt(key(found[size-1])), nil
}

// PutItems writes items of a night; see night.Store.
func (s *Store) PutItems(ctx context.Context, id string, items []night.Item) error {
	err := s.write(ctx, func(tx *sql.Tx) error {
		for _, item := range items {
			body, err := json.Marshal(item)
			if err != nil {
				return err
			}
			if _, err := tx.ExecContext(ctx, `INSERT INTO night_item (night, name, body) VALUES (?1, ?2, ?3) ON CONFLICT (night, name) DO UPDATE SET body = ?3`, id, item.Name, string(body)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("put items of the night %s: %w", id, err)
	}
	return nil
}

// ListItems returns a page of a night's items; see night.Store.
func (s *Store) ListItems(ctx context.Context, id string, page sandbox.Page) ([]night.Item, sandbox.Cursor, error) {
	after, err := page.After.Key()
	if err != nil {
		return nil, "", fmt.Errorf("list items of the night %s: %w", id, err)
	}
	return pageOf(page.Size(), func(i night.Item) string { return i.Name }, func(limit int) ([]night.Item, error) {
		rows, err := s.reader.QueryContext(ctx, `SELECT body FROM night_item WHERE night = ? AND name > ? ORDER BY name LIMIT ?`, id, after, limit)
		if err != nil {
			return nil, fmt.Errorf("list items of the night %s: %w", id, err)
		}
		return collect[night.Item](rows, limit)
	})
}

// Reserve takes places in a line; see night.Store.
func (s *Store) Reserve(ctx context.Context, line string, n int, interval time.Duration, now time.Time) (first time.Time, err error) {
	err = s.write(ctx, func(tx *sql.Tx) error {
		var free int64
		err := tx.QueryRowContext(ctx, `SELECT free FROM line WHERE name = ?`, line).Scan(&free)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		first = night.Turn(time.Unix(0, free), now)
		_, err = tx.ExecContext(ctx, `INSERT INTO line (name, free) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET free = ?2`, line, first.Add(time.Duration(n)*interval).UnixNano())
		return err
	})
	if err != nil {
		return time.Time{}, fmt.Errorf("reserve %d places in the line %s: %w", n, line, err)
	}
	return first, nil
}
