package asl

import (
	"context"
	"fmt"
	"time"
)

// maxRedrives is how often an execution may be redriven.
const maxRedrives = 1000

// Redrive goes on with an execution that failed, timed out or was aborted: from
// the state that had not succeeded, with the input that it had. Within Parallel
// and Map states everything is done again. The error is [ErrNotRedrivable].
func (e *Engine) Redrive(executionARN string) (time.Time, error) {
	x, err := e.find(executionARN)
	if err != nil {
		return time.Time{}, err
	}
	if e.isClosed() {
		return time.Time{}, fmt.Errorf("redrive %s: %w", executionARN, ErrClosed)
	}
	x.mu.Lock()
	if x.status == StatusRunning || x.status == StatusSucceeded || x.shown.status != x.status || x.info.express ||
		x.info.ephemeral || x.redrives >= maxRedrives || x.lastID >= MaxEvents {
		x.mu.Unlock()
		return time.Time{}, fmt.Errorf("redrive %s: %w", executionARN, ErrNotRedrivable)
	}
	// The log knows which state that was.
	again := &execution{e: e, m: x.m, source: x.source, log: x.log}
	if err := again.fold(); err != nil {
		x.mu.Unlock()
		return time.Time{}, fmt.Errorf("redrive %s: %w", executionARN, err)
	}
	e.mu.Lock()
	x.life++
	e.mu.Unlock()
	x.tick()
	x.root = again.root
	x.root.x = x
	x.nextFrame = again.nextFrame
	r := record{kind: evExecutionRedriven, n1: int64(x.redrives + 1), previous: x.lastID}
	x.emit(&r)
	x.foldRedrive(&r)
	x.done = nil
	x.shown.status = StatusRunning
	x.setDeadline()
	x.advance(&x.root)
	at := time.UnixMilli(x.redrivenAt)
	ready := x.durably()
	if task := x.settle(true); task != nil {
		e.start(x, task)
	}
	if err := e.await(context.Background(), ready); err != nil {
		return time.Time{}, fmt.Errorf("redrive %s: %w", executionARN, err)
	}
	return at, nil
}

// foldRedrive puts the execution back before the state that had not succeeded.
func (x *execution) foldRedrive(r *record) {
	f := &x.root
	x.redrives, x.redrivenAt = int(r.n1), r.time
	x.status, x.failed, x.stopped, x.output = StatusRunning, TaskError{}, 0, value{}
	state, input, vars := f.state, f.input, f.vars
	x.root = frame{x: x, flow: x.source, state: state, input: input, vars: vars, last: r.id}
}
