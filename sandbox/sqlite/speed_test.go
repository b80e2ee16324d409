package sqlite_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/mayfly-dev/mayfly/sandbox"
	"github.com/mayfly-dev/mayfly/sandbox/sqlite"
)

// BenchmarkUpdate measures one step's note in the ledger: a read, a
// compare-and-swap and an event, in a file.
func BenchmarkUpdate(b *testing.B) {
	store, err := sqlite.Open(b.Context(), filepath.Join(b.TempDir(), "store.db"), time.Now)
	if err != nil {
		b.Fatal(err)
	}
	defer func() {
		if err := store.Close(); err != nil {
			b.Error(err)
		}
	}()
	s := sandbox.Sandbox{ID: "aaaaaaaaaa", Name: "bench", Owner: "ann", Phase: sandbox.PhaseProvisioning}
	if err := store.Claim(b.Context(), s, sandbox.Event{Type: sandbox.EventClaimed}); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		_, err := store.Update(b.Context(), s.Ref(), func(s *sandbox.Sandbox) ([]sandbox.Event, error) {
			s.Attempt++
			return []sandbox.Event{{Type: sandbox.EventProgress, Step: "createbucket", Message: "one more"}}, nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}
