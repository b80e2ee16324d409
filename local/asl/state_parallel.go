package asl

import "slices"

type parallelState struct {
	branches []*flow
}

func (p *parser) parallelState(s *State, f *fields) {
	s.parallel = &parallelState{}
	s.retry, s.catch = p.retriers(f), p.catchers(f, s.jsonata)
	n := f.get("Branches")
	location := at(f.location, "Branches")
	if n == nil {
		p.errorf(f.location, "These fields are required: [Branches]")
		return
	}
	if n.kind != '[' || len(n.vals) == 0 {
		p.errorf(location, "Branches must be an array with at least one branch")
		return
	}
	for i, branch := range n.vals {
		b := p.fields(branch, nth(location, i))
		b.text("Comment")
		s.parallel.branches = append(s.parallel.branches, p.flow(b, s, i, s.flow.depth+1))
		b.unknown()
	}
}

func (x *execution) runParallel(f *frame) error {
	input, err := x.effectiveInput(f)
	if err != nil {
		return err
	}
	r := record{kind: evParallelStateStarted, state: f.state.index + 1, data: input, n1: int64(x.nextFrame)}
	x.event(f, &r)
	x.nextFrame += uint32(len(f.state.parallel.branches))
	x.startGroup(f, newParallelGroup(f.state, &r))
	return nil
}

// newParallelGroup makes the group of a Parallel state from the record of its start.
func newParallelGroup(s *State, r *record) *group {
	n := len(s.parallel.branches)
	return &group{results: make([]value, n), limit: n, input: r.data, started: r.id, base: uint32(r.n1)}
}

// startGroup runs branches or iterations until each waits or has ended.
func (x *execution) startGroup(f *frame, g *group) {
	f.group, f.phase = g, phaseChildren
	x.spawn(f)
}

// spawn starts as many children as may run, and joins them when all have ended.
func (x *execution) spawn(f *frame) {
	g := f.group
	g.spawning = true
	for g.next < len(g.results) && g.next-g.done < g.limit && f.group == g && x.status == StatusRunning {
		child := x.child(f, g)
		x.advance(child)
		if child.phase == phaseDone && f.group == g {
			g.idle = child
		}
		if f.group == g && x.status == StatusRunning && g.next < len(g.results) && x.tooLong() {
			x.endFailed(f, tooManyEvents)
		}
	}
	g.spawning = false
	if f.group == g && g.done == len(g.results) && x.status == StatusRunning {
		x.join(f, g)
	}
}

// child starts the next branch or iteration.
func (x *execution) child(f *frame, g *group) *frame {
	c := g.idle
	if c == nil {
		c = &frame{}
	}
	g.idle = nil
	*c = frame{id: g.base + uint32(g.next), x: x, parent: f, index: g.next, vars: f.vars.inner(), last: g.started}
	g.next++
	if f.state.kind == KindMap {
		c.id = x.nextFrame
		x.nextFrame++
		x.startIteration(f, g, c)
	} else {
		c.flow = f.state.parallel.branches[c.index]
		c.state, c.input = c.flow.start, g.input
	}
	g.children = append(g.children, c)
	return c
}

func (g *group) remove(c *frame) {
	for i, child := range g.children {
		if child == c {
			last := len(g.children) - 1
			g.children[i] = g.children[last]
			g.children = g.children[:last]
			return
		}
	}
}

// childDone takes a branch's or an iteration's output.
func (x *execution) childDone(c *frame, output value) {
	f := c.parent
	g := f.group
	g.remove(c)
	g.done++
	if f.state.kind == KindMap {
		r := record{kind: evMapIterationSucceeded, state: f.state.index + 1, n1: int64(c.index), data: output}
		f.last = x.aside(c, &r)
		output = r.data
	} else {
		r := record{kind: hidBranch, frame: c.id, data: output, n1: int64(c.index)}
		x.emit(&r)
		output, f.last = r.data, c.last
	}
	g.results[c.index] = output
	g.lastEnd = c.last
	x.afterChild(f, g)
}

// afterChild goes on with the frame around a child that ended, unless it is
// just starting its children and will see by itself.
func (x *execution) afterChild(f *frame, g *group) {
	if g.spawning {
		return
	}
	x.spawn(f)
	x.advance(f)
}

// childFailed ends the other children, and lets the state's Retry and Catch decide.
func (x *execution) childFailed(c *frame, failed *TaskError) {
	f := c.parent
	g := f.group
	x.abortChildren(f, g, c, c.last)
	f.group, f.phase, f.last = nil, phaseReady, c.last
	kind := evParallelStateFailed
	if f.state.kind == KindMap {
		kind = evMapStateFailed
	}
	x.stateFailed(f, failed, kind)
	if !g.spawning {
		x.advance(f)
	}
}

var abortedKind = [...]eventKind{
	KindTask: evTaskStateAborted, KindWait: evWaitStateAborted, KindParallel: evParallelStateAborted, KindMap: evMapStateAborted,
}

// abortChildren cancels what is under way below a frame, on record and in the
// order of the branches or iterations: because of the event with the id why,
// which they all name as the one before. That goes for the child that failed, if
// one did, as well: AWS says of its Task state too that it was aborted.
func (x *execution) abortChildren(f *frame, g *group, failed *frame, why int64) {
	slices.SortFunc(g.children, func(a, b *frame) int { return a.index - b.index })
	for _, c := range g.children {
		if f.state.kind == KindMap {
			kind := evMapIterationAborted
			if c == failed {
				kind = evMapIterationFailed
			}
			x.emit(&record{kind: kind, frame: c.id, previous: why, state: f.state.index + 1, n1: int64(c.index)})
		}
		if c.group != nil {
			x.abortChildren(c, c.group, nil, why)
			if c.group.run != nil {
				x.emit(&record{kind: evMapRunAborted, frame: c.id, previous: why, state: c.state.index + 1})
			}
		}
		x.dropFrame(c)
		if c.began && int(c.state.kind) < len(abortedKind) && abortedKind[c.state.kind] != 0 {
			x.emit(&record{kind: abortedKind[c.state.kind], frame: c.id, previous: why, state: c.state.index + 1})
		}
	}
	g.children = nil
}

// dropFrame stops everything that a frame and those below it wait for.
func (x *execution) dropFrame(f *frame) {
	f.phase = phaseDone
	x.e.timers.stop(&f.timer)
	x.e.timers.stop(&f.beat)
	x.dropTask(f)
	if f.group == nil {
		return
	}
	for _, c := range f.group.children {
		x.dropFrame(c)
	}
	if f.group.run != nil {
		x.dropRun(f.group.run)
	}
	f.group = nil
}

// join ends a Parallel or Map state whose children have all ended.
func (x *execution) join(f *frame, g *group) {
	x.tick()
	kind := evParallelStateSucceeded
	if f.state.kind == KindMap {
		kind = evMapStateSucceeded
	}
	x.aside(f, &record{kind: kind, state: f.state.index + 1})
	f.group, f.phase = nil, phaseReady
	if err := x.complete(f, arrayOf(g.results), f.state.next); err != nil {
		x.stateFailed(f, asTaskError(err, ErrorRuntime), 0)
	}
}
