// Package rawjson works on JSON texts without decoding them: it checks them,
// finds a value by its path, replaces one, and splits arrays and objects. What
// nothing touches keeps its bytes, its order and the spelling of its numbers.
package rawjson

import "fmt"

// MaxDepth is how deep arrays and objects may be nested.
const MaxDepth = 1000

// SyntaxError is about a text that is not JSON.
type SyntaxError struct {
	// Offset is the byte at which it stops being JSON.
	Offset int
	Reason string
}

// Error says what is wrong and where.
func (e *SyntaxError) Error() string {
	return fmt.Sprintf("invalid JSON: %s at byte %d", e.Reason, e.Offset)
}

func syntax(i int, what string) error { return &SyntaxError{Offset: i, Reason: what} }

// Valid returns nil when text is exactly one JSON value, with white space
// around it allowed.
func Valid(text []byte) error {
	i := Space(text, 0)
	end, err := check(text, i, 0)
	if err != nil {
		return err
	}
	if end = Space(text, end); end != len(text) {
		return syntax(end, "more than one value")
	}
	return nil
}

// Space returns the first index from i on that holds no white space.
func Space(text []byte, i int) int {
	for i < len(text) && (text[i] == ' ' || text[i] == '\n' || text[i] == '\t' || text[i] == '\r') {
		i++
	}
	return i
}

func check(text []byte, i, depth int) (int, error) {
	if i >= len(text) {
		return i, syntax(i, "unexpected end")
	}
	if depth > MaxDepth {
		return i, syntax(i, "nested too deep")
	}
	switch c := text[i]; c {
	case '{':
		return checkObject(text, i, depth)
	case '[':
		return checkArray(text, i, depth)
	case '"':
		return checkString(text, i)
	case 't':
		return literal(text, i, "true")
	case 'f':
		return literal(text, i, "false")
	case 'n':
		return literal(text, i, "null")
	default:
		return checkNumber(text, i)
	}
}

func literal(text []byte, i int, word string) (int, error) {
	if len(text)-i < len(word) || string(text[i:i+len(word)]) != word {
		return i, syntax(i, "unknown token")
	}
	return i + len(word), nil
}

func checkObject(text []byte, i, depth int) (int, error) {
	i = Space(text, i+1)
	if i < len(text) && text[i] == '}' {
		return i + 1, nil
	}
	for {
		if i >= len(text) || text[i] != '"' {
			return i, syntax(i, "expected a key")
		}
		end, err := checkString(text, i)
		if err != nil {
			return end, err
		}
		i = Space(text, end)
		if i >= len(text) || text[i] != ':' {
			return i, syntax(i, "expected ':'")
		}
		if i, err = check(text, Space(text, i+1), depth+1); err != nil {
			return i, err
		}
		i = Space(text, i)
		if i >= len(text) {
			return i, syntax(i, "unexpected end of object")
		}
		switch text[i] {
		case '}':
			return i + 1, nil
		case ',':
			i = Space(text, i+1)
		default:
			return i, syntax(i, "expected ',' or '}'")
		}
	}
}

func checkArray(text []byte, i, depth int) (int, error) {
	i = Space(text, i+1)
	if i < len(text) && text[i] == ']' {
		return i + 1, nil
	}
	for {
		end, err := check(text, i, depth+1)
		if err != nil {
			return end, err
		}
		i = Space(text, end)
		if i >= len(text) {
			return i, syntax(i, "unexpected end of array")
		}
		switch text[i] {
		case ']':
			return i + 1, nil
		case ',':
			i = Space(text, i+1)
		default:
			return i, syntax(i, "expected ',' or ']'")
		}
	}
}

func checkString(text []byte, i int) (int, error) {
	for i++; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"':
			return i + 1, nil
		case c < 0x20:
			return i, syntax(i, "control character in string")
		case c == '\\':
			i++
			if i >= len(text) {
				return i, syntax(i, "unexpected end of string")
			}
			switch text[i] {
			case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
			case 'u':
				for range 4 {
					i++
					if i >= len(text) || !isHex(text[i]) {
						return i, syntax(i, "bad \\u escape")
					}
				}
			default:
				return i, syntax(i, "bad escape")
			}
		}
	}
	return i, syntax(i, "unexpected end of string")
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

func isDigit(text []byte, i int) bool { return i < len(text) && text[i] >= '0' && text[i] <= '9' }

func checkNumber(text []byte, i int) (int, error) {
	start := i
	if text[i] == '-' {
		i++
	}
	switch {
	case i < len(text) && text[i] == '0':
		i++
	case isDigit(text, i):
		for isDigit(text, i) {
			i++
		}
	default:
		return start, syntax(start, "unknown token")
	}
	if i < len(text) && text[i] == '.' {
		i++
		if !isDigit(text, i) {
			return i, syntax(i, "expected a digit")
		}
		for isDigit(text, i) {
			i++
		}
	}
	if i < len(text) && (text[i] == 'e' || text[i] == 'E') {
		i++
		if i < len(text) && (text[i] == '+' || text[i] == '-') {
			i++
		}
		if !isDigit(text, i) {
			return i, syntax(i, "expected a digit")
		}
		for isDigit(text, i) {
			i++
		}
	}
	return i, nil
}

// Skip returns the index after the value that starts at i of a valid text.
func Skip(text []byte, i int) int {
	switch text[i] {
	case '"':
		return skipString(text, i)
	case '{', '[':
		depth := 0
		for i < len(text) {
			switch text[i] {
			case '"':
				i = skipString(text, i)
				continue
			case '{', '[':
				depth++
			case '}', ']':
				depth--
				if depth == 0 {
					return i + 1
				}
			}
			i++
		}
		return i
	default:
		// A value has a byte at least, so that a loop over values ends whatever
		// the text is.
		for i++; i < len(text); i++ {
			switch text[i] {
			case ',', '}', ']', ' ', '\n', '\t', '\r', ':':
				return i
			}
		}
		return i
	}
}

func skipString(text []byte, i int) int {
	for i++; i < len(text); i++ {
		switch text[i] {
		case '"':
			return i + 1
		case '\\':
			i++
		}
	}
	return i
}
