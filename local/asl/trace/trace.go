// Package trace makes of an execution's history what a person wants to see of
// it: the states that it went through, one within another, with how often each
// was tried and what went wrong.
package trace

import (
	"slices"
	"strings"
	"time"

	"github.com/mayfly-dev/mayfly/local/asl"
)

// Trace is what an execution has gone through so far.
type Trace struct {
	Began time.Time
	// Ended is zero while the execution runs.
	Ended time.Time
	// Root is the machine's own flow.
	Root *Thread

	threads map[uint32]*Thread
	owners  map[int64]*Visit // what started branches or iterations, by the event's id
	by      map[int64]uint32 // the thread of each event, by its id
}

// Thread is one flow of states: the machine's own, a branch, or an iteration.
type Thread struct {
	// Index is which branch or iteration it is, from 0.
	Index int
	// Failed and Aborted say how an iteration ended.
	Failed, Aborted bool
	Visits          []*Visit

	parent *Visit
}

// Visit is one stay in a state.
type Visit struct {
	State, Type string
	Entered     time.Time
	// Left is zero while it lasts, and when it ended with its execution.
	Left time.Time
	// Tries are a task's, or those of a Parallel or Map state, of which each has
	// its own branches or iterations.
	Tries []*Try
	// MapRunARN is set for a distributed Map state.
	MapRunARN string
	// Failed is set when the state failed for good and nothing caught it, Aborted
	// when it ended because something beside it failed.
	Failed, Aborted bool

	in *Thread
}

// Try is one try of a state's work.
type Try struct {
	Began   time.Time
	Ended   time.Time // zero while it lasts
	Failure *Failure  // nil when it did not fail
	Threads []*Thread
	Items   int // of a Map state, as far as it is known
}

// Failure is an error by its States Language name.
type Failure struct{ Error, Cause string }

// New returns an empty trace.
func New() *Trace {
	root := &Thread{}
	return &Trace{Root: root, threads: map[uint32]*Thread{0: root}, owners: map[int64]*Visit{}, by: map[int64]uint32{}}
}

// Add takes the next event of the history.
func (t *Trace) Add(e *asl.Event) {
	t.by[e.ID] = e.Thread
	switch {
	case e.Type == "ExecutionStarted":
		t.Began = e.Timestamp
	case strings.HasPrefix(e.Type, "Execution") && e.Type != "ExecutionRedriven":
		t.end(e)
	case strings.HasSuffix(e.Type, "StateEntered"):
		t.enter(e)
	case e.Type == "MapIterationStarted":
		t.iterate(e)
	default:
		if thread := t.threads[e.Thread]; thread != nil {
			thread.add(e, t)
		}
	}
}

// last returns the state in which a thread is, or was at last.
func (th *Thread) last() *Visit {
	if len(th.Visits) == 0 {
		return &Visit{in: th}
	}
	return th.Visits[len(th.Visits)-1]
}

func (t *Trace) enter(e *asl.Event) {
	thread := t.threads[e.Thread]
	if thread == nil { // the first state of a branch
		thread = t.branch(t.owners[e.PreviousID])
		t.threads[e.Thread] = thread
	}
	thread.Visits = append(thread.Visits, &Visit{
		State: e.Name, Type: strings.TrimSuffix(e.Type, "StateEntered"), Entered: e.Timestamp, in: thread,
	})
}

func (t *Trace) branch(owner *Visit) *Thread {
	thread := &Thread{parent: owner}
	if owner != nil && len(owner.Tries) > 0 {
		try := owner.Tries[len(owner.Tries)-1]
		thread.Index = len(try.Threads)
		try.Threads = append(try.Threads, thread)
	}
	return thread
}

// iterate begins an iteration: after the event that started the map, or after
// the end of another iteration that made room for it.
func (t *Trace) iterate(e *asl.Event) {
	owner := t.owners[e.PreviousID]
	if owner == nil {
		if sibling := t.threads[t.by[e.PreviousID]]; sibling != nil {
			owner = sibling.parent
		}
	}
	thread := t.branch(owner)
	thread.Index = int(e.Index)
	t.threads[e.Thread] = thread
}

// add takes an event of a state in the thread, or of the iteration that it is.
func (th *Thread) add(e *asl.Event, t *Trace) {
	v := th.last()
	switch e.Type {
	case "TaskScheduled", "LambdaFunctionScheduled", "ActivityScheduled":
		v.try(e)
	case "ParallelStateStarted", "MapStateStarted":
		v.try(e)
		t.owners[e.ID] = v
	case "MapRunStarted":
		v.MapRunARN = e.MapRunARN
	case "MapIterationFailed":
		th.Failed = true
		v.Failed = v.Left.IsZero()
	case "MapIterationAborted":
		th.Aborted = true
	case "TaskStateAborted", "WaitStateAborted", "ParallelStateAborted", "MapStateAborted":
		// A state that failed in a branch is said to be aborted, too.
		v.Failed = v.Failed || v.Failure() != nil
		v.Aborted = !v.Failed
		v.over(e.Timestamp)
	case "ParallelStateFailed", "MapStateFailed":
		v.childFailed(e.Timestamp)
	case "EvaluationFailed", "MapRunFailed", "TaskFailed", "TaskTimedOut", "TaskSubmitFailed", "TaskStartFailed", "ActivityFailed",
		"ActivityTimedOut", "ActivityScheduleFailed", "LambdaFunctionFailed", "LambdaFunctionTimedOut", "LambdaFunctionScheduleFailed",
		"LambdaFunctionStartFailed":
		v.fail(e.Timestamp, &Failure{e.Error, e.Cause})
	case "TaskSucceeded", "ActivitySucceeded", "LambdaFunctionSucceeded", "ParallelStateSucceeded", "MapStateSucceeded":
		v.over(e.Timestamp)
	default:
		if strings.HasSuffix(e.Type, "StateExited") {
			v.exit(e)
		}
	}
}

func (v *Visit) try(e *asl.Event) {
	v.childFailed(e.Timestamp)
	v.Tries = append(v.Tries, &Try{Began: e.Timestamp, Items: int(e.Length)})
}

// current returns the try under way, or that was the last one.
func (v *Visit) current() *Try {
	if len(v.Tries) == 0 {
		v.Tries = append(v.Tries, &Try{Began: v.Entered})
	}
	return v.Tries[len(v.Tries)-1]
}

func (v *Visit) fail(at time.Time, failure *Failure) {
	try := v.current()
	try.Ended, try.Failure = at, failure
}

func (v *Visit) over(at time.Time) {
	if len(v.Tries) > 0 {
		if try := v.current(); try.Ended.IsZero() {
			try.Ended = at
		}
	}
}

func (v *Visit) exit(e *asl.Event) {
	v.childFailed(e.Timestamp)
	v.Left = e.Timestamp
	v.over(e.Timestamp)
}

// childFailed notices that a try of a Parallel or Map state has failed: AWS has
// no event for that. It failed by the branch or iteration that failed.
func (v *Visit) childFailed(at time.Time) {
	if len(v.Tries) == 0 {
		return
	}
	try := v.current()
	if !try.Ended.IsZero() || len(try.Threads) == 0 {
		return
	}
	try.Failure = &Failure{}
	if inner := try.failed(); inner != nil {
		inner.Failed = true
		inner.childFailed(at)
		if failure := inner.Failure(); failure != nil {
			try.Failure, at = failure, inner.current().Ended
		}
	}
	try.Ended = at
}

// failed returns the state of a branch or iteration that failed.
func (t *Try) failed() *Visit {
	var unfinished *Visit
	for _, thread := range slices.Backward(t.Threads) {
		inner := thread.last()
		if inner.Failed {
			return inner
		}
		if inner.Left.IsZero() && !inner.Aborted && !thread.Aborted && unfinished == nil {
			unfinished = inner
		}
	}
	return unfinished
}

// Failure returns why the last try failed, nil when it did not.
func (v *Visit) Failure() *Failure {
	if len(v.Tries) == 0 {
		return nil
	}
	return v.Tries[len(v.Tries)-1].Failure
}

// Caught says whether the state failed and a catcher led on.
func (v *Visit) Caught() bool { return v.Failure() != nil && !v.Left.IsZero() }

// Next returns the state to which the visit led, nil when there is none yet.
func (v *Visit) Next() *Visit {
	i := slices.Index(v.in.Visits, v)
	if i < 0 || i+1 >= len(v.in.Visits) {
		return nil
	}
	return v.in.Visits[i+1]
}

// end takes the event that ends the execution: where it was, it failed.
func (t *Trace) end(e *asl.Event) {
	t.Ended = e.Timestamp
	if e.Type == "ExecutionSucceeded" {
		return
	}
	t.Root.fail(e)
}

// fail marks what was under way at the end as failed or aborted.
func (th *Thread) fail(e *asl.Event) {
	v := th.last()
	if v.State == "" || !v.Left.IsZero() || v.Aborted {
		return
	}
	if e.Type == "ExecutionFailed" {
		v.Failed = true
	} else {
		v.Aborted = true
	}
	v.childFailed(e.Timestamp)
	for _, try := range v.Tries {
		for _, thread := range try.Threads {
			if inner := thread.last(); inner.Left.IsZero() && !inner.Failed {
				thread.fail(&asl.Event{Type: "ExecutionAborted", Timestamp: e.Timestamp})
			}
		}
	}
	if e.Type == "ExecutionFailed" && v.Failure() == nil {
		v.fail(e.Timestamp, &Failure{e.Error, e.Cause})
	}
	v.over(e.Timestamp)
}
