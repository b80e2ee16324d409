package edge

import (
	"hash/maphash"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// entry is one kept answer of an origin. It never changes but for what is
// derived from it (encodings, prepared bytes) and whether it was used lately.
type entry struct {
	key          string
	distribution string
	path         string // with the kept part of the query, for invalidations
	generation   uint64 // of the distribution, when fetching began
	status       int
	header       http.Header // without Content-Length
	body         []byte
	etag         string
	modified     time.Time // of Last-Modified; zero: none
	stored       int64     // Unix nanoseconds
	large        bool      // too large to keep: only this is known
	fresh        int64     // Unix nanoseconds until which it is fresh

	used     atomic.Bool
	variants [3]variant // by encoding
}

func (e *entry) isFresh(now int64) bool { return now < e.fresh }

// size estimates the memory of an entry: its body, what is derived from it,
// and its headers.
func (e *entry) size() int64 {
	n := int64(len(e.body)) + int64(len(e.key)+len(e.path)) + 1024
	for i := range e.variants {
		if v := e.variants[i].encoded.Load(); v != nil && i != int(identity) {
			n += int64(len(*v))
		}
	}
	return n
}

const shardCount = 64

// cache is a map from keys to entries in shards, bounded by memory. What goes
// when it is full is a victim that was not used since the last look at it (the
// clock algorithm, over a map's random order).
type cache struct {
	limit  int64
	bytes  atomic.Int64
	seed   maphash.Seed
	hand   atomic.Uint32
	shards [shardCount]shard

	generations sync.Map // distribution id → *atomic.Uint64
}

type shard struct {
	mu      sync.RWMutex
	entries map[string]kept
	_       [24]byte // so that two shards' locks do not share a cache line
}

// kept is an entry and the bytes that were accounted for it.
type kept struct {
	*entry
	bytes int64
}

func newCache(limit int64) *cache {
	c := &cache{limit: limit, seed: maphash.MakeSeed()}
	for i := range c.shards {
		c.shards[i].entries = map[string]kept{}
	}
	return c
}

// get returns the entry of a key, fresh or not.
func (c *cache) get(key []byte) *entry {
	s := &c.shards[maphash.Bytes(c.seed, key)%shardCount]
	s.mu.RLock()
	e := s.entries[string(key)].entry
	s.mu.RUnlock()
	if e != nil && !e.used.Load() {
		e.used.Store(true)
	}
	return e
}

// put keeps e unless its distribution was invalidated since fetching began.
func (c *cache) put(e *entry) {
	size := e.size()
	if size > c.limit {
		return
	}
	s := &c.shards[maphash.String(c.seed, e.key)%shardCount]
	s.mu.Lock()
	// An invalidation raises the generation first and sweeps then, so either
	// it is seen here or the sweep sees the entry.
	if c.generation(e.distribution).Load() != e.generation {
		s.mu.Unlock()
		return
	}
	c.bytes.Add(size - s.entries[e.key].bytes)
	s.entries[e.key] = kept{e, size}
	s.mu.Unlock()
	c.evict()
}

// grown accounts for what was derived from an entry since it was put.
func (c *cache) grown(e *entry) {
	s := &c.shards[maphash.String(c.seed, e.key)%shardCount]
	s.mu.Lock()
	if old, ok := s.entries[e.key]; ok && old.entry == e {
		size := e.size()
		c.bytes.Add(size - old.bytes)
		s.entries[e.key] = kept{e, size}
	}
	s.mu.Unlock()
	c.evict()
}

// evict makes room until the cache is within its limit.
func (c *cache) evict() {
	for spared := 0; c.bytes.Load() > c.limit && spared < 3*shardCount; spared++ {
		s := &c.shards[c.hand.Add(1)%shardCount]
		s.mu.Lock()
		for key, e := range s.entries {
			if c.bytes.Load() <= c.limit {
				break
			}
			if e.used.Swap(false) && spared < 2*shardCount {
				continue
			}
			delete(s.entries, key)
			c.bytes.Add(-e.bytes)
		}
		s.mu.Unlock()
	}
}

func (c *cache) generation(distribution string) *atomic.Uint64 {
	if g, ok := c.generations.Load(distribution); ok {
		return g.(*atomic.Uint64)
	}
	g, _ := c.generations.LoadOrStore(distribution, new(atomic.Uint64))
	return g.(*atomic.Uint64)
}

// invalidate drops the entries of a distribution whose path fits one of the
// paths, which may end in *.
func (c *cache) invalidate(distribution string, paths []string) {
	c.generation(distribution).Add(1)
	exact := make(map[string]bool, len(paths))
	var prefixes []string
	for _, p := range paths {
		if prefix, wild := strings.CutSuffix(p, "*"); wild {
			prefixes = append(prefixes, prefix)
		} else {
			exact[p] = true
		}
	}
	for i := range c.shards {
		s := &c.shards[i]
		s.mu.Lock()
		for key, e := range s.entries {
			if e.distribution == distribution && (exact[e.path] || hasAnyPrefix(e.path, prefixes)) {
				delete(s.entries, key)
				c.bytes.Add(-e.bytes)
			}
		}
		s.mu.Unlock()
	}
}

func hasAnyPrefix(s string, prefixes []string) bool {
	for _, p := range prefixes {
		if strings.HasPrefix(s, p) {
			return true
		}
	}
	return false
}
