package jsonpath

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxSegments = 1024
	maxNesting  = 32
)

// parser reads one path. A path inside a filter is read by the same parser, at
// its own nesting depth.
type parser struct {
	text  string
	at    int
	depth int
}

func (p *parser) parse() (*Path, error) {
	path, err := p.path(false)
	if err != nil {
		return nil, err
	}
	if p.at != len(p.text) {
		return nil, p.fail("expected '.' or '['")
	}
	return path, nil
}

// path reads from the root character on. Inside a filter, a name ends at an
// operator too.
func (p *parser) path(inFilter bool) (*Path, error) {
	start := p.at
	if !p.next('$') && (!inFilter || !p.next('@')) {
		return nil, p.fail("a path starts with '$'")
	}
	path := &Path{}
	for p.at < len(p.text) && (p.text[p.at] == '.' || p.text[p.at] == '[') {
		if len(path.segments) >= maxSegments {
			return nil, p.fail("more than " + strconv.Itoa(maxSegments) + " segments")
		}
		if last := len(path.segments) - 1; last >= 0 && path.segments[last].kind == kindFunction {
			return nil, p.fail("nothing follows a function")
		}
		if err := p.segment(path, inFilter); err != nil {
			return nil, err
		}
	}
	path.text = p.text[start:p.at]
	path.classify()
	return path, nil
}

// classify derives from the segments how the path is evaluated.
func (path *Path) classify() {
	path.simple, path.definite = true, true
	for i := range path.segments {
		switch path.segments[i].kind {
		case kindName, kindIndex:
		case kindFunction:
			path.simple = false
		case kindNames:
			path.simple = false
			if i != len(path.segments)-1 {
				path.definite = false
			}
		default:
			path.simple, path.definite = false, false
		}
	}
}

func (p *parser) segment(path *Path, inFilter bool) error {
	if p.next('[') {
		return p.bracket(path)
	}
	p.at++ // the dot
	if p.next('.') {
		path.segments = append(path.segments, segment{kind: kindScan})
	}
	switch {
	case p.at == len(p.text):
		return p.fail("a path does not end with '.'")
	case p.text[p.at] == '.':
		return p.fail("unexpected '.'")
	case p.next('['):
		return p.bracket(path)
	case p.next('*'):
		path.segments = append(path.segments, segment{kind: kindWildcard})
		return nil
	}
	return p.dotted(path, inFilter)
}

// dotted reads the name, or the function call, after a dot.
func (p *parser) dotted(path *Path, inFilter bool) error {
	start := p.at
	for p.at < len(p.text) {
		c := p.text[p.at]
		if c == '.' || c == '[' || c == '(' || inFilter && strings.IndexByte(" <>=!~&|),]", c) >= 0 {
			break
		}
		if c == ' ' || c < 0x20 {
			return p.fail("write a name with blanks as ['my name']")
		}
		p.at++
	}
	name := p.text[start:p.at]
	switch {
	case name == "":
		return p.fail("a name is missing")
	case !utf8.ValidString(name):
		return p.fail("a name is not UTF-8")
	case p.next('('):
		return p.call(path, name)
	}
	path.segments = append(path.segments, segment{kind: kindName, name: name})
	return nil
}

func (p *parser) call(path *Path, name string) error {
	if last := len(path.segments) - 1; last >= 0 && path.segments[last].kind == kindScan {
		return p.fail("a function does not follow '..'")
	}
	f, ok := lookupFunction(name)
	if !ok {
		return p.fail("there is no function " + name + "()")
	}
	args, err := p.arguments()
	if err != nil {
		return err
	}
	path.segments = append(path.segments, segment{kind: kindFunction, name: name, function: f, args: args})
	return nil
}

// arguments reads a function's arguments and the closing parenthesis.
func (p *parser) arguments() ([]operand, error) {
	var args []operand
	for {
		p.blanks()
		if p.next(')') {
			return args, nil
		}
		if len(args) > 0 && !p.next(',') {
			return nil, p.fail("expected ',' or ')'")
		}
		p.blanks()
		arg, err := p.operand()
		if err != nil {
			return nil, err
		}
		args = append(args, arg)
	}
}

// bracket reads what stands between "[" and "]".
func (p *parser) bracket(path *Path) error {
	p.blanks()
	var s segment
	var err error
	switch c := p.peek(); {
	case c == '*':
		p.at++
		s.kind = kindWildcard
	case c == '\'' || c == '"':
		s, err = p.quotedNames()
	case c == '?':
		p.at++
		s.kind = kindFilter
		s.filter, err = p.filter()
	case c == '-' || c == ':' || c >= '0' && c <= '9':
		s, err = p.positions()
	default:
		err = p.fail("expected a quoted name, an index, '*' or '?'")
	}
	if err != nil {
		return err
	}
	p.blanks()
	if !p.next(']') {
		return p.fail("expected ']'")
	}
	path.segments = append(path.segments, s)
	return nil
}

func (p *parser) quotedNames() (segment, error) {
	var names []string
	for {
		p.blanks()
		name, err := p.quoted()
		if err != nil {
			return segment{}, err
		}
		names = append(names, name)
		p.blanks()
		if !p.next(',') {
			break
		}
	}
	if len(names) == 1 {
		return segment{kind: kindName, name: names[0]}, nil
	}
	return segment{kind: kindNames, names: names}, nil
}

// positions reads an index, several, or a slice. A step is refused: Jayway
// would take it and not heed it.
func (p *parser) positions() (segment, error) {
	first, err := p.integer()
	if err != nil {
		return segment{}, err
	}
	p.blanks()
	if p.next(':') {
		p.blanks()
		last, err := p.integer()
		if err != nil {
			return segment{}, err
		}
		if first == nil && last == nil {
			return segment{}, p.fail("a slice needs a bound")
		}
		return segment{kind: kindSlice, from: first, to: last}, nil
	}
	if first == nil {
		return segment{}, p.fail("expected an index")
	}
	indexes := []int{*first}
	for p.next(',') {
		p.blanks()
		index, err := p.integer()
		if err != nil {
			return segment{}, err
		}
		if index == nil {
			return segment{}, p.fail("expected an index")
		}
		indexes = append(indexes, *index)
		p.blanks()
	}
	if len(indexes) == 1 {
		return segment{kind: kindIndex, index: indexes[0]}, nil
	}
	return segment{kind: kindIndexes, indexes: indexes}, nil
}

// integer reads an optional integer; nil means that there is none.
func (p *parser) integer() (*int, error) {
	start := p.at
	p.next('-')
	for c := p.peek(); c >= '0' && c <= '9'; c = p.peek() {
		p.at++
	}
	if start == p.at {
		return nil, nil
	}
	n, err := strconv.ParseInt(p.text[start:p.at], 10, 32)
	if err != nil {
		p.at = start
		return nil, p.fail("not an index")
	}
	index := int(n)
	return &index, nil
}

// quoted reads a string between single or double quotes; a backslash takes the
// next character as it is.
func (p *parser) quoted() (string, error) {
	quote := p.peek()
	if quote != '\'' && quote != '"' {
		return "", p.fail("expected a quoted name")
	}
	start := p.at
	p.at++
	var b strings.Builder
	for p.at < len(p.text) {
		c := p.text[p.at]
		p.at++
		switch {
		case c == quote:
			if !utf8.ValidString(b.String()) {
				return "", p.fail("a string is not UTF-8")
			}
			return b.String(), nil
		case c == '\\' && p.at < len(p.text):
			b.WriteByte(p.text[p.at])
			p.at++
		default:
			b.WriteByte(c)
		}
	}
	p.at = start
	return "", p.fail("the string is not closed")
}

func (p *parser) peek() byte {
	if p.at < len(p.text) {
		return p.text[p.at]
	}
	return 0
}

func (p *parser) next(c byte) bool {
	if p.at < len(p.text) && p.text[p.at] == c {
		p.at++
		return true
	}
	return false
}

func (p *parser) nextWord(word string) bool {
	if strings.HasPrefix(p.text[p.at:], word) {
		p.at += len(word)
		return true
	}
	return false
}

func (p *parser) blanks() {
	for p.at < len(p.text) && strings.IndexByte(" \t\r\n", p.text[p.at]) >= 0 {
		p.at++
	}
}

func (p *parser) fail(reason string) error {
	return &SyntaxError{Path: p.text, Offset: p.at, Reason: reason}
}

// isIdentifier says whether r may stand in a variable's name.
func isIdentifier(r rune, inside bool) bool {
	return unicode.IsLetter(r) || inside && (unicode.IsDigit(r) || unicode.IsMark(r))
}
