package asl

import "strings"

// TaskFault is something wrong with what a Task state asks for.
type TaskFault struct {
	// Field is where: "Resource", "Parameters", "Arguments"; "" is the state.
	Field   string
	Message string
}

// CheckTasks has check look at every Task state: its resource, and its
// Parameters or Arguments as they stand in the definition, nil when there are
// none. The engine itself does not know what a resource is.
func CheckTasks(check func(resource string, parameters []byte, jsonata bool) []TaskFault) ParseOption {
	return func(p *parser) { p.checkTask = check }
}

func (p *parser) foreignFaults(s *State, f *fields) {
	if p.checkTask == nil || s.task.resource == "" {
		return
	}
	field := "Parameters"
	if s.jsonata {
		field = "Arguments"
	}
	var parameters []byte
	if n := f.n.get(field); n != nil {
		parameters = n.raw
	}
	for _, fault := range p.checkTask(s.task.resource, parameters, s.jsonata) {
		location := f.location
		if fault.Field != "" {
			location = at(location, fault.Field)
		}
		p.errorf(location, "%s", fault.Message)
	}
}

// TaskChecker is a TaskRunner that can tell beforehand what keeps an input from
// starting a task. Such a task is never scheduled: its state fails with
// States.Runtime, which says what CheckTask returned.
type TaskChecker interface {
	CheckTask(resource string, input []byte) (faults []string)
}

// startable asks the runner whether a task can be started.
func (x *execution) startable(f *frame, input value) error {
	checker, ok := x.runner().(TaskChecker)
	if !ok {
		return nil
	}
	if faults := checker.CheckTask(f.state.task.resource, input.raw); len(faults) > 0 {
		return f.fault(ErrorRuntime, "The Parameters '%s' could not be used to start the Task: [%s]", input.raw, strings.Join(faults, ", "))
	}
	return nil
}
