package bus

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/mayfly-dev/mayfly/local/bus/pattern"
	"github.com/mayfly-dev/mayfly/local/wholefile"
)

const defaultBus = "default"

// eventBus is a bus with its rules as it is kept: one file each. It is replaced,
// never changed.
type eventBus struct {
	Name        string            `json:"name"`
	Description string            `json:"description,omitempty"`
	KMSKey      string            `json:"kmsKey,omitempty"`
	DeadLetter  string            `json:"deadLetter,omitempty"`
	Created     time.Time         `json:"created"`
	Modified    time.Time         `json:"modified"`
	Tags        map[string]string `json:"tags,omitempty"`
	Rules       map[string]*rule  `json:"rules,omitempty"`

	// index finds the enabled rules that match an event, from matching on; it is
	// made when the first event needs it.
	once     sync.Once
	index    *pattern.Index
	matching []*rule
}

// rule is replaced, never changed.
type rule struct {
	Name        string            `json:"name"`
	Pattern     string            `json:"pattern,omitempty"`
	Schedule    string            `json:"schedule,omitempty"`
	State       string            `json:"state"`
	Description string            `json:"description,omitempty"`
	Role        string            `json:"role,omitempty"`
	Tags        map[string]string `json:"tags,omitempty"`
	Targets     []Target          `json:"targets,omitempty"`

	compiled *pattern.Pattern
}

// match returns the rules that match an event.
func (b *eventBus) match(event []byte) []*rule {
	b.once.Do(func() {
		var patterns []*pattern.Pattern
		for _, name := range slices.Sorted(maps.Keys(b.Rules)) {
			if r := b.Rules[name]; r.compiled != nil && r.State != stateDisabled {
				b.matching, patterns = append(b.matching, r), append(patterns, r.compiled)
			}
		}
		b.index = pattern.NewIndex(patterns)
	})
	var buffer [8]int
	var matched []*rule
	for _, i := range b.index.Match(event, buffer[:0]) {
		matched = append(matched, b.matching[i])
	}
	return matched
}

// registry keeps the buses in memory and on disk. A change is on disk, whole,
// before anything sees it.
type registry struct {
	dir   string
	mu    sync.RWMutex
	buses map[string]*eventBus
}

func openRegistry(dir string, now func() time.Time) (*registry, error) {
	r := &registry{dir: dir, buses: map[string]*eventBus{}}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("open registry: %w", err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("open registry: %w", err)
	}
	for _, entry := range entries {
		if err := r.load(filepath.Join(dir, entry.Name())); err != nil {
			return nil, fmt.Errorf("open registry: %w", err)
		}
	}
	if r.buses[defaultBus] == nil {
		return r, r.keep(&eventBus{Name: defaultBus, Created: now(), Modified: now()})
	}
	return r, nil
}

func (r *registry) load(path string) error {
	if strings.HasSuffix(path, wholefile.Unfinished) {
		return os.Remove(path) // its writing was cut off
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	b := &eventBus{}
	if err := json.Unmarshal(text, b); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	for _, rule := range b.Rules {
		if rule.Pattern != "" {
			if rule.compiled, err = pattern.Compile([]byte(rule.Pattern)); err != nil {
				return fmt.Errorf("%s: rule %s: %w", path, rule.Name, err)
			}
		}
	}
	r.buses[b.Name] = b
	return nil
}

// get returns a bus; nil when there is none.
func (r *registry) get(name string) *eventBus {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.buses[name]
}

// all returns the buses, by name.
func (r *registry) all() []*eventBus {
	r.mu.RLock()
	defer r.mu.RUnlock()
	all := make([]*eventBus, 0, len(r.buses))
	for _, name := range slices.Sorted(maps.Keys(r.buses)) {
		all = append(all, r.buses[name])
	}
	return all
}

// create adds a bus unless allow, which sees the others, refuses.
func (r *registry) create(b *eventBus, allow func(others map[string]*eventBus) error) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := allow(r.buses); err != nil {
		return err
	}
	return r.keep(b)
}

// change replaces a bus by what edit makes of a copy of it, and of its rules'
// map. It returns the refusal of edit, or that there is no such bus.
func (r *registry) change(name string, edit func(b *eventBus) error) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	old := r.buses[name]
	if old == nil {
		return noBus(name)
	}
	b := &eventBus{
		Name: old.Name, Description: old.Description, KMSKey: old.KMSKey, DeadLetter: old.DeadLetter,
		Created: old.Created, Modified: old.Modified, Tags: maps.Clone(old.Tags), Rules: maps.Clone(old.Rules),
	}
	if b.Rules == nil {
		b.Rules = map[string]*rule{}
	}
	if err := edit(b); err != nil {
		return err
	}
	return r.keep(b)
}

// changeRule is change for a rule that is there, of which edit gets a copy.
func (r *registry) changeRule(bus, name string, edit func(*rule) error) error {
	return r.change(bus, func(b *eventBus) error {
		old := b.Rules[name]
		if old == nil {
			return noRule(name, bus)
		}
		changed := *old
		changed.Targets, changed.Tags = slices.Clone(old.Targets), maps.Clone(old.Tags)
		if err := edit(&changed); err != nil {
			return err
		}
		b.Rules[name] = &changed
		return nil
	})
}

// remove removes a bus, unless allow refuses; one that is not there is removed
// already.
func (r *registry) remove(name string, allow func(*eventBus) error) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	b := r.buses[name]
	if b == nil {
		return nil
	}
	if err := allow(b); err != nil {
		return err
	}
	if err := os.Remove(r.path(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove event bus %s: %w", name, err)
	}
	delete(r.buses, name)
	return nil
}

func (r *registry) path(name string) string { return filepath.Join(r.dir, name+".json") }

// keep writes a bus, then shows it. The caller holds mu.
func (r *registry) keep(b *eventBus) error {
	text, err := json.Marshal(b)
	if err != nil {
		return fmt.Errorf("keep event bus %s: %w", b.Name, err)
	}
	if err := wholefile.Write(r.path(b.Name), text); err != nil {
		return fmt.Errorf("keep event bus %s: %w", b.Name, err)
	}
	r.buses[b.Name] = b
	return nil
}
