package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// statements are prepared once: parsing is half the cost of a short write.
type statements struct {
	get, events, getRelease             *sql.Stmt
	replaced, claim, update, addEvent   *sql.Stmt
	holder, putRelease, dropEvents      *sql.Stmt
	dropReleases, dropSandbox           *sql.Stmt
	addDuration, trimDurations, listDur *sql.Stmt
	dropKeys, putKey, getKey            *sql.Stmt
	addAudit, dropAudit                 *sql.Stmt
}

// Claiming is this one write: it inserts, or replaces what failed, left
// nothing behind and has the same owner, or changes no row.
const claimSQL = `
INSERT INTO sandbox (name, id, owner, phase, clean, version, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
ON CONFLICT (name) DO UPDATE SET
	id = excluded.id, phase = excluded.phase, clean = excluded.clean, version = excluded.version, body = excluded.body
WHERE sandbox.phase = 'failed' AND sandbox.clean = 1 AND sandbox.owner = excluded.owner`

const trimSQL = `
DELETE FROM duration WHERE what = ?1 AND seq NOT IN
	(SELECT seq FROM duration WHERE what = ?1 ORDER BY at DESC, seq DESC LIMIT ?2)`

func (s *statements) prepare(ctx context.Context, writer, reader *sql.DB) error {
	for _, one := range []struct {
		into **sql.Stmt
		db   *sql.DB
		text string
	}{
		{&s.get, reader, `SELECT body FROM sandbox WHERE name = ?`},
		{&s.events, reader, `SELECT body FROM event WHERE sandbox = ? AND seq > ? ORDER BY seq LIMIT ?`},
		{&s.getRelease, reader, `SELECT body FROM release WHERE sandbox = ? AND id = ?`},
		{&s.listDur, reader, `SELECT took FROM duration WHERE what = ? ORDER BY at DESC, seq DESC LIMIT ?`},

		{&s.replaced, writer, `SELECT id, owner FROM sandbox WHERE name = ?`},
		{&s.claim, writer, claimSQL},
		{&s.update, writer, `UPDATE sandbox SET owner = ?, phase = ?, clean = ?, version = ?, body = ? WHERE name = ? AND id = ? AND version = ?`},
		{&s.addEvent, writer, `INSERT INTO event (sandbox, seq, body) VALUES (?, ?, ?)`},
		{&s.holder, writer, `SELECT 1 FROM sandbox WHERE name = ? AND id = ?`},
		{&s.putRelease, writer, `INSERT INTO release (sandbox, id, body) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET body = excluded.body`},
		{&s.dropEvents, writer, `DELETE FROM event WHERE sandbox = ?`},
		{&s.dropReleases, writer, `DELETE FROM release WHERE sandbox = ?`},
		{&s.dropSandbox, writer, `DELETE FROM sandbox WHERE name = ? AND id = ?`},
		{&s.addDuration, writer, `INSERT INTO duration (what, at, took) VALUES (?, ?, ?)`},
		{&s.trimDurations, writer, trimSQL},
		{&s.dropKeys, writer, `DELETE FROM idempotency WHERE expires <= ?`},
		{&s.putKey, writer, `INSERT INTO idempotency (key, expires, body) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`},
		{&s.addAudit, writer, `INSERT INTO audit (id, sandbox, principal, owner, body) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`},
		{&s.dropAudit, writer, `DELETE FROM audit WHERE id < ?`},
		{&s.getKey, writer, `SELECT body FROM idempotency WHERE key = ?`},
	} {
		prepared, err := one.db.PrepareContext(ctx, one.text)
		if err != nil {
			return fmt.Errorf("prepare %q: %w", one.text, err)
		}
		*one.into = prepared
	}
	return nil
}

func (s *statements) all() []*sql.Stmt {
	return []*sql.Stmt{
		s.get, s.events, s.getRelease, s.listDur, s.replaced, s.claim, s.update, s.addEvent, s.holder, s.putRelease,
		s.dropEvents, s.dropReleases, s.dropSandbox, s.addDuration, s.trimDurations, s.dropKeys, s.putKey, s.getKey, s.addAudit, s.dropAudit,
	}
}

func (s *statements) close() error {
	var errs []error
	for _, one := range s.all() {
		if one != nil {
			errs = append(errs, one.Close())
		}
	}
	return errors.Join(errs...)
}
