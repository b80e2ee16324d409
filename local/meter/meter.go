package meter

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mayfly-dev/mayfly/local/cloudwatch"
	"github.com/mayfly-dev/mayfly/local/edge"
)

// Metrics takes data into a namespace: CloudWatch.
type Metrics interface {
	Put(ctx context.Context, namespace string, data []cloudwatch.Datum) error
}

// Meter counts. Its methods may be called at any time by any goroutine.
type Meter struct {
	metrics Metrics
	now     func() time.Time

	flushing sync.Mutex
	since    time.Time // the flush before
	used     Used      // since TakeUsed

	sites        table[site]
	repositories table[repository]
	inspected    table[inspection]
	measured     measured
}

// New returns a meter that has counted nothing.
func New(metrics Metrics, now func() time.Time) *Meter {
	return &Meter{metrics: metrics, now: now, since: wall(now()), used: newUsed()}
}

// mostGap is how long after another a flush is at most, unless the clock jumped.
const mostGap = time.Minute

// wall is a time without the reading of the monotonic clock, which stands still
// while a machine is asleep.
func wall(t time.Time) time.Time { return t.Round(0) }

// site counts the requests for a distribution.
type site struct{ requests, down, up, clientErrors, serverErrors, cacheable, hits atomic.Int64 }

// repository counts the pulls from a repository.
type repository struct{ pulls atomic.Int64 }

// Request counts a request that the edge has answered.
func (m *Meter) Request(r edge.Request) {
	if r.DistributionID == "" {
		return // nobody's
	}
	s := m.sites.of(r.DistributionID)
	defer s.requests.Add(1) // last: what is told of a request is there when it is counted
	s.down.Add(r.Bytes)
	if r.Uploaded > 0 {
		s.up.Add(r.Uploaded)
	}
	switch {
	case r.Status >= 500:
		s.serverErrors.Add(1)
	case r.Status >= 400:
		s.clientErrors.Add(1)
	case r.Method == http.MethodGet || r.Method == http.MethodHead: // CloudFront takes neither others nor errors for cacheable
		s.cacheable.Add(1)
		if r.Hit {
			s.hits.Add(1)
		}
	}
}

// Pulled counts a pull from a private repository.
func (m *Meter) Pulled(name string, _ time.Time) { m.repositories.of(name).pulls.Add(1) }

// Pushed counts nothing: ECR has no metric of pushes.
func (m *Meter) Pushed(string, int64, time.Time) {}

// Flush tells CloudWatch what was counted since the last one. What it can't
// tell it tells with the next.
func (m *Meter) Flush(ctx context.Context) error {
	m.flushing.Lock()
	defer m.flushing.Unlock()
	at, now := m.since, wall(m.now())
	m.since = now
	if gap := now.Sub(at); gap < 0 || gap > mostGap {
		at = now
	}
	var data []cloudwatch.Datum
	var undo []func()
	for id, s := range m.sites.all() {
		before := len(data)
		if data, undo = s.take(data, undo, id, at); len(data) > before {
			m.used.Distributions[id] = true
		}
	}
	if err := m.tell(ctx, "AWS/CloudFront", data, undo); err != nil {
		return err
	}
	data, undo = nil, nil
	for name, r := range m.repositories.all() {
		if pulls := r.pulls.Swap(0); pulls > 0 {
			m.used.Repositories[name] = true
			undo = append(undo, func() { r.pulls.Add(pulls) })
			data = append(data, cloudwatch.Datum{
				Name: "RepositoryPullCount", At: at, Dimensions: []cloudwatch.Dimension{{Name: "RepositoryName", Value: name}},
				Unit: "Count", Values: []float64{1}, Counts: []float64{float64(pulls)},
			})
		}
	}
	if err := m.tell(ctx, "AWS/ECR", data, undo); err != nil {
		return err
	}
	if err := m.tellInspected(ctx, at); err != nil {
		return err
	}
	return m.tellMeasured(ctx)
}

func (m *Meter) tell(ctx context.Context, namespace string, data []cloudwatch.Datum, undo []func()) error {
	if len(data) == 0 {
		return nil
	}
	if err := m.metrics.Put(ctx, namespace, data); err != nil {
		for _, back := range undo {
			back()
		}
		return fmt.Errorf("tell CloudWatch what was served: %w", err)
	}
	return nil
}

// take moves what was counted for a site to data under a time, and adds to undo
// what moves it back.
func (s *site) take(data []cloudwatch.Datum, undo []func(), id string, at time.Time) ([]cloudwatch.Datum, []func()) {
	requests := s.requests.Swap(0)
	if requests == 0 {
		return data, undo
	}
	// Of a request that is being counted some may be there already: bytes are told
	// with those of others, and what makes a share waits for its request.
	down, up := s.down.Swap(0), s.up.Swap(0)
	clients, servers, cacheable := atMost(&s.clientErrors, requests), atMost(&s.serverErrors, requests), atMost(&s.cacheable, requests)
	hits := atMost(&s.hits, cacheable)
	undo = append(undo, func() {
		for c, n := range map[*atomic.Int64]int64{
			&s.requests: requests, &s.down: down, &s.up: up, &s.clientErrors: clients, &s.serverErrors: servers, &s.cacheable: cacheable, &s.hits: hits,
		} {
			c.Add(n)
		}
	})
	add := func(name, unit string, set cloudwatch.StatisticSet) {
		if set.SampleCount > 0 {
			data = append(data, cloudwatch.Datum{Name: name, At: at, Unit: unit, Set: &set, Dimensions: []cloudwatch.Dimension{{Name: "DistributionId", Value: id}, {Name: "Region", Value: "Global"}}})
		}
	}
	add("Requests", "None", cloudwatch.StatisticSet{SampleCount: float64(requests), Sum: float64(requests), Minimum: 1, Maximum: 1})
	add("BytesDownloaded", "None", bytes(requests, down))
	add("BytesUploaded", "None", bytes(requests, up))
	add("4xxErrorRate", "Percent", percent(requests, clients))
	add("5xxErrorRate", "Percent", percent(requests, servers))
	add("TotalErrorRate", "Percent", percent(requests, clients+servers))
	add("CacheHitRate", "Percent", percent(cacheable, hits))
	return data, undo
}

// atMost takes up to most of what a counter has.
func atMost(c *atomic.Int64, most int64) int64 {
	n := c.Swap(0)
	if n > most {
		c.Add(n - most)
		n = most
	}
	return n
}

// bytes is the sum of what requests moved, of which each had at least nothing
// and at most all. The sum is the statistic that CloudFront says is of use.
func bytes(requests, sum int64) cloudwatch.StatisticSet {
	return cloudwatch.StatisticSet{SampleCount: float64(requests), Sum: float64(sum), Maximum: float64(sum)}
}

// percent is a share as the average of what is 100 for some of all and 0 for the
// rest: so averages over any time are right.
func percent(all, some int64) cloudwatch.StatisticSet {
	set := cloudwatch.StatisticSet{SampleCount: float64(all), Sum: 100 * float64(some)}
	if some > 0 {
		set.Maximum = 100
	}
	if some == all {
		set.Minimum = 100
	}
	return set
}

// table is counters by name. Finding one that is there takes no lock. They are
// never removed: each is a few words, and there is one for each distribution
// and repository that this process served.
type table[T any] struct {
	known atomic.Pointer[map[string]*T]
	grow  sync.Mutex
}

func (t *table[T]) of(name string) *T {
	if known := t.known.Load(); known != nil {
		if c := (*known)[name]; c != nil {
			return c
		}
	}
	t.grow.Lock()
	defer t.grow.Unlock()
	next := make(map[string]*T)
	for n, c := range t.all() {
		next[n] = c
	}
	if next[name] == nil {
		next[name] = new(T)
	}
	t.known.Store(&next)
	return next[name]
}

func (t *table[T]) all() map[string]*T {
	if known := t.known.Load(); known != nil {
		return *known
	}
	return nil
}
