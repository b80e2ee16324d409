package asl

import (
	"errors"

	"github.com/mayfly-dev/mayfly/local/asl/intrinsic"
	"github.com/mayfly-dev/mayfly/local/asl/jsonpath"
	"github.com/mayfly-dev/mayfly/local/asl/rawjson"
)

// call is a compiled intrinsic function.
type call struct {
	expr *intrinsic.Expr
	// plain has those of its paths that are followed in the raw text.
	plain map[*jsonpath.Ref][]rawjson.Step
}

func compileCall(text string) (*call, error) {
	expr, err := intrinsic.Parse(text)
	if err != nil {
		return nil, err //nolint:wrapcheck // the caller says which field it is
	}
	c := &call{expr: expr, plain: map[*jsonpath.Ref][]rawjson.Step{}}
	for _, ref := range expr.Refs() {
		if !ref.Path.IsReference() || ref.Path.IsRoot() {
			continue
		}
		if steps, ok := plainSteps(ref.Path.String()); ok {
			c.plain[ref] = steps
		}
	}
	return c, nil
}

func (c *call) eval(s *scope) (value, error) {
	result, err := c.expr.Eval(intrinsic.Env{
		Path:   func(ref *jsonpath.Ref) (any, error) { return s.resolve(ref, c.plain[ref]) },
		Random: s.x.e.float,
		UUID:   s.x.e.uuid,
	})
	if err != nil {
		var failed *TaskError
		if errors.As(err, &failed) {
			return value{}, failed
		}
		return value{}, s.f.fault(ErrorIntrinsicFailure, "The function '%s' had the following error: %v", c.expr, err)
	}
	return encode(result)
}

// resolve finds what a path within a function names. What steps lead to is
// decoded alone.
func (s *scope) resolve(ref *jsonpath.Ref, steps []rawjson.Step) (any, error) {
	document := s.document
	switch ref.Root {
	case jsonpath.Context:
		if s.context == nil {
			s.context = s.x.contextObject(s.f)
		}
		document = value{raw: s.context}
	case jsonpath.Variable:
		var ok bool
		if document, ok = s.f.vars.get(ref.Name); !ok {
			return nil, s.f.fault(ErrorRuntime, "The variable '$%s' is not assigned", ref.Name)
		}
	default:
	}
	if steps != nil {
		if start, end, ok := rawjson.Get(document.raw, steps); ok {
			return decode(document.raw[start:end])
		}
	}
	var root any
	var err error
	if ref.Root == jsonpath.Input {
		root, err = s.root()
	} else {
		root, err = document.decode()
	}
	if err != nil {
		return nil, err
	}
	found, ok, err := ref.Path.Get(root)
	if err != nil {
		return nil, s.f.fault(ErrorRuntime, "Invalid path '%s': %v", ref, err)
	}
	if !ok {
		return nil, s.f.fault(ErrorRuntime, "The JsonPath argument for the field '%s' could not be found in the input '%s'", ref, s.document.raw)
	}
	return found, nil
}

// float returns a random number from 0 up to, not including, 1.
func (e *Engine) float() float64 { return float64(e.random()>>11) / (1 << 53) }
