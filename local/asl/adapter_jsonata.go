package asl

import "errors"

// query is a compiled JSONata expression.
type query struct{ text string }

func compileQuery(text string) (*query, error) { return nil, errors.New("cannot compile: " + text) }

func (q *query) eval(s *scope, field string) (value, error) {
	return value{}, s.f.fault(ErrorQueryEvaluation, "%s %s", field, q.text)
}
