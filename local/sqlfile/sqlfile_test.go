package sqlfile_test

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"testing"

	"github.com/mayfly-dev/mayfly/local/sqlfile"
	"github.com/mayfly-dev/mayfly/schema"
)

var migrations = []string{"CREATE TABLE item (name TEXT PRIMARY KEY)"}

func open(t *testing.T, path string) *sqlfile.File {
	t.Helper()
	f, err := sqlfile.Open(path, migrations)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	return f
}

func add(name string) func(*sql.Tx) error {
	return func(tx *sql.Tx) error {
		_, err := tx.Exec("INSERT INTO item VALUES (?)", name)
		return err
	}
}

func count(t *testing.T, f *sqlfile.File) (n int) {
	t.Helper()
	if err := f.Reader.QueryRowContext(t.Context(), "SELECT count(*) FROM item").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestAWriteIsWholeOrNotThere(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new folder", "a#b.db")
	f := open(t, path)
	left, leave := context.WithCancel(t.Context())
	leave()
	if err := f.Write(left, add("a")); err != nil {
		t.Errorf("whose client has left: %v", err)
	}
	no := errors.New("no")
	err := f.Write(t.Context(), func(tx *sql.Tx) error { return errors.Join(add("b")(tx), no) })
	if !errors.Is(err, no) {
		t.Errorf("got %v", err)
	}
	if n := count(t, f); n != 1 {
		t.Errorf("%d items", n)
	}
	if n := count(t, open(t, path)); n != 1 {
		t.Errorf("%d items, opened again", n)
	}
}

func TestReadersDoNotWaitForTheWriter(t *testing.T) {
	f := open(t, filepath.Join(t.TempDir(), "a.db"))
	if err := f.Write(t.Context(), func(tx *sql.Tx) error {
		if err := add("a")(tx); err != nil {
			return err
		}
		if n := count(t, f); n != 0 {
			t.Errorf("%d items before the end", n)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if n := count(t, f); n != 1 {
		t.Errorf("%d items", n)
	}
}

func TestANewerFileIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	open(t, path)
	if _, err := sqlfile.Open(path, nil); !errors.Is(err, schema.ErrNewerVersion) {
		t.Errorf("got %v", err)
	}
}
