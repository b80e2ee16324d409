package asl

import (
	"context"
	"fmt"
	"time"
)

// Ran is an execution that Run has run.
type Ran struct {
	Result
	ExecutionARN string
	StartDate    time.Time

	x *execution
}

// Events returns the execution's whole history.
func (r Ran) Events() ([]Event, error) { return r.x.history() }

// Run runs an execution that nothing is kept of, as StartSyncExecution does, and
// returns when it has ended. It is neither in the journal nor in lists. While it
// runs it can be described and stopped by its ARN; then the engine forgets it,
// its child executions and its map runs, and what Run returns is all there is.
//
// The context's error is returned when that ends first: the execution goes on
// to its end, and is forgotten. Other errors: [ErrInvalidInput],
// [ErrInvalidName], [ErrExecutionAlreadyExists] and [ErrClosed].
func (e *Engine) Run(ctx context.Context, in StartInput) (Ran, error) {
	if err := checkStart(&in); err != nil {
		return Ran{}, err
	}
	return e.run(ctx, &in, nil)
}

func (e *Engine) run(ctx context.Context, in *StartInput, test *tested) (Ran, error) {
	x, err := e.startEphemeral(in, test)
	if err != nil {
		return Ran{}, err
	}
	result, err := x.wait(ctx)
	return Ran{Result: result, ExecutionARN: x.info.arn, StartDate: time.UnixMilli(x.info.started), x: x}, err
}

func (e *Engine) startEphemeral(in *StartInput, test *tested) (*execution, error) {
	defer e.hold()()
	if in.Name == "" {
		in.Name = e.newID()
	}
	x := e.newExecution(in)
	x.info.ephemeral, x.test = true, test
	existing, err := e.register(x, in.Input)
	if err != nil {
		return nil, err
	}
	if existing != nil {
		return nil, fmt.Errorf("run execution %s: %w", x.info.arn, ErrExecutionAlreadyExists)
	}
	x.mu.Lock()
	x.begin(value{raw: in.Input})
	if task := x.settle(true); task != nil {
		e.start(x, task)
	}
	return x, nil
}
