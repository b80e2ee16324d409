package main

import (
	"io"
	"strings"
	"unicode"
)

// visible is a writer for a terminal of text that others wrote: what would move
// the cursor, change colours or hide text comes out as U+FFFD. Lines and tabs stay.
type visible struct{ out io.Writer }

func (v visible) Write(text []byte) (int, error) {
	if _, err := io.WriteString(v.out, visibly(string(text))); err != nil {
		return 0, err
	}
	return len(text), nil
}

// visibly returns a text with U+FFFD for each character that a terminal would
// act upon, and for what is no UTF-8.
func visibly(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' || unicode.IsGraphic(r) {
			return r
		}
		return unicode.ReplacementChar
	}, text)
}
