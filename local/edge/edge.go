package edge

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mayfly-dev/mayfly/local/cloudfront"
)

// Distributions is what the edge needs of the control plane. Its methods are
// called for every request and must be quick.
type Distributions interface {
	// ByHost returns what is deployed under a Host header.
	ByHost(host string) (*cloudfront.Deployment, bool)
	// LiveFunction returns the published code of a CloudFront Function.
	LiveFunction(arn string) (*cloudfront.Function, bool)
	// OnInvalidation calls do for each new invalidation until stop.
	OnInvalidation(do func(cloudfront.Invalidation)) (stop func())
}

// Principal is whom an origin is read as. For a custom origin, and for a
// bucket without identity or access control, both fields are empty.
type Principal struct {
	OriginAccessIdentity string // id of an origin access identity
	DistributionARN      string // of a distribution with an origin access control
	Custom               bool   // the origin is an HTTP server, not a bucket
}

// Origin fetches from where content comes from. The request is complete: its
// URL has the origin's domain name as the host. Fetch behaves as a
// http.RoundTripper: any status is an answer, an error means that there is
// none.
type Origin interface {
	Fetch(as Principal, r *http.Request) (*http.Response, error)
}

// Firewall decides by web ACLs. It is called for every request for a
// distribution that has one.
type Firewall interface {
	// Allows reports whether the web ACL with an ARN lets a request through.
	Allows(webACL string, r *http.Request) bool
}

// Request is one answered request, for metering.
type Request struct {
	DistributionID string // empty: no such distribution
	Method         string
	Status         int
	Bytes          int64 // of the body
	Uploaded       int64 // bytes of the viewer's body
	Hit            bool  // answered from the cache
	UserAgent      string
}

// Options say what an [Edge] works with.
type Options struct {
	// Distributions is the control plane. Required.
	Distributions Distributions
	// Origin fetches content. Required.
	Origin Origin
	// Firewall, when set, decides about requests for distributions that have a
	// web ACL.
	Firewall Firewall
	// CacheBytes bounds the cache's memory; zero means 256 MiB. An object
	// larger than an eighth of it, or than 32 MiB, is streamed, not cached.
	CacheBytes int64
	// Clock tells the time; nil means [time.Now].
	Clock func() time.Time
	// Random is the source of request ids; nil means crypto/rand.
	Random io.Reader
	// Observe, when set, is called after each request, in its goroutine.
	Observe func(Request)
	// FunctionTime bounds one run of a CloudFront Function, so that one without end
	// has one; zero means 2 s. It is time on the wall: a busy machine must not fail
	// what CloudFront, which counts time on the processor, would run.
	FunctionTime time.Duration
	// Logger gets what fails inside; nil means silence.
	Logger *slog.Logger
}

const (
	defaultCacheBytes = 256 << 20
	largestCached     = 32 << 20
)

// Edge serves the sites. It is an http.Handler, safe for use by many
// goroutines at once.
type Edge struct {
	options Options
	cache   *cache
	largest int64 // bytes of the largest object that is cached
	flights flights
	ids     requestIDs
	dates   dates
	stop    func()

	sites     atomic.Pointer[map[*cloudfront.Deployment]*site]
	compiling sync.Mutex // held to change sites

	closed    context.Context // done when the edge is closed
	cancel    context.CancelFunc
	fetches   sync.WaitGroup
	functions programs
}

// New returns an edge over options.Distributions. Close it.
func New(options Options) (*Edge, error) {
	if options.Distributions == nil || options.Origin == nil {
		return nil, errors.New("edge: Distributions and Origin are required")
	}
	if options.CacheBytes < 0 {
		return nil, errors.New("edge: CacheBytes is negative")
	}
	if options.CacheBytes == 0 {
		options.CacheBytes = defaultCacheBytes
	}
	if options.Clock == nil {
		options.Clock = time.Now
	}
	if options.Random == nil {
		options.Random = rand.Reader
	}
	if options.FunctionTime == 0 {
		options.FunctionTime = 2 * time.Second
	}
	if options.Logger == nil {
		options.Logger = slog.New(slog.DiscardHandler)
	}
	e := &Edge{
		options: options,
		cache:   newCache(options.CacheBytes),
		largest: min(options.CacheBytes/8, largestCached),
	}
	if err := e.ids.seed(options.Random); err != nil {
		return nil, err
	}
	e.closed, e.cancel = context.WithCancel(context.Background())
	e.sites.Store(&map[*cloudfront.Deployment]*site{})
	e.stop = options.Distributions.OnInvalidation(e.invalidate)
	return e, nil
}

// Close stops fetching and following invalidations, and waits until nothing
// runs.
func (e *Edge) Close() error {
	e.stop()
	e.cancel()
	e.fetches.Wait()
	return nil
}
