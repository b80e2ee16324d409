package pattern

import (
	"bytes"
	"unicode/utf8"
)

// names is a tree of the fields that an index knows, a step for each part of a
// dotted name.
type names struct {
	children map[string]*names
	field    int // or -1
}

func (n *names) add(name string) *names {
	for step := range bytes.SplitSeq([]byte(name), []byte{'.'}) {
		child := n.children[string(step)]
		if child == nil {
			child = &names{field: -1}
			if n.children == nil {
				n.children = map[string]*names{}
			}
			n.children[string(step)] = child
		}
		n = child
	}
	return n
}

// under returns where a name leads, which may itself have dots; nil for nowhere.
func (n *names) under(name []byte) *names {
	for n != nil {
		dot := bytes.IndexByte(name, '.')
		if dot < 0 {
			return n.children[string(name)]
		}
		n, name = n.children[string(name[:dot])], name[dot+1:]
	}
	return nil
}

// scanner takes an event apart: it puts each leaf of a known field into the
// scratch, and passes over the rest. Text that is not JSON stops it, or is
// passed over; it never panics.
type scanner struct {
	*scratch
	text  []byte
	at    int
	depth int
}

// event reads the event, and reports whether it is an object.
func (s *scanner) event(root *names) bool {
	if s.next() != '{' || !s.object(root, none) {
		return false
	}
	return s.next() == 0
}

func (s *scanner) next() byte {
	for s.at < len(s.text) {
		switch c := s.text[s.at]; c {
		case ' ', '\t', '\r', '\n':
			s.at++
		default:
			return c
		}
	}
	return 0
}

func (s *scanner) object(n *names, in place) bool {
	if s.depth++; s.depth > maxDepth {
		return false
	}
	defer func() { s.depth-- }()
	s.at++ // {
	if s.next() == '}' {
		s.at++
		return true
	}
	for {
		if s.next() != '"' {
			return false
		}
		name, ok := s.string()
		if !ok || s.next() != ':' {
			return false
		}
		s.at++
		if !s.value(n.under(name), in) {
			return false
		}
		switch s.next() {
		case ',':
			s.at++
		case '}':
			s.at++
			return true
		default:
			return false
		}
	}
}

// value reads the value of the field that n stands for.
func (s *scanner) value(n *names, in place) bool {
	c := s.next()
	if n == nil {
		return s.skip(c)
	}
	switch c {
	case '{':
		if n.children == nil {
			return s.skip(c)
		}
		return s.object(n, in)
	case '[':
		return s.array(n, in)
	case '"':
		text, ok := s.string()
		if ok && n.field >= 0 {
			s.add(n.field, value{kind: kindText, text: text, place: in})
		}
		return ok
	}
	text, ok := s.bare()
	if !ok || n.field < 0 {
		return ok
	}
	v := value{kind: kindNull, text: text, place: in}
	switch text[0] {
	case 't':
		v.kind = kindTrue
	case 'f':
		v.kind = kindFalse
	case 'n':
	default:
		v.kind = kindNumber
		if v.number, v.known = millionths(text); !v.known && !validNumber(text) {
			return false
		}
	}
	s.add(n.field, v)
	return true
}

// array reads an array. Its elements are values of the array's own field, and
// fields of objects and arrays in it are in that element.
func (s *scanner) array(n *names, in place) bool {
	if s.depth++; s.depth > maxDepth {
		return false
	}
	defer func() { s.depth-- }()
	s.at++ // [
	if s.next() == ']' {
		s.at++
		return true
	}
	array := s.arrays
	s.arrays++
	for number := int32(0); ; number++ {
		inner := in
		if c := s.next(); c == '{' || c == '[' {
			inner = s.element(array, number, in)
		}
		if !s.value(n, inner) {
			return false
		}
		switch s.next() {
		case ',':
			s.at++
		case ']':
			s.at++
			return true
		default:
			return false
		}
	}
}

// string reads a string, decoded.
func (s *scanner) string() ([]byte, bool) {
	start := s.at + 1
	for i := start; i < len(s.text); i++ {
		switch s.text[i] {
		case '"':
			s.at = i + 1
			return s.text[start:i], true
		case '\\':
			s.at = i
			return s.escaped(start)
		}
	}
	return nil, false
}

// escaped decodes the rest of a string from its first escape sequence on.
func (s *scanner) escaped(start int) ([]byte, bool) {
	from := len(s.decoded)
	s.decoded = append(s.decoded, s.text[start:s.at]...)
	for s.at < len(s.text) {
		switch c := s.text[s.at]; c {
		case '"':
			s.at++
			return s.decoded[from:len(s.decoded):len(s.decoded)], true
		case '\\':
			r, size := unescape(s.text[s.at:])
			if size == 0 {
				return nil, false
			}
			s.decoded = utf8.AppendRune(s.decoded, r)
			s.at += size
		default:
			s.decoded = append(s.decoded, c)
			s.at++
		}
	}
	return nil, false
}

// bare reads a number or a literal.
func (s *scanner) bare() ([]byte, bool) {
	start := s.at
	for s.at < len(s.text) {
		switch s.text[s.at] {
		case ',', '}', ']', ' ', '\t', '\r', '\n':
			return s.text[start:s.at], s.at > start
		}
		s.at++
	}
	return nil, false
}

// skip passes over a value that begins with c.
func (s *scanner) skip(c byte) bool {
	switch c {
	case '"':
		return s.skipString()
	case '{', '[':
	default:
		_, ok := s.bare()
		return ok
	}
	for depth := 0; s.at < len(s.text); s.at++ {
		switch s.text[s.at] {
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				s.at++
				return true
			}
		case '"':
			if !s.skipString() {
				return false
			}
			s.at--
		}
	}
	return false
}

func (s *scanner) skipString() bool {
	for s.at++; s.at < len(s.text); s.at++ {
		switch s.text[s.at] {
		case '"':
			s.at++
			return true
		case '\\':
			s.at++
		}
	}
	return false
}
