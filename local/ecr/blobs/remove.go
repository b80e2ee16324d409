package blobs

import (
	"context"
	"errors"
	"fmt"
	"path"
	"time"

	"github.com/distribution/distribution/v3/registry/storage"
	"github.com/distribution/distribution/v3/registry/storage/driver"
	"github.com/opencontainers/go-digest"
)

// abandoned is after how long an upload, or a blob that no manifest names, is
// taken for given up.
const abandoned = 24 * time.Hour

// Usage says what manifests name.
type Usage interface {
	// Names reports whether a manifest of the repository names the blob, and
	// whether one of any repository does.
	Names(ctx context.Context, repository, blob string) (here, anywhere bool, err error)
}

// Release removes blobs of a repository that no manifest of it names any more,
// and their content where no repository's does. What a client relies on stays
// until a sweep.
func (s *Store) Release(ctx context.Context, repository string, blobs []string, usage Usage) error {
	s.removing.Lock()
	defer s.removing.Unlock()
	var failed []error
	for _, blob := range blobs {
		if err := s.release(ctx, link{repository, digest.Digest(blob)}, usage); err != nil {
			failed = append(failed, fmt.Errorf("release blob %s: %w", blob, err))
		}
	}
	return errors.Join(failed...)
}

func (s *Store) release(ctx context.Context, l link, usage Usage) error {
	here, anywhere, err := usage.Names(ctx, l.repository, l.digest.String())
	if err != nil {
		return err
	}
	reservedHere, reservedAnywhere := s.isReserved(l)
	if reservedAnywhere && !here {
		s.mu.Lock()
		s.deferred[l] = true
		s.mu.Unlock()
	}
	if here || reservedHere {
		return nil
	}
	if err := gone(s.disk.Delete(ctx, path.Dir(linkPath(l.repository, l.digest)))); err != nil {
		return err
	}
	if anywhere || reservedAnywhere {
		return nil
	}
	// A link that another repository has to it leads nowhere from now on: it
	// names nothing that an image of that one needs.
	return gone(storage.NewVacuum(ctx, s.disk).RemoveBlob(l.digest.String()))
}

// gone makes nothing of an error that says that the thing is gone already.
func gone(err error) error {
	var missing driver.PathNotFoundError
	if errors.As(err, &missing) {
		return nil
	}
	return err
}

// RemoveRepository removes a repository's links and uploads; the content of
// its blobs goes with Release or a sweep.
func (s *Store) RemoveRepository(ctx context.Context, repository string) error {
	s.removing.Lock()
	defer s.removing.Unlock()
	s.mu.Lock()
	for l := range s.reservations {
		if l.repository == repository {
			delete(s.reservations, l)
		}
	}
	s.mu.Unlock()
	if err := gone(s.disk.Delete(ctx, path.Join(repositories, repository))); err != nil {
		return fmt.Errorf("remove the blobs of repository %s: %w", repository, err)
	}
	return nil
}

// Known says which repositories there are.
type Known interface {
	Usage
	// Exists reports whether a repository's key is in use.
	Exists(ctx context.Context, repository string) (bool, error)
}

// Sweep removes what was left behind: folders of repositories that are no
// more, uploads that nobody goes on with, blobs that were uploaded and never
// named, content that no repository links. One that fails does not stop the
// others.
func (s *Store) Sweep(ctx context.Context, known Known) error {
	s.removing.Lock()
	defer s.removing.Unlock()
	failed := []error{s.releaseDeferred(ctx, known)}
	linked := map[string]bool{}
	keys, err := s.disk.List(ctx, repositories)
	if err = gone(err); err != nil {
		return fmt.Errorf("sweep: %w", err)
	}
	for _, key := range keys {
		failed = append(failed, s.sweepRepository(ctx, path.Base(key), known, linked))
	}
	failed = append(failed, s.sweepContent(ctx, linked))
	if err := errors.Join(failed...); err != nil {
		return fmt.Errorf("sweep: %w", err)
	}
	return nil
}

func (s *Store) releaseDeferred(ctx context.Context, usage Usage) error {
	s.mu.Lock()
	again := s.deferred
	s.deferred = map[link]bool{}
	s.mu.Unlock()
	var failed []error
	for l := range again {
		failed = append(failed, s.release(ctx, l, usage))
	}
	return errors.Join(failed...)
}

func (s *Store) sweepRepository(ctx context.Context, key string, known Known, linked map[string]bool) error {
	exists, err := known.Exists(ctx, key)
	if err != nil {
		return err
	}
	if !exists {
		return gone(s.disk.Delete(ctx, path.Join(repositories, key)))
	}
	var failed []error
	started, err := s.disk.List(ctx, uploads(key))
	failed = append(failed, gone(err))
	for _, upload := range started {
		if s.old(ctx, upload) && !s.young(ctx, upload+"/data") {
			failed = append(failed, gone(s.disk.Delete(ctx, upload)))
		}
	}
	links, err := s.disk.List(ctx, layers(key))
	failed = append(failed, gone(err))
	for _, folder := range links {
		l := link{key, digest.NewDigestFromEncoded(digest.SHA256, path.Base(folder))}
		here, _, err := known.Names(ctx, key, l.digest.String())
		reservedHere, _ := s.isReserved(l)
		if err == nil && !here && !reservedHere && s.old(ctx, folder) {
			failed = append(failed, gone(s.disk.Delete(ctx, folder)))
			continue
		}
		failed = append(failed, err)
		linked[path.Base(folder)] = true
	}
	return errors.Join(failed...)
}

// sweepContent removes content that has no link. A link is written after its
// content, so what is young may still get one.
func (s *Store) sweepContent(ctx context.Context, linked map[string]bool) error {
	shelves, err := s.disk.List(ctx, data)
	failed := []error{gone(err)}
	for _, shelf := range shelves {
		contents, err := s.disk.List(ctx, shelf)
		failed = append(failed, gone(err))
		for _, content := range contents {
			if !linked[path.Base(content)] && s.old(ctx, content) {
				failed = append(failed, gone(s.disk.Delete(ctx, content)))
			}
		}
	}
	return errors.Join(failed...)
}

// old reports whether a folder or file is there and has not been touched for
// long, young whether it is there and has.
func (s *Store) old(ctx context.Context, path string) bool {
	found, err := s.disk.Stat(ctx, path)
	return err == nil && s.now().Sub(found.ModTime()) > abandoned
}

func (s *Store) young(ctx context.Context, path string) bool {
	found, err := s.disk.Stat(ctx, path)
	return err == nil && s.now().Sub(found.ModTime()) <= abandoned
}
