package asl

import "context"

// settle ends what an execution does at one stroke: what it has recorded goes to
// the journal, and what follows from that happens when it is durable. The caller
// holds the execution's lock, which settle gives back. When one is true, a task
// that may start at once is returned rather than started.
func (x *execution) settle(one bool) *running {
	if x.e.writer != nil && !x.info.ephemeral {
		if !x.queued && x.sent == len(x.log) && x.created {
			return x.settled(one) // nothing is left to write
		}
		queued := x.queued
		x.queued = true
		x.mu.Unlock()
		if !queued {
			x.e.writer.add(x)
		}
		return nil
	}
	x.sent = len(x.log)
	return x.settled(one)
}

// settled makes everything that was sent visible, and lets happen what waited
// for it. The caller holds the lock, which settled gives back.
func (x *execution) settled(one bool) *running {
	x.durable = x.sent
	var ended bool
	if x.durable == len(x.log) {
		ended = x.shown.status == StatusRunning && x.status != StatusRunning
		x.shown = shown{status: x.status, stopped: x.stopped, output: x.output.raw, failed: x.failed,
			redrives: x.redrives, redrivenAt: x.redrivenAt}
	}
	var first *running
	var thens []func()
	left := x.actions[:0]
	for _, a := range x.actions {
		switch {
		case a.after > x.durable:
			left = append(left, a)
		case a.then != nil:
			thens = append(thens, a.then)
		case a.task.frame.task != a.task:
		case a.task.frame.state.task.pattern == patternActivity:
			x.e.activities.offer(x, a.task)
		case x.e.isClosed():
		case one && first == nil:
			first = a.task
		default:
			x.e.start(x, a.task)
		}
	}
	clear(x.actions[len(left):])
	x.actions = left
	if x.ready != nil && x.durable >= x.readyAt {
		close(x.ready)
		x.ready = nil
	}
	if ended {
		x.release()
		if x.info.ephemeral {
			x.e.forgetEphemeral(x) // before anybody knows that it has ended
		}
		if x.done != nil {
			close(x.done)
		}
		for _, p := range x.paused {
			p.wake()
		}
		x.paused = nil
	}
	x.mu.Unlock()
	for _, then := range thens {
		then()
	}
	if ended && !x.info.ephemeral {
		x.e.executionEnded(x)
	}
	return first
}

// durably returns a channel that is closed when all that is recorded so far is
// durable; nil when it is already, or never will be. The caller holds the lock.
func (x *execution) durably() <-chan struct{} {
	if x.e.writer == nil || x.info.ephemeral || x.created && x.durable == len(x.log) {
		return nil
	}
	if x.ready == nil {
		x.ready = make(chan struct{})
	}
	x.readyAt = len(x.log)
	return x.ready
}

// await waits for what durably returned.
func (e *Engine) await(ctx context.Context, ready <-chan struct{}) error {
	if ready == nil {
		return nil
	}
	select {
	case <-ready:
		return nil
	case <-ctx.Done():
		return ctx.Err() //nolint:wrapcheck // the caller says what was waited for
	case <-e.writer.failed:
		return e.writer.err
	case <-e.writer.ended:
		select {
		case <-ready:
			return nil
		default:
			return ErrClosed
		}
	}
}

// release lets go of what an execution that has ended no longer needs.
func (x *execution) release() {
	x.root = frame{x: x, last: x.root.last, flow: x.root.flow, state: x.root.state}
	x.output = value{}
	x.actions = nil
}
