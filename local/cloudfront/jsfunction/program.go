// Package jsfunction runs CloudFront Functions (runtimes cloudfront-js-1.0 and
// 2.0) for real, in goja.
//
// Each run has a world of its own: nothing that a function leaves behind, in a
// variable or on a built-in object, is seen by the next run. What a run reads
// is watched: the parts of the event, the time, randomness. A run whose result
// followed from the request's method and URI alone is remembered, because a
// run with the same two would read the same and so do the same.
//
// Missing: modules (crypto, querystring, cloudfront), Buffer, TextEncoder, key
// value stores.
package jsfunction

import (
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/dop251/goja"
)

// Program is a compiled function. It is safe for use by many goroutines.
type Program struct {
	name    string
	program *goja.Program
	limit   time.Duration
	now     func() time.Time
	memo    memo
}

// Compile compiles a function's code. Each run is given at most limit.
func Compile(name string, code []byte, limit time.Duration, now func() time.Time) (*Program, error) {
	program, err := goja.Compile(name, string(code), false)
	if err != nil {
		return nil, fmt.Errorf("compile function %s: %w", name, err)
	}
	return &Program{name: name, program: program, limit: limit, now: now}, nil
}

// Event is what a function is told of a request.
type Event struct {
	DistributionID     string
	DistributionDomain string
	RequestID          string
	IP                 string
	Method             string
	URI                string // escaped path
	Query              string // escaped, without ?
	Host               string
	Header             http.Header
}

// Response is an answer that a function sees, changes or makes.
type Response struct {
	Status      int
	Description string
	Header      http.Header // with Set-Cookie
	Body        []byte
	HasBody     bool // Body was given, if only as an empty one
}

// Result is what a function made of a request: either a Response, or the
// request to go on with.
type Result struct {
	Response *Response // nil: go on
	URI      string
	Query    string
	Header   http.Header // the event's own when nothing in it changed
}

// Request runs the function for viewer-request. The result is shared and must
// not be changed.
func (p *Program) Request(e *Event) (*Result, error) {
	if known := p.memo.get(e.Method, e.URI); known != nil {
		if known.Response != nil {
			return known, nil
		}
		return &Result{URI: known.URI, Query: e.Query, Header: e.Header}, nil
	}
	run := &run{program: p, event: e, kind: "viewer-request"}
	value, err := run.do()
	if err != nil {
		return nil, err
	}
	result, err := run.result(value)
	if err != nil {
		return nil, fmt.Errorf("function %s: %w", p.name, err)
	}
	if run.world == 0 && (result.Response != nil || run.request.onlyURI(value)) {
		p.memo.put(e.Method, e.URI, result)
	}
	return result, nil
}

// Rewrite returns the URI that the function is known to make of a request, if
// that follows from its method and URI alone.
func (p *Program) Rewrite(method, uri string) (rewritten string, ok bool) {
	p.memo.mu.RLock()
	r := p.memo.byMethod[method][uri]
	p.memo.mu.RUnlock()
	if r == nil || r.Response != nil {
		return "", false
	}
	return r.URI, true
}

// Response runs the function for viewer-response.
func (p *Program) Response(e *Event, response *Response) (*Response, error) {
	run := &run{program: p, event: e, kind: "viewer-response", response: response}
	value, err := run.do()
	if err != nil {
		return nil, err
	}
	object, ok := value.(*goja.Object)
	if !ok {
		return nil, fmt.Errorf("function %s: returned %s, not a response", p.name, value)
	}
	changed, err := run.readResponse(object)
	if err != nil {
		return nil, fmt.Errorf("function %s: %w", p.name, err)
	}
	return changed, nil
}

// errNoHandler says that the code has no function handler.
var errNoHandler = errors.New("there is no function handler")

const (
	memoEntries = 4096
	memoURI     = 512 // bytes of the longest URI that is remembered
)

// memo remembers results by method and URI. When it is full it starts anew.
type memo struct {
	mu       sync.RWMutex
	byMethod map[string]map[string]*Result
	entries  int
}

func (m *memo) get(method, uri string) *Result {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.byMethod[method][uri]
}

func (m *memo) put(method, uri string, r *Result) {
	if len(uri) > memoURI {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.entries >= memoEntries || m.byMethod == nil {
		m.byMethod, m.entries = map[string]map[string]*Result{}, 0
	}
	if m.byMethod[method] == nil {
		m.byMethod[method] = map[string]*Result{}
	}
	m.byMethod[method][uri] = r
	m.entries++
}
