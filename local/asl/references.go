package asl

import (
	"slices"

	"github.com/mayfly-dev/mayfly/local/asl/jsonpath"
)

// VariableReferences returns the names of the variables that each state reads,
// sorted; states that read none are left out. DescribeStateMachine tells them.
func (m *Machine) VariableReferences() map[string][]string {
	all := make(map[string][]string)
	for _, s := range m.states {
		if names := s.references; len(names) > 0 {
			slices.Sort(names)
			all[s.name] = slices.Compact(names)
		}
	}
	return all
}

// refer notes that the state that is being read reads variables.
func (p *parser) refer(names ...string) {
	if p.reading != nil {
		p.reading.references = append(p.reading.references, names...)
	}
}

// referPath does so for a path, if it starts in a variable.
func (p *parser) referPath(root jsonpath.Root, name string) {
	if root == jsonpath.Variable {
		p.refer(name)
	}
}

// referCall does so for the paths among a function's arguments.
func (p *parser) referCall(c *call) {
	for _, ref := range c.expr.Refs() {
		p.referPath(ref.Root, ref.Name)
	}
}
