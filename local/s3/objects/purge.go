package objects

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/versity/versitygw/backend/meta"
	"github.com/versity/versitygw/s3err"
)

// A Removal is what became of one version that DeleteVersions was asked to
// delete.
type Removal struct {
	Deletion
	Err error
}

// DeleteVersions deletes versions of one key for good, like Delete does one by
// one, and does only once what all of them need. It answers for each of ids, in
// their order; a version that can't be deleted stops none of the others. Which of
// them were delete markers takes a look at each, and is told if markers is set.
//
// Where attributes move with their file each version goes in one step, so that a
// kill leaves nothing to be put right but empty folders, which are no content.
func (s *Store) DeleteVersions(ctx context.Context, bucket, key string, ids []string, markers bool) []Removal {
	if !s.atomic {
		removals := make([]Removal, len(ids))
		for i, id := range ids {
			removals[i].Deletion, removals[i].Err = s.Delete(ctx, bucket, key, id, nil)
		}
		return removals
	}
	bucketLock, keyLock := s.bucket(bucket), s.key(bucket, key)
	bucketLock.RLock()
	defer bucketLock.RUnlock()
	keyLock.Lock()
	defer keyLock.Unlock()
	s.folders.removing.RLock()
	defer s.folders.removing.RUnlock()
	current, err := s.existing(bucket, key)
	if err != nil {
		removals := make([]Removal, len(ids))
		for i := range removals {
			removals[i].Err = err
		}
		return removals
	}
	return s.remove(bucket, key, current, ids, markers)
}

// remove deletes versions of a key whose current one is given. The caller holds
// the key and folders.removing.
func (s *Store) remove(bucket, key, current string, ids []string, markers bool) []Removal {
	removals := make([]Removal, len(ids))
	// The current version goes last: an earlier one that goes as well need not take
	// its place for a moment.
	last, emptied := -1, false
	for i, id := range ids {
		switch {
		case !isVersionID(id):
			removals[i].Err = s3err.GetInvalidArgumentErr(s3err.InvalidArgVersionId, id)
		case id == current && last < 0:
			last = i
		case id == current || current == "":
			removals[i].Version = id // it is not there, which is success
		default:
			emptied = true
			removals[i].Deletion, removals[i].Err = s.removeEarlier(bucket, key, id, markers)
		}
	}
	if last >= 0 {
		removals[last].Deletion, removals[last].Err = s.removeCurrent(bucket, key, current, markers)
	}
	if emptied {
		s.emptied(bucket, key)
	}
	return removals
}

// existing is the id of a key's current version, "" when there is none. It
// answers NoSuchBucket where that is why.
func (s *Store) existing(bucket, key string) (string, error) {
	id, err := s.currentVersion(bucket, key)
	if id != "" || err != nil {
		return id, err
	}
	if _, err := os.Stat(s.path(bucket)); missing(err) {
		return "", s3err.GetAPIError(s3err.ErrNoSuchBucket)
	}
	return "", nil
}

// removeCurrent removes the current version of a key in one step: the newest
// earlier one, if there is one, takes its place. The caller holds
// folders.removing.
func (s *Store) removeCurrent(bucket, key, id string, markers bool) (Deletion, error) {
	file := filepath.Join(s.path(bucket), encodeKey(key))
	gone := Deletion{Version: id}
	if markers {
		var err error
		if gone.Marker, err = s.isMarker(s.path(bucket), encodeKey(key)); err != nil {
			return Deletion{}, err
		}
	}
	earlier, err := s.earlier(bucket, key)
	if err != nil {
		return Deletion{}, err
	}
	if len(earlier) > 0 {
		return gone, s.moveBack(bucket, key, earlier[0].id)
	}
	if err := os.Remove(file); err != nil && !missing(err) {
		return Deletion{}, fmt.Errorf("remove version %s of %s: %w", id, key, err)
	}
	s.removeEmpty(filepath.Dir(file), s.path(bucket))
	return gone, nil
}

// removeEarlier removes a version that is not the current one, and leaves its
// folder. The caller holds folders.removing.
func (s *Store) removeEarlier(bucket, key, id string, markers bool) (Deletion, error) {
	dir := s.earlierDir(bucket, key)
	gone := Deletion{Version: id}
	if markers {
		var err error
		if gone.Marker, err = s.isMarker(s.viewed(dir), id); err != nil {
			return Deletion{}, err
		}
	}
	if err := os.Remove(filepath.Join(dir, id)); err != nil && !missing(err) {
		return Deletion{}, fmt.Errorf("remove version %s of %s: %w", id, key, err)
	}
	return gone, nil
}

// isMarker reports whether a file is a delete marker; one that is missing is none.
func (s *Store) isMarker(folder, name string) (bool, error) {
	_, err := s.meta.RetrieveAttribute(nil, folder, name, markerAttr)
	if errors.Is(err, meta.ErrNoSuchKey) || missing(err) {
		return false, nil
	}
	return err == nil, err
}

// emptied sees to a key's folder of versions, which may be empty. The caller holds
// folders.removing.
func (s *Store) emptied(bucket, key string) {
	if dir := s.earlierDir(bucket, key); !s.sweeper.folder(dir) {
		s.removeEmpty(dir, filepath.Join(s.versions, bucket))
	}
}

// removeVersions removes an emptied folder of versions and those above it, up to
// but without that of the bucket.
func (s *Store) removeVersions(dir string) {
	s.folders.removing.RLock()
	defer s.folders.removing.RUnlock()
	bucket, _, _ := strings.Cut(strings.TrimPrefix(dir, s.versions+string(filepath.Separator)), string(filepath.Separator))
	s.removeEmpty(dir, filepath.Join(s.versions, bucket))
}

// removeEmpty removes a folder and those above it, up to but without top, as
// long as they are empty and no write needs them. The caller holds
// folders.removing.
func (s *Store) removeEmpty(dir, top string) {
	for ; len(dir) > len(top) && !s.folders.needed(s.viewed(dir)); dir = filepath.Dir(dir) {
		if err := removeFolder(dir); err != nil && !missing(err) {
			return // not empty: something else lives there
		}
	}
}
