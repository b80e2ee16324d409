package asl

import (
	"context"
	"sync"
	"time"
)

// taskContext is the context of one try of a task. Most tasks never look at it,
// and a context of [context.WithCancel] costs a third of what a short task does:
// it is made when somebody asks for Done.
type taskContext struct {
	parent context.Context

	mu     sync.Mutex
	over   bool
	made   context.Context // nil until somebody asks
	cancel context.CancelFunc
}

// end cancels the context.
func (c *taskContext) end() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.over = true
	if c.made != nil {
		c.cancel()
	}
}

// Done returns a channel that is closed when the task is over.
func (c *taskContext) Done() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.made == nil {
		c.made, c.cancel = context.WithCancel(c.parent)
		if c.over {
			c.cancel()
		}
	}
	return c.made.Done()
}

// now returns the context that was made, or the parent.
func (c *taskContext) now() (ctx context.Context, over bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.made != nil {
		return c.made, c.over
	}
	return c.parent, c.over
}

// Err says whether the task is over, and why.
func (c *taskContext) Err() error {
	ctx, over := c.now()
	if err := ctx.Err(); err != nil || !over {
		return err //nolint:wrapcheck // a context has two errors, which are compared
	}
	return context.Canceled
}

// Value returns what the parent has for the key.
func (c *taskContext) Value(key any) any {
	ctx, _ := c.now()
	return ctx.Value(key)
}

// Deadline returns the parent's.
func (c *taskContext) Deadline() (time.Time, bool) { return c.parent.Deadline() }
