package steptest

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/mayfly-dev/mayfly/sandbox"
)

// PutRelease writes a release, new or again.
func (s *Store) PutRelease(_ context.Context, _ sandbox.Ref, r sandbox.Release) error {
	ordered := s.next("PutRelease")
	if ordered.err != nil && !ordered.late {
		return ordered.err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.releases[r.ID] = r
	return ordered.err
}

// GetRelease returns one release, or sandbox.ErrNotFound.
func (s *Store) GetRelease(_ context.Context, _ sandbox.Ref, id string) (sandbox.Release, error) {
	if ordered := s.next("GetRelease"); ordered.err != nil {
		return sandbox.Release{}, ordered.err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.releases[id]
	if !ok {
		return sandbox.Release{}, fmt.Errorf("release %s: %w", id, sandbox.ErrNotFound)
	}
	return r, nil
}

// ListReleases returns all releases, newest first, in one page.
func (s *Store) ListReleases(_ context.Context, _ sandbox.Ref, _ sandbox.Page) ([]sandbox.Release, sandbox.Cursor, error) {
	if ordered := s.next("ListReleases"); ordered.err != nil {
		return nil, "", ordered.err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []sandbox.Release
	for _, id := range slices.Backward(slices.Sorted(maps.Keys(s.releases))) {
		all = append(all, s.releases[id])
	}
	return all, "", nil
}

// List returns a page of sandboxes in the order of their names.
func (s *Store) List(_ context.Context, _ sandbox.Filter, page sandbox.Page) ([]sandbox.Sandbox, sandbox.Cursor, error) {
	if ordered := s.next("List"); ordered.err != nil {
		return nil, "", ordered.err
	}
	after, err := page.After.Key()
	if err != nil {
		return nil, "", err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []sandbox.Sandbox
	for _, name := range slices.Sorted(maps.Keys(s.sandboxes)) {
		if name <= after {
			continue
		}
		if len(found) == page.Size() {
			return found, sandbox.CursorAt(found[len(found)-1].Name), nil
		}
		found = append(found, clone(s.sandboxes[name]))
	}
	return found, "", nil
}
