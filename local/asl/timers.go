package asl

import (
	"sync"
	"time"
)

// timer is a deadline of an execution. It costs no goroutine.
type timer struct {
	when  int64 // milliseconds
	x     *execution
	f     *frame
	place int  // in the heap, plus one; 0 when it is not there; the heap's lock guards it
	used  bool // it is set; the execution's lock guards it
}

// due is a deadline that has come.
type due struct {
	timer *timer
	x     *execution
	f     *frame
}

// timers is a heap of deadlines, with one timer of the clock for the earliest.
type timers struct {
	mu    sync.Mutex
	clock Clock
	heap  []*timer
	fire  func(due []due)
	stopC func() bool
	armed int64
	held  bool // deadlines are collected and not fired yet
	exact bool // a deadline that is stopped must not move the clock
}

// set sets or moves a deadline. A deadline is rounded up to milliseconds.
func (t *timers) set(d *timer, x *execution, f *frame, when time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if d.place > 0 {
		t.remove(d)
	}
	d.when, d.x, d.f, d.used = when.UnixMilli(), x, f, true
	if when.Sub(time.UnixMilli(d.when)) > 0 {
		d.when++
	}
	t.heap = append(t.heap, d)
	d.place = len(t.heap)
	t.up(len(t.heap) - 1)
	t.arm()
}

func (t *timers) stop(d *timer) {
	if !d.used {
		return
	}
	d.used = false
	t.mu.Lock()
	defer t.mu.Unlock()
	if d.place > 0 {
		t.remove(d)
	}
	// To stop the clock's timer each time would cost more than that it rings in vain.
	if t.exact && t.stopC != nil && (len(t.heap) == 0 || t.heap[0].when > t.armed) {
		t.stopC()
		t.stopC = nil
		t.arm()
	}
}

func (t *timers) arm() {
	if t.held || len(t.heap) == 0 {
		return
	}
	earliest := t.heap[0].when
	if t.stopC != nil {
		if t.armed <= earliest {
			return
		}
		t.stopC()
	}
	t.armed = earliest
	t.stopC = t.clock.AfterFunc(time.UnixMilli(earliest).Sub(t.clock.Now()), t.ring)
}

func (t *timers) ring() {
	t.mu.Lock()
	t.stopC = nil
	now := t.clock.Now().UnixMilli()
	var rung []due
	for len(t.heap) > 0 && t.heap[0].when <= now && !t.held {
		d := t.heap[0]
		rung = append(rung, due{d, d.x, d.f})
		t.remove(d)
	}
	t.arm()
	t.mu.Unlock()
	if rung != nil {
		t.fire(rung)
	}
}

// hold stops or starts the firing of deadlines.
func (t *timers) hold(held bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.held = held
	if held && t.stopC != nil {
		t.stopC()
		t.stopC = nil
	}
	t.arm()
}

func (t *timers) remove(d *timer) {
	i, last := d.place-1, len(t.heap)-1
	t.swap(i, last)
	t.heap[last] = nil
	t.heap = t.heap[:last]
	d.place = 0
	if i < last {
		t.down(i)
		t.up(i)
	}
}

func (t *timers) swap(i, j int) {
	t.heap[i], t.heap[j] = t.heap[j], t.heap[i]
	t.heap[i].place, t.heap[j].place = i+1, j+1
}

func (t *timers) up(i int) {
	for i > 0 {
		parent := (i - 1) / 2
		if t.heap[parent].when <= t.heap[i].when {
			return
		}
		t.swap(i, parent)
		i = parent
	}
}

func (t *timers) down(i int) {
	for {
		child := 2*i + 1
		if child >= len(t.heap) {
			return
		}
		if child+1 < len(t.heap) && t.heap[child+1].when < t.heap[child].when {
			child++
		}
		if t.heap[i].when <= t.heap[child].when {
			return
		}
		t.swap(i, child)
		i = child
	}
}
