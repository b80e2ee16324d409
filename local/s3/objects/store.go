package objects

import (
	"errors"
	"fmt"
	"hash/maphash"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/versity/versitygw/backend/meta"
	"github.com/versity/versitygw/backend/posix"
)

// Names that the backend gives to what it keeps.
const (
	temporaryDir  = posix.MetaTmpDir
	multipartDir  = posix.MetaTmpMultipartDir
	etagAttr      = "etag"
	versionAttr   = "version-id"
	markerAttr    = "delete-marker"
	claimedSuffix = ".inprogress"
)

// NullVersion is the id of a version that was written without versioning.
const NullVersion = "null"

const stripes = 1024

// A Store is objects in files under one folder. It is safe for concurrent use
// within one process; two processes must not share a folder.
type Store struct {
	dir      string // the folder, absolute
	objects  string // current versions, a folder for each bucket
	versions string // earlier versions and markers, a folder for each bucket
	view     string // versions, under the paths at which the backend looks

	posix   *posix.Posix
	meta    meta.MetadataStorer
	atomic  bool // attributes move with their file
	journal *journal
	folders *folders
	sweeper *sweeper

	seed    maphash.Seed
	keys    [stripes]sync.RWMutex // held while a key changes, or is looked at
	mu      sync.Mutex
	buckets map[string]*sync.RWMutex // held shared while a bucket's objects change
}

// Options of a store.
type Options struct {
	// Sidecar keeps attributes in files even where extended attributes work.
	Sidecar bool
}

// Open opens the store in a folder, which it makes when there is none, and
// puts right what an earlier process left half done.
func Open(dir string, options Options) (*Store, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("open the object store: %w", err)
	}
	s := &Store{
		dir: dir, objects: filepath.Join(dir, "objects"), versions: filepath.Join(dir, "versions"),
		view: filepath.Join(dir, "view"), seed: maphash.MakeSeed(), buckets: map[string]*sync.RWMutex{},
		folders: &folders{used: map[string]int{}},
	}
	s.sweeper = newSweeper(filepath.Join(dir, "trash"), s.removeVersions)
	for _, folder := range []string{s.objects, s.versions, s.sweeper.trash} {
		if err := os.MkdirAll(folder, 0o700); err != nil {
			return nil, fmt.Errorf("open the object store: %w", err)
		}
	}
	if err := s.makeView(); err != nil {
		return nil, fmt.Errorf("open the object store: %w", err)
	}
	if s.meta, err = s.attributes(options.Sidecar); err != nil {
		return nil, err
	}
	if s.posix, err = s.backend(); err != nil {
		return nil, err
	}
	if s.journal, err = openJournal(filepath.Join(dir, "journal")); err != nil {
		return nil, err
	}
	if err := s.recover(); err != nil {
		s.Close()
		return nil, fmt.Errorf("recover the object store: %w", err)
	}
	return s, nil
}

// makeView links the versions to where the backend looks for them. It joins
// its versioning folder with the bucket's name, which here is an absolute
// path; through the link this ends in versions all the same, and the data
// folder can be moved.
func (s *Store) makeView() error {
	if err := os.RemoveAll(s.view); err != nil {
		return err
	}
	link := s.view + s.objects
	if err := os.MkdirAll(filepath.Dir(link), 0o700); err != nil {
		return err
	}
	return os.Symlink(s.versions, link)
}

// backend makes the posix backend, which changes the working directory of the
// process to its root. The root given is the working directory itself.
func (s *Store) backend() (*posix.Posix, error) {
	root, restore := "/proc/self/cwd", ""
	if _, err := os.Stat(root); err != nil {
		if restore, err = os.Getwd(); err != nil {
			return nil, fmt.Errorf("find the working directory: %w", err)
		}
		root = s.objects
	}
	backend, err := quietly(root, keeping{s.meta, s.folders}, posix.PosixOpts{
		VersioningDir: s.view,
		// One process has the folder to itself: no lock files.
		ForceNoObjLockFile: true,
		// Its default of 1 MiB for each request is too much at rest.
		IOBufferSize: 128 << 10,
		Concurrency:  256,
	})
	if restore != "" {
		err = errors.Join(err, os.Chdir(restore))
	}
	if err != nil {
		return nil, fmt.Errorf("start the object store's backend: %w", err)
	}
	return backend, nil
}

// Close lets go of the folder. Reads under way may go on.
func (s *Store) Close() {
	s.sweeper.stop()
	s.posix.Shutdown()
}

// path is the name of a bucket for the backend.
func (s *Store) path(bucket string) string { return filepath.Join(s.objects, bucket) }

// key is the lock of a key.
func (s *Store) key(bucket, key string) *sync.RWMutex {
	return &s.keys[maphash.String(s.seed, bucket+"/"+key)%stripes]
}

// bucket is the lock of a bucket.
func (s *Store) bucket(name string) *sync.RWMutex {
	s.mu.Lock()
	defer s.mu.Unlock()
	lock, ok := s.buckets[name]
	if !ok {
		lock = new(sync.RWMutex)
		s.buckets[name] = lock
	}
	return lock
}

func missing(err error) bool { return errors.Is(err, fs.ErrNotExist) }
