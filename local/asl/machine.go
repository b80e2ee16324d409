package asl

import (
	"slices"

	"github.com/mayfly-dev/mayfly/local/asl/rawjson"
)

// Kind is the type of a state.
type Kind uint8

// The types of states.
const (
	KindPass Kind = iota + 1
	KindTask
	KindChoice
	KindWait
	KindSucceed
	KindFail
	KindParallel
	KindMap
)

var kindNames = [...]string{
	KindPass: "Pass", KindTask: "Task", KindChoice: "Choice", KindWait: "Wait",
	KindSucceed: "Succeed", KindFail: "Fail", KindParallel: "Parallel", KindMap: "Map",
}

// String returns the name as it stands in definitions.
func (k Kind) String() string { return kindNames[k] }

// Machine is a definition, checked and compiled. It is immutable.
type Machine struct {
	definition []byte
	digest     string
	comment    string
	timeout    int64 // seconds, 0 for none
	root       *flow
	states     []*State // every state, by index
	flows      []*flow  // every flow, by index
	warnings   []Diagnostic
	// refused is set of a definition that an earlier version accepted and this one
	// does not. Its executions can be looked at, and not run.
	refused *DefinitionError
}

// Definition returns the text that was parsed.
func (m *Machine) Definition() []byte { return slices.Clone(m.definition) }

// Digest identifies the definition: equal texts have equal digests.
func (m *Machine) Digest() string { return m.digest }

// Comment returns the machine's comment.
func (m *Machine) Comment() string { return m.comment }

// Warnings returns what [Lint] would say: findings that do not keep the machine
// from running.
func (m *Machine) Warnings() []Diagnostic { return slices.Clone(m.warnings) }

// States returns every state, those of branches and of map iterations included,
// in the order in which they are written.
func (m *Machine) States() []*State { return slices.Clone(m.states) }

// flow is a StartAt with its States: of the machine, a branch, or an iteration.
type flow struct {
	index  int
	start  *State
	states []*State
	owner  *State // the Parallel or Map state that it is part of; nil for the machine
	branch int    // which branch of it
	depth  int    // how many flows it is nested in
	text   []byte // the definition of a distributed map's, as a machine of its own

	assigned []assigned // in the order in which it is written
}

// withoutConfig makes of an ItemProcessor the definition of a machine.
func withoutConfig(processor []byte) []byte {
	out := []byte{'{'}
	for name, at := range rawjson.Members(processor) {
		if name == "ProcessorConfig" {
			continue
		}
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = rawjson.Compact(append(rawjson.AppendString(out, name), ':'), processor[at[0]:at[1]])
	}
	return append(out, '}')
}

// assigned is where a variable is assigned.
type assigned struct{ name, location string }

// State is one state of a machine.
type State struct {
	index   int
	name    string
	comment string
	kind    Kind
	flow    *flow
	jsonata bool
	next    *State
	end     bool

	inputPath  optionalPath
	outputPath optionalPath
	resultPath optionalPath
	parameters *template // Parameters or Arguments
	selector   *template // ResultSelector
	assign     *template
	output     *template // JSONata

	references []string // the variables that it reads

	retry []retrier
	catch []catcher

	pass     *passState
	task     *taskState
	choice   *choiceState
	wait     *waitState
	fail     *failState
	parallel *parallelState
	mapping  *mapState
}

// Name returns the state's name.
func (s *State) Name() string { return s.name }

// Kind returns the state's type.
func (s *State) Kind() Kind { return s.kind }

// Resource returns a Task state's resource, "" for others.
func (s *State) Resource() string {
	if s.task == nil {
		return ""
	}
	return s.task.resource
}

// optionalPath is a path field: absent means the whole, null means nothing.
type optionalPath struct {
	path *path
	null bool
}

func (o optionalPath) isWhole() bool {
	return !o.null && (o.path == nil || o.path.whole && o.path.root == 0)
}
