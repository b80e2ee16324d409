package local

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"

	"github.com/mayfly-dev/mayfly/local/wholefile"
)

// dataFormat is the version of what a data folder holds. A folder of a newer
// version is refused; an older one is brought up to date by the services that
// own its parts.
const dataFormat = 1

// dataFolder is the one folder that everything of a local cloud is under,
// locked for this process.
type dataFolder struct {
	path string
	lock *flock.Flock
}

// label is the file that says what a data folder is.
type label struct {
	Format    int       `json:"format"`
	Functions Functions `json:"functions"`
	// Store is missing in older labels: it went by Functions then.
	Store Store `json:"store,omitempty"`
}

func (l label) store() Store { return Config{Functions: l.Functions, Store: l.Store}.store() }

// openDataFolder makes the folder where it is missing, locks it, and checks
// that this Mayfly, running its functions this way, may use it.
func openDataFolder(path string, functions Functions, store Store) (*dataFolder, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("data folder: %w", err)
	}
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, fmt.Errorf("data folder: %w", err)
	}
	d := &dataFolder{path: path, lock: flock.New(filepath.Join(path, "lock"))}
	locked, err := d.lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("lock data folder %s: %w", path, err)
	}
	if !locked {
		return nil, fmt.Errorf("data folder %s is in use by another mayfly; stop it, or start this one with another --data", path)
	}
	if err := d.check(label{Format: dataFormat, Functions: functions, Store: store}); err != nil {
		return nil, errors.Join(err, d.lock.Unlock())
	}
	return d, nil
}

func (d *dataFolder) check(wanted label) error {
	file := filepath.Join(d.path, "mayfly.json")
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		text, err := json.Marshal(wanted)
		if err != nil {
			return fmt.Errorf("label data folder: %w", err)
		}
		return wholefile.Write(file, text)
	}
	if err != nil {
		return fmt.Errorf("data folder: %w", err)
	}
	var found label
	if err := json.Unmarshal(text, &found); err != nil {
		return fmt.Errorf("data folder %s: %s is not a Mayfly label: %w", d.path, file, err)
	}
	if found.Format > dataFormat {
		return fmt.Errorf("data folder %s is from a newer Mayfly (format %d, this one knows %d); use that one, or another --data", d.path, found.Format, dataFormat)
	}
	if found.store() != wanted.store() {
		return fmt.Errorf("data folder %s keeps its records for --functions=%s --store=%s; start with that, or with another --data", d.path, found.Functions, found.store())
	}
	return nil
}

// sub returns the path of a part of the folder.
func (d *dataFolder) sub(name string) string { return filepath.Join(d.path, name) }

func (d *dataFolder) close() error { return d.lock.Close() }
