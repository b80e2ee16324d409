package jsonpath

import (
	"regexp"
	"strings"
)

// operand is one side of a comparison, or an argument of a function.
type operand struct {
	path     *Path
	fromRoot bool
	pattern  *regexp.Regexp
	literal  any
}

// value evaluates the operand for the item that a filter looks at.
func (o operand) value(s *search, item any) (any, bool) {
	if o.path == nil {
		return o.literal, true
	}
	from := item
	if o.fromRoot {
		from = s.root
	}
	value, found, err := o.path.get(s, from)
	if err != nil && s.err == nil {
		s.err = err
	}
	return value, found
}

// values evaluates a function's arguments; one that names nothing is null.
func (s *segment) values(search *search, node any) []any {
	if len(s.args) == 0 {
		return nil
	}
	values := make([]any, len(s.args))
	for i, arg := range s.args {
		values[i], _ = arg.value(search, node)
	}
	return values
}

// regexp reads /pattern/flags. The whole of a string must match, as in Java.
func (p *parser) regexp() (operand, error) {
	start := p.at
	p.at++
	var b strings.Builder
	for p.at < len(p.text) && p.text[p.at] != '/' {
		if p.text[p.at] == '\\' && p.at+1 < len(p.text) {
			if p.text[p.at+1] != '/' {
				b.WriteByte('\\')
			}
			p.at++
		}
		b.WriteByte(p.text[p.at])
		p.at++
	}
	if !p.next('/') {
		p.at = start
		return operand{}, p.fail("the regular expression is not closed")
	}
	flags := ""
	for c := p.peek(); isWordByte(c); c = p.peek() {
		if strings.IndexByte("ims", c) < 0 {
			return operand{}, p.fail("the flags of a regular expression are i, m and s")
		}
		flags += string(c)
		p.at++
	}
	if flags != "" {
		flags = "(?" + flags + ")"
	}
	pattern, err := regexp.Compile(flags + `\A(?:` + b.String() + `)\z`)
	if err != nil {
		p.at = start
		return operand{}, p.fail(err.Error())
	}
	return operand{pattern: pattern}, nil
}
