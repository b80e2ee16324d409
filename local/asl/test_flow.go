package asl

import "time"

// enclose puts the tested state into a frame, within frames of the states around
// it: theirs is what it does not handle.
func (t *tested) enclose(x *execution, input value) *frame {
	f := &x.root
	if t.in.Variables != nil {
		f.vars = f.vars.with(value{raw: t.in.Variables})
	}
	for _, owner := range t.state.owners() {
		f.flow, f.state, f.input, f.phase, f.began, f.enteredAt = owner.flow, owner, input, phaseChildren, true, x.now
		inner := &frame{id: x.nextFrame, x: x, parent: f, vars: f.vars.inner(), last: f.last}
		x.nextFrame++
		f.group = &group{children: []*frame{inner}}
		if owner.kind == KindMap {
			f.group.items = []value{input}
		}
		f = inner
	}
	f.flow, f.state, f.input, f.attempts = t.state.flow, t.state, input, t.in.Configuration.RetrierRetryCount
	t.frame = f
	return f
}

// owners are the Parallel and Map states around a state, the outermost first.
func (s *State) owners() []*State {
	if s.flow.owner == nil {
		return nil
	}
	return append(s.flow.owner.owners(), s.flow.owner)
}

// testLeft ends a test whose state, or a catcher of it, has an output.
func (x *execution) testLeft(f *frame, output value, next *State) {
	failed := TaskError{}
	if x.test.caught != nil {
		failed = *x.test.caught
	}
	if next != nil {
		x.test.next = next.name
	}
	last := f.last
	x.dropFrame(&x.root)
	x.root.last = last
	x.event(&x.root, &record{kind: evExecutionSucceeded, data: output})
	x.end(StatusSucceeded, output, failed)
}

// testFailed hands an error that a state does not handle to the state around it,
// or ends the test. A distributed map goes on after as many failures as it
// tolerates; then the error is its own.
func (x *execution) testFailed(f *frame, failed *TaskError) {
	t, around := x.test, f.parent
	t.caught = nil
	if t.seen.Error != nil {
		t.seen.Error.CatchIndex = nil
	}
	if around == nil {
		x.endFailed(f, *failed)
		return
	}
	if m := around.state.mapping; m != nil && m.distributed {
		failures := t.in.Configuration.MapIterationFailureCount + 1
		if settings, err := x.mapSettings(around); err == nil && !settings.exceeded(failures, failures) {
			x.endFailed(f, *failed)
			return
		}
		failed = toleranceExceeded()
	}
	around.group, around.phase = nil, phaseReady
	t.frame = around
	x.stateFailed(around, failed, 0)
}

// testRetry says what a retrier that matches would do. It returns false when it
// has no tries left.
func (x *execution) testRetry(f *frame, i int, failed *TaskError) bool {
	t, r := x.test, &f.state.retry[i]
	used := t.in.Configuration.RetrierRetryCount
	*t.handled() = HandledError{RetryIndex: &i}
	if used >= r.attempts {
		return false
	}
	seconds := int(r.delay(used+1, x.e.jitter) / time.Second)
	t.handled().RetryBackoffSeconds = &seconds
	t.retriable = true
	x.endFailed(f, *failed)
	return true
}

// caughtBy notes that a catcher matches.
func (t *tested) caughtBy(i int, failed *TaskError) {
	t.caught, t.handled().CatchIndex = failed, &i
}

// testWait passes a Wait state by, unless it takes longer than a test may.
func (x *execution) testWait(f *frame, left time.Duration) error {
	if left >= expressLimit {
		x.timeOut()
		return nil
	}
	return x.pass(f, f.state.next)
}

// ended notes what the variables are in the end.
func (t *tested) ended() {
	if vars := t.frame.vars.object(); vars.raw != nil {
		t.saw(StageVariables, vars)
	}
}
