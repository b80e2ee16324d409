package wholefile_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/mayfly-dev/mayfly/local/wholefile"
)

var writes = map[string]func(string, []byte) error{"Write": wholefile.Write, "WriteSynced": wholefile.WriteSynced}

func TestWhatIsThereIsReplaced(t *testing.T) {
	for name, write := range writes {
		path := filepath.Join(t.TempDir(), "file")
		// A killed process left more than what is written now.
		if err := os.WriteFile(path+wholefile.Unfinished, []byte("half of something long"), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, content := range []string{"first", "2nd", ""} {
			if err := write(path, []byte(content)); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if got, err := os.ReadFile(path); err != nil || string(got) != content {
				t.Errorf("%s: %q, %v; want %q", name, got, err, content)
			}
		}
		if entries, err := os.ReadDir(filepath.Dir(path)); err != nil || len(entries) != 1 {
			t.Errorf("%s: left %v, %v", name, entries, err)
		}
	}
}

func TestWhatCannotBeWrittenLeavesTheOld(t *testing.T) {
	for name, write := range writes {
		dir := t.TempDir()
		// A folder that has something in it can't be replaced by a file.
		path := filepath.Join(dir, "taken")
		if err := os.MkdirAll(filepath.Join(path, "in"), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := write(path, []byte("x")); err == nil {
			t.Errorf("%s: a folder was replaced", name)
		}
		if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
			t.Errorf("%s: left %v, %v", name, entries, err)
		}
		if err := write(filepath.Join(dir, "no", "file"), nil); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: in a folder that is not there: %v", name, err)
		}
	}
}

func TestSyncFolder(t *testing.T) {
	if err := wholefile.SyncFolder(t.TempDir()); err != nil {
		t.Error(err)
	}
	if err := wholefile.SyncFolder("nowhere"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a folder that is not there: %v", err)
	}
}
