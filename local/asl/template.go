package asl

import (
	"context"
	"slices"
	"strings"

	"github.com/mayfly-dev/mayfly/local/asl/jsonpath"
	"github.com/mayfly-dev/mayfly/local/asl/rawjson"
)

// template is a payload: text with holes that paths, intrinsic functions or
// JSONata expressions fill in.
type template struct {
	segments []segment
}

// segment is a piece of literal JSON, or one hole.
type segment struct {
	literal []byte
	path    *path
	call    *call
	query   *query
	field   string
}

// scope is what a template may read.
type scope struct {
	ctx      context.Context
	x        *execution
	f        *frame
	document value // what "$" names
	// JSONata's $states
	input, result, errorOutput *value

	decoded   any
	isDecoded bool
	context   []byte
}

// eval fills the holes.
func (t *template) eval(s *scope) (value, error) {
	if len(t.segments) == 1 {
		if literal := t.segments[0].literal; literal != nil {
			return value{raw: literal}, nil
		}
		return t.segments[0].eval(s)
	}
	out := make([]byte, 0, 256)
	for i := range t.segments {
		segment := &t.segments[i]
		if segment.literal != nil {
			out = append(out, segment.literal...)
			continue
		}
		v, err := segment.eval(s)
		if err != nil {
			return value{}, err
		}
		out = append(out, v.raw...)
		if len(out) > 4*MaxPayload {
			return value{}, dataLimit(s.f)
		}
	}
	return value{raw: out}, nil
}

func (seg *segment) eval(s *scope) (value, error) {
	switch {
	case seg.path != nil:
		return s.find(seg.path, seg.field)
	case seg.call != nil:
		return seg.call.eval(s)
	default:
		return seg.query.eval(s, seg.field)
	}
}

// find follows a path from its root, and fails when it names nothing.
func (s *scope) find(p *path, field string) (value, error) {
	v, ok, err := s.lookup(p)
	if err != nil {
		return value{}, s.f.fault(ErrorRuntime, "Invalid path '%s': %v", p.text, err)
	}
	if !ok {
		return value{}, s.f.fault(ErrorRuntime,
			"The JSONPath '%s' specified for the field '%s' could not be found in the input '%s'", p.text, field, s.document.raw)
	}
	return v, nil
}

func (s *scope) lookup(p *path) (value, bool, error) {
	switch p.root {
	case jsonpath.Context:
		if p.plain && len(p.steps) == 3 && p.steps[0].Key == "Map" && p.steps[2].Key == "Value" {
			if item, ok := s.f.mapItem(); ok {
				return item.value, true, nil
			}
		}
		if s.context == nil {
			s.context = s.x.contextObject(s.f)
		}
		return p.in(value{raw: s.context})
	case jsonpath.Variable:
		v, ok := s.f.vars.get(p.name)
		if !ok {
			return value{}, false, nil
		}
		return p.in(v)
	default:
		if p.plain || p.whole {
			return p.in(s.document)
		}
		root, err := s.root()
		if err != nil {
			return value{}, false, err
		}
		found, ok, err := p.query.Get(root)
		if err != nil || !ok {
			return value{}, false, err //nolint:wrapcheck // the caller names the path
		}
		v, err := encode(found)
		return v, true, err
	}
}

// root returns the decoded document; it must not be changed.
func (s *scope) root() (any, error) {
	if !s.isDecoded {
		decoded, err := s.document.decode()
		if err != nil {
			return nil, err
		}
		s.decoded, s.isDecoded = decoded, true
	}
	return s.decoded, nil
}

// builder makes templates out of nodes.
type builder struct {
	segments []segment
	literal  []byte
}

func (b *builder) hole(seg segment) {
	if len(b.literal) > 0 {
		b.segments = append(b.segments, segment{literal: b.literal})
		b.literal = nil
	}
	b.segments = append(b.segments, seg)
}

func (b *builder) finish() *template {
	if len(b.literal) > 0 || len(b.segments) == 0 {
		b.segments = append(b.segments, segment{literal: b.literal})
	}
	return &template{segments: b.segments}
}

// pathTemplate compiles a JSONPath payload: members whose name ends in ".$"
// hold a path or an intrinsic function.
func (p *parser) pathTemplate(n *node, location string) *template {
	b := &builder{}
	p.pathPayload(b, n, location)
	return b.finish()
}

func (p *parser) pathPayload(b *builder, n *node, location string) {
	switch n.kind {
	case '{':
		b.literal = append(b.literal, '{')
		given := make(map[string]bool, len(n.keys))
		for i, key := range n.keys {
			if i > 0 {
				b.literal = append(b.literal, ',')
			}
			name, dynamic := strings.CutSuffix(key, ".$")
			if given[name] {
				p.errorf(at(location, key), "Field %q is given twice", name)
			}
			given[name] = true
			b.literal = append(rawjson.AppendString(b.literal, name), ':')
			if !dynamic {
				if n.vals[i].kind == '"' && looksLikePath(n.vals[i].str) {
					p.warn(CodeNoDollar, at(location, key), "Field '%s' has a value that looks like a path or a function, but its name does not end with '.$'", key)
				}
				p.pathPayload(b, n.vals[i], at(location, key))
				continue
			}
			if n.vals[i].kind != '"' {
				p.errorf(at(location, key), "The value for the field '%s' must be a valid JSONPath or a valid intrinsic function call", key)
				continue
			}
			b.hole(p.pathSegment(n.vals[i].str, key, at(location, key)))
		}
		b.literal = append(b.literal, '}')
	case '[':
		b.literal = append(b.literal, '[')
		for i, val := range n.vals {
			if i > 0 {
				b.literal = append(b.literal, ',')
			}
			p.pathPayload(b, val, nth(location, i))
		}
		b.literal = append(b.literal, ']')
	default:
		b.literal = append(b.literal, n.raw...)
	}
}

func (p *parser) pathSegment(text, field, location string) segment {
	seg := segment{field: field, literal: nil}
	if strings.HasPrefix(text, "$") {
		compiled, err := compilePath(text)
		if err != nil {
			p.errorf(location, "The value for the field '%s' must be a valid JSONPath or a valid intrinsic function call (%v)", field, err)
			return segment{literal: []byte("null")}
		}
		p.referPath(compiled.root, compiled.name)
		seg.path = compiled
		return seg
	}
	compiled, err := compileCall(text)
	if err != nil {
		p.errorf(location, "The value for the field '%s' must be a valid JSONPath or a valid intrinsic function call (%v)", field, err)
		return segment{literal: []byte("null")}
	}
	p.referCall(compiled)
	seg.call = compiled
	return seg
}

// queryTemplate compiles a JSONata payload: every string "{% … %}" is an
// expression.
func (p *parser) queryTemplate(n *node, location string) *template {
	b := &builder{}
	p.queryPayload(b, n, location)
	return b.finish()
}

func (p *parser) queryPayload(b *builder, n *node, location string) {
	switch n.kind {
	case '{':
		b.literal = append(b.literal, '{')
		for i, key := range n.keys {
			if i > 0 {
				b.literal = append(b.literal, ',')
			}
			b.literal = append(rawjson.AppendString(b.literal, key), ':')
			p.queryPayload(b, n.vals[i], at(location, key))
		}
		b.literal = append(b.literal, '}')
	case '[':
		b.literal = append(b.literal, '[')
		for i, val := range n.vals {
			if i > 0 {
				b.literal = append(b.literal, ',')
			}
			p.queryPayload(b, val, nth(location, i))
		}
		b.literal = append(b.literal, ']')
	case '"':
		expression, ok := expressionIn(n.str)
		if !ok {
			b.literal = append(b.literal, n.raw...)
			return
		}
		compiled := p.expression(expression, location)
		if compiled == nil {
			return
		}
		b.hole(segment{query: compiled, field: strings.TrimPrefix(location, p.stateAt+"/")})
	default:
		b.literal = append(b.literal, n.raw...)
	}
}

// expression compiles an expression; nil when AWS refuses it. An expression has
// no document of its own, so that what reads one at its top level names nothing.
func (p *parser) expression(text, location string) *query {
	if p.expressions++; p.expressions > maxExpressions || len(p.diagnostics) == maxFindings {
		p.errorf(location, "A definition has at most %d JSONata expressions", maxExpressions)
		return nil // nor is the work done for more findings than are told
	}
	compiled, err := compileQuery(text)
	if err != nil {
		p.report(CodeInvalidJSONata, location, "%s", err.Message)
		return nil
	}
	p.refer(compiled.expr.Free()...)
	for _, name := range compiled.expr.Bare() {
		p.report(CodeUnsupportedJSONata, location, "Reference to '%s' at the top level is not supported.", name)
	}
	if !p.inCatch && slices.Contains(compiled.expr.States(), "errorOutput") {
		p.report(CodeUnsupportedJSONata, location, "Reference to '$states.errorOutput' is only supported in Catch.")
	}
	return compiled
}

// expressionIn returns what stands between "{%" and "%}".
func expressionIn(text string) (string, bool) {
	if len(text) < 4 || !strings.HasPrefix(text, "{%") || !strings.HasSuffix(text, "%}") {
		return "", false
	}
	return text[2 : len(text)-2], true
}
