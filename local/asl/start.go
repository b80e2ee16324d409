package asl

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/mayfly-dev/mayfly/local/asl/rawjson"
)

// StartInput says what to start.
type StartInput struct {
	// Machine is what runs.
	Machine *Machine
	// MachineARN is the state machine's ARN, of which the execution's is made.
	MachineARN string
	// Name is the execution's name, 1 to 80 characters; "" has one made.
	Name string
	// Input is a JSON text of at most 256 KiB; nil is {}. It is kept and must
	// not be changed.
	Input []byte
	// RoleARN is what the history and the context object say.
	RoleARN string
	// VersionARN and AliasARN say by which version or alias it was started.
	VersionARN, AliasARN string
	// Meta is kept with the execution and returned by Describe.
	Meta []byte
	// Express starts an Express execution: its name may be used again, its
	// history has no limit.
	Express bool
}

// Started is the answer to Start.
type Started struct {
	ExecutionARN string
	StartDate    time.Time
	// Existing is set when an execution of that name and input was running already.
	Existing bool
}

// Start starts an execution and returns once that is durable. The name of a
// running execution with the same input gives that execution; otherwise a name
// that is taken is [ErrExecutionAlreadyExists]. Other errors: [ErrInvalidInput],
// [ErrInvalidName], [ErrClosed], and those of the journal.
func (e *Engine) Start(ctx context.Context, in StartInput) (Started, error) {
	if e.isClosed() {
		return Started{}, fmt.Errorf("start execution: %w", ErrClosed)
	}
	if err := checkStart(&in); err != nil {
		return Started{}, err
	}
	defer e.hold()()
	if in.Name == "" {
		in.Name = e.newID()
	}
	x := e.newExecution(&in)
	if existing, err := e.register(x, in.Input); err != nil || existing != nil {
		if err != nil {
			return Started{}, err
		}
		return Started{ExecutionARN: existing.info.arn, StartDate: time.UnixMilli(existing.info.started), Existing: true}, nil
	}
	x.mu.Lock()
	x.begin(value{raw: in.Input})
	ready := x.durably()
	if task := x.settle(true); task != nil {
		e.start(x, task)
	}
	started := Started{ExecutionARN: x.info.arn, StartDate: time.UnixMilli(x.info.started)}
	if err := e.await(ctx, ready); err != nil {
		return started, fmt.Errorf("start execution %s: %w", x.info.arn, err)
	}
	return started, nil
}

func checkStart(in *StartInput) error {
	if in.Input == nil {
		in.Input = emptyObject.raw
	}
	if len(in.Input) > MaxPayload {
		return fmt.Errorf("%w: input has %d bytes, and %d are allowed", ErrInvalidInput, len(in.Input), MaxPayload)
	}
	if err := rawjson.Valid(in.Input); err != nil {
		return fmt.Errorf("%w: %w", ErrInvalidInput, err)
	}
	if in.Name != "" && !validName(in.Name) {
		return fmt.Errorf("%w: %q", ErrInvalidName, in.Name)
	}
	return nil
}

// validName is AWS's rule for names of executions.
func validName(name string) bool {
	if utf8.RuneCountInString(name) > maxNameLength || strings.ContainsAny(name, " \n\t<>{}[]?*\"#%\\^|~`$&,;:/") {
		return false
	}
	return strings.IndexFunc(name, func(r rune) bool {
		return r < 0x20 || r >= 0x7f && r <= 0x9f || r == 0xfffe || r == 0xffff || r == utf8.RuneError
	}) < 0
}

// executionARN makes an execution's ARN of its machine's.
func executionARN(machineARN, name string, express bool, id func() string) string {
	kind := "execution:"
	if express {
		kind = "express:"
		name += ":" + id()
	}
	if before, after, ok := strings.Cut(machineARN, ":stateMachine:"); ok {
		return before + ":" + kind + after + ":" + name
	}
	return machineARN + ":" + kind + name
}

func (e *Engine) newExecution(in *StartInput) *execution {
	x := &execution{e: e, m: in.Machine, source: in.Machine.root, status: StatusRunning}
	x.shown.status = StatusRunning
	x.info = startInfo{
		arn: executionARN(in.MachineARN, in.Name, in.Express, e.newID), machineARN: in.MachineARN, name: in.Name,
		roleARN: in.RoleARN, meta: in.Meta, express: in.Express,
		version: in.VersionARN, alias: in.AliasARN,
	}
	x.tick()
	x.info.started = x.now
	return x
}

// register enters an execution under its ARN, or returns the one that is there.
func (e *Engine) register(x *execution, input []byte) (existing *execution, err error) {
	e.mu.Lock()
	if e.isClosed() {
		e.mu.Unlock()
		return nil, fmt.Errorf("start execution: %w", ErrClosed)
	}
	if existing = e.byARN[x.info.arn]; existing == nil {
		e.enter(x)
		e.mu.Unlock()
		return nil, nil
	}
	e.mu.Unlock()
	existing.mu.Lock()
	defer existing.mu.Unlock()
	if existing.shown.status == StatusRunning && bytes.Equal(existing.input().raw, input) {
		return existing, nil
	}
	return nil, fmt.Errorf("start execution %s: %w", x.info.arn, ErrExecutionAlreadyExists)
}

// enter puts an execution into the indexes. The caller holds e.mu.
func (e *Engine) enter(x *execution) {
	x.seq = e.nextSeq
	e.nextSeq++
	e.byARN[x.info.arn] = x
	if x.info.ephemeral {
		return
	}
	e.bySeq[x.seq] = x
	if x.run != nil {
		x.run.started = append(x.run.started, x)
	}
	machine := e.lists[x.info.machineARN]
	if machine == nil {
		machine = &list{}
		e.lists[x.info.machineARN] = machine
	}
	machine.all = append(machine.all, x)
}

// begin records the start and runs until everything waits. The caller holds the
// execution's lock.
func (x *execution) begin(input value) {
	x.log = make([]byte, 0, 192+len(input.raw)+len(input.raw)/8+16*len(x.source.states))
	r := record{kind: evExecutionStarted, data: input, n1: int64(x.attempt)}
	x.emit(&r)
	x.nextFrame = 1
	x.root = frame{x: x, flow: x.source, state: x.source.start, input: r.data}
	f := &x.root
	if x.test != nil {
		f = x.test.enclose(x, r.data)
	}
	x.setDeadline()
	x.advance(f)
}

// expressLimit is how long an Express execution may take.
const expressLimit = 5 * time.Minute

// setDeadline sets the execution's time limit: the machine's, and AWS's for
// Express executions.
func (x *execution) setDeadline() {
	timeout := time.Duration(x.m.timeout) * time.Second
	if x.run != nil {
		timeout = 0
	}
	if x.info.express && (timeout == 0 || timeout > expressLimit) {
		timeout = expressLimit
	}
	if timeout > 0 {
		x.e.timers.set(&x.deadline, x, nil, time.UnixMilli(x.since()).Add(timeout))
	}
}

// input returns the execution's input, which is the first record of its log.
func (x *execution) input() value {
	if len(x.log) == 0 {
		return value{}
	}
	var r record
	if ok, err := (&logReader{log: x.log}).next(&r); !ok || err != nil {
		return value{}
	}
	return value{raw: slices.Clone(r.data.raw)}
}
