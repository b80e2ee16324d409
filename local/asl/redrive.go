package asl

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// What AWS allows of redrives.
const (
	redrivablePeriod  = 14 * 24 * time.Hour  // since the execution ended
	maxExecutionTime  = 365 * 24 * time.Hour // since it started
	maxRedrivenEvents = MaxEvents - 1
	// A token that a redrive was asked for with is good for so long, and the
	// last so many are known.
	redriveTokenTime = 15 * time.Minute
	maxRedriveTokens = 10
)

// redrive is one that was asked for with a token.
type redrive struct {
	token string
	at    int64 // milliseconds
}

// Redrive goes on with an execution that failed, timed out or was aborted: with
// the states that had not succeeded, and the input that they had. Of a Parallel
// state that is the branches, and of a Map state the iterations, that failed or
// were aborted; what succeeded is not done again. A clientToken that was given
// in the last fifteen minutes returns when that redrive was, and does nothing.
// The error is [ErrNotRedrivable]; [Description.RedriveReason] says why.
func (e *Engine) Redrive(executionARN, clientToken string) (time.Time, error) {
	x, err := e.find(executionARN)
	if err != nil {
		return time.Time{}, err
	}
	defer e.hold()()
	if e.isClosed() {
		return time.Time{}, fmt.Errorf("redrive %s: %w", executionARN, ErrClosed)
	}
	x.mu.Lock()
	x.tick()
	if at, ok := x.redriveOf(clientToken); ok {
		x.mu.Unlock()
		return time.UnixMilli(at), nil
	}
	if x.info.mapRunARN != "" || x.notRedrivable() != "" {
		x.mu.Unlock()
		return time.Time{}, fmt.Errorf("redrive %s: %w", executionARN, ErrNotRedrivable)
	}
	if err := x.redrive(clientToken, 0); err != nil {
		x.mu.Unlock()
		return time.Time{}, fmt.Errorf("redrive %s: %w", executionARN, err)
	}
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

// redriveOf finds the redrive that was asked for with a token.
func (x *execution) redriveOf(token string) (at int64, ok bool) {
	for _, r := range x.tokens {
		if token != "" && r.token == token && x.now-r.at < redriveTokenTime.Milliseconds() {
			return r.at, true
		}
	}
	return 0, false
}

// notRedrivable says in AWS's words why the execution cannot be redriven; ""
// when it can. The caller holds the lock.
func (x *execution) notRedrivable() string {
	now := x.e.clock.Now()
	switch {
	case x.status == StatusRunning || x.shown.status != x.status:
		return "Execution is RUNNING and cannot be redriven"
	case x.status == StatusSucceeded:
		return "Execution is SUCCEEDED and cannot be redriven"
	case x.info.ephemeral || x.info.express && x.info.mapRunARN == "":
		return "Execution of an EXPRESS state machine cannot be redriven"
	case x.info.express:
		return "" // a map run begins it anew
	case x.m.refused != nil:
		return "State machine definition is refused by this version"
	case x.lastID >= maxRedrivenEvents:
		return "Execution history event limit exceeded"
	case now.Sub(time.UnixMilli(x.info.started)) >= maxExecutionTime:
		return "Execution has exceeded the max execution time"
	case now.Sub(time.UnixMilli(x.stopped)) >= redrivablePeriod:
		return "Execution redrivable period exceeded"
	}
	return ""
}

// redrive goes on with an execution that has ended. The caller holds the lock.
func (x *execution) redrive(token string, attempt int) error {
	// The log knows where the execution stood.
	again := &execution{e: x.e, m: x.m, source: x.source, info: x.info, log: x.log}
	if err := again.fold(); err != nil {
		return err
	}
	x.e.mu.Lock()
	x.life++
	x.e.mu.Unlock()
	x.tick()
	x.root, x.nextFrame = again.root, again.nextFrame
	x.root.adopt(x)
	r := record{kind: evExecutionRedriven, n1: int64(x.redrives + 1), previous: x.lastID, name: token, n2: int64(attempt)}
	x.emit(&r)
	x.foldRedrive(&r)
	x.done = nil
	x.shown.status = StatusRunning
	x.setDeadline()
	x.resumeFrame(&x.root)
	return nil
}

// adopt makes frames that were read from the log those of a live execution.
func (f *frame) adopt(x *execution) {
	f.x = x
	if f.group == nil {
		return
	}
	if f.group.run != nil {
		x.e.mu.Lock()
		f.group.run = x.e.runs[f.group.run.arn]
		x.e.mu.Unlock()
	}
	for _, c := range f.group.children {
		c.parent = f
		c.adopt(x)
	}
}

// foldRedrive puts the execution back before what had not succeeded.
func (x *execution) foldRedrive(r *record) {
	if x.failed.Name == ErrorDataLimitExceeded {
		// What the branches or iterations gave is too much, and would be again:
		// AWS runs those that succeeded once more, too.
		x.root.group = nil
	}
	x.redrives, x.redrivenAt, x.attempt = int(r.n1), r.time, int(r.n2)
	x.status, x.failed, x.stopped, x.output = StatusRunning, TaskError{}, 0, value{}
	x.transitions++
	if r.name != "" {
		x.tokens = append(x.tokens, redrive{token: r.name, at: r.time})
		x.tokens = x.tokens[max(0, len(x.tokens)-maxRedriveTokens):]
	}
	if x.info.express {
		// Express executions begin anew.
		x.root = frame{x: x, flow: x.source, state: x.source.start, input: x.input(), last: r.id}
		return
	}
	x.root.rewind()
}

// rewind puts a frame back to where its state has been entered, with all of its
// tries, and does the same with the branches or iterations that had not ended.
func (f *frame) rewind() {
	f.task, f.retries, f.attempts = nil, nil, 0
	f.phase = phaseReady
	if f.began {
		f.last = f.entered
	}
	if f.state.kind == KindFail {
		f.began = false // AWS enters it again
	}
	if f.group == nil {
		return
	}
	if run := f.group.run; run != nil {
		if run.hasSucceeded() {
			f.group = nil // what was made of its results failed: AWS begins another
			return
		}
		f.phase, f.last = phaseChildren, f.group.started
		return
	}
	f.phase = phaseChildren
	slices.SortFunc(f.group.children, func(a, b *frame) int { return a.index - b.index })
	for _, c := range f.group.children {
		c.rewind()
	}
}
