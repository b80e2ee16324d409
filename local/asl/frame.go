package asl

import "fmt"

// phase says what a frame waits for.
type phase uint8

const (
	phaseReady    phase = iota // its state is to be run
	phaseTimer                 // a Wait state's deadline
	phaseTask                  // a task's result
	phaseToken                 // a task token's answer; the request itself is done
	phaseActivity              // an activity's worker
	phaseRetry                 // the next try
	phaseChildren              // branches or iterations
	phaseDone
)

// frame is one thread of an execution: the machine's own, a branch, an iteration.
type frame struct {
	id     uint32
	x      *execution
	parent *frame
	flow   *flow
	state  *State
	index  int // which branch or iteration
	phase  phase
	began  bool // the state's entering is on record
	// unselected is set until ItemSelector has made the iteration's input.
	unselected bool

	input     value // the state's
	vars      *variables
	last      int64 // the id of its last event
	entered   int64 // the id of the event that entered the state
	enteredAt int64
	retries   []int // how often each retrier was used
	attempts  int   // how often the state was retried

	timer timer // deadline of a wait, a retry or a task
	beat  timer // heartbeat deadline
	task  *running
	group *group
	item  *mapItem // of a distributed map, for which no frame runs
}

// running is a task under way.
type running struct {
	frame     *frame
	scheduled int64 // id of the event that scheduled it; part of its token
	input     value
	timeout   int64 // seconds; 0 for none
	heartbeat int64
	ctx       *taskContext // nil unless a runner is at work
	submitted []byte       // what starting the job answered
}

// group is the branches or iterations of a frame's state.
type group struct {
	children []*frame // under way
	results  []value
	items    []value // of a Map state
	next     int     // the next to start
	done     int
	failed   int
	limit    int    // how many at once
	input    value  // of the branches
	base     uint32 // the id of the first branch's frame
	started  int64  // id of the event that started them
	lastEnd  int64  // id of the last event of the child that ended last
	spawning bool
	run      *mapRun
	idle     *frame // a finished child, to be used again
}

// fault makes an error that says in which state it happened.
func (f *frame) fault(name, format string, args ...any) *TaskError {
	cause := fmt.Sprintf(format, args...)
	if f == nil || f.state == nil || f.x.test != nil { // AWS names neither state nor event of a tested one
		return &TaskError{Name: name, Cause: cause}
	}
	return &TaskError{Name: name, Cause: fmt.Sprintf(
		"An error occurred while executing the state '%s' (entered at the event id #%d). %s", f.state.name, f.entered, cause)}
}

func dataLimit(f *frame) *TaskError {
	return &TaskError{Name: ErrorDataLimitExceeded, noAll: true, Cause: fmt.Sprintf(
		"The state/task '%s' returned a result with a size exceeding the maximum number of bytes service limit.", f.state.name)}
}

// mapItem returns the map item that the frame works on.
func (f *frame) mapItem() (mapItem, bool) {
	for ; f != nil; f = f.parent {
		if f.item != nil {
			return *f.item, true
		}
		if f.parent != nil && f.parent.group != nil && f.parent.group.items != nil {
			return mapItem{index: f.index, value: f.parent.group.items[f.index], source: stateData}, true
		}
	}
	return mapItem{}, false
}
