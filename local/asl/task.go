package asl

import (
	"context"
	"errors"
)

// TaskRunner does the work of Task states. RunTask may be called again for the
// same attempt after a restart: the engine runs a task at least once, and
// records one result. A task that fails returns a [*TaskError]; any other error
// becomes States.TaskFailed. The context ends when the task is over: timed out,
// cancelled with its branch or its execution, or answered by its token; and when
// the engine is closed, in which case the result is not looked at.
type TaskRunner interface {
	RunTask(ctx context.Context, t Task) ([]byte, error)
}

// TaskFunc is a function as a TaskRunner.
type TaskFunc func(ctx context.Context, t Task) ([]byte, error)

// RunTask calls the function.
func (f TaskFunc) RunTask(ctx context.Context, t Task) ([]byte, error) { return f(ctx, t) }

// Task is one try of a Task state.
type Task struct {
	// Resource is the ARN as it stands in the definition.
	Resource string
	// Input is the task's input; it must not be changed.
	Input []byte
	// ExecutionARN, ExecutionName and MachineARN say whose task it is, RoleARN
	// with whose rights.
	ExecutionARN, ExecutionName, MachineARN, RoleARN string
	// StateName is the Task state's name.
	StateName string
	// Attempt is 0 for the first try, and one more for each retry.
	Attempt int
	// Token identifies this try. It is what a .waitForTaskToken task hands out.
	Token string
	// HeartbeatSeconds and TimeoutSeconds are 0 when there is no such limit.
	HeartbeatSeconds, TimeoutSeconds int64
	// Credentials is the state's Credentials, evaluated; nil when absent.
	Credentials []byte
	// Submitted is what an earlier run of this try gave to Submit, before the
	// engine was restarted; nil when there is nothing.
	Submitted []byte
	// Submit records, as TaskSubmitted, what a .sync task's service answered
	// when the job was started. Of a task that is one request it does nothing.
	Submit func(output []byte)
	// Heartbeat says that the task is still at work, as SendTaskHeartbeat does. A
	// task that is one request needs none.
	Heartbeat func()
	// Trace takes what the task sent and got over HTTP. It is nil unless a state
	// is tested at level TRACE.
	Trace func(HTTPRequest, HTTPResponse)
	// RevealSecrets says that Trace may be told secrets.
	RevealSecrets bool
}

// runTasks runs a task, and then those that follow from it, in one goroutine for
// as long as there is one of them.
func (e *Engine) runTasks(ctx context.Context, x *execution, task *running) {
	for task != nil {
		task = e.runOne(ctx, x, task)
	}
}

func (e *Engine) runOne(ctx context.Context, x *execution, task *running) *running {
	own := &taskContext{parent: ctx}
	defer own.end()
	x.mu.Lock()
	f := task.frame
	if f.task != task || x.status != StatusRunning {
		x.mu.Unlock()
		return nil
	}
	t := x.describeTask(f, task)
	task.ctx = own
	var err error
	if c := f.state.task.credentials; c != nil {
		var v value
		v, err = c.eval(&scope{x: x, f: f, document: f.input, input: &f.input})
		t.Credentials = v.raw
	}
	x.mu.Unlock()

	var output []byte
	if err == nil {
		output, err = x.runner().RunTask(own, t)
	}
	return e.taskReturned(x, task, output, err)
}

// runner is the engine's, unless a test has its own.
func (x *execution) runner() TaskRunner {
	if x.test != nil && x.test.in.Tasks != nil {
		return x.test.in.Tasks
	}
	return x.e.runner
}

func (x *execution) describeTask(f *frame, task *running) Task {
	t := Task{
		Resource: f.state.task.resource, Input: task.input.raw,
		ExecutionARN: x.info.arn, ExecutionName: x.info.name, MachineARN: x.info.machineARN, RoleARN: x.info.roleARN,
		StateName: f.state.name, Attempt: f.attempts, Token: x.token(task),
		HeartbeatSeconds: task.heartbeat, TimeoutSeconds: task.timeout, Submitted: task.submitted,
		Submit: ignoreOutput, Heartbeat: goesOn,
	}
	if x.test != nil && x.test.in.Level == InspectTrace {
		t.Trace = func(request HTTPRequest, response HTTPResponse) { x.traced(task, request, response) }
		t.RevealSecrets = x.test.in.RevealSecrets
	}
	if f.state.task.pattern != patternRequest {
		t.Submit = func(output []byte) { x.submitted(task, output) }
		t.Heartbeat = func() { x.heartbeat(task) }
	}
	return t
}

// traced notes what a tested state's task sent and got.
func (x *execution) traced(task *running, request HTTPRequest, response HTTPResponse) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if task.frame.task == task {
		x.test.seen.Request, x.test.seen.Response = &request, &response
	}
}

func ignoreOutput([]byte) {}

// taskReturned takes what a runner answered. It returns the task to run next,
// if one follows.
func (e *Engine) taskReturned(x *execution, task *running, output []byte, err error) *running {
	x.mu.Lock()
	f := task.frame
	if e.isClosed() || f.task != task || x.status != StatusRunning {
		x.mu.Unlock()
		return nil
	}
	task.ctx = nil
	var failed *TaskError
	if err != nil {
		failed = taskFailure(err)
	}
	if f.state.task.pattern == patternToken && failed == nil {
		x.tick()
		task.submitted = output
		x.event(f, &record{kind: evTaskSubmitted, state: f.state.index + 1, data: value{raw: orNull(output)}})
		f.phase = phaseToken
	} else {
		x.taskEnded(f, output, failed)
		x.advance(f)
	}
	return x.settle(true)
}

func orNull(output []byte) []byte {
	if len(output) == 0 {
		return nullValue.raw
	}
	return output
}

func taskFailure(err error) *TaskError {
	var failed *TaskError
	if errors.As(err, &failed) && failed.Name != "" {
		return &TaskError{Name: failed.Name, Cause: failed.Cause}
	}
	return &TaskError{Name: ErrorTaskFailed, Cause: err.Error()}
}

// submitted records that a .sync job was started.
func (x *execution) submitted(task *running, output []byte) {
	x.mu.Lock()
	if f := task.frame; f.task == task && x.status == StatusRunning && task.submitted == nil && !x.e.isClosed() {
		x.tick()
		task.submitted = orNull(output)
		x.event(f, &record{kind: evTaskSubmitted, state: f.state.index + 1, data: value{raw: task.submitted}})
	}
	x.settle(false)
}

func (x *execution) heartbeat(task *running) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if task.frame.task == task && x.status == StatusRunning {
		x.tick()
		x.setHeartbeat(task.frame)
	}
}
