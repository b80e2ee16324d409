package objects

import (
	"context"
	"time"
)

// A Version is one line of a listing of versions: a version, a delete marker,
// or a common prefix.
type Version struct {
	Key      string
	Prefix   string
	ID       string
	Marker   bool
	Latest   bool
	ETag     string
	Size     int64
	Modified time.Time
}

// ListVersions lists the versions and markers of a bucket: keys in the order
// of their bytes, the versions of a key from the newest to the oldest. It goes
// on after query.Marker, or, when versionMarker is given, after that version
// of the key query.Marker.
func (s *Store) ListVersions(ctx context.Context, bucket string, query Query, versionMarker string) (versions []Version, more bool, err error) {
	if query.Max <= 0 {
		return nil, false, nil
	}
	add := func(v Version) bool {
		if len(versions) == query.Max {
			more = true
			return false
		}
		versions = append(versions, v)
		return true
	}
	list := func(key, after string) (stop bool, err error) {
		history, err := s.history(bucket, key)
		if err != nil {
			return true, err
		}
		past := after == ""
		for i, v := range history {
			if past {
				if !add(Version{
					Key: key, ID: v.id, Marker: v.marker, Latest: i == 0, ETag: v.etag, Size: v.size, Modified: v.modified,
				}) {
					return true, nil
				}
			}
			past = past || v.id == after
		}
		// The version of the marker may have been deleted since the last
		// page: what is older than it, by the order of ids, is still due.
		if !past {
			for _, v := range history {
				if v.id < after && !add(Version{
					Key: key, ID: v.id, Marker: v.marker, Latest: v.current, ETag: v.etag, Size: v.size, Modified: v.modified,
				}) {
					return true, nil
				}
			}
		}
		return false, nil
	}
	if versionMarker != "" && query.Marker != "" {
		if stop, err := list(query.Marker, versionMarker); stop || err != nil {
			return versions, more, err
		}
	}
	err = s.walk(ctx, bucket, query, func(key string) (skip string, stop bool, err error) {
		if common := query.Common(key); common != "" {
			if common > query.Marker && !add(Version{Prefix: common}) {
				return "", true, nil
			}
			return common, false, nil
		}
		stop, err = list(key, "")
		return "", stop, err
	})
	return versions, more, err
}
