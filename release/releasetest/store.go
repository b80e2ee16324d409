package releasetest

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"github.com/mayfly-dev/mayfly/sandbox"
)

// Store is the part of a store that releases need, in memory, for one sandbox.
type Store struct {
	mu        sync.Mutex
	box       *sandbox.Sandbox
	releases  map[string]sandbox.Release
	Events    []sandbox.Event
	Remembers map[string][]time.Duration
	// Fail is asked before each call, by its name; an error is its answer.
	Fail func(call string) error
}

// NewStore returns a store that holds one sandbox.
func NewStore(box sandbox.Sandbox) *Store {
	return &Store{box: &box, releases: make(map[string]sandbox.Release), Remembers: make(map[string][]time.Duration)}
}

// Drop removes the sandbox, with its releases.
func (s *Store) Drop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.box, s.releases = nil, make(map[string]sandbox.Release)
}

func (s *Store) enter(call string) error {
	s.mu.Lock()
	if s.Fail != nil {
		return s.Fail(call)
	}
	return nil
}

// Get implements sandbox.Store.
func (s *Store) Get(_ context.Context, name string) (sandbox.Sandbox, error) {
	defer s.mu.Unlock()
	if err := s.enter("Get"); err != nil {
		return sandbox.Sandbox{}, err
	}
	if s.box == nil || s.box.Name != name {
		return sandbox.Sandbox{}, sandbox.ErrNotFound
	}
	return clone(s.box)
}

// Update implements sandbox.Store.
func (s *Store) Update(_ context.Context, ref sandbox.Ref, change func(*sandbox.Sandbox) ([]sandbox.Event, error)) (sandbox.Sandbox, error) {
	defer s.mu.Unlock()
	if err := s.enter("Update"); err != nil {
		return sandbox.Sandbox{}, err
	}
	if s.box == nil || s.box.Ref() != ref {
		return sandbox.Sandbox{}, sandbox.ErrNotFound
	}
	next, err := clone(s.box)
	if err != nil {
		return sandbox.Sandbox{}, err
	}
	log, err := change(&next)
	if err != nil {
		return sandbox.Sandbox{}, err
	}
	for i := range log {
		next.EventSeq++
		log[i].Seq = next.EventSeq
	}
	s.Events = append(s.Events, log...)
	s.box = &next
	return clone(s.box)
}

// PutRelease implements sandbox.Store.
func (s *Store) PutRelease(_ context.Context, _ sandbox.Ref, r sandbox.Release) error {
	defer s.mu.Unlock()
	if err := s.enter("PutRelease"); err != nil {
		return err
	}
	s.releases[r.ID] = r
	return nil
}

// GetRelease implements sandbox.Store.
func (s *Store) GetRelease(_ context.Context, _ sandbox.Ref, id string) (sandbox.Release, error) {
	defer s.mu.Unlock()
	if err := s.enter("GetRelease"); err != nil {
		return sandbox.Release{}, err
	}
	r, ok := s.releases[id]
	if !ok {
		return sandbox.Release{}, sandbox.ErrNotFound
	}
	return r, nil
}

// AddDuration implements sandbox.Store.
func (s *Store) AddDuration(_ context.Context, what string, took time.Duration, _ time.Time) error {
	defer s.mu.Unlock()
	if err := s.enter("AddDuration"); err != nil {
		return err
	}
	s.Remembers[what] = append([]time.Duration{took}, s.Remembers[what]...)
	return nil
}

// Durations implements sandbox.Store.
func (s *Store) Durations(_ context.Context, what string) ([]time.Duration, error) {
	defer s.mu.Unlock()
	if err := s.enter("Durations"); err != nil {
		return nil, err
	}
	return s.Remembers[what], nil
}

// clone copies as a store does: by writing and reading.
func clone(s *sandbox.Sandbox) (sandbox.Sandbox, error) {
	text, err := json.Marshal(s)
	if err != nil {
		return sandbox.Sandbox{}, err
	}
	var out sandbox.Sandbox
	err = json.Unmarshal(text, &out)
	return out, err
}
