package asl

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
)

// take begins to count: where the children stand that there are, and what is
// left to be started or redriven.
func (run *mapRun) take(inputs []childInput, read mapRead, plan mapPlan) {
	run.mu.Lock()
	defer run.mu.Unlock()
	run.plan, run.inputs = plan, inputs
	run.recount(read)
	for i, child := range run.children {
		if child != nil && i < len(inputs) {
			run.inputs[i].raw = nil
		}
	}
	run.phase = runActive
}

// recount counts the children. The caller holds the lock.
func (run *mapRun) recount(read mapRead) {
	run.next, run.queue, run.items, run.executions = 0, nil, tally{}, tally{}
	if missing := read.executions - len(run.children); missing > 0 {
		run.children = append(run.children, make([]*execution, missing)...)
	}
	run.executions[standPending], run.items[standPending] = len(run.children), read.items
	for _, child := range run.children {
		if child != nil {
			child.standing = standPending
			run.place(child)
		}
	}
}

// place counts a child where it stands now. One that did not succeed in an
// earlier attempt, and may be redriven, is to be. The caller holds the lock.
func (run *mapRun) place(child *execution) {
	child.mu.Lock()
	stands := standingOf(child.shown.status)
	child.pendingRedrive = run.status == StatusRunning && stands.unsuccessful() && child.attempt < run.redrives && child.notRedrivable() == ""
	if child.pendingRedrive {
		stands = standPendingRedrive
		run.queue = append(run.queue, child)
	}
	child.mu.Unlock()
	run.move(child, stands)
}

// childEnded notices that a child execution has ended, durably.
func (run *mapRun) childEnded(child *execution) {
	run.mu.Lock()
	if child.standing == standRunning {
		run.place(child)
	}
	run.mu.Unlock()
	run.proceed()
}

// proceed starts and redrives children, or ends the run. One goroutine does so
// at a time: a child that ends while it is being started is only counted.
func (run *mapRun) proceed() {
	run.mu.Lock()
	defer run.mu.Unlock()
	run.again = true
	if run.driven {
		return
	}
	run.driven = true
	for run.again {
		run.again = false
		for run.phase == runActive && run.step() {
		}
	}
	run.driven = false
}

// step does one thing that is to be done, and says whether there may be another.
// The caller holds the lock, which step may let go of for a while.
func (run *mapRun) step() bool {
	running := run.executions[standRunning]
	for run.next < len(run.children) && run.children[run.next] != nil {
		run.next++
	}
	switch {
	case run.failing == nil && run.limits.exceeded(run.items.unsuccessful(), run.items.total()):
		run.fail(toleranceExceeded())
	case run.failing != nil && running == 0:
		run.finish()
	case run.failing != nil:
		return false
	case running >= run.limits.limit():
		return false
	case len(run.queue) > 0:
		run.redriveNext()
	case run.next < len(run.children):
		run.startNext()
	case running == 0:
		run.finish()
	default:
		return false
	}
	return true
}

// startNext starts a child. The caller holds the lock.
func (run *mapRun) startNext() {
	i := run.next
	input := run.inputs[i]
	run.inputs[i].raw = nil
	child := run.child(i, input.items)
	run.children[i] = child
	run.move(child, standRunning)
	run.mu.Unlock()
	run.launch(child, input.raw)
	run.mu.Lock()
}

// redriveNext goes on with a child that did not succeed. The caller holds the lock.
func (run *mapRun) redriveNext() {
	child := run.queue[0]
	run.queue[0] = nil
	run.queue = run.queue[1:]
	run.move(child, standRunning)
	attempt := run.redrives
	run.mu.Unlock()
	if err := child.redriveIn(attempt); err != nil {
		// Its log, which this process wrote or read, is damaged. It stays as it is.
		run.childEnded(child)
	}
	run.mu.Lock()
}

// redriveIn goes on with a child in an attempt of its map run.
func (x *execution) redriveIn(attempt int) error {
	x.mu.Lock()
	x.pendingRedrive = false
	x.tick()
	err := x.redrive("", attempt)
	if task := x.settle(true); task != nil {
		x.e.start(x, task)
	}
	return err
}

// child makes a child execution, whose name is the same whenever it is made.
func (run *mapRun) child(i, items int) *execution {
	x, m := run.x, run.s.mapping
	c := &execution{e: x.e, m: x.m, source: m.processor, run: run, status: StatusRunning, attempt: run.redrives}
	c.shown.status = StatusRunning
	name := nameUUID(run.arn + "#" + strconv.Itoa(i))
	c.info = startInfo{
		machineARN: run.machineARN, name: name, roleARN: x.info.roleARN, mapRunARN: run.arn, item: i, items: items,
		express: m.express, ephemeral: x.info.ephemeral,
		arn: executionARN(run.machineARN, name, m.express, func() string { return nameUUID(name) }),
	}
	c.tick()
	c.info.started = c.now
	return c
}

func (run *mapRun) launch(c *execution, input []byte) {
	e := run.e
	e.mu.Lock()
	if e.isClosed() {
		e.mu.Unlock()
		return
	}
	e.enter(c)
	e.mu.Unlock()
	c.mu.Lock()
	c.begin(value{raw: input})
	if task := c.settle(true); task != nil {
		e.start(c, task)
	}
}

// nameUUID makes a UUID that is always the same for a name, as those are that AWS
// gives child executions. It says of itself that it is of version 3, as AWS's
// do; what a name is hashed with, nobody can tell.
func nameUUID(name string) string {
	sum := sha256.Sum256([]byte(name))
	sum[6], sum[8] = sum[6]&0x0f|0x30, sum[8]&0x3f|0x80
	out := make([]byte, 0, 36)
	start := 0
	for _, end := range [...]int{4, 6, 8, 10, 16} {
		if start > 0 {
			out = append(out, '-')
		}
		out = hex.AppendEncode(out, sum[start:end])
		start = end
	}
	return string(out)
}
