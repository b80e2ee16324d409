package asl

import "time"

// endedQueue is the executions that have ended, in that order.
type endedQueue struct {
	all  []endedOne
	head int
}

type endedOne struct {
	x       *execution
	stopped int64
	life    int // how often it had been redriven
}

// executionEnded keeps an execution that has ended, and forgets the oldest ones.
// What a map run started goes with the execution that the map is part of.
func (e *Engine) executionEnded(x *execution) {
	if x.run != nil {
		return
	}
	e.mu.Lock()
	e.ended.all = append(e.ended.all, endedOne{x: x, stopped: x.e.clock.Now().UnixMilli(), life: x.life})
	e.mu.Unlock()
	e.Prune()
}

// Prune forgets executions that ended longer ago than Retention, and the oldest
// beyond RetainEnded. The engine does it by itself whenever an execution ends.
func (e *Engine) Prune() {
	horizon := e.clock.Now().Add(-e.retention).UnixMilli()
	e.mu.Lock()
	q := &e.ended
	var gone []uint64
	for q.head < len(q.all) {
		one := q.all[q.head]
		x := one.x
		tooMany := e.retain > 0 && len(q.all)-q.head > e.retain
		if !tooMany && one.stopped > horizon {
			break
		}
		q.all[q.head] = endedOne{}
		q.head++
		if x.life != one.life { // redriven since
			continue
		}
		gone = e.forget(x, gone)
	}
	if q.head > 1024 && q.head > len(q.all)/2 {
		q.all = append([]endedOne(nil), q.all[q.head:]...)
		q.head = 0
	}
	e.mu.Unlock()
	if e.writer != nil && gone != nil {
		e.writer.pruned(gone)
	}
}

// forget takes an execution and what its map runs started out of the indexes, and
// adds to gone what is to be taken out of the journal. The caller holds e.mu.
func (e *Engine) forget(x *execution, gone []uint64) []uint64 {
	gone = append(gone, x.seq)
	for _, run := range x.runs {
		for _, child := range run.started {
			gone = e.forget(child, gone)
		}
		run.started = nil
	}
	e.forgetARNs(x)
	delete(e.bySeq, x.seq)
	x.runs = nil // the list of its machine may name it for a while
	machine := e.lists[x.info.machineARN]
	if machine == nil {
		return gone
	}
	if machine.removed++; machine.removed > 64 && machine.removed > len(machine.all)/2 {
		left := machine.all[:0]
		for _, one := range machine.all {
			if e.byARN[one.info.arn] == one {
				left = append(left, one)
			}
		}
		clear(machine.all[len(left):])
		machine.all, machine.removed = left, 0
	}
	return gone
}

// forgetARNs forgets what an execution and its map runs are called. The caller
// holds e.mu.
func (e *Engine) forgetARNs(x *execution) {
	if e.byARN[x.info.arn] == x {
		delete(e.byARN, x.info.arn)
	}
	for _, run := range x.runs {
		delete(e.runs, run.arn)
	}
}

// forgetEphemeral forgets an execution that is in no other index. Whoever waits
// for it has it in hand.
func (e *Engine) forgetEphemeral(x *execution) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.forgetARNs(x)
}

// PruneEvery prunes regularly until the engine is closed. In virtual time it
// does nothing: the clock would run ahead for ever.
func (e *Engine) PruneEvery(every time.Duration) {
	if e.virtual != nil {
		return
	}
	var again func()
	again = func() {
		if !e.isClosed() {
			e.Prune()
			e.clock.AfterFunc(every, again)
		}
	}
	e.clock.AfterFunc(every, again)
}
