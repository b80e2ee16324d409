package asl

import (
	"context"
	"fmt"
	"time"
)

// turnKey is under which a context has its turn.
type turnKey struct{ clock *VirtualClock }

// turn is a goroutine that takes turns with others.
type turn struct {
	paused *pause // the clock's lock guards it
}

// pause is a break that somebody makes in a turn, in which others have theirs.
// A nil pause is one of somebody who takes no turns: it does nothing.
type pause struct {
	c    *VirtualClock
	t    *turn
	stop func() bool   // keeps the alarm that is to end it from ringing; nil when there is none
	due  bool          // the turn comes back; the clock's lock guards it
	back chan struct{} // closed when it has
}

// pauseIn prepares a pause of whoever has that context. It begins with
// [pause.begin] and must end with [pause.end].
func (c *VirtualClock) pauseIn(ctx context.Context) *pause {
	if c == nil {
		return nil
	}
	t, ok := ctx.Value(turnKey{c}).(*turn)
	if !ok {
		return nil
	}
	return &pause{c: c, t: t, back: make(chan struct{})}
}

// begin gives the turn away.
func (p *pause) begin() {
	if p == nil {
		return
	}
	p.c.mu.Lock()
	p.t.paused = p
	p.c.mu.Unlock()
	p.c.leave()
}

// wake has the turn come back, after those that are due already. Whoever ends
// what is waited for calls it, at that very moment, so that the order of turns
// does not hang on when a goroutine is scheduled.
func (p *pause) wake() {
	if p == nil {
		return
	}
	p.c.mu.Lock()
	defer p.c.mu.Unlock()
	if !p.due {
		p.due = true
		p.c.queue(func() { close(p.back) })
	}
}

// end waits until the turn has come back, for whatever reason the pause is over.
func (p *pause) end() {
	if p == nil {
		return
	}
	p.wake()
	<-p.back
	p.c.mu.Lock()
	p.t.paused = nil
	p.c.mu.Unlock()
}

// interrupt ends the pause of whoever has that context, which is over.
func (c *VirtualClock) interrupt(ctx context.Context) {
	if c == nil {
		return
	}
	t, ok := ctx.Value(turnKey{c}).(*turn)
	if !ok {
		return
	}
	c.mu.Lock()
	p := t.paused
	c.mu.Unlock()
	if p == nil {
		return
	}
	if p.stop != nil {
		p.stop()
	}
	p.wake()
}

// Sleep lets d pass in virtual time, in which others have their turn. It is for
// tasks, and for what [VirtualClock.Go] runs, with the context that they were
// given; from elsewhere it returns some time after d has passed. It returns the
// context's error when that ends first.
func (c *VirtualClock) Sleep(ctx context.Context, d time.Duration) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("sleep: %w", err)
	}
	p := c.pauseIn(ctx)
	over := make(chan struct{})
	stop := c.AfterFunc(d, func() {
		close(over)
		p.wake()
	})
	if p != nil {
		p.stop = stop
	}
	p.begin()
	var err error
	select {
	case <-over:
	case <-ctx.Done():
		stop()
		err = fmt.Errorf("sleep: %w", ctx.Err())
	}
	p.end()
	return err
}

// hold keeps virtual time from going on; in real time it does nothing.
func (e *Engine) hold() (release func()) {
	if e.virtual == nil {
		return goesOn
	}
	return e.virtual.Hold()
}

func goesOn() {}

// work calls f in a goroutine that Close waits for. The caller holds e.mu and
// has seen that the engine is not closed.
func (e *Engine) work(ctx context.Context, f func(ctx context.Context)) {
	e.tasks.Add(1)
	if e.virtual == nil {
		go func() {
			defer e.tasks.Done()
			f(ctx)
		}()
		return
	}
	e.virtual.Go(ctx, func(ctx context.Context) {
		defer e.tasks.Done()
		f(ctx)
	})
}
