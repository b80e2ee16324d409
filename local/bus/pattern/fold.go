package pattern

import (
	"unicode"
	"unicode/utf8"
)

// folded is a text to be compared whatever its case: for each character its
// lower and its upper case.
type folded [][2]rune

func fold(text string) folded {
	var f folded
	for _, r := range text {
		f = append(f, [2]rune{unicode.ToLower(r), unicode.ToUpper(r)})
	}
	return f
}

// prefixOf reports whether text begins with f, and how long that beginning is.
func (f folded) prefixOf(text []byte) (int, bool) {
	at := 0
	for _, cases := range f {
		if at == len(text) {
			return 0, false
		}
		r, size := utf8.DecodeRune(text[at:])
		if r != cases[0] && r != cases[1] {
			return 0, false
		}
		at += size
	}
	return at, true
}

func (f folded) suffixOf(text []byte) bool {
	for i := len(f) - 1; i >= 0; i-- {
		if len(text) == 0 {
			return false
		}
		r, size := utf8.DecodeLastRune(text)
		if r != f[i][0] && r != f[i][1] {
			return false
		}
		text = text[:len(text)-size]
	}
	return true
}
