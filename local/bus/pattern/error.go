package pattern

import (
	"fmt"
	"unicode/utf8"
)

// Error says why a pattern is refused. Its text is EventBridge's, as
// InvalidEventPatternException has it.
type Error struct {
	// Reason is the bare reason, "Empty arrays are not allowed".
	Reason string
	// Where is the place in the pattern as EventBridge writes it, from a new line
	// on; "" when EventBridge does not say.
	Where string
}

// Error returns EventBridge's message.
func (e *Error) Error() string {
	return "Event pattern is not valid. Reason: " + e.Reason + e.Where
}

// failf refuses a pattern without naming a place.
func failf(format string, args ...any) error {
	return &Error{Reason: fmt.Sprintf(format, args...)}
}

// source is a pattern's text, which knows how to name its places.
type source []byte

// failf refuses the pattern at a byte offset.
func (s source) failf(offset int, format string, args ...any) error {
	return &Error{Reason: fmt.Sprintf(format, args...), Where: s.where(offset)}
}

// failTwice is failf for elements of anything-but lists, where EventBridge
// names the place twice.
func (s source) failTwice(offset int, reason string) error {
	where := s.where(offset)
	return &Error{Reason: reason, Where: where + where}
}

// snippet is how many characters of a pattern are shown with a place in it.
const snippet = 500

// where names the place as the JSON parser of EventBridge does, which counts
// lines and UTF-16 units from one.
func (s source) where(offset int) string {
	line, column := 1, 1
	for _, r := range string(s[:min(offset, len(s))]) {
		switch {
		case r == '\n':
			line, column = line+1, 1
		case r > 0xffff:
			column += 2
		default:
			column++
		}
	}
	shown, rest := string(s), ""
	if n := utf8.RuneCount(s); n > snippet {
		shown = string([]rune(shown)[:snippet])
		rest = fmt.Sprintf("[truncated %d chars]", n-snippet)
	}
	return fmt.Sprintf("\n at [Source: (String)\"%s\"%s; line: %d, column: %d]", shown, rest, line, column)
}
