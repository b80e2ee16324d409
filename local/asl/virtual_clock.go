package asl

import (
	"container/heap"
	"context"
	"sync"
	"time"
)

// VirtualClock is a [Clock] for which nobody waits: as soon as its engine has
// nothing to do, its time jumps to the next deadline. A machine that waits a
// week ends at once, and its history says that a week has passed.
//
// No time passes while a task is at work, however long that takes, so that no
// time limit strikes a task that is merely slow to compute. A task that is to
// take time says so by [VirtualClock.Sleep].
//
// Tasks and deadlines take turns: one at a time, in the order in which they
// came. The same machine with the same input, tasks, Random and Jitter thus
// gives the same history, byte for byte. For that a task must not wait for
// another one by other means than Sleep, [Engine.Wait] and
// [Engine.NextActivityTask], each with the context that the task was given:
// these give its turn away.
//
// Several engines may share a clock. It has no goroutine while it is at rest,
// and needs no closing.
type VirtualClock struct {
	mu     sync.Mutex
	now    time.Time
	ready  []func() // turns, in the order in which they will be taken
	alarms alarms
	set    uint64 // how many alarms there have been
	held   int    // how many keep the clock from going on
	taken  bool   // somebody has the turn
}

// NewVirtualClock makes a clock that stands at a time.
func NewVirtualClock(now time.Time) *VirtualClock { return &VirtualClock{now: now} }

// Now returns the virtual time.
func (c *VirtualClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// AfterFunc calls f once d has passed in virtual time. Of calls that are due at
// the same time, the one that was asked for first is the first.
func (c *VirtualClock) AfterFunc(d time.Duration, f func()) (stop func() bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	a := &alarm{when: c.now.Add(max(d, 0)), number: c.set, f: f}
	c.set++
	heap.Push(&c.alarms, a)
	c.proceed()
	return func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		if a.place < 0 {
			return false
		}
		heap.Remove(&c.alarms, a.place)
		return true
	}
}

// Hold keeps the clock, and all that takes turns, from going on until release is
// called: executions that are started meanwhile start at the same time. An
// engine must not be closed while its clock is held.
func (c *VirtualClock) Hold() (release func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.held++
	return sync.OnceFunc(func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.held--
		c.proceed()
	})
}

// Go calls f in a goroutine of its own when its turn comes; the clock goes on
// once f has returned. It is for what an engine works with, such as a worker of
// an activity. The context that f gets is made of ctx.
func (c *VirtualClock) Go(ctx context.Context, f func(ctx context.Context)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.queue(func() {
		f(context.WithValue(ctx, turnKey{c}, &turn{}))
		c.leave()
	})
}

// queue enters a turn that is to be taken. The caller holds the lock.
func (c *VirtualClock) queue(turn func()) {
	c.ready = append(c.ready, turn)
	c.proceed()
}

// leave gives the turn away.
func (c *VirtualClock) leave() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.taken = false
	c.proceed()
}

// proceed has the next turn taken, if there is one and nobody is in the way.
// The caller holds the lock.
func (c *VirtualClock) proceed() {
	if c.taken || c.held > 0 {
		return
	}
	switch {
	case len(c.ready) > 0:
		turn := c.ready[0]
		c.ready[0] = nil
		c.ready = c.ready[1:]
		c.taken = true
		go turn()
	case len(c.alarms) > 0:
		a := heap.Pop(&c.alarms).(*alarm) //nolint:forcetypeassert // nothing else is in it
		if a.when.After(c.now) {
			c.now = a.when
		}
		c.taken = true
		go func() {
			a.f()
			c.leave()
		}()
	}
}

// alarm is a call that is due at a time.
type alarm struct {
	when   time.Time
	number uint64
	place  int // in the heap; -1 when it is not there any more
	f      func()
}

// alarms is a heap of them, for container/heap.
type alarms []*alarm

func (a alarms) Len() int { return len(a) }

func (a alarms) Less(i, j int) bool {
	if a[i].when.Equal(a[j].when) {
		return a[i].number < a[j].number
	}
	return a[i].when.Before(a[j].when)
}

func (a alarms) Swap(i, j int) {
	a[i], a[j] = a[j], a[i]
	a[i].place, a[j].place = i, j
}

// Push is container/heap's.
func (a *alarms) Push(x any) {
	one := x.(*alarm) //nolint:forcetypeassert // AfterFunc pushes nothing else
	one.place = len(*a)
	*a = append(*a, one)
}

// Pop is container/heap's.
func (a *alarms) Pop() any {
	last := len(*a) - 1
	one := (*a)[last]
	(*a)[last] = nil
	*a = (*a)[:last]
	one.place = -1
	return one
}
