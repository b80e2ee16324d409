package bus

import (
	"container/heap"
	"context"
	"sync"
	"time"
)

// atOnce is how many deliveries to one target may be under way at a time. Targets
// do not wait for each other.
const atOnce = 16

// couriers deliver parcels: each target has a lane of those that are due, and
// those for later wait in a heap.
type couriers struct {
	s *Service

	mu      sync.Mutex
	pending map[string]*parcel // by ID
	lanes   map[string]*lane   // by ARN
	waiting waiting
	timer   *time.Timer
	running bool
	stopped bool
	// ctx ends attempts under way; done is waited for by stop.
	ctx    context.Context //nolint:containedctx // it is the life of the goroutines, not of a call
	cancel context.CancelFunc
	done   sync.WaitGroup
	// empty is closed when nothing is pending; nil while nobody waits.
	empty chan struct{}
}

// lane is what is due to one target.
type lane struct {
	ready []*parcel
	held  []*parcel // by chaos; they are in the heap, too
	busy  int
}

func newCouriers(s *Service) *couriers {
	c := &couriers{s: s, pending: map[string]*parcel{}, lanes: map[string]*lane{}}
	c.ctx, c.cancel = context.WithCancel(context.Background())
	return c
}

func (c *couriers) start() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.running || c.stopped {
		return
	}
	c.running = true
	for arn := range c.lanes {
		c.pump(arn)
	}
	c.wake()
}

func (c *couriers) stop() {
	c.mu.Lock()
	c.stopped, c.running = true, false
	if c.timer != nil {
		c.timer.Stop()
	}
	c.mu.Unlock()
	c.cancel()
	c.done.Wait()
}

// add takes a parcel that is in the journal. One that is known already goes on
// as it is.
func (c *couriers) add(p *parcel) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.pending[p.ID] != nil {
		return
	}
	c.pending[p.ID] = p
	c.queue(p)
}

// queue puts a parcel into its lane, or among those that wait. The caller holds
// mu, here and below.
func (c *couriers) queue(p *parcel) {
	l := c.lane(p.Target.ARN)
	if p.held {
		l.held = append(l.held, p)
	}
	if p.held || p.Due.After(c.s.o.Now()) {
		heap.Push(&c.waiting, p)
		c.wake()
		return
	}
	l.ready = append(l.ready, p)
	c.pump(p.Target.ARN)
}

func (c *couriers) lane(arn string) *lane {
	l := c.lanes[arn]
	if l == nil {
		l = &lane{}
		c.lanes[arn] = l
	}
	return l
}

// release lets go what was held until another parcel had gone first.
func (c *couriers) release(arn string) {
	l := c.lanes[arn]
	for _, p := range l.held {
		heap.Remove(&c.waiting, p.place)
		p.held = false
		l.ready = append(l.ready, p)
	}
	l.held = nil
}

// pump starts as many deliveries of a lane as may be under way.
func (c *couriers) pump(arn string) {
	l := c.lanes[arn]
	for c.running && l.busy < atOnce && len(l.ready) > 0 {
		p := l.ready[0]
		l.ready = l.ready[1:]
		l.busy++
		c.done.Go(func() { c.carry(p) })
	}
	if l.busy == 0 && len(l.ready) == 0 && len(l.held) == 0 {
		delete(c.lanes, arn)
	}
}

// wake sets the timer to the parcel that is due first.
func (c *couriers) wake() {
	if !c.running || len(c.waiting) == 0 {
		return
	}
	after := max(c.waiting[0].Due.Sub(c.s.o.Now()), 0)
	if c.timer == nil {
		c.timer = time.AfterFunc(after, c.ring)
		return
	}
	c.timer.Reset(after)
}

// ring moves what has become due into its lane.
func (c *couriers) ring() {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.s.o.Now()
	for c.running && len(c.waiting) > 0 && !c.waiting[0].Due.After(now) {
		p := heap.Pop(&c.waiting).(*parcel)
		l := c.lane(p.Target.ARN)
		if p.held {
			p.held = false
			l.held = without(l.held, p)
		}
		l.ready = append(l.ready, p)
		c.pump(p.Target.ARN)
	}
	c.wake()
}

func without(all []*parcel, p *parcel) (rest []*parcel) {
	for _, other := range all {
		if other != p {
			rest = append(rest, other)
		}
	}
	return rest
}

// finish ends a parcel: it is delivered, or dead and kept, or dropped.
func (c *couriers) finish(p *parcel) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.pending, p.ID)
	c.release(p.Target.ARN)
	c.left(p)
	if len(c.pending) == 0 && c.empty != nil {
		close(c.empty)
		c.empty = nil
	}
}

// again queues a parcel for another attempt.
func (c *couriers) again(p *parcel) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.queue(p)
	c.left(p)
}

// left counts that a parcel is not under way any more.
func (c *couriers) left(p *parcel) {
	c.lane(p.Target.ARN).busy--
	c.pump(p.Target.ARN)
}

func (c *couriers) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.pending)
}

func (c *couriers) idle(ctx context.Context) error {
	c.mu.Lock()
	if len(c.pending) == 0 {
		c.mu.Unlock()
		return nil
	}
	if c.empty == nil {
		c.empty = make(chan struct{})
	}
	empty := c.empty
	c.mu.Unlock()
	select {
	case <-empty:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx) //nolint:wrapcheck // the caller's own
	}
}

// snapshot is the journal of what is pending now.
func (c *couriers) snapshot() []record {
	c.mu.Lock()
	defer c.mu.Unlock()
	records := make([]record, 0, len(c.pending))
	for _, p := range c.pending {
		copied := *p
		records = append(records, record{Event: p.Event, Parcels: []*parcel{&copied}})
	}
	return records
}

// waiting is a heap of parcels, the one due first on top.
type waiting []*parcel

func (w waiting) Len() int           { return len(w) }
func (w waiting) Less(i, j int) bool { return w[i].Due.Before(w[j].Due) }
func (w waiting) Swap(i, j int) {
	w[i], w[j] = w[j], w[i]
	w[i].place, w[j].place = i, j
}

func (w *waiting) Push(x any) {
	p := x.(*parcel)
	p.place = len(*w)
	*w = append(*w, p)
}

func (w *waiting) Pop() any {
	last := len(*w) - 1
	p := (*w)[last]
	(*w)[last], *w = nil, (*w)[:last]
	return p
}
