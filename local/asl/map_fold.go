package asl

import "fmt"

// maxMapRedrives is how often a map run may be redriven.
const maxMapRedrives = 1000

// foldRun handles what is recorded about map runs.
func (x *execution) foldRun(f *frame, r *record) (err error) {
	if f.group == nil || f.group.run == nil {
		return fmt.Errorf("%w: record of kind %d of no map run", errBadLog, r.kind)
	}
	run := f.group.run
	switch r.kind {
	case evMapRunStarted:
		f.last = r.id
		x.runs = append(x.runs, run)
	case hidMapSettings:
		run.settings, err = readMapSettings(r)
	case hidMapRead:
		run.read = mapRead{done: true, items: int(r.n1), executions: int(r.n2), digest: r.name}
	case hidMapWritten:
		err = run.readWritten(r)
	case evMapRunSucceeded:
		run.status, run.stopped = StatusSucceeded, r.time
	case evMapRunFailed:
		run.status, run.stopped, f.last = StatusFailed, r.time, r.id
	case evMapRunAborted:
		run.status, run.stopped = StatusAborted, r.time
	case evMapRunRedriven:
		run.status, run.stopped, run.redrives, run.redrivenAt, f.last = StatusRunning, 0, int(r.n1), r.time, r.id
	default:
		return fmt.Errorf("%w: record of kind %d", errBadLog, r.kind)
	}
	return err
}

// abortRuns ends the map runs of an execution that has ended.
func (x *execution) abortRuns(at int64) {
	for _, run := range x.runs {
		if run.status == StatusRunning {
			run.status, run.stopped = StatusAborted, at
		}
	}
}

// resumeRun goes on with a map run: one that was read from the journal, or in a
// redriven execution one that had ended, whose child executions are redriven.
func (x *execution) resumeRun(f *frame) {
	run := f.group.run
	run.f = f
	run.mu.Lock()
	ended, redrives := run.status != StatusRunning, run.redrives+1
	if ended && redrives <= maxMapRedrives {
		run.status, run.stopped, run.redrives, run.redrivenAt = StatusRunning, 0, redrives, x.now
	}
	run.mu.Unlock()
	state := f.state.index + 1
	switch {
	case ended && redrives > maxMapRedrives:
		f.group, f.phase = nil, phaseReady
		x.stateFailed(f, &TaskError{Name: ErrorRuntime, Cause: fmt.Sprintf(
			"The Map Run cannot be redriven more than %d times", maxMapRedrives)}, evMapStateFailed)
		return
	case ended:
		x.event(f, &record{kind: evMapRunRedriven, state: state, name: run.arn, n1: int64(redrives)})
	}
	x.actions = append(x.actions, action{after: len(x.log), then: run.start})
}

// linkRuns gives map runs their children, after everything was read, and returns
// the children whose map run is gone.
func (e *Engine) linkRuns(all []*execution) (orphans []*execution) {
	for _, x := range all {
		for _, run := range x.runs {
			e.runs[run.arn] = run
		}
	}
	for _, x := range all {
		if x.info.mapRunARN == "" {
			continue
		}
		run := e.runs[x.info.mapRunARN]
		if run == nil {
			orphans = append(orphans, x)
			continue
		}
		if missing := x.info.item + 1 - len(run.children); missing > 0 {
			run.children = append(run.children, make([]*execution, missing)...)
		}
		run.children[x.info.item] = x
		run.started = append(run.started, x)
		x.run = run
	}
	for _, run := range e.runs {
		run.limits = run.settings
		run.recount(run.read)
	}
	return orphans
}
