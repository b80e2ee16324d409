package asl

import (
	"math"
	"strings"

	"github.com/mayfly-dev/mayfly/local/asl/rawjson"
)

// itemReader is where a distributed map's items come from.
type itemReader struct {
	resource   string
	parameters *template
	format     string // JSON, JSONL, CSV or MANIFEST
	headers    []string
	firstRow   bool
	delimiter  rune
	maxItems   quantity
	pointer    string
}

// itemBatcher puts several items into one child execution.
type itemBatcher struct {
	input    *template
	maxItems quantity
	maxBytes quantity
}

// resultWriter is where a distributed map's results go.
type resultWriter struct {
	resource   string
	parameters *template
	lines      bool   // JSONL
	transform  string // NONE, COMPACT, FLATTEN
}

var delimiters = map[string]rune{"": ',', "COMMA": ',', "PIPE": '|', "SEMICOLON": ';', "SPACE": ' ', "TAB": '\t'}

// distributedFields reads what only distributed maps have.
func (p *parser) distributedFields(s *State, m *mapState, f *fields) {
	compile, parameters := p.pathTemplate, "Parameters"
	if s.jsonata {
		compile, parameters = p.queryTemplate, "Arguments"
	}
	for _, name := range []string{"ItemReader", "ItemBatcher", "ResultWriter", "Label",
		"ToleratedFailureCount", "ToleratedFailureCountPath", "ToleratedFailurePercentage", "ToleratedFailurePercentagePath"} {
		if f.has(name) && !m.distributed {
			p.errorf(at(f.location, name), "'%s' is only supported in DISTRIBUTED mode", name)
		}
	}
	if n := f.get("ItemReader"); n != nil {
		r := p.fields(n, at(f.location, "ItemReader"))
		m.reader = &itemReader{resource: r.text("Resource")}
		if !strings.HasPrefix(m.reader.resource, "arn:") {
			p.errorf(at(r.location, "Resource"), "Value is not a valid resource ARN")
		}
		if given := r.get(parameters); given != nil {
			m.reader.parameters = compile(given, at(r.location, parameters))
		}
		p.readerConfig(m.reader, r, s.jsonata)
		r.unknown()
	}
	if n := f.get("ItemBatcher"); n != nil {
		b := p.fields(n, at(f.location, "ItemBatcher"))
		m.batcher = &itemBatcher{
			maxItems: b.quantity("MaxItemsPerBatch", s.jsonata, 1, math.MaxInt32),
			maxBytes: b.quantity("MaxInputBytesPerBatch", s.jsonata, 1, MaxPayload),
		}
		if given := b.get("BatchInput"); given != nil {
			m.batcher.input = compile(given, at(b.location, "BatchInput"))
		}
		if !m.batcher.maxItems.set && !m.batcher.maxBytes.set {
			p.errorf(b.location, "ItemBatcher must have 'MaxItemsPerBatch' or 'MaxInputBytesPerBatch'")
		}
		b.unknown()
	}
	if n := f.get("ResultWriter"); n != nil {
		w := p.fields(n, at(f.location, "ResultWriter"))
		m.writer = &resultWriter{resource: w.text("Resource")}
		if given := w.get(parameters); given != nil {
			m.writer.parameters = compile(given, at(w.location, parameters))
		}
		if config := w.get("WriterConfig"); config != nil {
			c := p.fields(config, at(w.location, "WriterConfig"))
			m.writer.transform = c.text("Transformation")
			m.writer.lines = c.text("OutputType") == "JSONL"
			c.unknown()
		}
		w.unknown()
	}
}

func (p *parser) readerConfig(r *itemReader, f *fields, jsonata bool) {
	r.format, r.delimiter = "JSON", ','
	n := f.get("ReaderConfig")
	if n == nil {
		return
	}
	c := p.fields(n, at(f.location, "ReaderConfig"))
	if c.has("InputType") {
		r.format = c.text("InputType")
	}
	switch r.format {
	case "JSON", "JSONL", "CSV", "MANIFEST":
	default:
		p.errorf(at(c.location, "InputType"), "Value is not one of [CSV, JSON, JSONL, MANIFEST]")
	}
	switch place := c.text("CSVHeaderLocation"); place {
	case "", "FIRST_ROW":
		r.firstRow = true
	case "GIVEN":
	default:
		p.errorf(at(c.location, "CSVHeaderLocation"), "Value is not one of [FIRST_ROW, GIVEN]")
	}
	if headers := c.get("CSVHeaders"); headers != nil {
		for _, header := range headers.vals {
			r.headers = append(r.headers, header.str)
		}
	}
	delimiter, ok := delimiters[c.text("CSVDelimiter")]
	if !ok {
		p.errorf(at(c.location, "CSVDelimiter"), "Value is not one of [COMMA, PIPE, SEMICOLON, SPACE, TAB]")
	}
	r.delimiter = delimiter
	r.maxItems = c.quantity("MaxItems", jsonata, 1, 100_000_000)
	r.pointer = c.text("ItemsPointer")
	c.text("ManifestType")
	c.text("Transformation")
	c.unknown()
}

// runDistributed starts a map run, whose iterations are executions of their own.
func (x *execution) runDistributed(f *frame) error {
	m := f.state.mapping
	limit, err := x.number(f, &m.concurrency, f.input, "MaxConcurrency")
	if err != nil {
		return err
	}
	var items value
	if m.reader == nil {
		if items, err = x.mapItems(f); err != nil {
			return err
		}
		if items.kind() == '{' {
			items = entries(items)
		}
	}
	arn := x.mapRunARN(m.labelOf(f.state), x.e.newID())
	r := record{kind: evMapStateStarted, state: f.state.index + 1, data: items, name: arn,
		n1: int64(rawjson.Len(items.raw)), n2: int64(limit)}
	x.event(f, &r)
	x.event(f, &record{kind: evMapRunStarted, state: f.state.index + 1, name: arn})
	run := newMapRun(x, f, &r)
	x.e.addRun(run)
	f.group, f.phase = &group{run: run, started: r.id}, phaseChildren
	x.actions = append(x.actions, action{after: len(x.log), then: run.start})
	return nil
}

// entries makes an array of the members of an object, as distributed maps
// iterate over them.
func entries(object value) value {
	out := []byte{'['}
	for key, at := range rawjson.Members(object.raw) {
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = rawjson.AppendString(append(out, `{"Key":`...), key)
		out = append(append(append(out, `,"Value":`...), object.raw[at[0]:at[1]]...), '}')
	}
	return value{raw: append(out, ']')}
}

// labelOf is the part of ARNs that tells a machine's maps apart.
func (m *mapState) labelOf(s *State) string {
	if m.label != "" {
		return m.label
	}
	label := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' {
			return r
		}
		return -1
	}, s.name)
	return label[:min(len(label), 40)]
}

func (x *execution) mapRunARN(label, id string) string {
	before, after, _ := strings.Cut(x.info.machineARN, ":stateMachine:")
	return before + ":mapRun:" + after + "/" + label + ":" + id
}

// inputs makes the inputs of child executions of a map's items. The caller holds
// the execution's lock.
func (x *execution) inputs(f *frame, items []value) ([]value, error) {
	m := f.state.mapping
	if m.selector != nil {
		g := f.group
		g.items = items
		for i := range items {
			v, err := x.selectItem(f, &frame{x: x, parent: f, index: i, state: f.state, vars: f.vars})
			if err != nil {
				g.items = nil
				return nil, err
			}
			items[i] = v
		}
		g.items = nil
		if x.test != nil {
			x.inspect(StageItemSelector, arrayOf(items))
		}
	}
	if m.batcher == nil {
		return items, nil
	}
	return x.batches(f, m.batcher, items)
}

func (x *execution) batches(f *frame, b *itemBatcher, items []value) ([]value, error) {
	most, err := x.number(f, &b.maxItems, f.input, "MaxItemsPerBatch")
	if err != nil {
		return nil, err
	}
	bytes, err := x.number(f, &b.maxBytes, f.input, "MaxInputBytesPerBatch")
	if err != nil {
		return nil, err
	}
	prefix := []byte(`{`)
	if b.input != nil {
		v, err := b.input.eval(&scope{x: x, f: f, document: f.input, input: &f.input})
		if err != nil {
			return nil, err
		}
		prefix = append(append([]byte(`{"BatchInput":`), v.raw...), ',')
	}
	prefix = append(prefix, `"Items":[`...)
	limit := MaxPayload
	if bytes > 0 {
		limit = min(limit, int(bytes))
	}
	var out []value
	current, n := append([]byte(nil), prefix...), 0
	flush := func() {
		out = append(out, value{raw: append(current, ']', '}')})
		current, n = append([]byte(nil), prefix...), 0
	}
	for _, item := range items {
		if n > 0 && (most > 0 && n >= int(most) || len(current)+len(item.raw)+3 > limit) {
			flush()
		}
		if n > 0 {
			current = append(current, ',')
		}
		current = append(current, item.raw...)
		n++
	}
	if n > 0 {
		flush()
	}
	return out, nil
}
