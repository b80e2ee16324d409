package cloudfront

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

const (
	account   = "000000000000"
	arnPrefix = "arn:aws:cloudfront::" + account + ":"
)

// Quotas are the account's limits; zero fields take AWS's defaults.
type Quotas struct {
	Distributions          int // 500
	OAIs                   int // 100
	OACs                   int // 100
	Functions              int // 100
	InvalidationFiles      int // 3,000 paths in progress at once, over all distributions
	InvalidationWildcards  int // 15 paths with * in progress at once
	BehaviorsPerDistrib    int // 25, the default one included
	OriginsPerDistribution int // 25
}

func (q Quotas) withDefaults() Quotas {
	for _, field := range []struct {
		value    *int
		standard int
	}{
		{&q.Distributions, 500}, {&q.OAIs, 100}, {&q.OACs, 100}, {&q.Functions, 100},
		{&q.InvalidationFiles, 3000}, {&q.InvalidationWildcards, 15},
		{&q.BehaviorsPerDistrib, 25}, {&q.OriginsPerDistribution, 25},
	} {
		if *field.value == 0 {
			*field.value = field.standard
		}
	}
	return q
}

// Options say where and how a [Service] works.
type Options struct {
	// Dir is the folder of the durable state. Required.
	Dir string
	// Propagation is how long a change of a distribution, or an invalidation,
	// is in progress. Zero means that it is done at once.
	Propagation time.Duration
	// Clock tells the time; nil means [time.Now].
	Clock func() time.Time
	// Random is the source of ids; nil means crypto/rand.
	Random io.Reader
	// Quotas are the account's limits.
	Quotas Quotas
	// DomainSuffix follows a distribution's label in its domain name; empty
	// means "cloudfront.localhost".
	DomainSuffix string
	// WebACL tells whether there is a web ACL with an ARN; nil is for no. It is
	// called under the service's lock and must take none that is held while
	// NamesWebACL is called.
	WebACL func(arn string) bool
	// RatePerSecond, when above zero, is how many requests a second are
	// accepted (with a burst of the same size); more answer Throttling, 400,
	// as AWS does.
	RatePerSecond float64
	// Logger gets what fails inside; nil means silence.
	Logger *slog.Logger
}

// Service is CloudFront's control plane. It is an http.Handler, safe for use
// by many goroutines at once.
type Service struct {
	options Options
	store   *store
	limiter *limiter

	mu sync.RWMutex // guards tables; held over a write to the store
	tables

	hosts     atomic.Pointer[map[string]*route]
	published atomic.Pointer[map[string]*Function]

	listeners atomic.Pointer[[]*listener]
}

// New opens the state under options.Dir and returns the service. Close it.
func New(options Options) (*Service, error) {
	if options.Dir == "" {
		return nil, errors.New("cloudfront: Dir is required")
	}
	if options.Propagation < 0 {
		return nil, fmt.Errorf("cloudfront: Propagation %s is negative", options.Propagation)
	}
	if options.Clock == nil {
		options.Clock = time.Now
	}
	if options.Random == nil {
		options.Random = rand.Reader
	}
	if options.DomainSuffix == "" {
		options.DomainSuffix = "cloudfront.localhost"
	}
	if options.WebACL == nil {
		options.WebACL = func(string) bool { return false }
	}
	if options.Logger == nil {
		options.Logger = slog.New(slog.DiscardHandler)
	}
	options.Quotas = options.Quotas.withDefaults()

	opened, err := openStore(options.Dir)
	if err != nil {
		return nil, fmt.Errorf("cloudfront: %w", err)
	}
	s := &Service{options: options, store: opened, tables: newTables(), limiter: newLimiter(options.RatePerSecond, options.Clock)}
	s.listeners.Store(&[]*listener{})
	if err := opened.load(s.add); err != nil {
		return nil, errors.Join(fmt.Errorf("cloudfront: load: %w", err), opened.close())
	}
	for _, d := range s.distributions {
		d.refresh()
	}
	for _, f := range s.functions {
		f.refresh()
	}
	s.publishHosts()
	s.publishFunctions()
	return s, nil
}

// Close closes the state. The service answers InternalError to changes after
// it.
func (s *Service) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.store.close(); err != nil {
		return fmt.Errorf("cloudfront: close: %w", err)
	}
	return nil
}

// now is the time to compare and store: UTC, to the millisecond, which is what
// the API shows.
func (s *Service) now() time.Time { return s.options.Clock().UTC().Truncate(time.Millisecond) }

// save writes changes, and turns a failure into the API's error.
func (s *Service) save(changes ...change) *Error {
	if err := s.store.apply(changes...); err != nil {
		s.options.Logger.Error("cloudfront state was not written", "error", err)
		return refuse("InternalError", "The local CloudFront could not write its state: %v", err)
	}
	return nil
}
