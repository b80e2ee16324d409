package blobs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/distribution/distribution/v3"
	"github.com/distribution/distribution/v3/registry/storage"
	"github.com/distribution/reference"
	"github.com/opencontainers/go-digest"
	"github.com/sirupsen/logrus"
)

// The refusals of a store.
var (
	// ErrUnknown says that the repository has no blob of that digest.
	ErrUnknown = errors.New("the blob is not in the repository")
	// ErrDigest says that a digest is not a SHA-256 digest, or that an upload's
	// content has another one.
	ErrDigest = errors.New("the digest is not that of the content")
)

// reserved is how long a blob that a client knows of, and no manifest names,
// is kept from being released. A client that takes longer between its last
// layer and the manifest uploads again.
const reserved = time.Hour

// Store is the blobs of all repositories under one folder. A repository is
// known by a key of lower-case letters and digits, not by its name: a name may
// come again, a key does not. It is safe for concurrent use.
type Store struct {
	disk     disk
	registry distribution.Namespace
	now      func() time.Time

	// removing is held to remove, and read-held by all that relies on a blob
	// staying.
	removing sync.RWMutex

	mu           sync.Mutex               // guards what follows
	busy         map[string]chan struct{} // uploads that a request writes to; closed when it ends
	reservations map[link]time.Time
	// deferred are the blobs that were to be released while a client relied on
	// them; the next sweep after that tries again.
	deferred map[link]bool
}

// link is a blob in a repository.
type link struct {
	repository string
	digest     digest.Digest
}

// Open opens the blobs under dir, which is made when it is missing.
func Open(dir string, now func() time.Time) (*Store, error) {
	// The storage logs to logrus' standard logger, standard error, and takes no
	// other: what it says there, it also returns.
	logrus.SetOutput(io.Discard)
	d := disk{root: dir}
	registry, err := storage.NewRegistry(context.Background(), d, storage.EnableDelete)
	if err != nil {
		return nil, fmt.Errorf("open blobs %s: %w", dir, err)
	}
	return &Store{disk: d, registry: registry, now: now, busy: map[string]chan struct{}{}, reservations: map[link]time.Time{}, deferred: map[link]bool{}}, nil
}

// blobs is a repository's part of the storage.
func (s *Store) blobs(ctx context.Context, repository string) (distribution.BlobStore, error) {
	name, err := reference.WithName(repository)
	if err != nil {
		return nil, fmt.Errorf("repository key %q: %w", repository, err)
	}
	found, err := s.registry.Repository(ctx, name)
	if err != nil {
		return nil, fmt.Errorf("repository key %q: %w", repository, err)
	}
	return found.Blobs(ctx), nil
}

// parse reads a digest, of which ECR knows one algorithm.
func parse(text string) (digest.Digest, error) {
	d, err := digest.Parse(text)
	if err != nil || d.Algorithm() != digest.SHA256 {
		return "", fmt.Errorf("%q: %w", text, ErrDigest)
	}
	return d, nil
}

// Stat returns the size of a blob in bytes. It returns ErrUnknown when the
// repository does not have it, and ErrDigest for a malformed digest.
func (s *Store) Stat(ctx context.Context, repository, blob string) (int64, error) {
	d, err := parse(blob)
	if err != nil {
		return 0, err
	}
	all, err := s.blobs(ctx, repository)
	if err != nil {
		return 0, err
	}
	found, err := all.Stat(ctx, d)
	if errors.Is(err, distribution.ErrBlobUnknown) {
		return 0, ErrUnknown
	}
	if err != nil {
		return 0, fmt.Errorf("stat blob %s: %w", blob, err)
	}
	return found.Size, nil
}

// Reserve is Stat for a client that will rely on the answer: the blob is not
// released for a while.
func (s *Store) Reserve(ctx context.Context, repository, blob string) (int64, error) {
	s.removing.RLock()
	defer s.removing.RUnlock()
	size, err := s.Stat(ctx, repository, blob)
	if err == nil {
		s.reserve(link{repository, digest.Digest(blob)})
	}
	return size, err
}

// Serve answers a request for a blob, or for a range of it. It returns
// ErrUnknown or ErrDigest, before it has written anything.
func (s *Store) Serve(w http.ResponseWriter, r *http.Request, repository, blob string) error {
	content, _, err := s.Read(r.Context(), repository, blob)
	if err != nil {
		return err
	}
	defer func() { _ = content.Close() }() // it was only read
	header := w.Header()
	header.Set("Content-Type", "application/octet-stream")
	header.Set("Docker-Content-Digest", blob)
	header.Set("ETag", `"`+blob+`"`)
	header.Set("Cache-Control", "max-age=31536000")
	http.ServeContent(w, r, "", time.Time{}, content)
	return nil
}

// Read opens a blob and returns its size in bytes; close it. It returns
// ErrUnknown or ErrDigest.
func (s *Store) Read(ctx context.Context, repository, blob string) (io.ReadSeekCloser, int64, error) {
	size, err := s.Stat(ctx, repository, blob)
	if err != nil {
		return nil, 0, err
	}
	// Straight from the file: it reaches a socket without being copied.
	file, err := s.disk.open(blobPath(digest.Digest(blob)))
	if err != nil {
		return nil, 0, fmt.Errorf("open blob %s: %w", blob, err)
	}
	return file, size, nil
}

// Mount makes a blob of one repository one of another, and returns its size in
// bytes. It returns ErrUnknown or ErrDigest.
func (s *Store) Mount(ctx context.Context, from, to, blob string) (int64, error) {
	d, err := parse(blob)
	if err != nil {
		return 0, err
	}
	s.removing.RLock()
	defer s.removing.RUnlock()
	size, err := s.Stat(ctx, from, blob)
	if err != nil {
		return 0, err
	}
	if err := s.disk.PutContent(ctx, linkPath(to, d), []byte(d)); err != nil {
		return 0, fmt.Errorf("mount blob %s: %w", blob, err)
	}
	s.reserve(link{to, d})
	return size, nil
}

// Hold keeps blobs from being removed until the returned function is called: a
// manifest is checked and recorded in between.
func (s *Store) Hold() (release func()) {
	s.removing.RLock()
	return s.removing.RUnlock
}

func (s *Store) reserve(l link) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reservations[l] = s.now()
}

// Named ends the reservations of blobs that a recorded manifest names.
func (s *Store) Named(repository string, blobs []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, blob := range blobs {
		delete(s.reservations, link{repository, digest.Digest(blob)})
	}
}

// isReserved reports whether a client relies on a blob, in this repository and
// in any.
func (s *Store) isReserved(l link) (here, anywhere bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	for one, since := range s.reservations {
		switch {
		case now.Sub(since) > reserved:
			delete(s.reservations, one)
		case one.digest == l.digest:
			anywhere = true
			here = here || one.repository == l.repository
		}
	}
	return here, anywhere
}
