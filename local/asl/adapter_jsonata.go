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
	q.root, parts = parts[0], parts[1:]
	if q.root == "states" {
		if len(parts) == 0 || parts[0] != "input" && parts[0] != "result" && parts[0] != "errorOutput" {
			return
		}
		q.root, parts = "states."+parts[0], parts[1:]
	}
	for _, part := range parts {
		q.steps = append(q.steps, rawjson.Step{Key: part})
	}
	q.plain = true
}

func (q *query) eval(s *scope, field string) (value, error) {
	if q.plain {
		if v, ok := q.follow(s); ok {
			return v, nil
		}
	}
	ctx := s.ctx
	if ctx == nil {
		ctx = context.Background()
	}
	e := s.x.e
	out, err := q.expr.EvalJSON(ctx, jsonata.Env{Now: e.clock.Now, Random: e.float, UUID: e.uuid}, nil, s.bound(q.names))
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
func (q *query) follow(s *scope) (value, bool) {
	var v value
	switch q.root {
	case "states.input":
		if s.input == nil {
			return value{}, false
		}
		v = *s.input
	case "states.result":
		if s.result == nil {
			return value{}, false
		}
		v = *s.result
	case "states.errorOutput":
		if s.errorOutput == nil {
			return value{}, false
		}
		v = *s.errorOutput
	default:
		var ok bool
		if v, ok = s.f.vars.get(q.root); !ok {
			return value{}, false
		}
	}
	if len(q.steps) == 0 {
		return v, true
	}
	start, end, ok := rawjson.Get(v.raw, q.steps)
	if !ok {
		return value{}, false
	}
	return v.sub(start, end), true
}

// bound returns the bindings among some names.
func (s *scope) bound(names []string) map[string]any {
	bindings := make(map[string]any, len(names))
	for _, name := range names {
		if name == "states" {
			bindings[name] = s.states()
		} else if v, ok := s.f.vars.get(name); ok {
			bindings[name] = json.RawMessage(v.raw)
		}
	}
	return bindings
}

// states is what $states stands for.
func (s *scope) states() json.RawMessage {
	if s.context == nil {
		s.context = s.x.contextObject(s.f)
	}
	out := append([]byte(`{"context":`), s.context...)
	for _, part := range []struct {
		name string
		v    *value
	}{{"input", s.input}, {"result", s.result}, {"errorOutput", s.errorOutput}} {
		if part.v != nil {
			out = append(append(append(out, `,"`...), part.name...), `":`...)
			out = append(out, part.v.raw...)
		}
	}
	return append(out, '}')
}

// queryFault is a fault that the history shows as EvaluationFailed.
func (f *frame) queryFault(field, format string, args ...any) *TaskError {
	failed := f.fault(ErrorQueryEvaluation, format, args...)
	failed.location = field
	return failed
}
