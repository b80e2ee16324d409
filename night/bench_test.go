package night_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/mayfly-dev/mayfly/activity"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/lifecycle"
	"github.com/mayfly-dev/mayfly/night"
	"github.com/mayfly-dev/mayfly/sandbox"
	"github.com/mayfly-dev/mayfly/sandbox/sqlite"
)

// BenchmarkDueScan decides about 100,000 sandboxes in a file, page by page: what
// a night takes beside asking CloudWatch. One in a hundred is due.
func BenchmarkDueScan(b *testing.B) {
	const all, due = 100_000, 1_000
	now := time.Date(2026, 11, 2, 3, 0, 0, 0, time.UTC)
	file := filepath.Join(b.TempDir(), "store.db")
	store, err := sqlite.Open(b.Context(), file, func() time.Time { return now })
	if err != nil {
		b.Fatal(err)
	}
	defer func() {
		if err := store.Close(); err != nil {
			b.Error(err)
		}
	}()
	if err := fill(b.Context(), file, all, now); err != nil {
		b.Fatal(err)
	}
	planner := night.Planner{Sandboxes: store, Uses: everyHundredthIsIdle(now), Now: func() time.Time { return now }}
	b.ReportAllocs()
	for b.Loop() {
		seen, warned := 0, 0
		for page := (sandbox.Page{Limit: 1000}); ; {
			plans, next, err := planner.Page(b.Context(), sandbox.Filter{}, page)
			if err != nil {
				b.Fatal(err)
			}
			for i := range plans {
				if seen++; plans[i].Decision.Act == lifecycle.Warn {
					warned++
				}
			}
			if page.After = next; next == "" {
				break
			}
		}
		if seen != all || warned != due {
			b.Fatalf("%d sandboxes seen and %d due; want %d and %d", seen, warned, all, due)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/all, "µs/sandbox")
}

// everyHundredthIsIdle knows of each sandbox that it was used an hour before a
// time, or, of each whose name ends in 00, three days before.
type everyHundredthIsIdle time.Time

// Read implements night.Uses.
func (now everyHundredthIsIdle) Read(_ context.Context, subjects []activity.Subject, since time.Time) []activity.Activity {
	used := make([]activity.Activity, len(subjects))
	for i, s := range subjects {
		ago := time.Hour
		if name := s.Ref.Name; name[len(name)-2:] == "00" {
			ago = 72 * time.Hour
		}
		used[i] = activity.Activity{Last: activity.Use{Kind: activity.Request, At: time.Time(now).Add(-ago)}, Since: since, Until: time.Time(now)}
	}
	return used
}

// fill writes sandboxes into a store's file in one transaction: claimed one by
// one, each with its sync of the disk, they would take minutes.
func fill(ctx context.Context, file string, n int, now time.Time) (err error) {
	db, err := sql.Open("sqlite", file)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	insert, err := tx.PrepareContext(ctx, `INSERT INTO sandbox (name, id, owner, phase, clean, version, body) VALUES (?, ?, ?, ?, 0, 1, ?)`)
	if err != nil {
		return errors.Join(err, tx.Rollback())
	}
	made := now.Add(-30 * 24 * time.Hour)
	for i := range n {
		s := sandbox.Sandbox{
			ID: fmt.Sprintf("s%09d", i), Name: fmt.Sprintf("box-%06d", i), Owner: fmt.Sprintf("owner-%d", i%500), Spec: sandbox.Defaults(events.Spec{}),
			Phase: sandbox.PhaseReady, CreatedAt: made, ReadyAt: made.Add(time.Minute), UpdatedAt: made.Add(time.Minute), Version: 1,
		}
		body, err := json.Marshal(s)
		if err == nil {
			_, err = insert.ExecContext(ctx, s.Name, s.ID, s.Owner, string(s.Phase), string(body))
		}
		if err != nil {
			return errors.Join(err, tx.Rollback())
		}
	}
	return tx.Commit()
}
