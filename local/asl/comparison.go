package asl

import (
	"bytes"
	"cmp"
	"strings"
	"time"
)

// comparison compares what a path names with a constant, or with what another
// path names.
type comparison struct {
	variable *path
	operator operator
	name     string
	text     string
	number   float64
	moment   time.Time
	truth    bool
	other    *path
}

// operator is how a comparison compares.
type operator struct {
	typ  byte // s, n, t(imestamp), b, m(atches), or ? for the Is… tests
	sign byte // one of = < > l(ess or equal) g(reater or equal); of tests, which
}

var operators = func() map[string]operator {
	all := map[string]operator{
		"StringMatches": {'m', '='}, "BooleanEquals": {'b', '='},
		"IsNull": {'?', 'n'}, "IsPresent": {'?', 'p'}, "IsNumeric": {'?', '0'},
		"IsString": {'?', '"'}, "IsBoolean": {'?', 'b'}, "IsTimestamp": {'?', 't'},
	}
	for name, typ := range map[string]byte{"String": 's', "Numeric": 'n', "Timestamp": 't'} {
		all[name+"Equals"] = operator{typ, '='}
		all[name+"LessThan"] = operator{typ, '<'}
		all[name+"GreaterThan"] = operator{typ, '>'}
		all[name+"LessThanEquals"] = operator{typ, 'l'}
		all[name+"GreaterThanEquals"] = operator{typ, 'g'}
	}
	return all
}()

func (p *parser) comparison(f *fields) *comparison {
	c := &comparison{variable: f.path("Variable")}
	for _, key := range f.n.keys {
		name, isPath := strings.CutSuffix(key, "Path")
		op, known := operators[name]
		if !known || isPath && (op.typ == 'm' || op.typ == '?') {
			continue
		}
		n := f.get(key)
		if c.operator.typ != 0 {
			p.errorf(f.location, "A choice rule must have exactly one comparison operator")
			continue
		}
		c.operator, c.name = op, key
		if isPath {
			c.other = f.path(key)
			continue
		}
		var ok bool
		switch op.typ {
		case 's', 'm':
			ok, c.text = n.kind == '"', n.str
			f.constant(key, n.str)
		case 'n':
			ok = n.kind == '0'
			c.number, _ = jsonNumber(value{raw: n.raw}) // checked by kind
		case 't':
			c.moment, ok = timestamp(n.str)
		default:
			ok, c.truth = n.kind == 't' || n.kind == 'f', n.kind == 't'
		}
		if !ok {
			p.errorf(at(f.location, key), "The value is not of the type that the operator compares")
		}
	}
	if c.operator.typ == 0 {
		p.errorf(f.location, "A choice rule with 'Variable' must have exactly one comparison operator")
	}
	return c
}

// holds evaluates the comparison. A value of another type is not equal, less or
// greater; a path that names nothing fails, except in IsPresent.
func (c *comparison) holds(s *scope) (bool, error) {
	v, present, err := s.lookup(c.variable)
	if err != nil {
		return false, s.f.fault(ErrorRuntime, "Invalid path '%s': %v", c.variable.text, err)
	}
	if c.operator.typ == '?' && c.operator.sign == 'p' {
		return present == c.truth, nil
	}
	if !present {
		return false, s.f.fault(ErrorRuntime, "Invalid path '%s': The choice state's condition path references an invalid value.", c.variable.text)
	}
	if c.operator.typ == '?' {
		return is(v, c.operator.sign) == c.truth, nil
	}
	text, number, moment, truth := c.text, c.number, c.moment, c.truth
	if c.other != nil {
		o, ok, err := s.lookup(c.other)
		if err != nil || !ok {
			return false, s.f.fault(ErrorRuntime, "Invalid path '%s': The choice state's condition path references an invalid value.", c.other.text)
		}
		if !ofType(o, c.operator.typ) {
			return false, nil
		}
		text, truth = o.text(), o.kind() == 't'
		number, _ = jsonNumber(o) // checked by ofType where it counts
		moment, _ = timestamp(text)
	}
	if !ofType(v, c.operator.typ) {
		return false, nil
	}
	switch c.operator.typ {
	case 's':
		return c.operator.accepts(cmp.Compare(v.text(), text)), nil
	case 'm':
		return wildcard(v.text(), text), nil
	case 'n':
		mine, err := jsonNumber(v)
		return err == nil && c.operator.accepts(cmp.Compare(mine, number)), nil
	case 't':
		mine, ok := timestamp(v.text())
		return ok && c.operator.accepts(mine.Compare(moment)), nil
	default:
		return (v.kind() == 't') == truth, nil
	}
}

func (o operator) accepts(order int) bool {
	switch o.sign {
	case '=':
		return order == 0
	case '<':
		return order < 0
	case '>':
		return order > 0
	case 'l':
		return order <= 0
	default:
		return order >= 0
	}
}

func ofType(v value, typ byte) bool {
	kind := v.kind()
	switch typ {
	case 's', 'm':
		return kind == '"'
	case 'n':
		return kind == '0'
	case 't':
		_, ok := timestamp(v.text())
		return kind == '"' && ok
	default:
		return kind == 't' || kind == 'f'
	}
}

func is(v value, what byte) bool {
	kind := v.kind()
	switch what {
	case 'b':
		return kind == 't' || kind == 'f'
	case 't':
		_, ok := timestamp(v.text())
		return kind == '"' && ok
	case 'n':
		return bytes.Equal(v.trimmed(), nullValue.raw)
	default:
		return kind == what
	}
}

// wildcard matches text with a pattern in which "*" stands for any characters
// and a backslash takes the meaning from what follows it. It takes time in
// proportion to the product of the lengths at most.
func wildcard(text, pattern string) bool {
	t, p, star, mark := 0, 0, -1, 0
	for t < len(text) {
		literal := p
		if p < len(pattern) && pattern[p] == '\\' && p+1 < len(pattern) {
			literal = p + 1
		}
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark = p, t
			p++
		case literal < len(pattern) && pattern[literal] == text[t]:
			t++
			p = literal + 1
		case star >= 0:
			mark++
			t, p = mark, star+1
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}
