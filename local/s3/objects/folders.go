package objects

import (
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/versity/versitygw/backend/meta"
)

// folders are those that writes under way need. The backend makes the folders
// of a key before it moves the file there, and removes those that a delete has
// emptied: without this, a delete would take the folders of its prefix from
// under a write to another key of it.
type folders struct {
	removing sync.RWMutex // held shared while folders may be removed

	mu   sync.Mutex
	used map[string]int // writes under way, by folder
}

// need keeps the folders of a file, up to but without top, until done is
// called. It waits for removals under way.
func (f *folders) need(file, top string) (done func()) {
	f.removing.Lock()
	f.count(file, top, 1)
	f.removing.Unlock()
	return func() { f.count(file, top, -1) }
}

func (f *folders) count(file, top string, by int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for dir := filepath.Dir(file); len(dir) > len(top); dir = filepath.Dir(dir) {
		if f.used[dir] += by; f.used[dir] == 0 {
			delete(f.used, dir)
		}
	}
}

// needed says whether a write needs a folder.
func (f *folders) needed(dir string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.used[dir] > 0
}

// need keeps the folders of a key and of its earlier versions until done is
// called.
func (s *Store) need(bucket, key string) (done func()) {
	current := s.folders.need(filepath.Join(s.path(bucket), encodeKey(key)), s.path(bucket))
	earlier := s.folders.need(filepath.Join(s.viewed(s.earlierDir(bucket, key)), "version"), s.viewed(filepath.Join(s.versions, bucket)))
	return func() { current(); earlier() }
}

// keeping shows the backend folders that are needed as if they were objects:
// it asks for the entity tag of each folder before it removes it, and leaves
// alone those that have one.
type keeping struct {
	meta.MetadataStorer
	folders *folders
}

// RetrieveAttribute answers an empty entity tag for a folder that is needed.
func (k keeping) RetrieveAttribute(f *os.File, bucket, object, attribute string) ([]byte, error) {
	if f == nil && attribute == etagAttr && !strings.HasSuffix(object, leafMark) && k.folders.needed(filepath.Join(bucket, object)) {
		return nil, nil
	}
	return k.MetadataStorer.RetrieveAttribute(f, bucket, object, attribute)
}
