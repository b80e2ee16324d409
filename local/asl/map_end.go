package asl

import "context"

// parentStopped is why a child execution was aborted.
const parentStopped = "The parent Map Run was stopped."

// fail stops the children, and lets the run end when they have. The caller holds
// the lock, which fail lets go of for a while.
func (run *mapRun) fail(failed *TaskError) {
	run.failing = failed
	attempt := run.redrives
	run.mu.Unlock()
	run.stopChildren(attempt)
	run.mu.Lock()
}

// stopChildren aborts the Standard children that are under way in an attempt.
// Express ones cannot be stopped, and run to their end.
func (run *mapRun) stopChildren(attempt int) {
	run.mu.Lock()
	var running []*execution
	if run.redrives == attempt && !run.s.mapping.express {
		for _, c := range run.children {
			if c != nil && c.standing == standRunning {
				running = append(running, c)
			}
		}
	}
	run.mu.Unlock()
	for _, c := range running {
		c.mu.Lock()
		if c.status == StatusRunning && len(c.log) > 0 {
			c.abort("", parentStopped)
		}
		c.settle(false)
	}
}

// finish writes the results in a goroutine, and ends the run. The caller holds
// the lock.
func (run *mapRun) finish() {
	run.phase = runFinishing
	failed := run.failing
	run.mu.Unlock()
	run.work(func(ctx context.Context) {
		output, files, err := run.results(ctx)
		switch {
		case run.e.isClosed():
		case failed != nil && err != nil:
			run.end(nil, files, &TaskError{Name: failed.Name, Cause: failed.Cause + " (and the results could not be written: " + err.Error() + ")"})
		case failed != nil:
			run.end(nil, files, failed)
		case err != nil:
			run.end(nil, files, asTaskError(err, ErrorResultWriterFailed))
		default:
			run.end(output, files, nil)
		}
	})
	run.mu.Lock()
}

// dropRun ends a run because the state that it is part of is over. Its children are
// stopped once that is durable. The caller holds the lock of the execution.
func (x *execution) dropRun(run *mapRun) {
	run.mu.Lock()
	attempt := run.redrives
	if run.status == StatusRunning {
		run.close(StatusAborted, x.now)
	}
	run.mu.Unlock()
	x.actions = append(x.actions, action{after: len(x.log), then: func() { run.stopChildren(attempt) }})
}

// close ends the attempt: nothing is started any more, and what was to be
// redriven stands where it stood. The caller holds the lock.
func (run *mapRun) close(status Status, at int64) {
	run.status, run.stopped, run.phase = status, at, runIdle
	for _, child := range run.queue {
		child.mu.Lock()
		child.pendingRedrive = false
		stands := standingOf(child.shown.status)
		child.mu.Unlock()
		run.move(child, stands)
	}
	run.queue, run.inputs, run.failing = nil, nil, nil
	if run.cancel != nil {
		run.cancel()
	}
}

func (run *mapRun) hasSucceeded() bool {
	run.mu.Lock()
	defer run.mu.Unlock()
	return run.status == StatusSucceeded
}

// end records how the run ended and goes on with the execution.
func (run *mapRun) end(output []byte, files []resultFile, failed *TaskError) {
	x := run.x
	x.mu.Lock()
	if run.e.isClosed() || !run.isCurrent() {
		x.mu.Unlock()
		return
	}
	f := run.f
	x.tick()
	status := StatusSucceeded
	if failed != nil {
		status = StatusFailed
	}
	run.mu.Lock()
	attempt := run.redrives
	run.close(status, x.now)
	run.mu.Unlock()
	if files != nil {
		run.written, run.unwritten = files, attempt+1
		x.emit(writtenRecord(f, files, attempt))
	}
	f.group, f.phase = nil, phaseReady
	state := f.state.index + 1
	if failed != nil {
		x.event(f, &record{kind: evMapRunFailed, state: state, name: failed.Name, cause: failed.Cause})
		x.stateFailed(f, failed, evMapStateFailed)
	} else {
		// AWS has the state's exit follow from the start of the run.
		ended := x.aside(f, &record{kind: evMapRunSucceeded, state: state})
		x.emit(&record{kind: evMapStateSucceeded, frame: f.id, previous: ended, state: state})
		if err := x.complete(f, value{raw: output}, f.state.next); err != nil {
			x.stateFailed(f, asTaskError(err, ErrorRuntime), 0)
		}
	}
	x.advance(f)
	if task := x.settle(true); task != nil {
		x.e.start(x, task)
	}
}
