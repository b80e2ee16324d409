package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/mayfly-dev/mayfly/sandbox"
)

// Claim writes a new sandbox; see sandbox.Store.
func (s *Store) Claim(ctx context.Context, claimed sandbox.Sandbox, first sandbox.Event) error {
	w, err := claimed.Claimed(ctx, first, s.now().UTC())
	if err != nil {
		return fmt.Errorf("claim %s: %w", claimed.Name, err)
	}
	claimed = w.Sandbox
	body, err := json.Marshal(claimed)
	if err != nil {
		return fmt.Errorf("claim %s: %w", claimed.Name, err)
	}
	err = s.write(ctx, func(tx *sql.Tx) error {
		var oldID, owner string
		err := tx.StmtContext(ctx, s.stmt.replaced).QueryRowContext(ctx, claimed.Name).Scan(&oldID, &owner)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		if oldID == claimed.ID {
			return nil // the reply to the first try was lost
		}
		result, err := tx.StmtContext(ctx, s.stmt.claim).ExecContext(ctx, claimed.Name, claimed.ID, claimed.Owner,
			string(claimed.Phase), clean(&claimed), claimed.Version, string(body))
		if err != nil {
			return err
		}
		if rows, err := result.RowsAffected(); err != nil {
			return err
		} else if rows == 0 {
			return &sandbox.NameTakenError{Name: claimed.Name, Owner: owner}
		}
		if oldID != "" {
			if err := s.dropChildren(ctx, tx, oldID); err != nil {
				return err
			}
		}
		return s.addHistory(ctx, tx, w)
	})
	if err != nil {
		return fmt.Errorf("claim %s: %w", claimed.Name, err)
	}
	return nil
}

// Get returns the sandbox with a name; see sandbox.Store.
func (s *Store) Get(ctx context.Context, name string) (sandbox.Sandbox, error) {
	var found sandbox.Sandbox
	if err := scanJSON(s.stmt.get.QueryRowContext(ctx, name), &found); err != nil {
		return sandbox.Sandbox{}, fmt.Errorf("get sandbox %s: %w", name, err)
	}
	return found, nil
}

// Update changes a sandbox; see sandbox.Store.
func (s *Store) Update(ctx context.Context, ref sandbox.Ref, change func(*sandbox.Sandbox) ([]sandbox.Event, error)) (sandbox.Sandbox, error) {
	for {
		old, err := s.Get(ctx, ref.Name)
		if err == nil && old.ID != ref.ID {
			err = fmt.Errorf("the name is now of %s: %w", old.ID, sandbox.ErrNotFound)
		}
		if err != nil {
			return sandbox.Sandbox{}, fmt.Errorf("update sandbox %s %s: %w", ref.Name, ref.ID, err)
		}
		// change runs outside the transaction: it may take its time, or read.
		w, written, err := old.Changed(ctx, change, s.now().UTC())
		if err != nil || !written {
			return w.Sandbox, err
		}
		err = s.swap(ctx, old.Version, w)
		if err == nil {
			return w.Sandbox, nil
		}
		// Whoever was faster made progress, so this ends.
		if !errors.Is(err, sandbox.ErrStale) {
			return sandbox.Sandbox{}, fmt.Errorf("update sandbox %s: %w", ref.Name, err)
		}
	}
}

// swap writes w if the record still has a version.
func (s *Store) swap(ctx context.Context, version int64, w sandbox.Write) error {
	next := w.Sandbox
	body, err := json.Marshal(next)
	if err != nil {
		return err
	}
	return s.write(ctx, func(tx *sql.Tx) error {
		result, err := tx.StmtContext(ctx, s.stmt.update).ExecContext(ctx, next.Owner, string(next.Phase), clean(&next),
			next.Version, string(body), next.Name, next.ID, version)
		if err != nil {
			return err
		}
		if rows, err := result.RowsAffected(); err != nil {
			return err
		} else if rows == 0 {
			return sandbox.ErrStale
		}
		return s.addHistory(ctx, tx, w)
	})
}

// Remove deletes a sandbox and all that is kept for it; see sandbox.Store.
func (s *Store) Remove(ctx context.Context, ref sandbox.Ref) error {
	err := s.write(ctx, func(tx *sql.Tx) error {
		if err := s.auditRemoval(ctx, tx, ref); err != nil {
			return err
		}
		if _, err := tx.StmtContext(ctx, s.stmt.dropSandbox).ExecContext(ctx, ref.Name, ref.ID); err != nil {
			return err
		}
		return s.dropChildren(ctx, tx, ref.ID)
	})
	if err != nil {
		return fmt.Errorf("remove sandbox %s: %w", ref.Name, err)
	}
	return nil
}

func (s *Store) dropChildren(ctx context.Context, tx *sql.Tx, id string) error {
	for _, drop := range []*sql.Stmt{s.stmt.dropEvents, s.stmt.dropReleases} {
		if _, err := tx.StmtContext(ctx, drop).ExecContext(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

func clean(s *sandbox.Sandbox) int {
	if len(s.Resources) == 0 {
		return 1
	}
	return 0
}

// scanJSON reads the one JSON column of a row into value, or returns
// sandbox.ErrNotFound.
func scanJSON(row interface{ Scan(...any) error }, value any) error {
	var body []byte
	if err := row.Scan(&body); errors.Is(err, sql.ErrNoRows) {
		return sandbox.ErrNotFound
	} else if err != nil {
		return err
	}
	return json.Unmarshal(body, value)
}
