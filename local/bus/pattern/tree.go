package pattern

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// kind is the kind of a JSON value.
type kind uint8

const (
	kindText kind = iota
	kindNumber
	kindTrue
	kindFalse
	kindNull
	kindObject
	kindArray
)

// node is a value in a pattern's text.
type node struct {
	kind kind
	// text is a string's content, or a number or literal as it is written.
	text string
	// members are an object's, in order, a name twice if it is there twice.
	members []member
	items   []node
	// seen is how far AWS's parser has read when it has come upon the value: past
	// the opening bracket or quote, or past the whole number or literal.
	seen int
	// end is past the whole value.
	end int
}

type member struct {
	name  string
	value node
}

// maxDepth is how deep a pattern or an event may be nested.
const maxDepth = 1000

// reader reads a pattern's JSON.
type reader struct {
	source
	at    int
	depth int
}

// read returns the value that the whole text is.
func (s source) read() (node, error) {
	r := reader{source: s}
	r.space()
	if r.at == len(s) {
		return node{}, failf("Filter is not an object")
	}
	n, err := r.value()
	if err != nil {
		return n, err
	}
	r.space()
	if r.at < len(s) {
		return n, r.unexpected("was expecting the end of the pattern")
	}
	return n, nil
}

func (r *reader) space() {
	for r.at < len(r.source) && strings.IndexByte(" \t\r\n", r.source[r.at]) >= 0 {
		r.at++
	}
}

// next skips space and returns the next byte; 0 at the end.
func (r *reader) next() byte {
	r.space()
	if r.at == len(r.source) {
		return 0
	}
	return r.source[r.at]
}

func (r *reader) unexpected(expecting string) error {
	if r.at >= len(r.source) {
		return r.failf(r.at, "Unexpected end-of-input: %s", expecting)
	}
	c, _ := utf8.DecodeRune(r.source[r.at:])
	return r.failf(r.at, "Unexpected character ('%c' (code %d)): %s", c, c, expecting)
}

const expectingValue = "was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')"

func (r *reader) value() (node, error) {
	c := r.next()
	switch {
	case c == '{' || c == '[':
		if r.depth++; r.depth > maxDepth {
			return node{}, failf("Document nesting depth (%d) exceeds the maximum allowed (%d)", r.depth, maxDepth)
		}
		defer func() { r.depth-- }()
		if c == '{' {
			return r.object()
		}
		return r.array()
	case c == '"':
		text, err := r.text()
		return node{kind: kindText, text: text.text, seen: text.seen, end: text.end}, err
	case c == '-' || c >= '0' && c <= '9':
		return r.number()
	}
	return r.literal()
}

func (r *reader) object() (node, error) {
	r.at++
	n := node{kind: kindObject, seen: r.at}
	for c := r.next(); ; c = r.next() {
		if c == '}' && len(n.members) == 0 {
			break
		}
		if c != '"' {
			return n, r.unexpected("was expecting double-quote to start field name")
		}
		name, err := r.text()
		if err != nil {
			return n, err
		}
		if r.next() != ':' {
			return n, r.unexpected("was expecting a colon to separate field name and value")
		}
		r.at++
		value, err := r.value()
		if err != nil {
			return n, err
		}
		n.members = append(n.members, member{name.text, value})
		if c = r.next(); c == '}' {
			break
		}
		if c != ',' {
			return n, r.unexpected("was expecting comma to separate Object entries")
		}
		r.at++
	}
	r.at++
	n.end = r.at
	return n, nil
}

func (r *reader) array() (node, error) {
	r.at++
	n := node{kind: kindArray, seen: r.at}
	for c := r.next(); ; c = r.next() {
		if c == ']' && len(n.items) == 0 {
			break
		}
		item, err := r.value()
		if err != nil {
			return n, err
		}
		n.items = append(n.items, item)
		if c = r.next(); c == ']' {
			break
		}
		if c != ',' {
			return n, r.unexpected("was expecting comma to separate Array entries")
		}
		r.at++
	}
	r.at++
	n.end = r.at
	return n, nil
}

func (r *reader) literal() (node, error) {
	start := r.at
	for r.at < len(r.source) && letter(r.source[r.at]) {
		r.at++
	}
	n := node{text: string(r.source[start:r.at]), seen: r.at, end: r.at}
	switch n.text {
	case "true":
		n.kind = kindTrue
	case "false":
		n.kind = kindFalse
	case "null":
		n.kind = kindNull
	case "":
		return n, r.unexpected(expectingValue)
	default:
		return n, r.failf(r.at, "Unrecognized token '%s': %s", n.text, expectingValue)
	}
	return n, nil
}

func letter(c byte) bool {
	return c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' || c == '_' || c == '$'
}

func (r *reader) number() (node, error) {
	start := r.at
	for r.at < len(r.source) && strings.IndexByte("+-.eE0123456789", r.source[r.at]) >= 0 {
		r.at++
	}
	n := node{kind: kindNumber, text: string(r.source[start:r.at]), seen: r.at, end: r.at}
	if !validNumber(n.text) {
		return n, r.failf(r.at, "Invalid numeric value: %s", n.text)
	}
	return n, nil
}

// text reads a string.
func (r *reader) text() (node, error) {
	r.at++
	n := node{kind: kindText, seen: r.at}
	var b strings.Builder
	for r.at < len(r.source) {
		switch c := r.source[r.at]; {
		case c == '"':
			r.at++
			n.text, n.end = strings.ToValidUTF8(b.String(), "\ufffd"), r.at
			return n, nil
		case c < 0x20:
			return n, r.failf(r.at, "Illegal unquoted character ((CTRL-CHAR, code %d)): has to be escaped using backslash to be included in string value", c)
		case c == '\\':
			decoded, size := unescape(r.source[r.at:])
			if size == 0 {
				r.at++
				return n, r.unexpected("unrecognized character escape")
			}
			b.WriteRune(decoded)
			r.at += size
		default:
			b.WriteByte(c)
			r.at++
		}
	}
	return n, r.failf(r.at, "Unexpected end-of-input: was expecting closing quote for a string value")
}

// unescape decodes the escape sequence that a text begins with, and returns how
// long it is; 0 when it is none.
func unescape[T ~[]byte](text T) (rune, int) {
	if len(text) < 2 {
		return 0, 0
	}
	switch c := text[1]; c {
	case '"', '\\', '/':
		return rune(c), 2
	case 'b':
		return '\b', 2
	case 'f':
		return '\f', 2
	case 'n':
		return '\n', 2
	case 'r':
		return '\r', 2
	case 't':
		return '\t', 2
	case 'u':
		r, ok := hex4(text[2:])
		if !ok {
			return 0, 0
		}
		if utf16.IsSurrogate(r) {
			if len(text) > 7 && text[6] == '\\' && text[7] == 'u' {
				if low, ok := hex4(text[8:]); ok {
					if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
						return pair, 12
					}
				}
			}
			return utf8.RuneError, 6
		}
		return r, 6
	}
	return 0, 0
}

func hex4[T ~[]byte](text T) (rune, bool) {
	if len(text) < 4 {
		return 0, false
	}
	n, err := strconv.ParseUint(string(text[:4]), 16, 16)
	return rune(n), err == nil
}
