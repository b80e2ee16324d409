package gateway

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"sync"
	"time"
)

// Faults are what goes wrong on purpose, for tests. Rules are added at any
// time; a nil Faults injects nothing. It is safe for concurrent use.
type Faults struct {
	mu    sync.Mutex
	rules []*Fault
}

// Fault is one rule: which calls it hits, and what becomes of them.
type Fault struct {
	Service   string
	Operation string
	// Skip is how many such calls pass first, and Times how many are hit then;
	// zero Times means one.
	Skip, Times int
	// Code and Status are the error that is answered instead of the call being
	// made. With LoseReply the call is made, and its reply is lost.
	Code      string
	Status    int
	LoseReply bool
	// Late, when set, is when the call comes to something: its reply is lost at
	// once, and it is made once the channel is closed, as one that was stuck on
	// its way. Came, when set, is called after it.
	Late <-chan struct{}
	Came func()
	// Delay passes before anything else does. Alone, the call is made after it.
	Delay time.Duration
	// Hit, when set, is called for each call that is hit.
	Hit func()
}

// Add adds a rule.
func (f *Faults) Add(fault Fault) {
	if fault.Times == 0 {
		fault.Times = 1
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.rules = append(f.rules, &fault)
}

// Clear removes all rules.
func (f *Faults) Clear() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.rules = nil
}

// next returns the fault for a call, if a rule hits it.
func (f *Faults) next(service, operation string) (Fault, bool) {
	if f == nil {
		return Fault{}, false
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, rule := range f.rules {
		if rule.Service != service || rule.Operation != operation || rule.Times == 0 {
			continue
		}
		if rule.Skip > 0 {
			rule.Skip--
			continue
		}
		rule.Times--
		if rule.Hit != nil {
			rule.Hit()
		}
		return *rule, true
	}
	return Fault{}, false
}

// apply makes the fault happen to one call.
func (f Fault) apply(w http.ResponseWriter, r *http.Request, name string, service Service) {
	if f.Delay > 0 {
		timer := time.NewTimer(f.Delay)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-r.Context().Done():
			return // nobody waits for an answer any more
		}
	}
	if f.Late != nil {
		f.makeLater(r, service)
		panic(http.ErrAbortHandler)
	}
	if !f.LoseReply && f.Code == "" {
		service.ServeHTTP(w, r)
		return
	}
	if !f.LoseReply {
		Refuse(w, r, name, f.Status, f.Code, "injected: "+f.Code)
		return
	}
	service.ServeHTTP(lost{http.Header{}}, r)
	// The server closes the connection without an answer.
	panic(http.ErrAbortHandler)
}

// makeLater makes a call of which nobody waits for the answer any more.
func (f Fault) makeLater(r *http.Request, service Service) {
	body, err := io.ReadAll(r.Body)
	stuck := r.Clone(context.WithoutCancel(r.Context()))
	stuck.Body = io.NopCloser(bytes.NewReader(body))
	go func() {
		<-f.Late
		if err == nil { // else the request itself never came whole
			service.ServeHTTP(lost{http.Header{}}, stuck)
		}
		if f.Came != nil {
			f.Came()
		}
	}()
}

// lost takes an answer that nobody gets.
type lost struct{ header http.Header }

func (l lost) Header() http.Header       { return l.header }
func (lost) Write(p []byte) (int, error) { return io.Discard.Write(p) }
func (lost) WriteHeader(int)             {}

// statusWriter remembers the status of an answer.
type statusWriter struct {
	http.ResponseWriter
	status int
}

// Unwrap lets http.ResponseController reach the writer beneath.
func (s *statusWriter) Unwrap() http.ResponseWriter { return s.ResponseWriter }

func (s *statusWriter) WriteHeader(status int) {
	s.status = status
	s.ResponseWriter.WriteHeader(status)
}

// ReadFrom keeps the fast path of the writer beneath for large bodies.
func (s *statusWriter) ReadFrom(r io.Reader) (int64, error) {
	return io.Copy(s.ResponseWriter, r)
}

func (s *statusWriter) code() int {
	if s.status == 0 {
		return http.StatusOK
	}
	return s.status
}
