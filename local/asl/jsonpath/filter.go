package jsonpath

import (
	"encoding/json"
	"strings"
)

// predicate is the condition of a filter.
type predicate interface {
	holds(s *search, item any) bool
}

type (
	and    struct{ left, right predicate }
	or     struct{ left, right predicate }
	not    struct{ of predicate }
	exists struct{ path operand }
	// comparison relates two operands by one of the operators.
	comparison struct {
		relate      relation
		left, right operand
	}
)

func (p and) holds(s *search, item any) bool { return p.left.holds(s, item) && p.right.holds(s, item) }
func (p or) holds(s *search, item any) bool  { return p.left.holds(s, item) || p.right.holds(s, item) }
func (p not) holds(s *search, item any) bool { return !p.of.holds(s, item) }

func (p exists) holds(s *search, item any) bool {
	value, found := p.path.value(s, item)
	if list, ok := value.([]any); ok && found && !p.path.path.definite {
		return len(list) > 0
	}
	return found
}

func (p comparison) holds(s *search, item any) bool {
	if !s.spend(1) {
		return false
	}
	left, leftFound := p.left.value(s, item)
	right, rightFound := p.right.value(s, item)
	if s.err != nil {
		return false
	}
	return p.relate(s, side{left, leftFound, p.left.pattern}, side{right, rightFound, p.right.pattern})
}

// filter reads "(condition)" after the question mark.
func (p *parser) filter() (predicate, error) {
	p.blanks()
	if !p.next('(') {
		return nil, p.fail("expected '(' after '?'")
	}
	condition, err := p.alternatives()
	if err != nil {
		return nil, err
	}
	p.blanks()
	if !p.next(')') {
		return nil, p.fail("expected ')'")
	}
	return condition, nil
}

func (p *parser) alternatives() (predicate, error) {
	left, err := p.conjunction()
	for err == nil {
		p.blanks()
		if !p.nextWord("||") {
			return left, nil
		}
		var right predicate
		if right, err = p.conjunction(); err == nil {
			left = or{left, right}
		}
	}
	return nil, err
}

func (p *parser) conjunction() (predicate, error) {
	left, err := p.condition()
	for err == nil {
		p.blanks()
		if !p.nextWord("&&") {
			return left, nil
		}
		var right predicate
		if right, err = p.condition(); err == nil {
			left = and{left, right}
		}
	}
	return nil, err
}

// condition reads a negation, a group, a comparison or a path that must exist.
func (p *parser) condition() (predicate, error) {
	if p.depth++; p.depth > maxNesting {
		return nil, p.fail("the filter is nested too deep")
	}
	defer func() { p.depth-- }()
	p.blanks()
	switch {
	case p.next('!'):
		of, err := p.condition()
		return not{of}, err
	case p.next('('):
		group, err := p.alternatives()
		if err != nil {
			return nil, err
		}
		p.blanks()
		if !p.next(')') {
			return nil, p.fail("expected ')'")
		}
		return group, nil
	}
	left, err := p.operand()
	if err != nil {
		return nil, err
	}
	p.blanks()
	relate, ok := p.operator()
	if !ok {
		if left.path == nil {
			return nil, p.fail("expected an operator")
		}
		return exists{left}, nil
	}
	p.blanks()
	right, err := p.operand()
	if err != nil {
		return nil, err
	}
	return comparison{relate, left, right}, nil
}

func (p *parser) operator() (relation, bool) {
	for _, o := range operators() {
		if len(p.text)-p.at < len(o.text) || !strings.EqualFold(p.text[p.at:p.at+len(o.text)], o.text) {
			continue
		}
		word := o.text[0] >= 'a'
		if end := p.at + len(o.text); word && end < len(p.text) && isWordByte(p.text[end]) {
			continue
		}
		p.at += len(o.text)
		return o.relate, true
	}
	return nil, false
}

func isWordByte(c byte) bool {
	return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}

// operand reads a path, a regular expression or a JSON literal, where strings
// may stand between single quotes.
func (p *parser) operand() (operand, error) {
	switch c := p.peek(); c {
	case '@', '$':
		if p.depth++; p.depth > maxNesting {
			return operand{}, p.fail("the filter is nested too deep")
		}
		defer func() { p.depth-- }()
		path, err := p.path(true)
		return operand{path: path, fromRoot: c == '$'}, err
	case '\'', '"':
		text, err := p.quoted()
		return operand{literal: text}, err
	case '/':
		return p.regexp()
	case '[', '{':
		return p.document()
	}
	start := p.at
	for p.at < len(p.text) && strings.IndexByte("+-.", p.text[p.at]) >= 0 || isWordByte(p.peek()) {
		p.at++
	}
	var literal any
	if err := json.Unmarshal([]byte(p.text[start:p.at]), &literal); err != nil {
		p.at = start
		return operand{}, p.fail("expected a path or a literal")
	}
	return operand{literal: literal}, nil
}

// document reads a JSON array or object; strings in it may have single quotes.
func (p *parser) document() (operand, error) {
	start, open := p.at, 0
	var b strings.Builder
	for p.at < len(p.text) {
		switch c := p.text[p.at]; c {
		case '\'', '"':
			text, err := p.quoted()
			if err != nil {
				return operand{}, err
			}
			quoted, err := json.Marshal(text)
			if err != nil {
				return operand{}, p.fail("the string is not one")
			}
			b.Write(quoted)
			continue
		case '[', '{':
			open++
		case ']', '}':
			open--
		}
		b.WriteByte(p.text[p.at])
		p.at++
		if open > 0 {
			continue
		}
		var literal any
		if err := json.Unmarshal([]byte(b.String()), &literal); err != nil {
			break
		}
		return operand{literal: literal}, nil
	}
	p.at = start
	return operand{}, p.fail("expected a JSON array or object")
}
