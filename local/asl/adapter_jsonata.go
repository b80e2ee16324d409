package asl

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	"github.com/mayfly-dev/mayfly/local/asl/jsonata"
	"github.com/mayfly-dev/mayfly/local/asl/rawjson"
)

// query is a compiled JSONata expression.
type query struct {
	expr  *jsonata.Expr
	text  string
	names []string // variables that it mentions
	// plain expressions, "$states.input.a.b" and "$name.a", are followed in the
	// raw text.
	plain bool
	ref   queryRef
	refs  []queryRef // what it reads, when it is evaluated without the interpreter
}

// queryRef is a variable, or a member of $states, and what follows.
type queryRef struct {
	root  string // a variable, or "states.input" and the like
	steps []rawjson.Step
}

func compileQuery(text string) (*query, *jsonata.Error) {
	expr, err := jsonata.Compile(text)
	if err != nil {
		var failed *jsonata.Error
		if !errors.As(err, &failed) {
			failed = &jsonata.Error{Message: err.Error(), Position: -1}
		}
		return nil, failed
	}
	q := &query{expr: expr, text: strings.TrimSpace(text), names: expr.Variables()}
	q.plainly()
	for _, r := range expr.Refs() {
		one := queryRef{root: r.Variable}
		if r.Variable == "states" {
			one.root, r.Members = "states."+r.Members[0], r.Members[1:]
		}
		one.steps = memberSteps(r.Members)
		q.refs = append(q.refs, one)
	}
	return q, nil
}

// plainly recognizes an expression that is a variable and names.
func (q *query) plainly() {
	rest, ok := strings.CutPrefix(q.text, "$")
	if !ok {
		return
	}
	parts := strings.Split(rest, ".")
	for _, part := range parts {
		if !identifier(part) || part == "and" || part == "or" || part == "in" {
			return
		}
	}
	root, parts := parts[0], parts[1:]
	if root == "states" {
		if len(parts) == 0 || parts[0] != "input" && parts[0] != "result" && parts[0] != "errorOutput" {
			return
		}
		root, parts = "states."+parts[0], parts[1:]
	}
	q.plain, q.ref = true, queryRef{root, memberSteps(parts)}
}

func memberSteps(names []string) []rawjson.Step {
	var steps []rawjson.Step
	for _, name := range names {
		steps = append(steps, rawjson.Step{Key: name})
	}
	return steps
}

func (q *query) eval(s *scope, field string) (value, error) {
	if q.plain {
		if v, ok := q.ref.follow(s); ok {
			return v, nil
		}
	} else if q.refs != nil || len(q.names) == 0 {
		if out, ok := q.expr.EvalDirect(func(i int) ([]byte, bool) { return q.refs[i].read(s) }); ok {
			return value{raw: out}, nil
		}
	}
	ctx := s.ctx
	if ctx == nil {
		ctx = context.Background()
	}
	e := s.x.e
	out, err := q.expr.EvalJSON(ctx, jsonata.Env{Now: e.clock.Now, Random: e.float, UUID: e.uuid}, nil, s.bound(q))
	switch {
	case jsonata.IsUndefined(err):
		return value{}, s.f.queryFault(field, "The JSONata expression '%s' specified for the field '%s' returned nothing (undefined).", q.text, field)
	case err != nil:
		return value{}, s.f.queryFault(field, "The JSONata expression '%s' specified for the field '%s' threw an error during evaluation%s", q.text, field, evaluationError(err))
	}
	return value{raw: out}, nil
}

// evaluationError says what happened as AWS does: by JSONata's own code, or by
// the limit that was reached.
func evaluationError(err error) string {
	var failed *jsonata.Error
	switch {
	case !errors.As(err, &failed):
		return ". " + err.Error()
	case failed.Code == jsonata.CodeStack, failed.Code == jsonata.CodeMemory, failed.Code == jsonata.CodeTimeout:
		return ": " + failed.Message
	case failed.Code == "":
		return ". " + failed.Message
	default:
		return ". " + failed.Code + ": " + failed.Message
	}
}

// follow finds what a plain expression names. It leaves arrays on the way, which
// JSONata maps over, and what is missing, to the interpreter.
func (r *queryRef) follow(s *scope) (value, bool) {
	v, ok := r.start(s)
	if !ok || len(r.steps) == 0 {
		return v, ok
	}
	start, end, ok := rawjson.Get(v.raw, r.steps)
	if !ok {
		return value{}, false
	}
	return v.sub(start, end), true
}

// start returns what the reference begins with.
func (r *queryRef) start(s *scope) (value, bool) {
	part := func(v *value) (value, bool) {
		if v == nil {
			return value{}, false
		}
		return *v, true
	}
	switch r.root {
	case "states.input":
		return part(s.input)
	case "states.result":
		return part(s.result)
	case "states.errorOutput":
		return part(s.errorOutput)
	case "states.context":
		if s.context == nil {
			s.context = s.x.contextObject(s.f)
		}
		return value{raw: s.context}, true
	default:
		return s.f.vars.get(r.root)
	}
}

// read is follow that tells what is missing from what JSONata must look for.
func (r *queryRef) read(s *scope) (text []byte, known bool) {
	v, ok := r.start(s)
	if !ok {
		return nil, true
	}
	for i := range r.steps {
		start, end, ok := rawjson.Get(v.raw, r.steps[i:i+1])
		switch {
		case ok:
			v = value{raw: v.raw[start:end]}
		case v.kind() == '[':
			return nil, false // it maps over the elements
		default:
			return nil, true
		}
	}
	return v.raw, true
}

// bound returns what an expression's variables stand for.
func (s *scope) bound(q *query) map[string]any {
	bindings := make(map[string]any, len(q.names))
	for _, name := range q.names {
		if name == "states" {
			bindings[name] = s.states(q.expr.Parts())
		} else if v, ok := s.f.vars.get(name); ok {
			bindings[name] = json.RawMessage(v.raw)
		}
	}
	return bindings
}

// states is what $states stands for, or as much of it as somebody can see.
func (s *scope) states(parts [][]string, all bool) json.RawMessage {
	out := []byte{'{'}
	for _, name := range []string{"context", "input", "result", "errorOutput"} {
		var members []string
		whole := all
		for _, part := range parts {
			if part[0] == name {
				whole = whole || len(part) == 1
				members = append(members, part[len(part)-1])
			}
		}
		if !whole && members == nil {
			continue
		}
		v, ok := (&queryRef{root: "states." + name}).start(s)
		if !ok {
			continue
		}
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = append(rawjson.AppendString(out, name), ':')
		if whole || v.kind() != '{' {
			out = append(out, v.raw...)
		} else {
			out = appendMembers(out, v, members)
		}
	}
	return append(out, '}')
}

// appendMembers writes those members of an object that are there.
func appendMembers(out []byte, object value, names []string) []byte {
	out = append(out, '{')
	first := true
	for _, name := range names {
		start, end, ok := rawjson.Get(object.raw, []rawjson.Step{{Key: name}})
		if !ok {
			continue
		}
		if !first {
			out = append(out, ',')
		}
		first = false
		out = append(rawjson.AppendString(out, name), ':')
		out = append(out, object.raw[start:end]...)
	}
	return append(out, '}')
}

// queryFault is a fault that the history shows as EvaluationFailed.
func (f *frame) queryFault(field, format string, args ...any) *TaskError {
	failed := f.fault(ErrorQueryEvaluation, format, args...)
	failed.location = field
	return failed
}
