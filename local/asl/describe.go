package asl

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// Description is what there is to know of an execution.
type Description struct {
	ExecutionARN, MachineARN, Name string
	Status                         Status
	StartDate                      time.Time
	// StopDate is zero while the execution runs.
	StopDate time.Time
	Input    []byte
	// Output is nil unless the execution has succeeded.
	Output []byte
	// Error and Cause are "" unless it failed, timed out or was aborted.
	Error, Cause         string
	RoleARN              string
	VersionARN, AliasARN string
	MapRunARN            string
	// Index is which of a map run's executions it is; ItemCount is how many items
	// it works on.
	Index        int
	ItemCount    int
	RedriveCount int
	RedriveDate  time.Time
	// RedriveStatus is whether the execution may be redriven; RedriveReason says
	// in AWS's words why not.
	RedriveStatus RedriveStatus
	RedriveReason string
	Meta          []byte
	Machine       *Machine
	// Definition is of what runs: the machine's, or that of the ItemProcessor of
	// which a map run's executions are.
	Definition []byte
	Express    bool
}

// RedriveStatus is whether an execution may be redriven.
type RedriveStatus string

// Statuses, as DescribeExecution has them.
const (
	Redrivable         RedriveStatus = "REDRIVABLE"
	NotRedrivable      RedriveStatus = "NOT_REDRIVABLE"
	RedrivableByMapRun RedriveStatus = "REDRIVABLE_BY_MAP_RUN"
)

func (e *Engine) find(arn string) (*execution, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if x := e.byARN[arn]; x != nil {
		return x, nil
	}
	return nil, fmt.Errorf("execution %s: %w", arn, ErrExecutionDoesNotExist)
}

// Describe returns what is durable of an execution.
func (e *Engine) Describe(executionARN string) (Description, error) {
	x, err := e.find(executionARN)
	if err != nil {
		return Description{}, err
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.describe(), nil
}

func (x *execution) describe() Description {
	d := Description{
		ExecutionARN: x.info.arn, MachineARN: x.info.machineARN, Name: x.info.name,
		Status: x.listedStatus(), StartDate: time.UnixMilli(x.info.started), Input: x.input().raw,
		Output: slices.Clone(x.shown.output), Error: x.shown.failed.Name, Cause: x.shown.failed.Cause,
		RoleARN: x.info.roleARN, VersionARN: x.info.version, AliasARN: x.info.alias, MapRunARN: x.info.mapRunARN,
		RedriveCount: x.shown.redrives, Meta: x.info.meta, Machine: x.m, Express: x.info.express, Index: x.info.item, ItemCount: x.info.items,
	}
	if x.shown.stopped != 0 {
		d.StopDate = time.UnixMilli(x.shown.stopped)
	}
	if x.shown.redrivenAt != 0 && !x.info.express {
		d.RedriveDate = time.UnixMilli(x.shown.redrivenAt)
	}
	d.Definition = x.m.definition
	if x.info.mapRunARN != "" {
		d.Definition = x.source.text
	}
	d.RedriveReason = x.notRedrivable()
	switch {
	case d.RedriveReason != "":
		d.RedriveStatus = NotRedrivable
	case x.info.mapRunARN != "":
		d.RedriveStatus = RedrivableByMapRun
	default:
		d.RedriveStatus = Redrivable
	}
	return d
}

// listedStatus is the status that an execution is said to have.
func (x *execution) listedStatus() Status {
	if x.pendingRedrive {
		return StatusPendingRedrive
	}
	return x.shown.status
}

// Result is how an execution ended.
type Result struct {
	Status       Status
	Output       []byte
	Error, Cause string
	StopDate     time.Time
}

// Wait waits until an execution has ended, durably. It returns [ErrClosed] when
// the engine is closed before that, and the context's error when that ends.
func (e *Engine) Wait(ctx context.Context, executionARN string) (Result, error) {
	x, err := e.find(executionARN)
	if err != nil {
		return Result{}, err
	}
	return x.wait(ctx)
}

func (x *execution) wait(ctx context.Context) (Result, error) {
	x.mu.Lock()
	if x.shown.status == StatusRunning {
		if x.done == nil {
			x.done = make(chan struct{})
		}
		var err error
		done := x.done
		p := x.e.virtual.pauseIn(ctx)
		if p != nil {
			x.paused = append(x.paused, p)
		}
		x.mu.Unlock()
		p.begin()
		select {
		case <-done:
		case <-ctx.Done():
			err = ctx.Err()
		case <-x.e.broken():
			err = x.e.writer.err
		case <-x.e.closed:
			err = ErrClosed
		}
		p.end()
		if err != nil {
			return Result{}, fmt.Errorf("wait for execution %s: %w", x.info.arn, err)
		}
		x.mu.Lock()
	}
	defer x.mu.Unlock()
	return Result{
		Status: x.shown.status, Output: slices.Clone(x.shown.output), Error: x.shown.failed.Name,
		Cause: x.shown.failed.Cause, StopDate: time.UnixMilli(x.shown.stopped),
	}, nil
}

// broken returns a channel that is closed when the journal cannot be written.
func (e *Engine) broken() <-chan struct{} {
	if e.writer == nil {
		return nil
	}
	return e.writer.failed
}

// Stop ends a running execution as ABORTED, and returns when. Stopping one that
// has ended changes nothing.
func (e *Engine) Stop(executionARN, errorName, cause string) (time.Time, error) {
	x, err := e.find(executionARN)
	if err != nil {
		return time.Time{}, err
	}
	defer e.hold()()
	if e.isClosed() {
		return time.Time{}, fmt.Errorf("stop execution %s: %w", executionARN, ErrClosed)
	}
	x.mu.Lock()
	if x.status != StatusRunning {
		defer x.mu.Unlock()
		return time.UnixMilli(x.stopped), nil
	}
	x.abort(errorName, cause)
	stopped := x.stopped
	ready := x.durably()
	x.settle(false)
	if err := e.await(context.Background(), ready); err != nil {
		return time.Time{}, fmt.Errorf("stop execution %s: %w", executionARN, err)
	}
	return time.UnixMilli(stopped), nil
}

func (x *execution) abort(name, cause string) {
	x.tick()
	x.dropFrame(&x.root)
	x.emit(&record{kind: evExecutionAborted, name: name, cause: cause})
	x.end(StatusAborted, value{}, TaskError{Name: name, Cause: cause})
}

// Transitions returns how many state transitions an execution has made, as AWS
// counts them: each entering of a state, and each retry.
func (e *Engine) Transitions(executionARN string) (int, error) {
	x, err := e.find(executionARN)
	if err != nil {
		return 0, err
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.transitions, nil
}
