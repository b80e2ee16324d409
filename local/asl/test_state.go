package asl

import (
	"context"
	"errors"
	"fmt"

	"github.com/mayfly-dev/mayfly/local/asl/rawjson"
)

// TestedStatus is how the test of a state ended.
type TestedStatus string

// Statuses, as TestState has them.
const (
	TestedSucceeded TestedStatus = "SUCCEEDED"
	TestedFailed    TestedStatus = "FAILED"
	TestedRetriable TestedStatus = "RETRIABLE"
	TestedCaught    TestedStatus = "CAUGHT_ERROR"
)

// StateTest is a state to be tested by itself.
type StateTest struct {
	// Definition is the state's, with its Next and its Catch, whose targets
	// need not exist.
	Definition []byte
	// Name is the state's name; "" is TestState.
	Name  string
	Input []byte
	// Variables is a JSON object of what earlier states assigned; nil is none.
	Variables []byte
	RoleARN   string
	// Tasks does the work of a Task state; nil asks the engine's.
	Tasks TaskRunner
}

// StateTested is what became of it.
type StateTested struct {
	Status       TestedStatus
	Output       []byte
	Error, Cause string
	NextState    string
	Events       []Event
}

// tested is what an execution notes that tests one state.
type tested struct {
	next      string
	caught    bool
	retriable bool
}

// TestState runs one state and stops: a Wait state does not wait, and what a
// retrier would retry is RETRIABLE. The error is a [*DefinitionError], wraps
// [ErrInvalidInput], or is the context's.
func (e *Engine) TestState(ctx context.Context, in StateTest) (StateTested, error) {
	name := in.Name
	if name == "" {
		name = "TestState"
	}
	if err := rawjson.Valid(in.Definition); err != nil || (value{raw: in.Definition}).kind() != '{' {
		return StateTested{}, &DefinitionError{Diagnostics: []Diagnostic{{
			Severity: SeverityError, Code: CodeInvalidJSON, Message: "Definition must be a valid JSON object"}}}
	}
	definition := append(append([]byte(`{"StartAt":`), quoted(name)...), `,"States":{`...)
	definition = append(append(append(definition, quoted(name)...), ':'), in.Definition...)
	for _, target := range targetsOf(parseNode(in.Definition)) {
		if target != name {
			definition = append(append(append(definition, ','), quoted(target)...), `:{"Type":"Succeed"}`...)
		}
	}
	machine, err := Parse(append(definition, '}', '}'))
	if err != nil {
		return StateTested{}, err
	}
	start := StartInput{Machine: machine, MachineARN: "arn:aws:states:" + e.region + ":000000000000:stateMachine:TestState",
		Name: e.newID(), Input: in.Input, RoleARN: in.RoleARN}
	if err := checkStart(&start); err != nil {
		return StateTested{}, err
	}
	return e.testState(ctx, &start, in)
}

func (e *Engine) testState(ctx context.Context, start *StartInput, in StateTest) (StateTested, error) {
	tasks := in.Tasks
	if tasks == nil {
		tasks = e.runner
	}
	alone, err := New(Options{Tasks: tasks, Items: e.items, Clock: e.clock, Jitter: e.jitter, NewID: e.newID, Random: e.random, Region: e.region})
	if err != nil {
		return StateTested{}, err
	}
	noted := &tested{}
	ran, err := alone.run(ctx, start, noted, value{raw: in.Variables})
	if err != nil {
		return StateTested{}, fmt.Errorf("test state: %w", errors.Join(err, alone.Close()))
	}
	out := StateTested{Status: TestedSucceeded, Output: ran.Output, Error: ran.Error, Cause: ran.Cause, NextState: noted.next}
	switch {
	case noted.retriable:
		out.Status = TestedRetriable
	case noted.caught:
		out.Status = TestedCaught
	case ran.Status != StatusSucceeded:
		out.Status = TestedFailed
	}
	if out.Events, err = ran.Events(); err != nil {
		return StateTested{}, fmt.Errorf("test state: %w", errors.Join(err, alone.Close()))
	}
	return out, alone.Close()
}

// targetsOf returns every state that a state's definition names.
func targetsOf(n *node) []string {
	var names []string
	seen := map[string]bool{}
	add := func(n *node) {
		if n != nil && n.kind == '"' && !seen[n.str] {
			seen[n.str] = true
			names = append(names, n.str)
		}
	}
	add(n.get("Next"))
	add(n.get("Default"))
	for _, list := range []string{"Catch", "Choices"} {
		if items := n.get(list); items != nil {
			for _, item := range items.vals {
				add(item.get("Next"))
			}
		}
	}
	return names
}
