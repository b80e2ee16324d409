package asl

import (
	"fmt"
	"runtime"
)

// fold brings an execution to where its log says that it was. A log that makes
// no sense, which checksums keep from here, is an error and nothing worse.
func (x *execution) fold() (err error) {
	defer func() {
		switch broken := recover().(type) {
		case nil:
		case runtime.Error:
			err = fmt.Errorf("%w: %w", errBadLog, broken)
		default:
			panic(broken)
		}
	}()
	x.status = StatusRunning
	x.root = frame{x: x, flow: x.source, state: x.source.start}
	x.nextFrame = 1
	var frames map[uint32]*frame
	reader := logReader{log: x.log}
	var r record
	for {
		ok, err := reader.next(&r)
		if err != nil {
			return err
		}
		if !ok {
			break
		}
		f := &x.root
		if r.frame != 0 {
			if frames == nil {
				frames = map[uint32]*frame{}
			}
			f = frames[r.frame]
		}
		if f == nil && r.kind != evMapIterationStarted || r.state > len(x.m.states) {
			return fmt.Errorf("%w: event %d of no frame", errBadLog, r.id)
		}
		if err := x.foldRecord(f, &r, &frames); err != nil {
			return err
		}
	}
	x.lastID, x.lastTime, x.now = reader.lastID, reader.time, reader.time
	x.sent, x.durable = len(x.log), len(x.log)
	x.shown = shown{status: x.status, stopped: x.stopped, output: x.output.raw, failed: x.failed,
		redrives: x.redrives, redrivenAt: x.redrivenAt}
	return nil
}

func (x *execution) foldRecord(f *frame, r *record, frames *map[uint32]*frame) error {
	switch r.kind {
	case evExecutionStarted:
		f.input, x.attempt = r.data, int(r.n1)
		return nil
	case evExecutionSucceeded:
		x.status, x.output, x.stopped = StatusSucceeded, r.data, r.time
		f.phase = phaseDone
		return nil
	case evExecutionFailed:
		x.foldEnd(StatusFailed, r)
		return nil
	case evExecutionAborted:
		x.foldEnd(StatusAborted, r)
		return nil
	case evExecutionTimedOut:
		x.foldEnd(StatusTimedOut, r)
		x.failed = TaskError{}
		return nil
	case evExecutionRedriven:
		x.foldRedrive(r)
		return nil
	default:
	}
	if r.kind.isEntered() {
		s := x.m.states[r.state-1]
		f.state, f.input, f.entered, f.enteredAt = s, r.data, r.id, r.time
		f.began, f.unselected, f.phase, f.last, f.retries, f.attempts = true, false, phaseReady, r.id, nil, 0
		x.transitions++
		return nil
	}
	if r.kind.isExited() {
		f.last, f.group = r.id, nil
		if r.vars.raw != nil {
			f.vars = f.vars.with(r.vars)
		}
		next := f.state.next
		if r.n1 != 0 {
			next = x.m.states[r.n1-1]
		}
		if next == nil {
			f.phase = phaseDone
		} else {
			f.goTo(next, r.data)
		}
		return nil
	}
	if x.foldTask(f, r) {
		return nil
	}
	return x.foldGroup(f, r, frames)
}

func (x *execution) foldEnd(status Status, r *record) {
	x.abortRuns(r.time)
	x.status, x.stopped = status, r.time
	x.failed = TaskError{Name: r.name, Cause: r.cause}
	x.root.phase = phaseDone
	x.root.last = r.previous
}

// foldTask handles what is recorded about tasks, waits and retries.
func (x *execution) foldTask(f *frame, r *record) bool {
	switch r.kind {
	case evTaskScheduled, evLambdaFunctionScheduled, evActivityScheduled:
		f.task = &running{frame: f, scheduled: r.id, input: r.data, timeout: r.n1, heartbeat: r.n2}
		f.phase, f.timer.when = phaseTask, r.time
		if r.kind == evActivityScheduled {
			f.phase = phaseActivity
		}
	case evTaskStarted, evLambdaFunctionStarted:
	case evActivityStarted:
		f.phase = phaseToken
	case evTaskSubmitted:
		f.task.submitted = r.data.raw
		if f.state.task.pattern == patternToken {
			f.phase = phaseToken
		}
	case evTaskSucceeded, evTaskFailed, evTaskTimedOut, evLambdaFunctionSucceeded, evLambdaFunctionFailed,
		evLambdaFunctionTimedOut, evActivitySucceeded, evActivityFailed, evActivityTimedOut:
		f.task, f.phase = nil, phaseReady
	case hidRetry:
		if f.retries == nil {
			f.retries = make([]int, len(f.state.retry))
		}
		f.retries[r.n2]++
		f.attempts++
		x.transitions++
		f.phase, f.group, f.timer.when, f.last = phaseRetry, nil, r.time+r.n1, r.previous
		return true
	case hidWaiting:
		f.phase, f.timer.when = phaseTimer, r.time+r.n1
		return true
	case evTaskStateAborted, evWaitStateAborted, evParallelStateAborted, evMapStateAborted:
		return true
	case evEvaluationFailed:
	default:
		return false
	}
	f.last = r.id
	return true
}

// foldGroup handles what is recorded about branches and iterations.
func (x *execution) foldGroup(f *frame, r *record, frames *map[uint32]*frame) error {
	switch r.kind {
	case evParallelStateStarted:
		g := newParallelGroup(f.state, r)
		f.group, f.phase, f.last = g, phaseChildren, r.id
		if *frames == nil {
			*frames = map[uint32]*frame{}
		}
		for i, branch := range f.state.parallel.branches {
			c := &frame{id: g.base + uint32(i), x: x, parent: f, flow: branch, state: branch.start, index: i,
				vars: f.vars.inner(), last: r.id, input: g.input}
			(*frames)[c.id] = c
			g.children = append(g.children, c)
		}
		g.next = len(g.results)
		x.nextFrame = max(x.nextFrame, g.base+uint32(len(g.results)))
	case hidBranch:
		x.foldChild(f, r.data, f.last)
	case evMapStateStarted:
		f.phase, f.last = phaseChildren, r.id
		if f.state.mapping.distributed {
			f.group = &group{run: newMapRun(x, f, r), started: r.id} // its start follows
		} else {
			f.group = newMapGroup(r)
		}
	case evMapIterationStarted:
		parent := &x.root
		if r.n2 != 0 {
			parent = (*frames)[uint32(r.n2)]
		}
		if parent == nil || parent.group == nil || int(r.n1) >= len(parent.group.items) {
			return fmt.Errorf("%w: iteration %d of no map", errBadLog, r.n1)
		}
		g := parent.group
		processor := parent.state.mapping.processor
		c := &frame{id: r.frame, x: x, parent: parent, flow: processor, state: processor.start, index: int(r.n1),
			vars: parent.vars.inner(), last: r.id, input: g.items[r.n1],
			unselected: parent.state.mapping.selector != nil}
		(*frames)[c.id] = c
		g.children = append(g.children, c)
		g.next = max(g.next, c.index+1)
		x.nextFrame = max(x.nextFrame, c.id+1)
	case evMapIterationSucceeded:
		x.foldChild(f, r.data, r.id)
	case hidTolerated:
		f.parent.group.failed++
		x.foldChild(f, value{}, f.last)
	case evParallelStateFailed, evMapStateFailed:
		// The group is kept as it stood: a redrive goes on with it.
		f.phase, f.last = phaseReady, r.id
	case evParallelStateSucceeded, evMapStateSucceeded, evMapIterationFailed, evMapIterationAborted:
	default:
		return x.foldRun(f, r)
	}
	return nil
}

// foldChild ends a branch or iteration.
func (x *execution) foldChild(c *frame, output value, last int64) {
	f := c.parent
	g := f.group
	c.phase = phaseDone
	g.remove(c)
	g.done++
	g.results[c.index] = output
	g.lastEnd, f.last = c.last, last
}
