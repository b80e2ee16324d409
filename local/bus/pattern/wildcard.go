package pattern

import (
	"bytes"
	"fmt"
	"slices"
)

// glob is a wildcard: the literals between its asterisks. There is one asterisk
// less than literals.
type glob [][]byte

// compileGlob reads a wildcard. The reason is not "" when it is refused; places
// count the quote that a JSON string begins with.
func compileGlob(text string) (g glob, reason string) {
	literal := []byte{}
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '*' && i+1 < len(text) && text[i+1] == '*':
			return nil, fmt.Sprintf("Consecutive wildcard characters at pos %d", i+1)
		case c == '*':
			g, literal = append(g, literal), []byte{}
		case c != '\\':
			literal = append(literal, c)
		case i+1 < len(text) && (text[i+1] == '*' || text[i+1] == '\\'):
			i++
			literal = append(literal, text[i])
		default:
			return nil, fmt.Sprintf("Invalid escape character at pos %d", i+1)
		}
	}
	return append(g, literal), ""
}

// matches takes time in proportion to the text: of the literals between two
// asterisks the first place is always the best one.
func (g glob) matches(text []byte) bool {
	last := len(g) - 1
	if last == 0 {
		return bytes.Equal(text, g[0])
	}
	if !bytes.HasPrefix(text, g[0]) {
		return false
	}
	text = text[len(g[0]):]
	if !bytes.HasSuffix(text, g[last]) {
		return false
	}
	text = text[:len(text)-len(g[last])]
	for _, literal := range g[1:last] {
		at := bytes.Index(text, literal)
		if at < 0 {
			return false
		}
		text = text[at+len(literal):]
	}
	return true
}

func (g glob) equal(other glob) bool { return slices.EqualFunc(g, other, bytes.Equal) }
