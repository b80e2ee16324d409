package asl

import (
	"strings"
	"time"

	"github.com/mayfly-dev/mayfly/local/asl/rawjson"
)

// pattern is how a task's result is waited for.
type pattern uint8

const (
	patternRequest  pattern = iota // the runner's answer is the result
	patternSync                    // the runner answers when the job has ended
	patternToken                   // somebody answers with the task's token
	patternActivity                // a worker takes the task and answers
)

type taskState struct {
	resource     string
	resourceType string // "lambda", "aws-sdk:s3"; "" for direct Lambda ARNs and activities
	action       string // "invoke.waitForTaskToken"
	pattern      pattern
	lambda       bool
	timeout      quantity
	heartbeat    quantity
	credentials  *template
}

func (p *parser) taskState(s *State, f *fields) {
	t := &taskState{resource: f.text("Resource")}
	s.task = t
	s.retry, s.catch = p.retriers(f), p.catchers(f, s.jsonata)
	t.timeout = f.quantity("TimeoutSeconds", s.jsonata, 1, maxWaitSeconds)
	t.heartbeat = f.quantity("HeartbeatSeconds", s.jsonata, 1, maxWaitSeconds)
	if t.timeout.fixed > 0 && t.heartbeat.fixed >= t.timeout.fixed {
		p.errorf(at(f.location, "HeartbeatSeconds"), "'HeartbeatSeconds' must be smaller than 'TimeoutSeconds'")
	}
	if n := f.get("Credentials"); n != nil {
		if s.jsonata {
			t.credentials = p.queryTemplate(n, at(f.location, "Credentials"))
		} else {
			t.credentials = p.pathTemplate(n, at(f.location, "Credentials"))
		}
	}
	p.resource(t, f)
	p.foreignFaults(s, f)
}

// resource works out what kind of resource a task names.
func (p *parser) resource(t *taskState, f *fields) {
	location := at(f.location, "Resource")
	if t.resource == "" {
		p.errorf(f.location, "These fields are required: [Resource]")
		return
	}
	parts := strings.SplitN(t.resource, ":", 7)
	if len(parts) < 6 || parts[0] != "arn" {
		p.errorf(location, "Value is not a valid resource ARN")
		return
	}
	switch {
	case parts[2] == "lambda":
		t.lambda = true
	case parts[2] == "states" && parts[5] == "activity":
		t.pattern = patternActivity
	case parts[2] == "states" && parts[3] == "" && parts[4] == "" && len(parts) == 7:
		t.resourceType, t.action = parts[5], parts[6]
		if parts[5] == "aws-sdk" {
			service, action, ok := strings.Cut(parts[6], ":")
			if !ok || service == "" || action == "" {
				p.errorf(location, "The resource provided %s is not recognized. The value is not a valid resource ARN, or the resource is not available in this region.", t.resource)
				return
			}
			t.resourceType, t.action = "aws-sdk:"+service, action
		}
		switch {
		case strings.HasSuffix(t.action, ".waitForTaskToken"):
			t.pattern = patternToken
		case strings.HasSuffix(t.action, ".sync"), strings.HasSuffix(t.action, ".sync:2"):
			t.pattern = patternSync
		}
	default:
		p.errorf(location, "The resource provided %s is not recognized. The value is not a valid resource ARN, or the resource is not available in this region.", t.resource)
	}
	if p.express {
		switch t.pattern {
		case patternToken:
			p.errorf(location, "Express state machine does not support '.waitForTaskToken' service integration ")
		case patternSync:
			p.errorf(location, "Express state machine does not support '.sync' service integration ")
		case patternActivity:
			p.errorf(location, "Express state machine does not support Activity ARN")
		case patternRequest:
		}
	}
}

// kinds are the events of a task by its kind of resource.
type kinds struct{ scheduled, started, succeeded, failed, timedOut eventKind }

func (t *taskState) kinds() kinds {
	switch {
	case t.lambda:
		return kinds{evLambdaFunctionScheduled, evLambdaFunctionStarted, evLambdaFunctionSucceeded, evLambdaFunctionFailed, evLambdaFunctionTimedOut}
	case t.pattern == patternActivity:
		return kinds{evActivityScheduled, evActivityStarted, evActivitySucceeded, evActivityFailed, evActivityTimedOut}
	default:
		return kinds{evTaskScheduled, evTaskStarted, evTaskSucceeded, evTaskFailed, evTaskTimedOut}
	}
}

// runTask records the task and hands it over once the record is durable.
func (x *execution) runTask(f *frame) error {
	t := f.state.task
	document := f.input
	if !f.state.jsonata {
		var err error
		if document, err = x.inputPath(f); err != nil {
			return err
		}
	}
	timeout, err := x.number(f, &t.timeout, document, "TimeoutSeconds")
	if err != nil {
		return err
	}
	heartbeat, err := x.number(f, &t.heartbeat, document, "HeartbeatSeconds")
	if err != nil {
		return err
	}
	// The token is part of the parameters, and made of the event that is to come.
	task := &running{frame: f, scheduled: x.lastID + 1, timeout: int64(timeout), heartbeat: int64(heartbeat)}
	f.task = task
	input, err := x.effectiveInput(f)
	if err != nil {
		f.task = nil
		return err
	}
	if len(input.raw) > MaxPayload {
		f.task = nil
		return dataLimit(f)
	}
	if err := x.startable(f, input); err != nil {
		f.task = nil
		return err
	}
	r := record{kind: t.kinds().scheduled, state: f.state.index + 1, data: input, n1: task.timeout, n2: task.heartbeat}
	x.event(f, &r)
	task.input = r.data
	if t.pattern == patternActivity {
		f.phase = phaseActivity
	} else {
		x.event(f, &record{kind: t.kinds().started, state: f.state.index + 1})
		f.phase = phaseTask
	}
	x.schedule(f, task)
	return nil
}

// schedule sets a task's deadlines and has it run once the log is durable.
func (x *execution) schedule(f *frame, task *running) {
	if task.timeout > 0 {
		x.e.timers.set(&f.timer, x, f, time.UnixMilli(x.now).Add(time.Duration(task.timeout)*time.Second))
	}
	if f.phase == phaseTask || f.phase == phaseToken {
		x.setHeartbeat(f)
	}
	if f.phase != phaseToken {
		x.actions = append(x.actions, action{after: len(x.log), task: task})
	}
}

// setHeartbeat gives a task whose worker can send heartbeats its time for one.
func (x *execution) setHeartbeat(f *frame) {
	pattern := f.state.task.pattern
	if beat := f.task.heartbeat; beat > 0 && (pattern == patternToken || pattern == patternActivity) {
		x.e.timers.set(&f.beat, x, f, time.UnixMilli(x.now).Add(time.Duration(beat)*time.Second))
	}
}

// dropTask forgets a frame's task and cancels its context.
func (x *execution) dropTask(f *frame) {
	task := f.task
	if task == nil {
		return
	}
	f.task = nil
	x.e.timers.stop(&f.timer)
	x.e.timers.stop(&f.beat)
	if f.phase == phaseActivity || f.state.task.pattern == patternActivity {
		x.e.activities.withdraw(f.state.task.resource, task)
	}
	if task.ctx != nil {
		task.ctx.end()
		x.e.virtual.interrupt(task.ctx)
		task.ctx = nil
	}
}

// taskEnded records what became of a frame's task, and goes on.
func (x *execution) taskEnded(f *frame, output []byte, failed *TaskError) {
	x.tick()
	t := f.state.task
	x.dropTask(f)
	f.phase = phaseReady
	if failed == nil {
		switch {
		case len(output) > MaxPayload:
			name := t.resource
			if !t.lambda && t.resourceType != "" {
				name = t.resourceType
			}
			failed = &TaskError{Name: ErrorDataLimitExceeded, Cause: "The state/task '" + name +
				"' returned a result with a size exceeding the maximum number of bytes service limit."}
		case len(output) == 0:
			output = nullValue.raw
		default:
			if err := rawjson.Valid(output); err != nil {
				failed = f.fault(ErrorRuntime, "The task's result is not JSON: %v", err)
			}
		}
	}
	if failed != nil {
		kind := t.kinds().failed
		if failed.Name == ErrorTimeout || failed.Name == ErrorHeartbeatTimeout {
			kind = t.kinds().timedOut
		}
		x.event(f, &record{kind: kind, state: f.state.index + 1, name: failed.Name, cause: failed.Cause})
		x.stateFailed(f, failed, 0)
		return
	}
	r := record{kind: t.kinds().succeeded, state: f.state.index + 1, data: value{raw: output}}
	x.event(f, &r)
	x.inspect(StageResult, r.data)
	if err := x.complete(f, r.data, f.state.next); err != nil {
		x.stateFailed(f, asTaskError(err, ErrorRuntime), 0)
	}
}
