package asl

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
)

// Mermaid returns the machine as a Mermaid state diagram: a box for each state,
// with the branches of Parallel states and the iteration of Map states within
// theirs; at each arrow, what leads there.
func (m *Machine) Mermaid() string {
	var b strings.Builder
	b.WriteString("stateDiagram-v2\n")
	m.root.draw(&b, "  ")
	var failures []string
	for _, s := range m.states {
		if s.kind == KindFail {
			failures = append(failures, s.node())
		}
	}
	if failures != nil {
		fmt.Fprintf(&b, "  classDef failure stroke:#c00,stroke-width:2px\n  class %s failure\n", strings.Join(failures, ","))
	}
	return b.String()
}

func (s *State) node() string { return fmt.Sprintf("s%d", s.index) }

// draw writes a flow's states and where they go.
func (f *flow) draw(b *strings.Builder, indent string) {
	line := func(format string, args ...any) { fmt.Fprintf(b, indent+format+"\n", args...) }
	arrow := func(from, to *State, why string) { line("%s --> %s : %s", from.node(), to.node(), mermaidText(why)) }
	for _, s := range f.states {
		label := s.name
		if s.kind == KindMap {
			label += " (for each item)"
		}
		line(`state "%s" as %s`, mermaidText(label), s.node())
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
			for _, r := range s.choice.rules {
				arrow(s, r.next, r.String())
			}
			if s.choice.otherwise != nil {
				arrow(s, s.choice.otherwise, "default")
			}
		}
		for i := range s.catch {
			c := &s.catch[i]
			arrow(s, c.next, strings.Join(c.errors, ", "))
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

// direction is what Mermaid takes for a command wherever it stands in a line.
var direction = regexp.MustCompile(`(?i)(direction)\s`)

// mermaidText writes a text so that Mermaid shows it as it is. Quotes, colons,
// brackets and the like, which have a meaning there, become character codes.
func mermaidText(text string) string {
	const most = 80
	var b strings.Builder
	written := 0
	for _, r := range text {
		if written == most {
			b.WriteRune('…')
			break
		}
		written++
		switch {
		case unicode.IsSpace(r) || unicode.IsControl(r):
			b.WriteByte(' ')
		case r > 0x7f, r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', strings.ContainsRune(" .,=()/'?!", r):
			b.WriteRune(r)
		default:
			fmt.Fprintf(&b, "#%d;", r)
		}
	}
	return direction.ReplaceAllString(b.String(), "$1#32;")
}
