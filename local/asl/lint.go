package asl

import (
	"fmt"
	"slices"
)

// isLast says whether the flow ends with the state.
func (s *State) isLast() bool { return s.end || s.kind == KindSucceed || s.kind == KindFail }

// lint finds what is suspicious about a machine that can be run.
func lint(m *Machine) []Diagnostic {
	var found []Diagnostic
	warn := func(code string, s *State, format string, args ...any) {
		found = append(found, Diagnostic{Severity: SeverityWarning, Code: code,
			Message: fmt.Sprintf(format, args...), Location: s.location()})
	}
	for _, f := range m.flows {
		reached := f.reachable()
		ends := false
		for _, s := range f.states {
			ends = ends || reached[s] && s.isLast()
			if s.kind == KindTask && s.task.pattern == patternToken && !s.task.timeout.set && !s.task.heartbeat.set {
				warn(CodeNoTimeout, s, "State %q waits for a task token without TimeoutSeconds or HeartbeatSeconds", s.name)
			}
		}
		if !ends {
			warn(CodeNeverEnds, f.start, "No state that can be reached ends the flow that starts at %q", f.start.name)
		}
		for _, s := range f.endless() {
			warn(CodeEndlessLoop, s, "State %q goes back to itself by way of states that neither wait, work nor choose", s.name)
		}
	}
	return found
}

// location is where the state stands in its definition.
func (s *State) location() string {
	prefix := ""
	if owner := s.flow.owner; owner != nil {
		prefix = owner.location()
		if owner.kind == KindParallel {
			prefix = nth(at(prefix, "Branches"), s.flow.branch)
		} else {
			prefix = at(prefix, "ItemProcessor")
		}
	}
	return at(prefix+"/States", s.name)
}

// Targets returns the states that may follow this one.
func (s *State) Targets() []*State {
	var targets []*State
	add := func(t *State) {
		if t != nil && !slices.Contains(targets, t) {
			targets = append(targets, t)
		}
	}
	add(s.next)
	if s.choice != nil {
		for _, r := range s.choice.rules {
			add(r.next)
		}
		add(s.choice.otherwise)
	}
	for i := range s.catch {
		add(s.catch[i].next)
	}
	return targets
}

func (f *flow) reachable() map[*State]bool {
	reached := map[*State]bool{}
	todo := []*State{f.start}
	for len(todo) > 0 {
		s := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if !reached[s] {
			reached[s] = true
			todo = append(todo, s.Targets()...)
		}
	}
	return reached
}

// endless returns the Pass states from which Next leads back to them with
// nothing but Pass states on the way, in the order in which they are written.
func (f *flow) endless() []*State {
	var found []*State
	// Each state is followed once: when a walk meets its own steps, they are a
	// circle from there on.
	walks, circle := make(map[*State]int, len(f.states)), make(map[*State]bool)
	for i, s := range f.states {
		at := s
		for ; at != nil && at.kind == KindPass && walks[at] == 0; at = at.next {
			walks[at] = i + 1
		}
		if at == nil || walks[at] != i+1 {
			continue
		}
		for ; !circle[at]; at = at.next {
			circle[at] = true
		}
	}
	for _, s := range f.states {
		if circle[s] {
			found = append(found, s)
		}
	}
	return found
}
