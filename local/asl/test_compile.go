package asl

import (
	"github.com/mayfly-dev/mayfly/local/asl/rawjson"
)

// testedName is what AWS calls a state that is tested without a machine.
const testedName = "StateName"

// compile finds the state that is to be tested, and the machine that it is in.
func (in *StateTest) compile() (*Machine, *State, error) {
	if in.StateName != "" {
		m, err := Parse(in.Definition, in.ParseOptions...)
		if err != nil {
			return nil, nil, err
		}
		if s := m.find(in.StateName); s != nil {
			return m, s, nil
		}
		return nil, nil, &TestError{Message: "State not found in definition"}
	}
	m, err := parseAlone(in.Definition, in.ParseOptions)
	if err != nil {
		return nil, nil, err
	}
	return m, m.root.start, nil
}

// find returns the state of that name that is nested least.
func (m *Machine) find(name string) *State {
	var found *State
	for _, s := range m.states {
		if s.name == name && (found == nil || s.flow.depth < found.flow.depth) {
			found = s
		}
	}
	return found
}

// parseAlone makes a machine of one state, with an end in the place of every
// state that it names.
func parseAlone(state []byte, options []ParseOption) (*Machine, error) {
	if err := rawjson.Valid(state); err != nil || (value{raw: state}).kind() != '{' {
		return nil, &DefinitionError{Diagnostics: []Diagnostic{{
			Severity: SeverityError, Code: CodeInvalidJSON, Message: "Definition must be a valid JSON object"}}}
	}
	out := append([]byte(`{"StartAt":"`+testedName+`","States":{"`+testedName+`":`), state...)
	for _, target := range targetsOf(parseNode(state)) {
		if target != testedName {
			out = append(rawjson.AppendString(append(out, ','), target), `:{"Type":"Succeed"}`...)
		}
	}
	return Parse(append(out, '}', '}'), options...)
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
