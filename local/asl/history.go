package asl

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mayfly-dev/mayfly/local/asl/rawjson"
)

// Event is one event of a history, in AWS's terms. Which fields are set depends
// on its type; see [Event.AppendJSON].
type Event struct {
	ID, PreviousID int64
	Type           string
	Timestamp      time.Time
	// Thread tells the branches and iterations of an execution apart, in which
	// things happen at the same time: 0 is the machine's own. AWS does not say it.
	Thread uint32

	// Name is a state's, or a Map state's of an iteration.
	Name string
	// Input and Output are payloads; Parameters those of a TaskScheduled event.
	Input, Output, Parameters []byte
	// Assigned is a JSON object of the variables that the state assigned.
	Assigned                         []byte
	Resource, ResourceType, Region   string
	Error, Cause                     string
	Index, Length                    int64
	TimeoutSeconds, HeartbeatSeconds int64
	WorkerName, RoleARN, MapRunARN   string
	VersionARN, AliasARN             string
	// State and Location say where an evaluation failed.
	State, Location string
	RedriveCount    int64
}

// Query selects a part of a history.
type Query struct {
	// Reverse gives the latest event first.
	Reverse bool
	// Limit is how many events at most; 0 is 100, at most 1,000.
	Limit int
	// Token continues after an earlier page.
	Token string
}

// History returns a page of an execution's durable history, and a token when
// there is more.
func (e *Engine) History(executionARN string, q Query) (page []Event, token string, err error) {
	x, err := e.find(executionARN)
	if err != nil {
		return nil, "", err
	}
	limit := q.Limit
	if limit <= 0 {
		limit = 100
	}
	limit = min(limit, 1000)
	skip := 0
	if q.Token != "" {
		if skip, err = strconv.Atoi(q.Token); err != nil || skip < 0 {
			return nil, "", fmt.Errorf("history of %s: %w", executionARN, ErrInvalidToken)
		}
	}
	all, err := x.history()
	if err != nil {
		return nil, "", fmt.Errorf("history of %s: %w", executionARN, err)
	}
	if q.Reverse {
		slices.Reverse(all)
	}
	if skip >= len(all) {
		return nil, "", nil
	}
	all = all[skip:]
	if len(all) > limit {
		return all[:limit], strconv.Itoa(skip + limit), nil
	}
	return all, "", nil
}

// Events returns the whole durable history of an execution.
func (e *Engine) Events(executionARN string) ([]Event, error) {
	x, err := e.find(executionARN)
	if err != nil {
		return nil, err
	}
	return x.history()
}

func (x *execution) history() ([]Event, error) {
	x.mu.Lock()
	reader := logReader{log: slices.Clone(x.log[:x.durable])}
	x.mu.Unlock()
	var all []Event
	var r record
	for {
		ok, err := reader.next(&r)
		if err != nil || !ok {
			return all, err
		}
		if r.kind < hidden {
			all = append(all, x.expand(&r))
		}
	}
}

// expand makes an event of a record.
func (x *execution) expand(r *record) Event {
	e := Event{ID: r.id, PreviousID: r.previous, Type: eventNames[r.kind], Timestamp: time.UnixMilli(r.time), Thread: r.frame}
	s := &State{} // of a record that names none
	if r.state > 0 && r.state <= len(x.m.states) {
		s = x.m.states[r.state-1]
	}
	switch r.kind {
	case evExecutionStarted:
		e.Input, e.RoleARN, e.VersionARN, e.AliasARN = r.data.raw, x.info.roleARN, x.info.version, x.info.alias
		return e
	case evExecutionSucceeded:
		e.Output = r.data.raw
		return e
	case evExecutionRedriven:
		e.RedriveCount = r.n1
		return e
	case evMapRunStarted, evMapRunRedriven:
		e.MapRunARN, e.RedriveCount = r.name, r.n1
		return e
	case evMapStateStarted:
		e.Length = r.n1
		return e
	case evMapIterationStarted, evMapIterationSucceeded, evMapIterationFailed, evMapIterationAborted:
		e.Name, e.Index = s.name, r.n1
		return e
	case evActivityStarted:
		e.WorkerName = r.name
		return e
	case evEvaluationFailed:
		e.State, e.Location = s.name, string(r.data.raw)
	case evParallelStateStarted, evParallelStateSucceeded, evParallelStateFailed, evMapStateSucceeded, evMapStateFailed,
		evLambdaFunctionStarted:
		return e
	default:
	}
	e.Error, e.Cause = r.name, r.cause
	switch {
	case r.kind.isEntered():
		e.Name, e.Input = s.name, r.data.raw
	case r.kind.isExited():
		e.Name, e.Output, e.Assigned = s.name, r.data.raw, r.vars.raw
	case s.task != nil && r.kind != evEvaluationFailed && r.kind != evTaskStateAborted:
		expandTask(&e, s.task, r, x.e.region)
	}
	return e
}

func expandTask(e *Event, t *taskState, r *record, region string) {
	switch r.kind {
	case evLambdaFunctionScheduled, evActivityScheduled:
		e.Resource, e.Input, e.TimeoutSeconds, e.HeartbeatSeconds = t.resource, r.data.raw, r.n1, r.n2
	case evTaskScheduled:
		e.Resource, e.ResourceType, e.Region = t.action, t.resourceType, region
		e.Parameters, e.TimeoutSeconds, e.HeartbeatSeconds = r.data.raw, r.n1, r.n2
	case evTaskStarted, evTaskSubmitted, evTaskSucceeded, evTaskFailed, evTaskTimedOut:
		e.Resource, e.ResourceType, e.Output = t.action, t.resourceType, r.data.raw
	default:
		e.Output = r.data.raw
	}
	if r.kind == evLambdaFunctionScheduled {
		e.HeartbeatSeconds = 0
	}
}

// Path returns the names of the states that a history entered, in order.
func Path(history []Event) []string {
	var path []string
	for i := range history {
		if strings.HasSuffix(history[i].Type, "StateEntered") {
			path = append(path, history[i].Name)
		}
	}
	return path
}

// detailsName is the field of a history event's details: "taskFailedEventDetails".
func (e *Event) detailsName() string {
	switch {
	case strings.HasSuffix(e.Type, "StateEntered"):
		return "stateEnteredEventDetails"
	case strings.HasSuffix(e.Type, "StateExited"):
		return "stateExitedEventDetails"
	}
	switch e.Type {
	case "ParallelStateStarted", "ParallelStateSucceeded", "ParallelStateFailed", "MapStateSucceeded", "MapStateFailed",
		"LambdaFunctionStarted", "TaskStateAborted", "WaitStateAborted", "ParallelStateAborted", "MapStateAborted",
		"MapRunSucceeded", "MapRunAborted":
		return ""
	}
	return strings.ToLower(e.Type[:1]) + e.Type[1:] + "EventDetails"
}

// AppendJSON appends the event as the Step Functions API has it (awsJson1_0).
// Without data, payloads, errors and causes are left out.
func (e *Event) AppendJSON(out []byte, data bool) []byte {
	out = strconv.AppendInt(append(out, `{"id":`...), e.ID, 10)
	out = strconv.AppendInt(append(out, `,"previousEventId":`...), e.PreviousID, 10)
	out = strconv.AppendFloat(append(out, `,"timestamp":`...), float64(e.Timestamp.UnixMilli())/1000, 'f', 3, 64)
	out = rawjson.AppendString(append(out, `,"type":`...), e.Type)
	details := e.detailsName()
	if details == "" {
		return append(out, '}')
	}
	w := detailsWriter{out: append(append(append(out, ',', '"'), details...), `":{`...), data: data}
	w.text("name", e.Name)
	w.text("resource", e.Resource)
	w.text("resourceType", e.ResourceType)
	w.text("region", e.Region)
	w.payload("parameters", "", e.Parameters)
	w.payload("input", "inputDetails", e.Input)
	w.payload("output", "outputDetails", e.Output)
	w.assigned(e.Assigned)
	w.secret("error", e.Error)
	w.secret("cause", e.Cause)
	w.text("state", e.State)
	w.text("location", e.Location)
	w.text("workerName", e.WorkerName)
	w.text("roleArn", e.RoleARN)
	w.text("stateMachineVersionArn", e.VersionARN)
	w.text("stateMachineAliasArn", e.AliasARN)
	w.text("mapRunArn", e.MapRunARN)
	w.number("timeoutInSeconds", e.TimeoutSeconds, e.TimeoutSeconds > 0)
	w.number("heartbeatInSeconds", e.HeartbeatSeconds, e.HeartbeatSeconds > 0)
	w.number("index", e.Index, strings.HasPrefix(e.Type, "MapIteration"))
	w.number("length", e.Length, e.Type == "MapStateStarted")
	w.number("redriveCount", e.RedriveCount, strings.HasSuffix(e.Type, "Redriven"))
	return append(w.out, '}', '}')
}

type detailsWriter struct {
	out  []byte
	data bool
}

func (w *detailsWriter) key(name string) {
	if w.out[len(w.out)-1] != '{' {
		w.out = append(w.out, ',')
	}
	w.out = append(append(append(w.out, '"'), name...), '"', ':')
}

func (w *detailsWriter) text(name, s string) {
	if s != "" {
		w.key(name)
		w.out = rawjson.AppendString(w.out, s)
	}
}

func (w *detailsWriter) secret(name, s string) {
	if w.data {
		w.text(name, s)
	}
}

func (w *detailsWriter) number(name string, n int64, there bool) {
	if there {
		w.key(name)
		w.out = strconv.AppendInt(w.out, n, 10)
	}
}

func (w *detailsWriter) payload(name, details string, payload []byte) {
	if payload == nil || !w.data {
		return
	}
	w.key(name)
	w.out = rawjson.AppendString(w.out, string(payload))
	if details != "" {
		w.key(details)
		w.out = append(w.out, `{"truncated":false}`...)
	}
}

func (w *detailsWriter) assigned(variables []byte) {
	if variables == nil || !w.data {
		return
	}
	w.key("assignedVariables")
	w.out = append(w.out, '{')
	for name, at := range rawjson.Members(variables) {
		w.key(name)
		w.out = rawjson.AppendString(w.out, string(variables[at[0]:at[1]]))
	}
	w.out = append(w.out, '}')
	w.key("assignedVariablesDetails")
	w.out = append(w.out, `{"truncated":false}`...)
}
