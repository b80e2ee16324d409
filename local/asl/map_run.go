package asl

import (
	"context"
	"errors"
	"fmt"
	"sync"
)

// mapRun is the child executions of a distributed map. What it knows is in the
// logs of the execution that the map is part of and of those that it started.
// Locks are taken from the outside in: an execution's, its map run's, a child's.
type mapRun struct {
	arn        string
	machineARN string // the children's
	e          *Engine
	x          *execution // of which the map is a part
	s          *State
	source     value // of the state's input; its items unless they are read elsewhere
	began      int64

	// These the execution's lock guards.
	f        *frame
	settings mapSettings
	read     mapRead
	written  []resultFile // by earlier attempts, of what succeeded
	// unwritten is the first attempt whose results are in no file.
	unwritten int

	// The engine's lock guards what it has started, in that order.
	started []*execution

	mu         sync.Mutex
	plan       mapPlan
	ctx        context.Context //nolint:containedctx // of the attempt that is under way
	cancel     context.CancelFunc
	inputs     []childInput // of the children that have not been started
	children   []*execution // nil for those that have not been started
	next       int          // the next to start
	queue      []*execution // those to be redriven
	items      tally
	executions tally
	limits     mapSettings // the settings that it goes by
	phase      runPhase
	failing    *TaskError // why it ends once its Standard children have
	driven     bool       // somebody starts children
	again      bool       // and is to look once more

	status     Status
	stopped    int64
	redrives   int
	redrivenAt int64
}

// runPhase says what a map run does.
type runPhase uint8

const (
	runIdle      runPhase = iota // it reads its items, or has ended
	runActive                    // it starts children and waits for them
	runFinishing                 // it writes results
)

// newMapRun makes a map run from the record of its start.
func newMapRun(x *execution, f *frame, r *record) *mapRun {
	return &mapRun{
		arn: r.name, machineARN: x.info.machineARN + "/" + f.state.mapping.labelOf(f.state), e: x.e, x: x, f: f, s: f.state, source: r.data, began: r.time, status: StatusRunning,
		settings: mapSettings{MaxConcurrency: int(r.n2)},
	}
}

// addRun enters a map run into the indexes.
func (e *Engine) addRun(run *mapRun) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.runs[run.arn] = run
	run.x.runs = append(run.x.runs, run)
}

// isCurrent says whether the state still waits for the run. The caller holds the
// execution's lock.
func (run *mapRun) isCurrent() bool {
	return run.f != nil && run.f.group != nil && run.f.group.run == run && run.x.status == StatusRunning
}

// work does something for the run in a goroutine that Close waits for.
func (run *mapRun) work(do func(ctx context.Context)) {
	run.mu.Lock()
	ctx := run.ctx
	run.mu.Unlock()
	e := run.e
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.isClosed() {
		e.work(ctx, do)
	}
}

// start begins an attempt: it reads the items, unless everything has been
// started, and goes on with what is left to do.
func (run *mapRun) start() {
	run.mu.Lock()
	if run.cancel != nil {
		run.cancel()
	}
	run.ctx, run.cancel = context.WithCancel(run.e.ctx)
	run.mu.Unlock()
	run.work(func(ctx context.Context) {
		err := run.begin(ctx)
		switch {
		case errors.Is(err, errOver) || run.e.isClosed():
		case err != nil:
			run.end(nil, nil, asTaskError(err, ErrorItemReaderFailed))
		default:
			run.proceed()
		}
	})
}

func (run *mapRun) begin(ctx context.Context) error {
	x := run.x
	x.mu.Lock()
	if !run.isCurrent() {
		x.mu.Unlock()
		return errOver
	}
	plan, err := x.plan(run.f, run.source)
	known := run.read
	x.mu.Unlock()
	if err != nil {
		return err
	}
	var inputs []childInput
	if run.pending(known) {
		var read mapRead
		if inputs, read, err = run.gather(ctx, &plan); err != nil {
			return err
		}
		if known.done && known != read {
			return &TaskError{Name: ErrorItemReaderFailed, Cause: fmt.Sprintf(
				"The data set is not the one that the map run began with: it gives %d items in %d child executions now, and gave %d in %d",
				read.items, read.executions, known.items, known.executions)}
		}
		if err := run.note(&read); err != nil {
			return err
		}
		known = read
	}
	run.take(inputs, known, plan)
	return nil
}

// pending says whether children are to be started.
func (run *mapRun) pending(known mapRead) bool {
	run.mu.Lock()
	defer run.mu.Unlock()
	if !known.done || len(run.children) < known.executions {
		return true
	}
	for _, child := range run.children {
		if child == nil {
			return true
		}
	}
	return false
}

// note puts on record what was read.
func (run *mapRun) note(read *mapRead) error {
	x := run.x
	x.mu.Lock()
	if !run.isCurrent() {
		x.mu.Unlock()
		return errOver
	}
	if run.read.done {
		x.mu.Unlock()
		return nil
	}
	x.tick()
	run.read = *read
	x.emit(read.record(run.f))
	x.settle(false)
	return nil
}
