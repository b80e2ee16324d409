package edge

import (
	"net/http"
	"sync"
)

// flights holds the fetches under way by key, so that requests for the same
// thing wait for one.
type flights struct {
	mu    sync.Mutex
	byKey map[string]*flight
}

type flight struct {
	generation uint64
	done       chan struct{}
	entry      *entry // set before done is closed
	how        string
}

// obtain returns the answer to a GET, kept or fetched, and its X-Cache value.
func (x *exchange) obtain(b *behavior, v *viewerRequest) (*entry, string) {
	var buffer [256]byte
	key := b.appendKey(buffer[:0], x.site.ID, v.path, v)
	old := x.cache.get(key)
	if old != nil && old.isFresh(x.options.Clock().UnixNano()) {
		return old, hit
	}
	f := x.join(string(key), old, b, v)
	select {
	case <-f.done:
		return f.entry, f.how
	case <-x.ctx.Done():
		return x.unreachable(x.site, v.path, x.ctx.Err()), errorResult
	}
}

// join returns the flight for a key: the one under way, unless something was
// invalidated since it began, or a new one. One that ended is as good.
func (x *exchange) join(key string, old *entry, b *behavior, v *viewerRequest) *flight {
	generation := x.cache.generation(x.site.ID).Load()
	x.flights.mu.Lock()
	defer x.flights.mu.Unlock()
	if f := x.flights.byKey[key]; f != nil && f.generation == generation {
		return f
	}
	// One that ended since the cache was looked at has left its answer there.
	if kept := x.cache.get([]byte(key)); kept != nil && kept != old && kept.isFresh(x.options.Clock().UnixNano()) {
		f := &flight{generation: generation, done: make(chan struct{}), entry: kept, how: hit}
		close(f.done)
		return f
	}
	if x.flights.byKey == nil {
		x.flights.byKey = map[string]*flight{}
	}
	f := &flight{generation: generation, done: make(chan struct{})}
	x.flights.byKey[key] = f
	fetched := *v
	fetched.method, fetched.body = http.MethodGet, nil
	e, s := x.Edge, x.site
	// The fetch goes on when the viewer who asked first goes away: others wait.
	e.fetches.Go(func() {
		f.entry, f.how = e.fill(s, b, &fetched, key, old, generation)
		e.flights.mu.Lock()
		if e.flights.byKey[key] == f {
			delete(e.flights.byKey, key)
		}
		e.flights.mu.Unlock()
		close(f.done)
	})
	return f
}

// fill asks the origin, keeps the answer if it may be kept, and returns it.
func (e *Edge) fill(s *site, b *behavior, v *viewerRequest, key string, old *entry, generation uint64) (*entry, string) {
	extra := http.Header{}
	if old != nil && old.status == http.StatusOK && !old.large {
		if old.etag != "" {
			extra.Set("If-None-Match", old.etag)
		} else if !old.modified.IsZero() {
			extra.Set("If-Modified-Since", old.modified.UTC().Format(http.TimeFormat))
		}
	}
	made, err := e.ask(s, b, v, extra)
	how := miss
	switch {
	case err != nil && stale(old):
		made, how = e.again(old, nil), hit
	case err != nil:
		made = e.unreachable(s, v.path, err)
	case made.status == http.StatusNotModified && stale(old):
		made, how = e.again(old, made.header), refreshHit
	case made.status >= 500 && stale(old):
		made, how = e.again(old, nil), hit // rather the old answer than an error
	}
	made.key, made.distribution, made.generation = key, s.ID, generation
	made.path = v.path
	if query := pickQuery(v.query, b.key.queries.takes); query != "" {
		made.path += "?" + query
	}
	now := e.options.Clock()
	keep := s.lifetime(b, made, now)
	if how == hit {
		keep = errorTTL
	}
	if keep > 0 {
		made.fresh = now.Add(keep).UnixNano()
		e.cache.put(made)
	}
	return made, how
}

func stale(old *entry) bool { return old != nil && old.status < 400 && !old.large }

func (e *Edge) ask(s *site, b *behavior, v *viewerRequest, extra http.Header) (*entry, error) {
	answer, err := e.fetch(e.closed, s, b, v, extra)
	if err != nil {
		return nil, err
	}
	made, err := e.keepable(answer)
	if closeErr := answer.Body.Close(); err == nil {
		err = closeErr
	}
	return made, err
}

// again returns a copy of a kept answer that is as new, with the headers that
// came with the news of that. With none it keeps its age.
func (e *Edge) again(old *entry, news http.Header) *entry {
	renewed := &entry{status: old.status, header: old.header, body: old.body, etag: old.etag, modified: old.modified, stored: old.stored}
	if news != nil {
		renewed.stored = e.options.Clock().UnixNano()
		renewed.header = old.header.Clone()
		for _, name := range []string{"Cache-Control", "Expires", "Date"} {
			if values := news[name]; len(values) > 0 {
				renewed.header[name] = values
			}
		}
	}
	for i := range old.variants {
		renewed.variants[i].encoded.Store(old.variants[i].encoded.Load())
	}
	return renewed
}
