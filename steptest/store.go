package steptest

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// Store keeps sandboxes, events, releases and durations in memory. It keeps one
// list of releases, so releases of one sandbox at a time.
type Store struct {
	Faults

	Now func() time.Time

	mu        sync.Mutex
	sandboxes map[string]sandbox.Sandbox
	log       []sandbox.Event
	events    map[string][]sandbox.Event // by the sandbox's id
	releases  map[string]sandbox.Release
	durations map[string][]time.Duration
}

// NewStore returns a store that holds the given sandboxes.
func NewStore(now func() time.Time, sandboxes ...sandbox.Sandbox) *Store {
	s := &Store{Now: now, sandboxes: map[string]sandbox.Sandbox{}, events: map[string][]sandbox.Event{}, releases: map[string]sandbox.Release{}, durations: map[string][]time.Duration{}}
	for _, one := range sandboxes {
		s.sandboxes[one.Name] = clone(one)
	}
	return s
}

// Ledger returns the ledger over this store.
func (s *Store) Ledger() sandbox.Ledger { return sandbox.Ledger{Store: s, Now: s.Now} }

// Get returns the sandbox with a name, or sandbox.ErrNotFound.
func (s *Store) Get(_ context.Context, name string) (sandbox.Sandbox, error) {
	if ordered := s.next("Get"); ordered.err != nil {
		return sandbox.Sandbox{}, ordered.err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	found, ok := s.sandboxes[name]
	if !ok {
		return sandbox.Sandbox{}, fmt.Errorf("sandbox %s: %w", name, sandbox.ErrNotFound)
	}
	return clone(found), nil
}

// Claim adds a sandbox; one with its name is replaced.
func (s *Store) Claim(_ context.Context, claimed sandbox.Sandbox, first sandbox.Event) error {
	ordered := s.next("Claim")
	if ordered.err != nil && !ordered.late {
		return ordered.err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	claimed.UpdatedAt = s.Now()
	s.sandboxes[claimed.Name] = clone(claimed)
	s.log = append(s.log, first)
	s.events[claimed.ID] = append(s.events[claimed.ID], first)
	return ordered.err
}

// Update changes a sandbox as the real stores do.
func (s *Store) Update(_ context.Context, ref sandbox.Ref, change func(*sandbox.Sandbox) ([]sandbox.Event, error)) (sandbox.Sandbox, error) {
	ordered := s.next("Update")
	if ordered.err != nil && !ordered.late {
		return sandbox.Sandbox{}, ordered.err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	found, ok := s.sandboxes[ref.Name]
	if !ok || found.ID != ref.ID {
		return sandbox.Sandbox{}, fmt.Errorf("sandbox %s: %w", ref.Name, sandbox.ErrNotFound)
	}
	before := found
	found = clone(found)
	log, err := change(&found)
	if err != nil {
		return sandbox.Sandbox{}, err
	}
	for i := range log {
		found.EventSeq++
		log[i].Seq = found.EventSeq
	}
	found.Version++
	if len(log) > 0 || !found.Alike(before) {
		found.UpdatedAt = s.Now()
	}
	s.sandboxes[ref.Name] = clone(found)
	s.log = append(s.log, log...)
	s.events[ref.ID] = append(s.events[ref.ID], log...)
	return found, ordered.err
}

// Remove deletes a sandbox; one that is not there is no error.
func (s *Store) Remove(_ context.Context, ref sandbox.Ref) error {
	ordered := s.next("Remove")
	if ordered.err != nil && !ordered.late {
		return ordered.err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if found, ok := s.sandboxes[ref.Name]; ok && found.ID == ref.ID {
		delete(s.sandboxes, ref.Name)
	}
	return ordered.err
}

// AddDuration remembers how long something took.
func (s *Store) AddDuration(_ context.Context, what string, took time.Duration, _ time.Time) error {
	if ordered := s.next("AddDuration"); ordered.err != nil {
		return ordered.err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.durations[what] = slices.Insert(s.durations[what], 0, took)
	return nil
}

// Durations returns the durations of what, newest first.
func (s *Store) Durations(_ context.Context, what string) ([]time.Duration, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.durations[what]), nil
}

// Events returns what happened after a sequence number, at most limit.
func (s *Store) Events(_ context.Context, ref sandbox.Ref, after int64, limit int) ([]sandbox.Event, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var page []sandbox.Event
	for _, event := range s.events[ref.ID] {
		if event.Seq > after && len(page) < limit {
			page = append(page, event)
		}
	}
	return page, nil
}

// Log returns every event so far.
func (s *Store) Log() []sandbox.Event {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.log)
}

// New returns a sandbox named docs with its id and a spec of all defaults, as
// the API claims it at a time.
func New(at time.Time) sandbox.Sandbox {
	return sandbox.Sandbox{
		ID: "abcdefgh23", Name: "docs", Owner: "ada", Phase: sandbox.PhaseProvisioning, CreatedAt: at,
		Spec: events.Spec{
			Delivery: events.DeliveryCloudFront, OriginAccess: events.OriginAccessIdentity,
			IndexDocument: "index.html", ErrorDocument: "404.html", PriceClass: "PriceClass_100",
		},
	}
}

func clone(s sandbox.Sandbox) sandbox.Sandbox {
	text, err := json.Marshal(s)
	if err != nil {
		panic(err) // a Sandbox is plain data: it always marshals
	}
	var copied sandbox.Sandbox
	if err := json.Unmarshal(text, &copied); err != nil {
		panic(err)
	}
	return copied
}
