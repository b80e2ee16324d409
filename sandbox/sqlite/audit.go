package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/mayfly-dev/mayfly/sandbox"
)

// AddAudit writes an entry of the audit; see sandbox.Store.
func (s *Store) AddAudit(ctx context.Context, entry sandbox.Audit) error {
	err := s.write(ctx, func(tx *sql.Tx) error { return s.addAudit(ctx, tx, []sandbox.Audit{entry}) })
	if err != nil {
		return fmt.Errorf("add %s to the audit: %w", entry.Action, err)
	}
	return nil
}

// addAudit writes entries. Those whose time is over are forgotten on the way.
func (s *Store) addAudit(ctx context.Context, tx *sql.Tx, entries []sandbox.Audit) error {
	if len(entries) == 0 {
		return nil
	}
	if _, err := tx.StmtContext(ctx, s.stmt.dropAudit).ExecContext(ctx, s.oldest()); err != nil {
		return err
	}
	for _, entry := range entries {
		body, err := json.Marshal(entry)
		if err != nil {
			return err
		}
		if _, err := tx.StmtContext(ctx, s.stmt.addAudit).ExecContext(ctx, entry.ID, entry.Sandbox, entry.Principal, entry.Owner, string(body)); err != nil {
			return err
		}
	}
	return nil
}

// oldest is how the ids of the oldest entries that are kept begin.
func (s *Store) oldest() string { return sandbox.AuditIDAt(s.now().Add(-sandbox.AuditLife)) }

// auditRemoval writes the entry for the removal of a sandbox that is there.
func (s *Store) auditRemoval(ctx context.Context, tx *sql.Tx, ref sandbox.Ref) error {
	var there sandbox.Sandbox
	err := scanJSON(tx.QueryRowContext(ctx, `SELECT body FROM sandbox WHERE name = ? AND id = ?`, ref.Name, ref.ID), &there)
	if errors.Is(err, sandbox.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	entry, err := there.Removed(ctx, s.now().UTC())
	if err != nil {
		return err
	}
	return s.addAudit(ctx, tx, []sandbox.Audit{entry})
}

// ListAudit returns a page of the audit, newest first; see sandbox.Store.
func (s *Store) ListAudit(ctx context.Context, filter sandbox.AuditFilter, page sandbox.Page) ([]sandbox.Audit, sandbox.Cursor, error) {
	before, err := page.After.Key()
	if err != nil {
		return nil, "", fmt.Errorf("list the audit: %w", err)
	}
	where, args := []string{"id >= ?"}, []any{max(s.oldest(), sandbox.AuditIDAt(filter.Since))}
	for _, condition := range []struct{ column, value string }{
		{"id < ?", before}, {"sandbox = ?", filter.Sandbox}, {"principal = ?", filter.Principal}, {"owner = ?", filter.Owner},
	} {
		if condition.value != "" {
			where, args = append(where, condition.column), append(args, condition.value)
		}
	}
	size := page.Size()
	rows, err := s.reader.QueryContext(ctx, "SELECT body FROM audit WHERE "+strings.Join(where, " AND ")+" ORDER BY id DESC LIMIT ?", append(args, size+1)...)
	if err != nil {
		return nil, "", fmt.Errorf("list the audit: %w", err)
	}
	found, err := collect[sandbox.Audit](rows, size+1)
	if err != nil {
		return nil, "", fmt.Errorf("list the audit: %w", err)
	}
	if len(found) <= size {
		return found, "", nil
	}
	return found[:size], sandbox.CursorAt(found[size-1].ID), nil
}
