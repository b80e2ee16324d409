package intrinsic

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/mayfly-dev/mayfly/local/asl/jsonpath"
)

// Parse reads a function call, its paths included, and checks the number of
// arguments. The error is a *SyntaxError.
func Parse(text string) (*Expr, error) {
	p := &parser{text: text}
	if !utf8.ValidString(text) {
		return nil, p.fail("it is not UTF-8")
	}
	p.blanks()
	c, err := p.call()
	if err != nil {
		return nil, err
	}
	if p.blanks(); p.at != len(text) {
		return nil, p.fail("expected the end")
	}
	return &Expr{text: text, call: c}, nil
}

type parser struct {
	text  string
	at    int
	calls int
}

func (p *parser) fail(reason string) error {
	return &SyntaxError{Text: p.text, Offset: p.at, Reason: reason}
}

func (p *parser) call() (*call, error) {
	start := p.at
	for p.at < len(p.text) && isNameByte(p.text[p.at]) {
		p.at++
	}
	name := p.text[start:p.at]
	f, ok := lookup(name)
	if !ok {
		p.at = start
		return nil, p.fail("there is no function " + name)
	}
	if p.calls++; p.calls > MaxFunctions {
		return nil, p.fail(fmt.Sprintf("more than %d functions in one field", MaxFunctions))
	}
	if p.blanks(); !p.next('(') {
		return nil, p.fail("expected '('")
	}
	c := &call{name: name, function: f}
	for {
		p.blanks()
		if p.next(')') {
			break
		}
		if len(c.args) > 0 {
			if !p.next(',') {
				return nil, p.fail("expected ',' or ')'")
			}
			p.blanks()
		}
		arg, err := p.argument()
		if err != nil {
			return nil, err
		}
		c.args = append(c.args, arg)
	}
	if n := len(c.args); n < f.min || f.max >= 0 && n > f.max {
		return nil, p.fail(fmt.Sprintf("%s does not take %d arguments", name, n))
	}
	return c, nil
}

func isNameByte(c byte) bool {
	return c == '.' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}

func (p *parser) argument() (argument, error) {
	if p.at == len(p.text) {
		return nil, p.fail("expected an argument")
	}
	switch c := p.text[p.at]; {
	case c == '\'':
		return p.quoted()
	case c == '$':
		return p.path()
	case strings.HasPrefix(p.text[p.at:], "States."):
		return p.call()
	default:
		return p.literal()
	}
}

// quoted reads a string between single quotes. The escapes are \' \{ \} and \\.
func (p *parser) quoted() (argument, error) {
	p.at++
	start := p.at
	for p.at < len(p.text) && p.text[p.at] != '\'' {
		if p.text[p.at] == '\\' {
			p.at++
		}
		p.at++
	}
	if p.at >= len(p.text) {
		p.at = start - 1
		return nil, p.fail("the string is not closed")
	}
	raw := p.text[start:p.at]
	text, err := unescape(raw)
	if err != nil {
		p.at = start
		return nil, p.fail(err.Error())
	}
	p.at++
	return quoted{raw: raw, text: text}, nil
}

var errEscape = errors.New(`a backslash stands before ', {, } or \ only`)

func unescape(raw string) (string, error) {
	if !strings.Contains(raw, `\`) {
		return raw, nil
	}
	var b strings.Builder
	for i := 0; i < len(raw); i++ {
		if raw[i] == '\\' {
			if i++; i == len(raw) || strings.IndexByte(`'{}\`, raw[i]) < 0 {
				return "", errEscape
			}
		}
		b.WriteByte(raw[i])
	}
	return b.String(), nil
}

// path reads a path up to the comma or parenthesis that ends the argument.
func (p *parser) path() (argument, error) {
	start, open := p.at, 0
	var quote byte
	for ; p.at < len(p.text); p.at++ {
		c := p.text[p.at]
		switch {
		case quote != 0:
			switch c {
			case '\\':
				p.at++
			case quote:
				quote = 0
			}
			continue
		case open > 0 && (c == '\'' || c == '"'):
			quote = c
			continue
		case c == '[' || c == '(':
			open++
			continue
		case open > 0 && (c == ']' || c == ')'):
			open--
			continue
		}
		if open == 0 && (c == ',' || c == ')') {
			break
		}
	}
	end := min(p.at, len(p.text))
	path, err := jsonpath.ParseRef(strings.TrimRight(p.text[start:end], " \t\r\n"))
	if err != nil {
		p.at = start
		return nil, p.fail(err.Error())
	}
	return ref{path}, nil
}

// literal reads a number, true, false or null.
func (p *parser) literal() (argument, error) {
	start := p.at
	for p.at < len(p.text) && (isNameByte(p.text[p.at]) || p.text[p.at] == '-' || p.text[p.at] == '+') {
		p.at++
	}
	decoder := json.NewDecoder(strings.NewReader(p.text[start:p.at]))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil || decoder.More() {
		p.at = start
		return nil, p.fail("expected a string, number, true, false, null, path or function")
	}
	return literal{value}, nil
}

func (p *parser) next(c byte) bool {
	if p.at < len(p.text) && p.text[p.at] == c {
		p.at++
		return true
	}
	return false
}

func (p *parser) blanks() {
	for p.at < len(p.text) && strings.IndexByte(" \t\r\n", p.text[p.at]) >= 0 {
		p.at++
	}
}
