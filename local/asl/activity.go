package asl

import (
	"context"
	"fmt"
	"slices"
	"sync"
)

// ActivityTask is what a worker gets.
type ActivityTask struct {
	Token string
	Input []byte
	// ExecutionARN and StateName say whose task it is.
	ExecutionARN, StateName string
}

// activities are the queues of tasks for workers, by activity.
type activities struct {
	engine *Engine
	mu     sync.Mutex
	queues map[string]*activityQueue
}

type activityQueue struct {
	tasks   []queuedTask
	waiting []*worker
}

// worker is one that waits for a task.
type worker struct {
	wake   chan struct{} // closed when there may be one
	paused *pause
}

func (w *worker) call() {
	close(w.wake)
	w.paused.wake()
}

type queuedTask struct {
	x    *execution
	task *running
}

func (a *activities) queue(arn string) *activityQueue {
	if a.queues == nil {
		a.queues = map[string]*activityQueue{}
	}
	q := a.queues[arn]
	if q == nil {
		q = &activityQueue{}
		a.queues[arn] = q
	}
	return q
}

// offer gives a task to the next worker that asks. The caller holds the
// execution's lock.
func (a *activities) offer(x *execution, task *running) {
	a.mu.Lock()
	defer a.mu.Unlock()
	q := a.queue(task.frame.state.task.resource)
	q.tasks = append(q.tasks, queuedTask{x, task})
	if len(q.waiting) > 0 {
		q.waiting[0].call()
		q.waiting = q.waiting[1:]
	}
}

func (a *activities) withdraw(arn string, task *running) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if q := a.queues[arn]; q != nil {
		q.tasks = slices.DeleteFunc(q.tasks, func(one queuedTask) bool { return one.task == task })
	}
}

// take returns the first task, or the worker that is called when there may be one.
func (a *activities) take(ctx context.Context, arn string) (queuedTask, *worker) {
	a.mu.Lock()
	defer a.mu.Unlock()
	q := a.queue(arn)
	if len(q.tasks) > 0 {
		one := q.tasks[0]
		q.tasks = q.tasks[1:]
		return one, nil
	}
	w := &worker{wake: make(chan struct{}), paused: a.engine.virtual.pauseIn(ctx)}
	q.waiting = append(q.waiting, w)
	return queuedTask{}, w
}

func (a *activities) forget(arn string, w *worker) {
	a.mu.Lock()
	defer a.mu.Unlock()
	q := a.queue(arn)
	before := len(q.waiting)
	q.waiting = slices.DeleteFunc(q.waiting, func(one *worker) bool { return one == w })
	if len(q.waiting) == before && len(q.tasks) > 0 && len(q.waiting) > 0 {
		// The wake-up that is not used goes to somebody else.
		q.waiting[0].call()
		q.waiting = q.waiting[1:]
	}
}

// NextActivityTask waits for a task of an activity and gives it to the worker,
// whose name may be "". The task is answered by its token. It returns the
// context's error when that ends first, and [ErrClosed].
func (e *Engine) NextActivityTask(ctx context.Context, activityARN, worker string) (ActivityTask, error) {
	for {
		one, w := e.activities.take(ctx, activityARN)
		if w == nil {
			if taken, ok := one.x.takeActivity(one.task, worker); ok {
				return taken, nil
			}
			continue
		}
		var err error
		w.paused.begin()
		select {
		case <-w.wake:
		case <-ctx.Done():
			e.activities.forget(activityARN, w)
			err = ctx.Err()
		case <-e.closed:
			err = ErrClosed
		}
		w.paused.end()
		if err != nil {
			return ActivityTask{}, fmt.Errorf("activity %s: %w", activityARN, err)
		}
	}
}

// takeActivity records that a worker has a task.
func (x *execution) takeActivity(task *running, worker string) (ActivityTask, bool) {
	defer x.e.hold()()
	x.mu.Lock()
	f := task.frame
	if f.task != task || x.status != StatusRunning || x.e.isClosed() {
		x.mu.Unlock()
		return ActivityTask{}, false
	}
	x.tick()
	x.event(f, &record{kind: evActivityStarted, state: f.state.index + 1, name: worker})
	f.phase = phaseToken
	x.setHeartbeat(f)
	taken := ActivityTask{Token: x.token(task), Input: task.input.raw, ExecutionARN: x.info.arn, StateName: f.state.name}
	x.settle(false)
	return taken, true
}
