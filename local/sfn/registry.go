package sfn

import (
	"crypto/sha256"
	"encoding/hex"
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

	"github.com/mayfly-dev/mayfly/local/asl"
	"github.com/mayfly-dev/mayfly/local/wholefile"
)

// machine is a state machine as it is kept: one file each.
type machine struct {
	ARN        string            `json:"arn"`
	Name       string            `json:"name"`
	Type       string            `json:"type"`
	Created    time.Time         `json:"created"`
	Logging    json.RawMessage   `json:"logging,omitempty"`
	Tracing    json.RawMessage   `json:"tracing,omitempty"`
	Encryption json.RawMessage   `json:"encryption,omitempty"`
	Tags       map[string]string `json:"tags,omitempty"`
	// Current is what the ARN without qualifier runs.
	Current revision `json:"current"`
	// Versions are those published and not deleted, the oldest first; LastVersion
	// is the number of the last one ever published.
	Versions    []version `json:"versions,omitempty"`
	LastVersion int       `json:"lastVersion,omitempty"`
	Aliases     []alias   `json:"aliases,omitempty"`
}

// revision is a definition with the role that it runs with.
type revision struct {
	ID         string    `json:"id"`
	Definition string    `json:"definition"`
	Role       string    `json:"role"`
	Updated    time.Time `json:"updated"`

	compiled *asl.Machine
}

type version struct {
	Number      int       `json:"number"`
	Description string    `json:"description,omitempty"`
	Created     time.Time `json:"created"`
	Revision    revision  `json:"revision"`
}

type alias struct {
	Name        string    `json:"name"`
	Description string    `json:"description,omitempty"`
	Created     time.Time `json:"created"`
	Updated     time.Time `json:"updated"`
	Routes      []route   `json:"routes"`
}

type route struct {
	VersionARN string `json:"stateMachineVersionArn"`
	Weight     int    `json:"weight"`
}

// activity is kept like a machine.
type activity struct {
	ARN     string            `json:"arn"`
	Name    string            `json:"name"`
	Created time.Time         `json:"created"`
	Tags    map[string]string `json:"tags,omitempty"`
	// Encryption is kept and told.
	Encryption json.RawMessage `json:"encryption,omitempty"`
}

// registry keeps machines and activities in memory and on disk. A change is on
// disk, whole, before anything sees it.
type registry struct {
	dir        string
	mu         sync.RWMutex
	machines   map[string]*machine // by ARN; replaced, never changed
	activities map[string]*activity
}

const (
	machinesDir   = "machines"
	activitiesDir = "activities"
)

func openRegistry(dir string) (*registry, error) {
	r := &registry{dir: dir, machines: map[string]*machine{}, activities: map[string]*activity{}}
	for _, kind := range []string{machinesDir, activitiesDir} {
		if err := os.MkdirAll(filepath.Join(dir, kind), 0o755); err != nil { //nolint:gosec // readable by its owner's group, as the rest of the data
			return nil, fmt.Errorf("open registry: %w", err)
		}
	}
	if err := load(filepath.Join(dir, machinesDir), func(m *machine) { r.machines[m.ARN] = m }); err != nil {
		return nil, err
	}
	if err := load(filepath.Join(dir, activitiesDir), func(a *activity) { r.activities[a.ARN] = a }); err != nil {
		return nil, err
	}
	return r, nil
}

// compile makes the definitions that were read ready to run. One that does not
// compile any more is refused when it is started.
func (r *registry) compile() {
	for _, m := range r.machines {
		m.Current.compiled, _ = compile(m.Current.Definition, m.Type)
		for i := range m.Versions {
			m.Versions[i].Revision.compiled, _ = compile(m.Versions[i].Revision.Definition, m.Type)
		}
	}
}

// load reads every file of a folder, and removes those whose writing was cut off.
func load[T any](dir string, add func(*T)) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("open registry: %w", err)
	}
	for _, entry := range entries {
		path := filepath.Join(dir, entry.Name())
		if strings.HasSuffix(path, wholefile.Unfinished) {
			if err := os.Remove(path); err != nil {
				return fmt.Errorf("open registry: %w", err)
			}
			continue
		}
		text, err := os.ReadFile(path) //nolint:gosec // of our own folder
		if err != nil {
			return fmt.Errorf("open registry: %w", err)
		}
		item := new(T)
		if err := json.Unmarshal(text, item); err != nil {
			return fmt.Errorf("open registry: %s: %w", path, err)
		}
		add(item)
	}
	return nil
}

// file is where an item is kept: names may have characters that file systems
// fold or refuse.
func (r *registry) file(kind, arn string) string {
	sum := sha256.Sum256([]byte(arn))
	return filepath.Join(r.dir, kind, hex.EncodeToString(sum[:16])+".json")
}

// write puts an item on disk, whole or not at all.
func (r *registry) write(kind, arn string, item any) error {
	text, err := json.Marshal(item)
	if err != nil {
		return fmt.Errorf("keep %s: %w", arn, err)
	}
	if err := wholefile.WriteSynced(r.file(kind, arn), text); err != nil {
		return fmt.Errorf("keep %s: %w", arn, err)
	}
	return nil
}

func (r *registry) remove(kind, arn string) error {
	path := r.file(kind, arn)
	err := os.Remove(path)
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	if err = errors.Join(err, wholefile.SyncFolder(filepath.Dir(path))); err != nil {
		return fmt.Errorf("remove %s: %w", arn, err)
	}
	return nil
}

// machine returns the machine of an ARN without qualifier. It must not be
// changed; that is for change.
func (r *registry) machine(arn string) (*machine, bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	m, ok := r.machines[arn]
	return m, ok
}

// change lets edit work on a copy of a machine, which is empty when there is
// none, and keeps what it made. An edit that returns false changes nothing.
func (r *registry) change(arn string, edit func(m *machine, exists bool) (bool, error)) (*machine, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	old, exists := r.machines[arn]
	m := &machine{}
	if exists {
		copied := *old
		copied.Tags = maps.Clone(old.Tags)
		copied.Versions = slices.Clone(old.Versions)
		copied.Aliases = slices.Clone(old.Aliases)
		m = &copied
	}
	changed, err := edit(m, exists)
	if err != nil {
		return nil, err
	}
	if !changed {
		return old, nil
	}
	if err := r.write(machinesDir, arn, m); err != nil {
		return nil, err
	}
	r.machines[arn] = m
	return m, nil
}

func (r *registry) removeMachine(arn string) (bool, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, ok := r.machines[arn]; !ok {
		return false, nil
	}
	if err := r.remove(machinesDir, arn); err != nil {
		return false, err
	}
	delete(r.machines, arn)
	return true, nil
}

// all returns the machines by name.
func (r *registry) all() []*machine {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return slices.SortedFunc(maps.Values(r.machines), func(a, b *machine) int { return strings.Compare(a.Name, b.Name) })
}

func (r *registry) activity(arn string) (*activity, bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	a, ok := r.activities[arn]
	return a, ok
}

// changeActivity is change for activities.
func (r *registry) changeActivity(arn string, edit func(a *activity, exists bool) error) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	a := &activity{}
	old, exists := r.activities[arn]
	if exists {
		copied := *old
		a = &copied
	}
	if err := edit(a, exists); err != nil {
		return err
	}
	if err := r.write(activitiesDir, arn, a); err != nil {
		return err
	}
	r.activities[arn] = a
	return nil
}
