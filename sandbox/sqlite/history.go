package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/mayfly-dev/mayfly/sandbox"
)

// keptDurations is how many durations of each kind are remembered.
const keptDurations = 32

// Events returns what happened after a sequence number; see sandbox.Store.
func (s *Store) Events(ctx context.Context, ref sandbox.Ref, after int64, limit int) ([]sandbox.Event, error) {
	rows, err := s.stmt.events.QueryContext(ctx, ref.ID, after, limit)
	if err != nil {
		return nil, fmt.Errorf("events of sandbox %s: %w", ref.Name, err)
	}
	log, err := collect[sandbox.Event](rows, limit)
	if err != nil {
		return nil, fmt.Errorf("events of sandbox %s: %w", ref.Name, err)
	}
	return log, nil
}

func (s *Store) addEvents(ctx context.Context, tx *sql.Tx, id string, log []sandbox.Event) error {
	for _, event := range log {
		body, err := json.Marshal(event)
		if err != nil {
			return err
		}
		if _, err := tx.StmtContext(ctx, s.stmt.addEvent).ExecContext(ctx, id, event.Seq, string(body)); err != nil {
			return err
		}
	}
	return nil
}

// addHistory writes the events and the audit of a change.
func (s *Store) addHistory(ctx context.Context, tx *sql.Tx, w sandbox.Write) error {
	if err := s.addEvents(ctx, tx, w.Sandbox.ID, w.Events); err != nil {
		return err
	}
	return s.addAudit(ctx, tx, w.Audit)
}

// PutRelease writes a release; see sandbox.Store. It returns
// sandbox.ErrNotFound when ref's sandbox is gone.
func (s *Store) PutRelease(ctx context.Context, ref sandbox.Ref, r sandbox.Release) error {
	body, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("put release %s of sandbox %s: %w", r.ID, ref.Name, err)
	}
	err = s.write(ctx, func(tx *sql.Tx) error {
		var there int
		err := tx.StmtContext(ctx, s.stmt.holder).QueryRowContext(ctx, ref.Name, ref.ID).Scan(&there)
		if errors.Is(err, sql.ErrNoRows) {
			return sandbox.ErrNotFound
		}
		if err != nil {
			return err
		}
		_, err = tx.StmtContext(ctx, s.stmt.putRelease).ExecContext(ctx, ref.ID, r.ID, string(body))
		return err
	})
	if err != nil {
		return fmt.Errorf("put release %s of sandbox %s: %w", r.ID, ref.Name, err)
	}
	return nil
}

// GetRelease returns one release; see sandbox.Store.
func (s *Store) GetRelease(ctx context.Context, ref sandbox.Ref, id string) (sandbox.Release, error) {
	var r sandbox.Release
	if err := scanJSON(s.stmt.getRelease.QueryRowContext(ctx, ref.ID, id), &r); err != nil {
		return sandbox.Release{}, fmt.Errorf("get release %s of sandbox %s: %w", id, ref.Name, err)
	}
	return r, nil
}

// ListReleases returns a page of releases, newest first; see sandbox.Store.
func (s *Store) ListReleases(ctx context.Context, ref sandbox.Ref, page sandbox.Page) ([]sandbox.Release, sandbox.Cursor, error) {
	before, err := page.After.Key()
	if err != nil {
		return nil, "", fmt.Errorf("list releases of sandbox %s: %w", ref.Name, err)
	}
	size := page.Size()
	rows, err := s.reader.QueryContext(ctx, `SELECT body FROM release WHERE sandbox = ?1 AND (?2 = '' OR id < ?2)
		ORDER BY id DESC LIMIT ?3`, ref.ID, before, size+1)
	if err != nil {
		return nil, "", fmt.Errorf("list releases of sandbox %s: %w", ref.Name, err)
	}
	found, err := collect[sandbox.Release](rows, size+1)
	if err != nil {
		return nil, "", fmt.Errorf("list releases of sandbox %s: %w", ref.Name, err)
	}
	if len(found) <= size {
		return found, "", nil
	}
	return found[:size], sandbox.CursorAt(found[size-1].ID), nil
}

// AddDuration remembers how long something took; see sandbox.Store.
func (s *Store) AddDuration(ctx context.Context, what string, took time.Duration, at time.Time) error {
	err := s.write(ctx, func(tx *sql.Tx) error {
		if _, err := tx.StmtContext(ctx, s.stmt.addDuration).ExecContext(ctx, what, at.UnixNano(), int64(took)); err != nil {
			return err
		}
		_, err := tx.StmtContext(ctx, s.stmt.trimDurations).ExecContext(ctx, what, keptDurations)
		return err
	})
	if err != nil {
		return fmt.Errorf("remember duration of %s: %w", what, err)
	}
	return nil
}

// Durations returns the last durations, newest first; see sandbox.Store.
func (s *Store) Durations(ctx context.Context, what string) ([]time.Duration, error) {
	rows, err := s.stmt.listDur.QueryContext(ctx, what, keptDurations)
	if err != nil {
		return nil, fmt.Errorf("durations of %s: %w", what, err)
	}
	// A number is its own JSON form.
	took, err := collect[time.Duration](rows, keptDurations)
	if err != nil {
		return nil, fmt.Errorf("durations of %s: %w", what, err)
	}
	return took, nil
}

// PutKey remembers a request's key; see sandbox.Store. Keys whose time is over
// are forgotten on the way.
func (s *Store) PutKey(ctx context.Context, key sandbox.IdempotencyKey) (existing sandbox.IdempotencyKey, found bool, err error) {
	body, err := json.Marshal(key)
	if err != nil {
		return sandbox.IdempotencyKey{}, false, fmt.Errorf("put idempotency key: %w", err)
	}
	err = s.write(ctx, func(tx *sql.Tx) error {
		if _, err := tx.StmtContext(ctx, s.stmt.dropKeys).ExecContext(ctx, s.now().UnixNano()); err != nil {
			return err
		}
		result, err := tx.StmtContext(ctx, s.stmt.putKey).ExecContext(ctx, key.Key, key.Expires.UnixNano(), string(body))
		if err != nil {
			return err
		}
		rows, err := result.RowsAffected()
		if err != nil || rows == 1 {
			return err
		}
		found = true
		return scanJSON(tx.StmtContext(ctx, s.stmt.getKey).QueryRowContext(ctx, key.Key), &existing)
	})
	if err != nil {
		return sandbox.IdempotencyKey{}, false, fmt.Errorf("put idempotency key: %w", err)
	}
	return existing, found, nil
}
