package asl

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"
)

// Options are what an engine needs. The zero value runs in memory, in real time,
// and fails every task.
type Options struct {
	// Journal keeps executions over restarts; nil keeps them in memory only.
	Journal Journal
	// Tasks does the work of Task states.
	Tasks TaskRunner
	// Items reads and writes the data sets of distributed maps; nil asks Tasks to
	// do it, by S3's SDK integrations (arn:aws:states:::aws-sdk:s3:getObject).
	Items ItemStore
	// Parquet reads data sets that are Parquet files; nil refuses them.
	Parquet RowReader
	// MapBytes is how many bytes the inputs of a map run's child executions may
	// take that have not been started; 0 is 1 GiB. More fail the map run.
	MapBytes int64
	// ResultBytes is how large a file of a map run's results becomes before
	// another is begun; 0 is 5 GiB, as on AWS.
	ResultBytes int64
	// Clock is the time; nil is real time, or testing/synctest's. A [VirtualClock]
	// does not wait.
	Clock Clock
	// Jitter returns a number in [0, 1) for JitterStrategy FULL; nil is random.
	Jitter func() float64
	// NewID makes names for executions that have none; nil makes random UUIDs.
	NewID func() string
	// Random is the source of the intrinsic and JSONata functions that need one.
	Random func() uint64
	// Retention is how long an ended execution is kept; 0 is 90 days, as on AWS.
	Retention time.Duration
	// RetainEnded is how many ended executions are kept at most; 0 is no limit.
	// What an execution's maps started is kept and forgotten with it.
	RetainEnded int
	// CompactAt is how many bytes the journal must take before it is rewritten
	// without what was pruned; 0 is 64 MiB.
	CompactAt int64
	// Region is what events say; "" is us-east-1.
	Region string
}

// Engine runs executions of machines. All its methods may be called at any time
// by any goroutine.
type Engine struct {
	runner    TaskRunner
	items     ItemStore
	parquet   RowReader
	clock     Clock
	virtual   *VirtualClock // the clock, if it is one
	jitter    func() float64
	newID     func() string
	random    func() uint64
	retention time.Duration
	retain    int
	region    string
	compactAt int64
	// mapBytes and resultBytes bound what map runs hold and write.
	mapBytes, resultBytes int64

	journal    Journal
	writer     *writer
	timers     timers
	activities activities

	ctx    context.Context
	cancel context.CancelFunc
	tasks  sync.WaitGroup
	closed chan struct{}
	once   sync.Once

	mu       sync.Mutex
	byARN    map[string]*execution
	bySeq    map[uint64]*execution // those that a token may name: the journaled ones
	lists    map[string]*list      // by machine
	ended    endedQueue
	machines map[string]*Machine // by digest
	runs     map[string]*mapRun  // by ARN
	nextSeq  uint64
}

// New makes an engine and, from its journal, goes on with every execution that
// had not ended. The error is about the journal.
func New(o Options) (*Engine, error) {
	e := &Engine{
		runner: o.Tasks, items: o.Items, clock: o.Clock, jitter: o.Jitter, newID: o.NewID, random: o.Random,
		retention: o.Retention, retain: o.RetainEnded, parquet: o.Parquet,
		mapBytes: cmp.Or(o.MapBytes, 1<<30), resultBytes: cmp.Or(o.ResultBytes, maxResultFile), region: o.Region, compactAt: o.CompactAt, journal: o.Journal,
		closed: make(chan struct{}), byARN: map[string]*execution{}, bySeq: map[uint64]*execution{},
		lists: map[string]*list{}, machines: map[string]*Machine{}, runs: map[string]*mapRun{}, nextSeq: 1,
	}
	if e.clock == nil {
		e.clock = realClock{}
	}
	e.virtual, _ = e.clock.(*VirtualClock)
	defer e.hold()()
	if e.jitter == nil {
		e.jitter = rand.Float64
	}
	if e.random == nil {
		e.random = rand.Uint64
	}
	if e.newID == nil {
		e.newID = e.uuid
	}
	if e.retention == 0 {
		e.retention = 90 * 24 * time.Hour
	}
	if e.compactAt == 0 {
		e.compactAt = 64 << 20
	}
	if e.region == "" {
		e.region = "us-east-1"
	}
	if e.runner == nil {
		e.runner = TaskFunc(func(_ context.Context, t Task) ([]byte, error) {
			return nil, &TaskError{Name: ErrorRuntime, Cause: "nothing runs " + t.Resource}
		})
	}
	if e.items == nil {
		e.items = taskStore{e.runner}
	}
	e.ctx, e.cancel = context.WithCancel(context.Background())
	e.timers = timers{clock: e.clock, fire: e.fire, held: true, exact: e.virtual != nil}
	e.activities.engine = e
	if e.journal != nil {
		if err := e.restore(); err != nil {
			e.cancel()
			return nil, fmt.Errorf("restore executions: %w", err)
		}
	}
	e.timers.hold(false)
	return e, nil
}

// Close stops the engine: tasks under way are cancelled and their results not
// recorded, so that the executions go on when an engine is made of the same
// journal. It waits until every task has returned, and closes the journal.
// Whoever waits gets [ErrClosed]. Closing again does nothing.
func (e *Engine) Close() error {
	var err error
	e.once.Do(func() {
		e.mu.Lock()
		close(e.closed)
		e.mu.Unlock()
		e.timers.hold(true)
		e.cancel()
		e.tasks.Wait()
		if e.writer != nil {
			err = e.writer.close()
		}
	})
	return err
}

func (e *Engine) isClosed() bool {
	select {
	case <-e.closed:
		return true
	default:
		return false
	}
}

// start runs a task, and what follows from it, in a goroutine.
func (e *Engine) start(x *execution, task *running) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.isClosed() {
		e.work(e.ctx, func(ctx context.Context) { e.runTasks(ctx, x, task) })
	}
}

// uuid makes a random UUID of version 4.
func (e *Engine) uuid() string {
	const digits = "0123456789abcdef"
	var out [36]byte
	high, low := e.random(), e.random()
	for i := range out {
		switch i {
		case 8, 13, 18, 23:
			out[i] = '-'
			continue
		case 14:
			out[i] = '4'
		case 19:
			out[i] = digits[8|high&3]
		default:
			out[i] = digits[high&15]
		}
		high = high>>4 | low<<60
		low >>= 4
	}
	return string(out[:])
}

// fire handles deadlines that have come.
func (e *Engine) fire(rung []due) {
	for _, d := range rung {
		if e.isClosed() {
			return
		}
		d.x.deadlineCame(d.timer, d.f)
	}
}

func (x *execution) deadlineCame(t *timer, f *frame) {
	x.mu.Lock()
	if !t.used || t.when > x.e.clock.Now().UnixMilli() || x.status != StatusRunning || x.e.isClosed() {
		x.mu.Unlock()
		return
	}
	t.used = false
	x.tick()
	switch {
	case t == &x.deadline:
		x.timeOut()
	case f.phase == phaseTimer:
		f.phase = phaseReady
		if err := x.pass(f, f.state.next); err != nil {
			x.stateFailed(f, asTaskError(err, ErrorRuntime), 0)
		}
	case f.phase == phaseRetry:
		f.phase = phaseReady
	case f.task != nil:
		x.taskEnded(f, nil, &TaskError{Name: ErrorTimeout, beat: t == &f.beat})
	}
	if f != nil {
		x.advance(f)
	}
	if task := x.settle(true); task != nil {
		x.e.start(x, task)
	}
}

// timeOut ends an execution that took longer than its machine allows.
func (x *execution) timeOut() {
	x.dropFrame(&x.root)
	x.emit(&record{kind: evExecutionTimedOut, name: ErrorTimeout})
	x.end(StatusTimedOut, value{}, TaskError{}) // AWS names no error but in the event
}
