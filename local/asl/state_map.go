package asl

import (
	"math"
	"unicode/utf8"

	"github.com/mayfly-dev/mayfly/local/asl/rawjson"
)

// inlineConcurrency is how many iterations of an inline Map state run at once
// when nothing else is said. AWS stops at 40; here they cost nothing.
const inlineConcurrency = math.MaxInt32

// maxLabelLength is how many characters a map's label may have.
const maxLabelLength = 40

type mapState struct {
	processor   *flow
	distributed bool
	express     bool // child executions are Express workflows
	label       string
	itemsPath   optionalPath
	items       *template // JSONata
	selector    *template
	reader      *itemReader
	batcher     *itemBatcher
	writer      *resultWriter
	concurrency quantity
	tolerated   quantity // count
	toleratedPc quantity // percentage
}

func (p *parser) mapState(s *State, f *fields) {
	m := &mapState{}
	s.mapping = m
	s.retry, s.catch = p.retriers(f), p.catchers(f, s.jsonata)
	m.concurrency = f.quantity("MaxConcurrency", s.jsonata, 0, math.MaxInt32)
	m.tolerated = f.quantity("ToleratedFailureCount", s.jsonata, 0, math.MaxInt32)
	m.toleratedPc = f.quantity("ToleratedFailurePercentage", s.jsonata, 0, 100)
	m.label = f.text("Label")
	p.label(m, f)
	p.processor(s, m, f)
	compile := p.pathTemplate
	if s.jsonata {
		compile = p.queryTemplate
		if n := f.get("Items"); n != nil {
			m.items = p.queryTemplate(n, at(f.location, "Items"))
		}
	} else {
		m.itemsPath = f.optionalPath("ItemsPath", false)
		if n := f.get("Parameters"); n != nil {
			m.selector = compile(n, at(f.location, "Parameters"))
		}
	}
	if n := f.get("ItemSelector"); n != nil {
		if m.selector != nil {
			p.errorf(f.location, "Only one of 'ItemSelector' and 'Parameters' may be given")
		}
		m.selector = compile(n, at(f.location, "ItemSelector"))
	}
	p.distributedFields(s, m, f)
}

// label checks a map's label, which is part of ARNs.
func (p *parser) label(m *mapState, f *fields) {
	location := at(f.location, "Label")
	switch {
	case m.label == "":
		return
	case utf8.RuneCountInString(m.label) > maxLabelLength || !validName(m.label):
		p.report(CodeInvalidLabel, location, "Label must have at most %d characters, and no white space, wildcards, brackets or special characters", maxLabelLength)
	case p.labels[m.label]:
		p.report(CodeDuplicateLabel, location, "Duplicate label name: %s", m.label)
	}
	p.labels[m.label] = true
}

// processor reads ItemProcessor, or the older Iterator.
func (p *parser) processor(s *State, m *mapState, f *fields) {
	name := "ItemProcessor"
	n := f.get(name)
	if old := f.get("Iterator"); old != nil {
		if n != nil {
			p.errorf(f.location, "Only one of 'ItemProcessor' and 'Iterator' may be given")
		}
		name, n = "Iterator", old
	}
	if n == nil {
		p.errorf(f.location, "These fields are required: [ItemProcessor]")
		return
	}
	inner := p.fields(n, at(f.location, name))
	inner.text("Comment")
	if config := inner.get("ProcessorConfig"); config != nil {
		c := p.fields(config, at(inner.location, "ProcessorConfig"))
		switch mode := c.text("Mode"); mode {
		case "", "INLINE":
		case "DISTRIBUTED":
			m.distributed = true
		default:
			p.errorf(at(c.location, "Mode"), "Value is not one of [DISTRIBUTED, INLINE]")
		}
		switch kind := c.text("ExecutionType"); {
		case kind == "":
			if m.distributed {
				p.errorf(c.location, "These fields are required: [ExecutionType]")
			}
		case kind != "STANDARD" && kind != "EXPRESS":
			p.errorf(at(c.location, "ExecutionType"), "Value is not one of [EXPRESS, STANDARD]")
		case !m.distributed:
			p.errorf(at(c.location, "ExecutionType"), "'ExecutionType' is only supported in DISTRIBUTED mode")
		default:
			m.express = kind == "EXPRESS"
		}
		c.unknown()
	}
	if m.distributed && p.express {
		p.errorf(inner.location, "Express state machine does not support DISTRIBUTED mode")
	}
	before := p.express
	p.express = p.express || m.express
	m.processor = p.flow(inner, s, 0, s.flow.depth+1)
	if m.distributed {
		m.processor.text = withoutConfig(n.raw)
	}
	p.express = before
	inner.unknown()
}

func (x *execution) runMap(f *frame) error {
	m := f.state.mapping
	if m.distributed {
		return x.runDistributed(f)
	}
	items, err := x.mapItems(f)
	if err != nil {
		return err
	}
	limit, err := x.number(f, &m.concurrency, f.input, "MaxConcurrency")
	if err != nil {
		return err
	}
	if limit == 0 {
		limit = inlineConcurrency
	}
	// Where the items stand in the log is recorded, so that a restored map works
	// on the same ones.
	r := record{kind: evMapStateStarted, state: f.state.index + 1, data: items, n2: int64(limit)}
	r.n1 = int64(rawjson.Len(items.raw))
	x.event(f, &r)
	x.startGroup(f, newMapGroup(&r))
	return nil
}

// newMapGroup makes the group of a Map state from the record of its start.
func newMapGroup(r *record) *group {
	n := rawjson.Len(r.data.raw)
	g := &group{results: make([]value, n), items: make([]value, 0, n), limit: int(r.n2), started: r.id}
	for start, end := range rawjson.Elements(r.data.raw) {
		g.items = append(g.items, r.data.sub(start, end))
	}
	return g
}

// mapItems works out what the map iterates over.
func (x *execution) mapItems(f *frame) (value, error) {
	m := f.state.mapping
	if f.state.jsonata {
		items := f.input
		if m.items != nil {
			var err error
			if items, err = m.items.eval(&scope{x: x, f: f, input: &f.input}); err != nil {
				return value{}, err
			}
		}
		if items.kind() != '[' && (!m.distributed || items.kind() != '{') {
			return value{}, f.queryFault("Items", "The value for the field 'Items' must be an array, and is '%s'", items.raw)
		}
		return items, nil
	}
	input, err := x.inputPath(f)
	if err != nil {
		return value{}, err
	}
	items, err := x.selectPath(f, m.itemsPath, input, "ItemsPath")
	if err != nil {
		return value{}, err
	}
	if items.kind() != '[' && (!m.distributed || items.kind() != '{') {
		return value{}, f.fault(ErrorRuntime, "Reference path \"%s\" must point to array.", pathText(m.itemsPath))
	}
	x.inspect(StageItemsPath, items)
	return items, nil
}

func pathText(o optionalPath) string {
	if o.path == nil {
		return "$"
	}
	return o.path.text
}

// startIteration prepares the frame of one iteration.
func (x *execution) startIteration(f *frame, g *group, c *frame) {
	m := f.state.mapping
	c.flow = m.processor
	c.state, c.input = c.flow.start, g.items[c.index]
	if c.index >= g.limit {
		c.last = g.lastEnd
	}
	x.event(c, &record{kind: evMapIterationStarted, state: f.state.index + 1, n1: int64(c.index), n2: int64(f.id)})
	c.unselected = m.selector != nil
}

// selected applies the map's ItemSelector to an iteration that begins. It is not
// part of the iteration's start, so that one which failed by it may be redriven.
func (x *execution) selected(c *frame) bool {
	if !c.unselected {
		return true
	}
	input, err := x.selectItem(c.parent, c)
	if err != nil {
		x.flowFailed(c, asTaskError(err, ErrorRuntime))
		return false
	}
	c.input, c.unselected = input, false
	return true
}

// selectItem applies ItemSelector to the item of an iteration, in the map
// state's name.
func (x *execution) selectItem(f, iteration *frame) (value, error) {
	c := *iteration
	c.state, c.entered = f.state, f.entered
	s := &scope{x: x, f: &c, document: f.input, input: &f.input}
	if !f.state.jsonata {
		var err error
		if s.document, err = x.inputPath(f); err != nil {
			return value{}, err
		}
	}
	return f.state.mapping.selector.eval(s)
}

// toleranceExceeded is the error of a map of which too many items failed.
func toleranceExceeded() *TaskError {
	return &TaskError{Name: ErrorExceedTolerated, Cause: "The specified tolerated failure threshold was exceeded"}
}
