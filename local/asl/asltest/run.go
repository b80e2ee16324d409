// Package asltest runs state machines in tests: in memory, with functions in the
// place of tasks, and, inside a testing/synctest bubble, in virtual time.
package asltest

import (
	"context"
	"fmt"
	"time"

	"github.com/mayfly-dev/mayfly/local/asl"
)

// MachineARN is the ARN of the machines that Run runs.
const MachineARN = "arn:aws:states:us-east-1:000000000000:stateMachine:test"

// Epoch is a time for virtual clocks to begin at.
var Epoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// Outcome is how an execution went.
type Outcome struct {
	Status asl.Status
	Output string
	// Error and Cause are "" unless the execution failed.
	Error, Cause string
	// Path is the states that were entered, in order.
	Path []string
	// Transitions is what AWS would bill: each entering of a state, and each retry.
	Transitions int
	// Duration is how long it took by the engine's clock, in milliseconds: in a
	// synctest bubble or with a virtual clock, virtual time.
	Duration time.Duration
	Events   []asl.Event
}

// Run runs a definition to its end. Jitter is the whole interval, so that delays
// are the same each time.
func Run(ctx context.Context, definition, input string, tasks asl.TaskRunner) (outcome Outcome, err error) {
	machine, err := asl.Parse([]byte(definition))
	if err != nil {
		return Outcome{}, fmt.Errorf("run: %w", err)
	}
	engine, err := asl.New(asl.Options{Tasks: tasks, Jitter: func() float64 { return 1 }})
	if err != nil {
		return Outcome{}, fmt.Errorf("run: %w", err)
	}
	defer func() {
		if closing := engine.Close(); err == nil {
			err = closing
		}
	}()
	return RunOn(ctx, engine, machine, input)
}

// RunOn runs a machine to its end on an engine.
func RunOn(ctx context.Context, engine *asl.Engine, machine *asl.Machine, input string) (Outcome, error) {
	started, err := engine.Start(ctx, asl.StartInput{Machine: machine, MachineARN: MachineARN, Input: []byte(input)})
	if err != nil {
		return Outcome{}, fmt.Errorf("run: %w", err)
	}
	result, err := engine.Wait(ctx, started.ExecutionARN)
	if err != nil {
		return Outcome{}, fmt.Errorf("run: %w", err)
	}
	outcome := Outcome{
		Status: result.Status, Output: string(result.Output), Error: result.Error, Cause: result.Cause,
		Duration: result.StopDate.Sub(started.StartDate),
	}
	if outcome.Events, err = engine.Events(started.ExecutionARN); err != nil {
		return Outcome{}, fmt.Errorf("run: %w", err)
	}
	outcome.Path = asl.Path(outcome.Events)
	outcome.Transitions, err = engine.Transitions(started.ExecutionARN)
	return outcome, err //nolint:wrapcheck // it names the execution
}
