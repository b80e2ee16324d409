package sqlite_test

import (
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/mayfly-dev/mayfly/cost"
	"github.com/mayfly-dev/mayfly/night"
	"github.com/mayfly-dev/mayfly/sandbox"
	"github.com/mayfly-dev/mayfly/sandbox/sqlite"
	"github.com/mayfly-dev/mayfly/sandbox/storetest"
	"github.com/mayfly-dev/mayfly/schema"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func open(t *testing.T, path string) *sqlite.Store {
	t.Helper()
	store, err := sqlite.Open(t.Context(), path, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return store
}

func TestStoreInAFile(t *testing.T) {
	storetest.Run(t, storetest.Many, func(t *testing.T) sandbox.Store { return open(t, filepath.Join(t.TempDir(), "store.db")) })
}

func TestNights(t *testing.T) {
	storetest.Nights(t, func(t *testing.T) night.Store { return open(t, filepath.Join(t.TempDir(), "store.db")) })
}

func TestStoreInMemory(t *testing.T) {
	storetest.Run(t, storetest.Many, func(t *testing.T) sandbox.Store { return open(t, sqlite.Memory) })
}

func TestCosts(t *testing.T) {
	storetest.RunCosts(t, func(t *testing.T) cost.Store { return open(t, filepath.Join(t.TempDir(), "store.db")) })
}

func TestStoreIsKeptOverReopening(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a folder, new?#%41", "store.db")
	storetest.Persist(t, func(t *testing.T) (sandbox.Store, func() error) {
		store := open(t, path)
		return store, store.Close
	})
	if _, err := os.Stat(path); err != nil {
		t.Errorf("the file is not where it was asked for: %v", err)
	}
}

// Two handles on one file stand for two processes.
func TestTwoProcessesShareAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	stores := []*sqlite.Store{open(t, path), open(t, path)}
	s := sandbox.Sandbox{ID: "aaaaaaaaaa", Name: "site", Owner: "ann", Phase: sandbox.PhaseProvisioning}
	if err := stores[0].Claim(t.Context(), s, sandbox.Event{Type: sandbox.EventClaimed}); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for _, store := range stores {
		for range 4 {
			all.Go(func() {
				for range 10 {
					_, err := store.Update(t.Context(), s.Ref(), func(s *sandbox.Sandbox) ([]sandbox.Event, error) {
						s.Attempt++
						return []sandbox.Event{{Type: sandbox.EventProgress}}, nil
					})
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
	}
	all.Wait()
	got, err := stores[1].Get(t.Context(), "site")
	if err != nil {
		t.Fatal(err)
	}
	if got.Attempt != 80 || got.EventSeq != 81 {
		t.Errorf("attempt %d, last event %d; want 80 and 81", got.Attempt, got.EventSeq)
	}
}

func TestAFileOfANewerVersionIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	if err := open(t, path).Close(); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(t.Context(), "PRAGMA user_version = 4711"); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	store, err := sqlite.Open(t.Context(), path, time.Now)
	if !errors.Is(err, schema.ErrNewerVersion) {
		t.Fatalf("got %v, %v; want ErrNewerVersion", store, err)
	}
}

func TestWhatIsNoDatabaseIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	if err := os.WriteFile(path, []byte("this is not a database, but it is long enough to look at"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := sqlite.Open(t.Context(), path, time.Now); err == nil {
		t.Fatal("it was opened")
	}
}
