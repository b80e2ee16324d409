package asl

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// MapRun is what there is to know of a map run.
type MapRun struct {
	MapRunARN, ExecutionARN, MachineARN string
	// Label is the part of ARNs that tells a machine's maps apart.
	Label               string
	Status              Status
	StartDate, StopDate time.Time
	// MaxConcurrency is how many child executions run at once at most.
	MaxConcurrency             int
	ToleratedFailureCount      int64
	ToleratedFailurePercentage float64
	Items, Executions          MapRunCounts
	RedriveCount               int
	RedriveDate                time.Time
}

// ErrMapRunEnded says that a map run is over.
var ErrMapRunEnded = errors.New("map run has ended")

func (e *Engine) findRun(arn string) (*mapRun, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if run := e.runs[arn]; run != nil {
		return run, nil
	}
	return nil, fmt.Errorf("map run %s: %w", arn, ErrExecutionDoesNotExist)
}

// DescribeMapRun returns what is known of a map run.
func (e *Engine) DescribeMapRun(arn string) (MapRun, error) {
	run, err := e.findRun(arn)
	if err != nil {
		return MapRun{}, err
	}
	return run.describe(), nil
}

func (run *mapRun) describe() MapRun {
	run.mu.Lock()
	defer run.mu.Unlock()
	d := MapRun{
		MapRunARN: run.arn, ExecutionARN: run.x.info.arn, MachineARN: run.x.info.machineARN, Label: run.s.mapping.labelOf(run.s),
		Status: run.status, StartDate: time.UnixMilli(run.began), MaxConcurrency: run.limits.limit(),
		Items: run.items.counts(), Executions: run.executions.counts(), RedriveCount: run.redrives,
	}
	if run.limits.ToleratedFailureCount != nil {
		d.ToleratedFailureCount = *run.limits.ToleratedFailureCount
	}
	if run.limits.ToleratedFailurePercentage != nil {
		d.ToleratedFailurePercentage = *run.limits.ToleratedFailurePercentage
	}
	if run.stopped != 0 {
		d.StopDate = time.UnixMilli(run.stopped)
	}
	if run.redrivenAt != 0 {
		d.RedriveDate = time.UnixMilli(run.redrivenAt)
	}
	if run.status == StatusSucceeded || run.status == StatusFailed {
		d.Items.ResultsWritten, d.Executions.ResultsWritten = run.items.results(), run.executions.results()
	}
	if run.executions.unsuccessful() > 0 {
		run.countNotRedrivable(&d)
	}
	return d
}

// countNotRedrivable counts children that a redrive would leave as they are. The
// caller holds the lock.
func (run *mapRun) countNotRedrivable(d *MapRun) {
	for _, child := range run.children {
		if child == nil || !child.standing.unsuccessful() {
			continue
		}
		child.mu.Lock()
		if child.notRedrivable() != "" {
			d.Executions.FailuresNotRedrivable++
			d.Items.FailuresNotRedrivable += child.info.items
		}
		child.mu.Unlock()
	}
}

// MapRuns returns the map runs of an execution, the latest first.
func (e *Engine) MapRuns(executionARN string) []MapRun {
	e.mu.Lock()
	var runs []*mapRun
	if x := e.byARN[executionARN]; x != nil {
		runs = slices.Clone(x.runs)
	}
	e.mu.Unlock()
	slices.Reverse(runs)
	all := make([]MapRun, len(runs))
	for i, run := range runs {
		all[i] = run.describe()
	}
	return all
}

// MapRunChange is what to change of a map run; what is nil stays as it is.
type MapRunChange struct {
	// MaxConcurrency is how many child executions may run at once; 0 is as many as
	// AWS allows.
	MaxConcurrency             *int
	ToleratedFailureCount      *int64
	ToleratedFailurePercentage *float64
}

// UpdateMapRun changes a running map run, and returns once that is durable. Fewer
// tolerated failures than there are end it. Errors: [ErrExecutionDoesNotExist]
// and [ErrMapRunEnded].
func (e *Engine) UpdateMapRun(ctx context.Context, arn string, change MapRunChange) error {
	defer e.hold()()
	run, err := e.findRun(arn)
	if err != nil {
		return err
	}
	x := run.x
	x.mu.Lock()
	if !run.isCurrent() {
		x.mu.Unlock()
		return fmt.Errorf("map run %s: %w", arn, ErrMapRunEnded)
	}
	if change.MaxConcurrency != nil {
		run.settings.MaxConcurrency = *change.MaxConcurrency
	}
	if change.ToleratedFailureCount != nil {
		run.settings.ToleratedFailureCount = change.ToleratedFailureCount
	}
	if change.ToleratedFailurePercentage != nil {
		run.settings.ToleratedFailurePercentage = change.ToleratedFailurePercentage
	}
	x.tick()
	x.emit(run.settings.record(run.f))
	run.mu.Lock()
	run.limits = run.settings
	run.mu.Unlock()
	ready := x.durably()
	x.settle(false)
	if err := e.await(ctx, ready); err != nil {
		return fmt.Errorf("update map run %s: %w", arn, err)
	}
	run.proceed()
	return nil
}
