package asl

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/mayfly-dev/mayfly/local/asl/rawjson"
)

// Limits of definitions, as AWS has them, but for the number of expressions and
// the nesting, of which it says nothing.
const (
	maxDefinition  = 1 << 20
	maxNameLength  = 80
	maxNesting     = 64
	maxExpressions = 5_000
)

// ParseOption changes what Parse accepts.
type ParseOption func(*parser)

// Express accepts only what an Express workflow may contain: no
// .waitForTaskToken, no .sync, no activities, no distributed maps.
func Express() ParseOption { return func(p *parser) { p.express = true } }

// Parse checks and compiles a definition. The error is a [*DefinitionError]
// that says everything that is wrong, each with its place.
func Parse(definition []byte, opts ...ParseOption) (*Machine, error) {
	m := compile(definition, opts...)
	if m.refused != nil {
		return nil, m.refused
	}
	return m, nil
}

// compile makes a machine even of a definition that is refused, as far as it goes.
func compile(definition []byte, opts ...ParseOption) *Machine {
	p := &parser{m: &Machine{definition: slices.Clone(definition)}, names: map[string]bool{}, labels: map[string]bool{}}
	for _, opt := range opts {
		opt(p)
	}
	p.machine(p.m.definition)
	sum := sha256.Sum256(p.m.definition)
	p.m.digest = hex.EncodeToString(sum[:])
	if p.failed {
		p.m.refused = &DefinitionError{Diagnostics: append(p.diagnostics, p.warnings...)}
		return p.m
	}
	p.m.warnings = append(p.warnings, lint(p.m)...)
	return p.m
}

type parser struct {
	m           *Machine
	diagnostics []Diagnostic // errors
	warnings    []Diagnostic
	failed      bool
	malformed   bool // there is more wrong than where states lead
	express     bool
	jsonata     bool // the machine's query language
	names       map[string]bool
	labels      map[string]bool
	checkTask   func(resource string, parameters []byte, jsonata bool) []TaskFault
	expressions int

	reading *State // the state that is being read; nil outside
	stateAt string // and where it stands
	inCatch bool   // within one of its catchers
}

// maxFindings is how many errors and how many warnings are reported at most.
const maxFindings = 100

func (p *parser) errorf(location, format string, args ...any) {
	p.report(CodeSchema, location, format, args...)
}

func (p *parser) report(code, location, format string, args ...any) {
	p.failed = true
	p.malformed = p.malformed || code != CodeMissingTarget
	if len(p.diagnostics) < maxFindings {
		p.diagnostics = append(p.diagnostics, Diagnostic{
			Severity: SeverityError, Code: code, Message: fmt.Sprintf(format, args...), Location: location,
		})
	}
}

func (p *parser) warn(code, location, format string, args ...any) {
	if len(p.warnings) < maxFindings {
		p.warnings = append(p.warnings, Diagnostic{
			Severity: SeverityWarning, Code: code, Message: fmt.Sprintf(format, args...), Location: location,
		})
	}
}

func (p *parser) machine(definition []byte) {
	if len(definition) > maxDefinition {
		p.errorf("", "Definition is larger than %d bytes", maxDefinition)
		return
	}
	if rawjson.Space(definition, 0) == len(definition) {
		p.errorf("", "Definition must be a valid JSON object")
		return
	}
	if err := rawjson.Valid(definition); err != nil {
		p.report(CodeInvalidJSON, jsonLocation(definition, err), "%v", err)
		return
	}
	n := parseNode(definition)
	if n.kind != '{' {
		p.errorf("", "Definition must be a valid JSON object")
		return
	}
	f := p.fields(n, "/")
	p.m.comment = f.text("Comment")
	f.text("Version")
	p.jsonata = f.language(false)
	p.m.timeout = f.whole("TimeoutSeconds", 1, 99999999)
	p.m.root = p.flow(f, nil, 0, 0)
	f.unknown()
	p.scopes()
	if !p.malformed {
		p.connected()
	}
}

// scopes refuses assignments to a variable that a flow around assigns too: what
// an inner flow assigns can be read nowhere else. The child executions of a
// distributed map read no variables but their own.
func (p *parser) scopes() {
	for _, f := range p.m.flows {
		for around := f.around(); around != nil; around = around.around() {
			taken := make(map[string]bool, len(around.assigned))
			for _, a := range around.assigned {
				taken[a.name] = true
			}
			for _, a := range f.assigned {
				if taken[a.name] {
					p.errorf(a.location, "Variable '%s' is assigned in an outer scope", a.name)
				}
			}
		}
	}
}

// around is the flow whose variables this one reads, if there is one.
func (f *flow) around() *flow {
	if f.owner == nil || f.owner.mapping != nil && f.owner.mapping.distributed {
		return nil
	}
	return f.owner.flow
}

// connected refuses flows without a last state and states that nothing leads to.
func (p *parser) connected() {
	for _, f := range p.m.flows {
		if f.start == nil {
			continue
		}
		if !slices.ContainsFunc(f.states, (*State).isLast) {
			p.report(CodeNoEnd, "", "Workflow has no terminal state")
			continue
		}
		reached := f.reachable()
		for _, s := range f.states {
			if !reached[s] {
				p.report(CodeMissingTarget, s.location(), "State \"%s\" is not reachable.", s.name)
			}
		}
	}
}

// flow reads StartAt and States.
func (p *parser) flow(f *fields, owner *State, branch, depth int) *flow {
	current := &flow{index: len(p.m.flows), owner: owner, branch: branch, depth: depth}
	p.m.flows = append(p.m.flows, current)
	start, states := f.get("StartAt"), f.get("States")
	var missing []string
	if states == nil {
		missing = append(missing, "States")
	}
	if start == nil {
		missing = append(missing, "StartAt")
	}
	if missing != nil {
		p.errorf(f.location, "These fields are required: %s", bracketed(missing))
		return current
	}
	if states.kind != '{' || len(states.keys) == 0 {
		p.errorf(at(f.location, "States"), "States must be an object with at least one state")
		return current
	}
	if depth > maxNesting {
		p.report(CodeTooDeep, f.location, "States are nested deeper than %d", maxNesting)
		return current
	}
	byName := make(map[string]*State, len(states.keys))
	for i, name := range states.keys {
		location := at(at(f.location, "States"), name)
		if utf8.RuneCountInString(name) > maxNameLength || name == "" {
			p.report(CodeInvalidState, location, "State name must have 1 to %d characters", maxNameLength)
		}
		if p.names[name] {
			p.report(CodeDuplicateState, location, "Duplicate State name: %s", name)
		}
		p.names[name] = true
		s := p.state(states.vals[i], name, current, location)
		byName[name] = s
		current.states = append(current.states, s)
	}
	for i, s := range current.states {
		p.link(s, states.vals[i], byName, at(at(f.location, "States"), s.name))
	}
	if start.kind != '"' {
		p.errorf(at(f.location, "StartAt"), "Expected value of type String")
	} else if current.start = byName[start.str]; current.start == nil {
		p.report(CodeMissingTarget, at(f.location, "StartAt"), "Missing 'StartAt' target: %s", start.str)
	}
	return current
}

func bracketed(names []string) string {
	out := "["
	for i, name := range names {
		if i > 0 {
			out += ", "
		}
		out += name
	}
	return out + "]"
}

// link resolves the names that a state goes to.
func (p *parser) link(s *State, n *node, byName map[string]*State, location string) {
	resolve := func(name, location string) *State {
		target := byName[name]
		if target == nil && name != "" {
			p.report(CodeMissingTarget, location, "Missing 'Next' target: %s", name)
		}
		return target
	}
	if next := n.get("Next"); next != nil && next.kind == '"' {
		s.next = resolve(next.str, at(location, "Next"))
	}
	for i := range s.catch {
		s.catch[i].next = resolve(s.catch[i].nextName, at(nth(at(location, "Catch"), i), "Next"))
	}
	if s.choice == nil {
		return
	}
	for i := range s.choice.rules {
		rule := s.choice.rules[i]
		rule.next = resolve(rule.nextName, at(nth(at(location, "Choices"), i), "Next"))
	}
	s.choice.otherwise = resolve(s.choice.defaultName, at(location, "Default"))
}
