package objects

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
)

// A journal notes which keys are being replaced: one small file for each, made
// before the change and removed after it. A kill leaves the file behind, and
// Open repairs the key that it names. Keys that are new need no note: the
// backend makes them in one step.
type journal struct {
	dir  string
	next atomic.Uint64
}

// An entry is one note.
type entry struct {
	Bucket string `json:"bucket"`
	Key    string `json:"key"`
}

func openJournal(dir string) (*journal, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("open the object store's journal: %w", err)
	}
	return &journal{dir: dir}, nil
}

// begin notes a change; the function returned removes the note.
func (j *journal) begin(bucket, key string) (func() error, error) {
	note, err := json.Marshal(entry{Bucket: bucket, Key: key})
	if err != nil {
		return nil, err
	}
	name := filepath.Join(j.dir, strconv.FormatUint(j.next.Add(1), 10))
	if err := os.WriteFile(name, note, 0o600); err != nil {
		return nil, fmt.Errorf("note the change of %s/%s: %w", bucket, key, err)
	}
	return func() error { return os.Remove(name) }, nil
}

// recover repairs what the journal names, sees to the trash, and gives back what
// was claimed by a completion of a multipart upload that never ended.
func (s *Store) recover() error {
	notes, err := os.ReadDir(s.journal.dir)
	if err != nil {
		return err
	}
	for _, note := range notes {
		name := filepath.Join(s.journal.dir, note.Name())
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		var change entry
		// A note that is not whole was killed before its change began.
		if json.Unmarshal(text, &change) == nil {
			if err := s.repair(change.Bucket, change.Key); err != nil {
				return fmt.Errorf("repair %s/%s: %w", change.Bucket, change.Key, err)
			}
		}
		if err := os.Remove(name); err != nil {
			return err
		}
	}
	if len(s.sweeper.places()) > 0 {
		s.sweeper.start()
	}
	claimed, err := filepath.Glob(filepath.Join(s.objects, "*", multipartDir, "*", "*"+claimedSuffix))
	if err != nil {
		return err
	}
	for _, upload := range claimed {
		id, _, _ := strings.Cut(filepath.Base(upload), ".")
		if err := os.Rename(upload, filepath.Join(filepath.Dir(upload), id)); err != nil {
			return err
		}
	}
	return nil
}

// repair undoes an unfinished change of one key. Before the backend replaces
// a current version it copies it among the earlier ones; so a version that is
// in both places was about to be replaced, and moving the copy back over the
// current file, whatever has been done to that, restores the moment before.
func (s *Store) repair(bucket, key string) error {
	if _, err := os.Stat(s.path(bucket)); missing(err) {
		return nil
	}
	current := filepath.Join(s.path(bucket), encodeKey(key))
	if err := removePrefixed(filepath.Dir(current), "."+filepath.Base(current)+".sgwtmp."); err != nil {
		return err
	}
	earlier := s.earlierDir(bucket, key)
	if err := removePrefixed(earlier, "."); err != nil {
		return err
	}
	id, err := s.currentVersion(bucket, key)
	if err != nil || id == "" {
		return err
	}
	twin := filepath.Join(earlier, id)
	if _, err := os.Lstat(twin); missing(err) {
		return nil
	} else if err != nil {
		return err
	}
	s.folders.removing.RLock()
	defer s.folders.removing.RUnlock()
	return s.moveBack(bucket, key, id)
}

func removePrefixed(dir, prefix string) error {
	entries, err := os.ReadDir(dir)
	if missing(err) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), prefix) && e.Type().IsRegular() {
			if err := os.Remove(filepath.Join(dir, e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}
