package schema_test

import (
	"database/sql"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/mayfly-dev/mayfly/schema"
)

const (
	one = "CREATE TABLE pet (name TEXT); INSERT INTO pet VALUES ('tabby')"
	two = "ALTER TABLE pet ADD COLUMN legs INTEGER NOT NULL DEFAULT 4"
	bad = "INSERT INTO pet (name) VALUES ('rex'); INSERT INTO nowhere VALUES (1)"
)

func open(t *testing.T) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(t.TempDir(), "pets.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// pets returns the file's version, and how many pets and how many legs it has.
func pets(t *testing.T, db *sql.DB) (version, count, legs int) {
	t.Helper()
	if err := db.QueryRow("PRAGMA user_version").Scan(&version); err != nil {
		t.Fatal(err)
	}
	column := "0"
	if version > 1 {
		column = "sum(legs)"
	}
	if err := db.QueryRow("SELECT count(*), "+column+" FROM pet").Scan(&count, &legs); err != nil {
		t.Fatal(err)
	}
	return version, count, legs
}

func TestAFileSeesEachMigrationOnce(t *testing.T) {
	db := open(t)
	for _, migrations := range [][]string{{one}, {one}, {one, two}, {one, two}} {
		if err := schema.Migrate(t.Context(), db, migrations); err != nil {
			t.Fatal(err)
		}
	}
	if version, count, legs := pets(t, db); version != 2 || count != 1 || legs != 4 {
		t.Errorf("version %d with %d pets of %d legs", version, count, legs)
	}
}

func TestAMigrationThatFailsLeavesWhatWasThere(t *testing.T) {
	db := open(t)
	if err := schema.Migrate(t.Context(), db, []string{one}); err != nil {
		t.Fatal(err)
	}
	err := schema.Migrate(t.Context(), db, []string{one, two, bad})
	if err == nil || !strings.Contains(err.Error(), "to version 3") {
		t.Errorf("got %v", err)
	}
	if version, count, _ := pets(t, db); version != 1 || count != 1 {
		t.Errorf("version %d with %d pets", version, count)
	}
}

func TestAFileOfANewerMayflyIsRefused(t *testing.T) {
	db := open(t)
	if err := schema.Migrate(t.Context(), db, []string{one, two}); err != nil {
		t.Fatal(err)
	}
	err := schema.Migrate(t.Context(), db, []string{one})
	if !errors.Is(err, schema.ErrNewerVersion) || !strings.Contains(err.Error(), "version 2, this Mayfly knows up to 1") {
		t.Errorf("got %v", err)
	}
	if version, _, legs := pets(t, db); version != 2 || legs != 4 {
		t.Errorf("version %d, %d legs", version, legs)
	}
}
