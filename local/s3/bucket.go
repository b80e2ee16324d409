package s3

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/mayfly-dev/mayfly/local/iam"
	"github.com/mayfly-dev/mayfly/local/wholefile"
)

// A bucket is what the front knows of a bucket. A value is never changed once
// it is in the registry: a change replaces it.
type bucket struct {
	Name      string             `json:"name"`
	Created   time.Time          `json:"created"`
	Policy    string             `json:"policy,omitempty"`
	Block     *publicAccessBlock `json:"publicAccessBlock,omitempty"`
	Ownership string             `json:"ownership,omitempty"`
	ACL       string             `json:"acl,omitempty"` // canned; empty is private
	Encrypt   *encryption        `json:"encryption,omitempty"`
	Lifecycle *lifecycle         `json:"lifecycle,omitempty"`
	Tags      []tag              `json:"tags,omitempty"`
	Website   *website           `json:"website,omitempty"`
	CORS      *cors              `json:"cors,omitempty"`

	policy *iam.Policy // Policy, parsed
	public bool        // Policy grants something to the public
}

// enforced: ACLs have no effect and cannot be set.
func (b *bucket) enforced() bool { return b.Ownership == ownerEnforced }

func (b *bucket) block() publicAccessBlock {
	if b.Block == nil {
		return publicAccessBlock{}
	}
	return *b.Block
}

// A registry is the buckets, in memory and in a file each. Files are replaced
// in one step.
type registry struct {
	dir     string
	mu      sync.RWMutex
	buckets map[string]*bucket
}

func openRegistry(dir string) (*registry, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("open the buckets: %w", err)
	}
	files, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("open the buckets: %w", err)
	}
	r := &registry{dir: dir, buckets: map[string]*bucket{}}
	for _, file := range files {
		name, isRecord := strings.CutSuffix(file.Name(), ".json")
		if !isRecord {
			// Left by a kill before its bucket's file was replaced.
			if err := os.Remove(filepath.Join(dir, file.Name())); err != nil {
				return nil, fmt.Errorf("open the buckets: %w", err)
			}
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, file.Name()))
		if err != nil {
			return nil, fmt.Errorf("open the buckets: %w", err)
		}
		var b bucket
		if err := json.Unmarshal(text, &b); err != nil {
			return nil, fmt.Errorf("read bucket %s: %w", name, err)
		}
		if err := b.parse(); err != nil {
			return nil, fmt.Errorf("read bucket %s: %w", name, err)
		}
		r.buckets[b.Name] = &b
	}
	return r, nil
}

// parse prepares what is derived from the record.
func (b *bucket) parse() (err error) {
	b.policy, b.public = nil, false
	if b.Policy == "" {
		return nil
	}
	if b.policy, err = iam.Parse(b.Policy); err != nil {
		return fmt.Errorf("read the bucket policy: %w", err)
	}
	b.public = isPublic(b.policy)
	return nil
}

func (r *registry) get(name string) (*bucket, bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	b, ok := r.buckets[name]
	return b, ok
}

// all is the buckets by name.
func (r *registry) all() []*bucket {
	r.mu.RLock()
	defer r.mu.RUnlock()
	list := make([]*bucket, 0, len(r.buckets))
	for _, b := range r.buckets {
		list = append(list, b)
	}
	slices.SortFunc(list, func(a, b *bucket) int { return strings.Compare(a.Name, b.Name) })
	return list
}

// add puts a new bucket in, unless there is one already (which it answers) or
// there would be more than limit.
func (r *registry) add(b *bucket, limit int) (existing *bucket, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if existing, ok := r.buckets[b.Name]; ok {
		return existing, nil
	}
	if len(r.buckets) >= limit {
		return nil, known("TooManyBuckets")
	}
	return nil, r.save(b)
}

// update changes a bucket.
func (r *registry) update(name string, change func(*bucket) error) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	old, ok := r.buckets[name]
	if !ok {
		return noSuchBucket(name)
	}
	changed := *old
	if err := change(&changed); err != nil {
		return err
	}
	if err := changed.parse(); err != nil {
		return err
	}
	return r.save(&changed)
}

// remove takes a bucket out.
func (r *registry) remove(name string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := os.Remove(r.file(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove bucket %s: %w", name, err)
	}
	delete(r.buckets, name)
	return nil
}

func (r *registry) file(name string) string { return filepath.Join(r.dir, name+".json") }

// save writes a bucket and then shows it; r.mu is held.
func (r *registry) save(b *bucket) error {
	text, err := json.Marshal(b)
	if err != nil {
		return fmt.Errorf("save bucket %s: %w", b.Name, err)
	}
	if err := wholefile.Write(r.file(b.Name), text); err != nil {
		return fmt.Errorf("save bucket %s: %w", b.Name, err)
	}
	r.buckets[b.Name] = b
	return nil
}
