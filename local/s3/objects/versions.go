package objects

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"time"

	"github.com/versity/versitygw/backend/meta"
)

// earlierDir is the folder of a key's versions other than the current one,
// a file for each, named by its id; it is the backend's layout.
func (s *Store) earlierDir(bucket, key string) string {
	sum := sha256.Sum256([]byte(encodeKey(key)))
	name := hex.EncodeToString(sum[:])
	return filepath.Join(s.versions, bucket, name[:2], name[2:4], name[4:6], name)
}

// viewed is the path by which the backend knows one under versions or objects.
func (s *Store) viewed(path string) string {
	if rest, ok := strings.CutPrefix(path, s.versions); ok {
		return s.view + s.objects + rest
	}
	return path
}

// currentVersion is the id of a key's current version (which may be a
// marker), or "" when there is none.
func (s *Store) currentVersion(bucket, key string) (string, error) {
	encoded := encodeKey(key)
	if _, err := os.Lstat(filepath.Join(s.path(bucket), encoded)); err != nil {
		if missing(err) || isNotDir(err) || isNameTooLong(err) {
			return "", nil
		}
		return "", err
	}
	id, err := s.meta.RetrieveAttribute(nil, s.path(bucket), encoded, versionAttr)
	switch {
	case missing(err):
		return "", nil
	case errors.Is(err, meta.ErrNoSuchKey) || err == nil && len(id) == 0:
		return NullVersion, nil
	}
	return string(id), err
}

// A stored version is one file of a key.
type stored struct {
	id       string
	marker   bool
	current  bool
	etag     string
	size     int64
	modified time.Time
}

// history is all versions of a key, the newest first.
func (s *Store) history(bucket, key string) ([]stored, error) {
	lock := s.key(bucket, key)
	lock.RLock()
	defer lock.RUnlock()
	id, err := s.currentVersion(bucket, key)
	if err != nil || id == "" {
		return nil, err
	}
	current, err := s.inspect(s.path(bucket), encodeKey(key), id)
	if err != nil {
		return nil, err
	}
	current.current = true
	earlier, err := s.earlier(bucket, key)
	return append([]stored{current}, earlier...), err
}

// earlier is all versions of a key but the current, the newest first.
func (s *Store) earlier(bucket, key string) ([]stored, error) {
	dir := s.earlierDir(bucket, key)
	entries, err := os.ReadDir(dir)
	if missing(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var found []stored
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") {
			continue // a temporary file
		}
		one, err := s.inspect(s.viewed(dir), e.Name(), e.Name())
		if missing(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		found = append(found, one)
	}
	sort.SliceStable(found, func(i, j int) bool {
		a, b := found[i], found[j]
		if a.modified.Equal(b.modified) {
			return a.id > b.id
		}
		return a.modified.After(b.modified)
	})
	return found, nil
}

// inspect reads what a listing shows of a file.
func (s *Store) inspect(folder, name, id string) (stored, error) {
	info, err := os.Lstat(filepath.Join(folder, name))
	if err != nil {
		return stored{}, err
	}
	etag, err := s.meta.RetrieveAttribute(nil, folder, name, etagAttr)
	if err != nil && !errors.Is(err, meta.ErrNoSuchKey) {
		return stored{}, err
	}
	_, err = s.meta.RetrieveAttribute(nil, folder, name, markerAttr)
	if err != nil && !errors.Is(err, meta.ErrNoSuchKey) {
		return stored{}, err
	}
	return stored{
		id: id, marker: err == nil, etag: string(etag), size: info.Size(), modified: modified(id, info.ModTime()),
	}, nil
}

// modified is when a version was made. The backend names versions by ULIDs,
// which begin with that time; the time of its file is that of the last copy.
func modified(id string, file time.Time) time.Time {
	if at, ok := ulidTime(id); ok {
		return at
	}
	return file
}

// crockford is the alphabet of ULIDs.
const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// ulidTime reads the time in the first ten characters of a ULID (Crockford's
// base 32, milliseconds since 1970).
func ulidTime(id string) (time.Time, bool) {
	if len(id) != 26 {
		return time.Time{}, false
	}
	var milliseconds int64
	for i := range 10 {
		digit := strings.IndexByte(crockford, id[i])
		if digit < 0 {
			return time.Time{}, false
		}
		milliseconds = milliseconds<<5 | int64(digit)
	}
	return time.UnixMilli(milliseconds).UTC(), true
}

// moveBack makes an earlier version the current one, in one step where
// attributes move with their file.
func (s *Store) moveBack(bucket, key, id string) error {
	encoded := encodeKey(key)
	dir := s.earlierDir(bucket, key)
	if !s.atomic {
		if err := s.copyAttributes(s.viewed(dir), id, s.path(bucket), encoded); err != nil {
			return err
		}
	}
	if err := os.Rename(filepath.Join(dir, id), filepath.Join(s.path(bucket), encoded)); err != nil {
		return err
	}
	if !s.atomic {
		if err := s.meta.DeleteAttributes(s.viewed(dir), id); err != nil {
			return err
		}
	}
	s.emptied(bucket, key)
	return nil
}

// isVersionID reports whether a text is what the backend names versions by, and
// so the name of a file and nothing else.
func isVersionID(id string) bool {
	_, ulid := ulidTime(id)
	return id == NullVersion || ulid && strings.Trim(id, crockford) == ""
}

// copyAttributes gives a file in a sidecar the attributes of another.
func (s *Store) copyAttributes(fromDir, from, toDir, to string) error {
	if err := s.meta.DeleteAttributes(toDir, to); err != nil {
		return err
	}
	names, err := s.meta.ListAttributes(fromDir, from)
	if err != nil {
		return err
	}
	for _, name := range names {
		value, err := s.meta.RetrieveAttribute(nil, fromDir, from, name)
		if err != nil {
			return err
		}
		if err := s.meta.StoreAttribute(nil, toDir, to, name, value); err != nil {
			return err
		}
	}
	return nil
}
