package asl

import (
	"sync"
	"time"
)

// Status is where an execution stands.
type Status string

// Statuses, as AWS has them.
const (
	StatusRunning   Status = "RUNNING"
	StatusSucceeded Status = "SUCCEEDED"
	StatusFailed    Status = "FAILED"
	StatusTimedOut  Status = "TIMED_OUT"
	StatusAborted   Status = "ABORTED"
	// StatusPendingRedrive is a map run's execution's that is to be redriven once
	// the map run's concurrency allows.
	StatusPendingRedrive Status = "PENDING_REDRIVE"
)

// MaxEvents is how many events a history may have.
const MaxEvents = 25000

// execution is one run of a machine. Everything in it but what never changes
// is guarded by mu.
type execution struct {
	e      *Engine
	seq    uint64
	m      *Machine
	info   startInfo
	source *flow // the machine's own, or that of a distributed map's item processor
	run    *mapRun
	test   *tested   // set when one state is tested; what it points to is guarded by mu
	life   int       // how often it was redriven; the engine's lock guards it
	runs   []*mapRun // its map runs; the engine's lock guards them
	sum    uint32    // of the ARN, for tokens; 0 until it is needed; guarded by mu

	// Of a child execution of a map run, whose lock guards it.
	standing standing

	mu       sync.Mutex
	log      []byte
	lastID   int64
	lastTime int64 // milliseconds
	now      int64
	sent     int // how much of the log is with the journal
	durable  int // how much of the log is on disk
	queued   bool
	created  bool // the journal knows of it

	root      frame
	nextFrame uint32
	deadline  timer
	actions   []action

	status      Status
	output      value
	failed      TaskError
	stopped     int64
	transitions int
	redrives    int
	redrivenAt  int64
	tokens      []redrive // the latest that were asked for with a token
	// attempt is the number of its map run's redrive that it was started or
	// redriven in last; pendingRedrive is set when it is to be.
	attempt        int
	pendingRedrive bool

	// what the durable part of the log says, for readers
	shown   shown
	done    chan struct{} // closed when shown says that it ended; nil until someone waits
	paused  []*pause      // of those who wait, in virtual time
	ready   chan struct{} // closed when the log is durable up to readyAt; nil when nobody waits
	readyAt int
}

// startInfo is what an execution was started with.
type startInfo struct {
	arn, machineARN, name string
	roleARN               string
	started               int64 // milliseconds
	meta                  []byte
	express               bool
	ephemeral             bool
	version, alias        string
	mapRunARN             string
	item                  int // which child execution of its map run
	items                 int // how many items it works on
}

// shown is what readers see.
type shown struct {
	status     Status
	stopped    int64
	output     []byte
	failed     TaskError
	redrives   int
	redrivenAt int64
}

// action is what must happen once the log up to a point is durable.
type action struct {
	after int
	task  *running
	then  func()
}

func (x *execution) tick() {
	x.now = max(x.e.clock.Now().UnixMilli(), x.lastTime)
}

// emit appends a record to the log and returns its event id.
func (x *execution) emit(r *record) int64 {
	if r.kind < hidden {
		x.lastID++
		r.id = x.lastID
	}
	r.time = x.now
	x.log = appendRecord(x.log, r, x.lastTime)
	x.lastTime = x.now
	return r.id
}

// event records something that happened in a frame, after what happened there
// before.
func (x *execution) event(f *frame, r *record) int64 {
	r.frame, r.previous = f.id, f.last
	f.last = x.emit(r)
	return f.last
}

// aside records something that happened in a frame but that nothing follows from.
func (x *execution) aside(f *frame, r *record) int64 {
	r.frame, r.previous = f.id, f.last
	return x.emit(r)
}

// tooManyEvents is how an execution ends whose history is full.
var tooManyEvents = TaskError{Name: ErrorRuntime, Cause: "The execution reached the maximum number of history events (25000)."}

// maxExpressEvents keeps an Express execution, whose history AWS does not limit,
// from filling the memory.
const maxExpressEvents = 40 * MaxEvents

func (x *execution) tooLong() bool {
	return x.lastID >= MaxEvents && (!x.info.express || x.lastID >= maxExpressEvents)
}

// advance runs a frame's states until it waits for something or ends.
func (x *execution) advance(f *frame) {
	for f.phase == phaseReady && x.status == StatusRunning {
		if x.tooLong() {
			x.endFailed(f, tooManyEvents)
			return
		}
		if !f.began {
			if !x.selected(f) {
				return
			}
			x.enter(f)
		}
		x.step(f)
	}
}

func (x *execution) enter(f *frame) {
	x.tick()
	x.transitions++
	r := record{kind: enteredKind[f.state.kind], state: f.state.index + 1, data: f.input}
	x.event(f, &r)
	f.input, f.entered, f.enteredAt, f.began = r.data, r.id, x.now, true
}

func (x *execution) step(f *frame) {
	var err error
	if x.test != nil && x.test.in.Mock != nil {
		err = x.runMocked(f)
	} else {
		err = x.runState(f)
	}
	if err != nil {
		x.stateFailed(f, asTaskError(err, ErrorRuntime), 0)
	}
}

func (x *execution) runState(f *frame) error {
	switch f.state.kind {
	case KindPass:
		return x.runPass(f)
	case KindTask:
		return x.runTask(f)
	case KindChoice:
		return x.runChoice(f)
	case KindWait:
		return x.runWait(f)
	case KindSucceed:
		return x.runSucceed(f)
	case KindFail:
		return x.runFail(f)
	case KindParallel:
		return x.runParallel(f)
	default:
		return x.runMap(f)
	}
}

// leave records that a state is done, and goes to the next one.
func (x *execution) leave(f *frame, output, assigned value, next *State) error {
	if len(output.raw) > MaxPayload {
		return dataLimit(f)
	}
	if assigned.raw != nil {
		if err := f.assign(assigned); err != nil {
			return err
		}
	}
	r := record{kind: exitedKind[f.state.kind], state: f.state.index + 1, data: output, vars: assigned}
	if next != f.state.next {
		r.n1 = int64(next.index + 1)
	}
	x.event(f, &r)
	switch {
	case x.test != nil:
		x.testLeft(f, r.data, next)
		return nil
	case next == nil:
		x.flowDone(f, r.data)
		return nil
	}
	f.goTo(next, r.data)
	return nil
}

func (f *frame) goTo(next *State, input value) {
	f.state, f.input, f.began, f.phase = next, input, false, phaseReady
	f.retries, f.attempts = nil, 0
}

// flowDone ends a frame that has reached the end of its states.
func (x *execution) flowDone(f *frame, output value) {
	f.phase = phaseDone
	if f.parent != nil {
		x.childDone(f, output)
		return
	}
	x.event(f, &record{kind: evExecutionSucceeded, data: output})
	x.end(StatusSucceeded, output, TaskError{})
}

// flowFailed ends a frame whose state failed with an error that nobody caught.
func (x *execution) flowFailed(f *frame, failed *TaskError) {
	f.phase = phaseDone
	switch {
	case x.test != nil:
		x.testFailed(f, failed)
	case f.parent != nil:
		x.childFailed(f, failed)
	default:
		x.endFailed(f, *failed)
	}
}

// endFailed ends the execution with an error that happened in a frame.
func (x *execution) endFailed(f *frame, failed TaskError) {
	last := f.last
	x.dropFrame(&x.root)
	x.root.last = last
	x.event(&x.root, &record{kind: evExecutionFailed, name: failed.Name, cause: failed.Cause})
	x.end(StatusFailed, value{}, failed)
}

func (x *execution) end(status Status, output value, failed TaskError) {
	x.root.phase = phaseDone
	x.status, x.output, x.failed, x.stopped = status, output, failed, x.now
	x.e.timers.stop(&x.deadline)
	if x.test != nil {
		x.test.ended()
	}
	if x.run != nil {
		x.actions = append(x.actions, action{after: len(x.log), then: func() { x.run.childEnded(x) }})
	}
}

// stateFailed lets Retry and Catch decide on an error. failedKind, unless 0, is
// the event that says that a Parallel or Map state has failed for good.
func (x *execution) stateFailed(f *frame, failed *TaskError, failedKind eventKind) {
	if failed.location != "" {
		x.event(f, &record{kind: evEvaluationFailed, state: f.state.index + 1, name: failed.Name, cause: failed.Cause,
			data: value{raw: []byte(failed.location)}})
		failed.location = ""
	}
	if !failed.terminal() && x.retry(f, failed) {
		return
	}
	if failedKind != 0 {
		x.event(f, &record{kind: failedKind, state: f.state.index + 1})
	}
	if !failed.terminal() {
		for i := range f.state.catch {
			c := &f.state.catch[i]
			if !matches(c.errors, failed) {
				continue
			}
			if x.test != nil {
				x.test.caughtBy(i, failed)
			}
			if err := x.caught(f, c, failed); err != nil {
				x.flowFailed(f, asTaskError(err, ErrorRuntime))
			}
			return
		}
	}
	x.flowFailed(f, failed)
}

// retry schedules another try, when a retrier is there for the error.
func (x *execution) retry(f *frame, failed *TaskError) bool {
	for i := range f.state.retry {
		r := &f.state.retry[i]
		if !matches(r.errors, failed) {
			continue
		}
		if x.test != nil {
			return x.testRetry(f, i, failed)
		}
		if f.retries == nil {
			f.retries = make([]int, len(f.state.retry))
		}
		if f.retries[i] >= r.attempts {
			return false
		}
		f.retries[i]++
		f.attempts++
		x.transitions++
		delay := r.delay(f.retries[i], x.e.jitter)
		x.emit(&record{kind: hidRetry, frame: f.id, previous: f.last, state: f.state.index + 1, n1: delay.Milliseconds(), n2: int64(i)})
		f.phase = phaseRetry
		x.e.timers.set(&f.timer, x, f, time.UnixMilli(x.now).Add(delay))
		return true
	}
	return false
}

// caught goes where a catcher says.
func (x *execution) caught(f *frame, c *catcher, failed *TaskError) error {
	out := errorOutput(failed)
	s := &scope{x: x, f: f, document: out, input: &f.input, errorOutput: &out}
	var assigned value
	var err error
	if c.assign != nil {
		if assigned, err = c.assign.eval(s); err != nil {
			return err
		}
	}
	result := out
	switch {
	case c.output != nil:
		if result, err = c.output.eval(s); err != nil {
			return err
		}
	case f.state.jsonata:
	case c.resultPath.null:
		result = f.input
	case c.resultPath.path != nil:
		if result, err = f.place(c.resultPath.path, out); err != nil {
			return err
		}
	}
	return x.leave(f, result, assigned, c.next)
}
