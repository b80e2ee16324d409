package objects

import (
	"context"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"time"
)

// A Query says which part of a bucket to list. Keys come after Marker; when
// Marker is a common prefix of the listing, they come after all that it
// stands for.
type Query struct {
	Prefix    string
	Delimiter string
	Marker    string
	Max       int
}

// An Entry is one line of a listing: a key, or a common prefix.
type Entry struct {
	Key      string
	Prefix   string
	ETag     string
	Size     int64
	Modified time.Time
}

// Name is the key or the prefix: the marker with which a listing goes on.
func (e Entry) Name() string { return e.Key + e.Prefix }

// List lists the live keys of a bucket in the order of their bytes. It answers
// at most query.Max entries and whether there are more.
func (s *Store) List(ctx context.Context, bucket string, query Query) (entries []Entry, more bool, err error) {
	if query.Max <= 0 {
		return nil, false, nil
	}
	err = s.walk(ctx, bucket, query, func(key string) (skip string, stop bool, err error) {
		common := query.Common(key)
		if common != "" && common <= query.Marker {
			return common, false, nil
		}
		id, err := s.currentVersion(bucket, key)
		if err != nil || id == "" {
			return "", false, err
		}
		one, err := s.inspect(s.path(bucket), encodeKey(key), id)
		if missing(err) || err == nil && one.marker {
			return "", false, nil
		}
		if err != nil {
			return "", false, err
		}
		if len(entries) == query.Max {
			more = true
			return "", true, nil
		}
		if common != "" {
			entries = append(entries, Entry{Prefix: common})
			return common, false, nil
		}
		entries = append(entries, Entry{Key: key, ETag: one.etag, Size: one.size, Modified: one.modified})
		return "", false, nil
	})
	return entries, more, err
}

// Common is the common prefix that a key is shown under, or "".
func (q Query) Common(key string) string {
	if q.Delimiter == "" {
		return ""
	}
	before, _, found := strings.Cut(key[len(q.Prefix):], q.Delimiter)
	if !found {
		return ""
	}
	return q.Prefix + before + q.Delimiter
}

// walk calls visit for each file of a bucket whose key has the query's prefix
// and comes after its marker, in order. Visit may ask to skip all keys with a
// prefix, or to stop.
func (s *Store) walk(ctx context.Context, bucket string, query Query, visit func(key string) (skip string, stop bool, err error)) error {
	w := walker{ctx: ctx, root: s.path(bucket), query: query, visit: visit}
	_, err := w.folder("", "")
	return err
}

type walker struct {
	ctx   context.Context
	root  string
	query Query
	visit func(key string) (string, bool, error)
	skip  string
}

// folder walks one folder; path is its place in the file system and name the
// part of the key that it stands for.
func (w *walker) folder(path, name string) (stop bool, err error) {
	if err := w.ctx.Err(); err != nil {
		return true, err
	}
	files, err := os.ReadDir(filepath.Join(w.root, path))
	if missing(err) && path != "" {
		return false, nil // removed meanwhile
	}
	if err != nil {
		return true, err
	}
	type child struct {
		path, name string
		folder     bool
	}
	children := make([]child, 0, len(files))
	for _, file := range files {
		if file.IsDir() {
			if path == "" && file.Name() == temporaryDir {
				continue
			}
			children = append(children, child{file.Name(), name + decodePart(file.Name()) + "/", true})
		} else if leaf, ours := decodeLeaf(file.Name()); ours {
			children = append(children, child{file.Name(), name + leaf, false})
		}
	}
	sort.Slice(children, func(i, j int) bool {
		if children[i].name == children[j].name {
			return !children[i].folder
		}
		return children[i].name < children[j].name
	})
	for _, c := range children {
		if w.skip != "" && strings.HasPrefix(c.name, w.skip) {
			continue
		}
		if c.folder {
			if w.excludes(c.name) {
				continue
			}
			stop, err = w.folder(filepath.Join(path, c.path), c.name)
		} else if strings.HasPrefix(c.name, w.query.Prefix) && (w.query.Marker == "" || c.name > w.query.Marker) {
			var skip string
			if skip, stop, err = w.visit(c.name); skip != "" {
				w.skip = skip
			}
		}
		if stop || err != nil {
			return true, err
		}
	}
	return false, nil
}

// excludes reports whether no key in a folder can be in the listing.
func (w *walker) excludes(name string) bool {
	if !strings.HasPrefix(name, w.query.Prefix) && !strings.HasPrefix(w.query.Prefix, name) {
		return true
	}
	return name < w.query.Marker && !strings.HasPrefix(w.query.Marker, name)
}
