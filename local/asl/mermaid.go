package asl

import (
	"fmt"
	"strings"
)

// Mermaid returns the machine as a Mermaid state diagram.
func (m *Machine) Mermaid() string {
	var b strings.Builder
	b.WriteString("stateDiagram-v2\n")
	m.root.draw(&b, "  ")
	return b.String()
}

func (s *State) node() string { return fmt.Sprintf("s%d", s.index) }

// draw writes a flow's states and where they go.
func (f *flow) draw(b *strings.Builder, indent string) {
	line := func(format string, args ...any) { fmt.Fprintf(b, indent+format+"\n", args...) }
	for _, s := range f.states {
		label := strings.NewReplacer(`"`, "'", "\n", " ").Replace(s.name)
		line(`state "%s" as %s`, label, s.node())
		inner := s.inner()
		if len(inner) == 0 {
			continue
		}
		line("state %s {", s.node())
		for i, flow := range inner {
			if i > 0 {
				line("  --")
			}
			flow.draw(b, indent+"  ")
		}
		line("}")
	}
	line("[*] --> %s", f.start.node())
	for _, s := range f.states {
		if s.isLast() {
			line("%s --> [*]", s.node())
		}
		if s.next != nil {
			line("%s --> %s", s.node(), s.next.node())
		}
		if s.choice != nil {
			for i, r := range s.choice.rules {
				line("%s --> %s : rule %d", s.node(), r.next.node(), i+1)
			}
			if s.choice.otherwise != nil {
				line("%s --> %s : default", s.node(), s.choice.otherwise.node())
			}
		}
		for i := range s.catch {
			c := &s.catch[i]
			line("%s --> %s : %s", s.node(), c.next.node(), strings.Join(c.errors, ", "))
		}
	}
}

// inner returns the flows within a state.
func (s *State) inner() []*flow {
	switch {
	case s.parallel != nil:
		return s.parallel.branches
	case s.mapping != nil:
		return []*flow{s.mapping.processor}
	default:
		return nil
	}
}
