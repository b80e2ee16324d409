package steptest

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/mayfly-dev/mayfly/night"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// Nights keeps nights in memory.
type Nights struct {
	Faults

	mu      sync.Mutex
	current string
	nights  map[string]night.Night
	items   map[string]map[string]night.Item
	lines   map[string]time.Time
}

// NewNights returns a store of no nights.
func NewNights() *Nights {
	return &Nights{nights: map[string]night.Night{}, items: map[string]map[string]night.Item{}, lines: map[string]time.Time{}}
}

// ClaimNight begins a night; see night.Store.
func (s *Nights) ClaimNight(_ context.Context, n night.Night, over string) (night.Night, bool, error) {
	if ordered := s.next("ClaimNight"); ordered.err != nil {
		return night.Night{}, false, ordered.err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if there, ok := s.nights[s.current]; ok {
		switch there.Execution {
		case n.Execution:
			return there, true, nil
		case over:
			there.Status, there.EndedAt = night.Broken, n.StartedAt
			s.nights[there.ID] = there
		default:
			return there, false, nil
		}
	}
	n.Version, s.current = 1, n.ID
	s.nights[n.ID] = n
	return n, true, nil
}

// GetNight returns a night; see night.Store.
func (s *Nights) GetNight(_ context.Context, id string) (night.Night, error) {
	if ordered := s.next("GetNight"); ordered.err != nil {
		return night.Night{}, ordered.err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	n, ok := s.nights[id]
	if !ok {
		return n, fmt.Errorf("night %s: %w", id, night.ErrNotFound)
	}
	return n, nil
}

// UpdateNight changes a night; see night.Store.
func (s *Nights) UpdateNight(_ context.Context, id string, change func(*night.Night) error) (night.Night, error) {
	ordered := s.next("UpdateNight")
	if ordered.err != nil && !ordered.late {
		return night.Night{}, ordered.err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	n, ok := s.nights[id]
	if !ok {
		return n, fmt.Errorf("night %s: %w", id, night.ErrNotFound)
	}
	if err := change(&n); err != nil {
		return night.Night{}, err
	}
	n.Version++
	if s.nights[id] = n; n.Over() && s.current == id {
		s.current = ""
	}
	return n, ordered.err
}

// ListNights returns all nights, newest first.
func (s *Nights) ListNights(context.Context, sandbox.Page) ([]night.Night, sandbox.Cursor, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := slices.SortedFunc(maps.Values(s.nights), func(a, b night.Night) int { return b.StartedAt.Compare(a.StartedAt) })
	return all, "", nil
}

// PutItems writes items of a night; see night.Store.
func (s *Nights) PutItems(_ context.Context, id string, items []night.Item) error {
	ordered := s.next("PutItems")
	if ordered.err != nil && !ordered.late {
		return ordered.err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.items[id] == nil {
		s.items[id] = map[string]night.Item{}
	}
	for _, item := range items {
		s.items[id][item.Name] = item
	}
	return ordered.err
}

// ListItems returns a page of a night's items; see night.Store.
func (s *Nights) ListItems(_ context.Context, id string, page sandbox.Page) ([]night.Item, sandbox.Cursor, error) {
	if ordered := s.next("ListItems"); ordered.err != nil {
		return nil, "", ordered.err
	}
	after, err := page.After.Key()
	if err != nil {
		return nil, "", err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []night.Item
	for _, name := range slices.Sorted(maps.Keys(s.items[id])) {
		if name <= after {
			continue
		}
		if len(found) == page.Size() {
			return found, sandbox.CursorAt(found[len(found)-1].Name), nil
		}
		found = append(found, s.items[id][name])
	}
	return found, "", nil
}

// Reserve takes places in a line; see night.Store.
func (s *Nights) Reserve(_ context.Context, line string, n int, interval time.Duration, now time.Time) (time.Time, error) {
	if ordered := s.next("Reserve"); ordered.err != nil {
		return time.Time{}, ordered.err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	first := night.Turn(s.lines[line], now)
	s.lines[line] = first.Add(time.Duration(n) * interval)
	return first, nil
}
