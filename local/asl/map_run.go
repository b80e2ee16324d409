package asl

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/mayfly-dev/mayfly/local/asl/rawjson"
)

// mapRun is the executions of a distributed map. What it knows is in the logs of
// the execution that the map is part of and of those that it started.
type mapRun struct {
	arn    string
	e      *Engine
	x      *execution // of which the map is a part
	f      *frame
	s      *State
	items  value
	began  int64
	ctx    context.Context
	cancel context.CancelFunc

	mu       sync.Mutex
	limit    int
	inputs   []value
	children map[int]*execution
	next     int
	counts   MapRunCounts
	begun    bool
	stopped  int64
	status   Status
}

// MapRunCounts are how many child executions stand where.
type MapRunCounts struct {
	Total, Pending, Running, Succeeded, Failed, TimedOut, Aborted, ResultsWritten int
}

// MapRun is what there is to know of a map run.
type MapRun struct {
	MapRunARN, ExecutionARN, MachineARN string
	Status                              Status
	StartDate, StopDate                 time.Time
	MaxConcurrency                      int
	Counts                              MapRunCounts
}

func newMapRun(x *execution, f *frame, r *record) *mapRun {
	ctx, cancel := context.WithCancel(x.e.ctx)
	return &mapRun{
		arn: r.name, e: x.e, x: x, f: f, s: f.state, items: r.data, limit: int(r.n2), began: r.time,
		ctx: ctx, cancel: cancel, children: map[int]*execution{}, status: StatusRunning,
	}
}

func (e *Engine) addRun(run *mapRun) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.runs[run.arn] == nil { // a redrive reads the log once more
		e.runs[run.arn] = run
		run.x.runs = append(run.x.runs, run.arn)
	}
}

// start reads the items and starts children, in a goroutine.
func (run *mapRun) start() {
	e := run.e
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.isClosed() {
		e.work(run.ctx, func(context.Context) {
			if err := run.begin(); err != nil && !e.isClosed() {
				run.fail(asTaskError(err, ErrorItemReaderFailed))
			}
		})
	}
}

func (run *mapRun) begin() error {
	items, err := run.read()
	if err != nil {
		return err
	}
	x := run.x
	x.mu.Lock()
	if run.f.group == nil || run.f.group.run != run {
		x.mu.Unlock()
		return nil
	}
	inputs, err := x.inputs(run.f, items)
	x.mu.Unlock()
	if err != nil {
		return err
	}
	run.mu.Lock()
	run.inputs, run.begun = inputs, true
	run.counts.Total, run.counts.Pending = len(inputs), len(inputs)
	for i, child := range run.children { // restored
		if i < len(inputs) {
			run.counts.Pending--
			run.counts.Running++
		}
		child.mu.Lock()
		ended := child.shown.status != StatusRunning
		child.mu.Unlock()
		if ended {
			run.count(child)
		}
	}
	run.mu.Unlock()
	run.proceed()
	return nil
}

// childEnded notices that a child execution has ended, durably.
func (run *mapRun) childEnded(child *execution) {
	run.mu.Lock()
	if !run.begun || run.status != StatusRunning {
		run.mu.Unlock()
		return
	}
	run.count(child)
	run.mu.Unlock()
	run.proceed()
}

// count counts a child that has ended. The caller holds the run's lock.
func (run *mapRun) count(child *execution) {
	run.counts.Running--
	switch child.shown.status {
	case StatusSucceeded:
		run.counts.Succeeded++
	case StatusTimedOut:
		run.counts.TimedOut++
	case StatusAborted:
		run.counts.Aborted++
	default:
		run.counts.Failed++
	}
}

// proceed starts more children, or ends the run.
func (run *mapRun) proceed() {
	for {
		run.mu.Lock()
		c := run.counts
		failures := c.Failed + c.TimedOut + c.Aborted
		run.mu.Unlock()
		if failures > 0 && !run.tolerates(failures, c.Total) {
			run.fail(toleranceExceeded())
			return
		}
		run.mu.Lock()
		for run.next < len(run.inputs) && run.children[run.next] != nil {
			run.next++
		}
		switch {
		case run.status != StatusRunning:
			run.mu.Unlock()
			return
		case run.next >= len(run.inputs):
			finished := run.counts.Running == 0
			if finished {
				run.status = StatusSucceeded // nobody else comes here now
			}
			run.mu.Unlock()
			if finished {
				run.finish()
			}
			return
		case run.limit > 0 && run.counts.Running >= run.limit:
			run.mu.Unlock()
			return
		}
		i := run.next
		run.next++
		run.counts.Pending--
		run.counts.Running++
		child := run.child(i)
		run.children[i] = child
		run.mu.Unlock()
		run.launch(child, run.inputs[i])
	}
}

func (run *mapRun) tolerates(failures, total int) bool {
	run.x.mu.Lock()
	defer run.x.mu.Unlock()
	m := run.s.mapping
	return (m.tolerated.set || m.toleratedPc.set) && run.x.withinTolerance(run.f, failures, total)
}

func (run *mapRun) child(i int) *execution {
	x, m := run.x, run.s.mapping
	c := &execution{e: x.e, m: x.m, source: m.processor, run: run, status: StatusRunning}
	c.shown.status = StatusRunning
	machineARN := x.info.machineARN + "/" + m.labelOf(run.s)
	name := x.e.newID()
	c.info = startInfo{
		machineARN: machineARN, name: name, arn: executionARN(machineARN, name, m.express, x.e.newID), roleARN: x.info.roleARN,
		mapRunARN: run.arn, item: i, express: m.express, ephemeral: x.info.ephemeral,
	}
	c.tick()
	c.info.started = c.now
	return c
}

func (run *mapRun) launch(c *execution, input value) {
	e := run.e
	e.mu.Lock()
	if e.isClosed() {
		e.mu.Unlock()
		return
	}
	e.enter(c)
	e.mu.Unlock()
	c.mu.Lock()
	c.begin(value{raw: input.raw})
	if task := c.settle(true); task != nil {
		e.start(c, task)
	}
}

// finish writes the results and lets the execution go on.
func (run *mapRun) finish() {
	output, err := run.output()
	if err != nil {
		if !run.e.isClosed() {
			run.end(nil, asTaskError(err, ErrorResultWriterFailed))
		}
		return
	}
	run.end(output, nil)
}

// fail ends the run and the children that are under way.
func (run *mapRun) fail(failed *TaskError) {
	run.mu.Lock()
	if run.status != StatusRunning {
		run.mu.Unlock()
		return
	}
	run.status = StatusFailed
	run.mu.Unlock()
	run.stopChildren()
	run.end(nil, failed)
}

// abort ends the run because the state that it is part of is over.
func (run *mapRun) abort() {
	run.mu.Lock()
	if run.status == StatusRunning {
		run.status, run.stopped = StatusAborted, run.e.clock.Now().UnixMilli()
	}
	run.mu.Unlock()
	run.cancel()
	run.stopChildren()
}

func (run *mapRun) stopChildren() {
	run.mu.Lock()
	children := make([]*execution, 0, len(run.children))
	for _, c := range run.children {
		children = append(children, c)
	}
	run.mu.Unlock()
	for _, c := range children {
		c.mu.Lock()
		if c.status == StatusRunning && len(c.log) > 0 {
			c.abort("", "")
		}
		c.settle(false)
	}
}

// end records how the run ended and goes on with the execution.
func (run *mapRun) end(output []byte, failed *TaskError) {
	x, f := run.x, run.f
	x.mu.Lock()
	if run.e.isClosed() || f.group == nil || f.group.run != run || x.status != StatusRunning {
		x.mu.Unlock()
		return
	}
	x.tick()
	run.mu.Lock()
	run.stopped = x.now
	run.status = StatusSucceeded
	if failed != nil {
		run.status = StatusFailed
	}
	run.mu.Unlock()
	f.group, f.phase = nil, phaseReady
	state := f.state.index + 1
	if failed != nil {
		x.event(f, &record{kind: evMapRunFailed, state: state, name: failed.Name, cause: failed.Cause})
		x.stateFailed(f, failed, evMapStateFailed)
	} else {
		x.event(f, &record{kind: evMapRunSucceeded, state: state})
		x.aside(f, &record{kind: evMapStateSucceeded, state: state})
		if err := x.complete(f, value{raw: output}, f.state.next); err != nil {
			x.stateFailed(f, asTaskError(err, ErrorRuntime), 0)
		}
	}
	x.advance(f)
	if task := x.settle(true); task != nil {
		x.e.start(x, task)
	}
	run.cancel()
}

// resumeRun goes on with a map run that was read from the journal.
func (x *execution) resumeRun(f *frame) {
	x.actions = append(x.actions, action{after: len(x.log), then: f.group.run.start})
}

// foldRun handles what is recorded about map runs.
func (x *execution) foldRun(f *frame, r *record) error {
	switch r.kind {
	case evMapRunStarted:
		f.last = r.id
		x.e.addRun(f.group.run)
	case evMapRunSucceeded, evMapRunFailed, evMapRunAborted, evMapRunRedriven:
		f.last = r.id
		if f.group != nil && f.group.run != nil {
			run := f.group.run
			run.stopped, run.status = r.time, StatusSucceeded
			if r.kind == evMapRunFailed {
				run.status = StatusFailed
			}
		}
	default:
		return fmt.Errorf("%w: record of kind %d", errBadLog, r.kind)
	}
	return nil
}

// linkRuns gives map runs their children, after everything was read.
func (e *Engine) linkRuns(all []*execution) {
	for _, x := range all {
		run := e.runs[x.info.mapRunARN]
		if run == nil || x.info.mapRunARN == "" {
			continue
		}
		run.children[x.info.item] = x
		if run.status == StatusRunning {
			x.run = run
		} else {
			run.counts.Total++
			run.counts.Running++
			run.count(x)
		}
	}
}

// DescribeMapRun returns what is known of a map run.
func (e *Engine) DescribeMapRun(arn string) (MapRun, error) {
	e.mu.Lock()
	run := e.runs[arn]
	e.mu.Unlock()
	if run == nil {
		return MapRun{}, fmt.Errorf("map run %s: %w", arn, ErrExecutionDoesNotExist)
	}
	return run.describe(), nil
}

func (run *mapRun) describe() MapRun {
	run.mu.Lock()
	defer run.mu.Unlock()
	d := MapRun{
		MapRunARN: run.arn, ExecutionARN: run.x.info.arn, MachineARN: run.x.info.machineARN, Status: run.status,
		StartDate: time.UnixMilli(run.began), MaxConcurrency: run.limit, Counts: run.counts,
	}
	if run.stopped != 0 {
		d.StopDate = time.UnixMilli(run.stopped)
	}
	if run.status != StatusRunning && run.s.mapping.writer != nil {
		d.Counts.ResultsWritten = run.counts.Succeeded + run.counts.Failed
	}
	return d
}

// MapRuns returns the map runs of an execution, in the order of their start.
func (e *Engine) MapRuns(executionARN string) []MapRun {
	e.mu.Lock()
	var found []*mapRun
	for _, run := range e.runs {
		if run.x.info.arn == executionARN {
			found = append(found, run)
		}
	}
	e.mu.Unlock()
	slices.SortFunc(found, func(a, b *mapRun) int { return int(a.began - b.began) })
	all := make([]MapRun, len(found))
	for i, run := range found {
		all[i] = run.describe()
	}
	return all
}

// UpdateMapRun changes how many children of a running map run at once; 0 is no
// limit.
func (e *Engine) UpdateMapRun(arn string, maxConcurrency int) error {
	defer e.hold()()
	e.mu.Lock()
	run := e.runs[arn]
	e.mu.Unlock()
	if run == nil {
		return fmt.Errorf("map run %s: %w", arn, ErrExecutionDoesNotExist)
	}
	run.mu.Lock()
	run.limit = maxConcurrency
	begun := run.begun
	run.mu.Unlock()
	if begun {
		run.proceed()
	}
	return nil
}

// results are the children in the order of their items.
func (run *mapRun) results() []Description {
	run.mu.Lock()
	children := make([]*execution, len(run.inputs))
	for i := range children {
		children[i] = run.children[i]
	}
	run.mu.Unlock()
	var all []Description
	for _, c := range children {
		if c == nil {
			continue
		}
		c.mu.Lock()
		all = append(all, c.describe())
		c.mu.Unlock()
	}
	return all
}

// output is the map's result: the children's outputs, or where they were written.
func (run *mapRun) output() ([]byte, error) {
	results := run.results()
	if run.s.mapping.writer != nil && run.s.mapping.writer.resource != "" {
		return run.write(results)
	}
	out := []byte{'['}
	for i, d := range results {
		if i > 0 {
			out = append(out, ',')
		}
		if d.Status == StatusSucceeded {
			out = append(out, d.Output...)
		} else {
			out = append(out, errorOutput(&TaskError{Name: d.Error, Cause: d.Cause}).raw...)
		}
		if len(out) > MaxPayload {
			return nil, &TaskError{Name: ErrorDataLimitExceeded, noAll: true, Cause: "The state/task '" + run.s.name +
				"' returned a result with a size exceeding the maximum number of bytes service limit."}
		}
	}
	return append(out, ']'), nil
}

var errNoItems = errors.New("the data set is not an array")

// pointed finds what a JSON pointer names.
func pointed(text []byte, pointer string) ([]byte, error) {
	var steps []rawjson.Step
	for _, part := range strings.Split(pointer, "/")[1:] {
		part = strings.ReplaceAll(strings.ReplaceAll(part, "~1", "/"), "~0", "~")
		if n, err := strconv.Atoi(part); err == nil {
			steps = append(steps, rawjson.Step{Index: n, IsIndex: true})
			continue
		}
		steps = append(steps, rawjson.Step{Key: part})
	}
	start, end, ok := rawjson.Get(text, steps)
	if !ok {
		return nil, fmt.Errorf("%s: %w", pointer, errNoItems)
	}
	return text[start:end], nil
}
