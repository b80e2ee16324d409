package jsonata

import (
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/dlclark/regexp2/v2"
	"github.com/dop251/goja/parser"
)

const (
	// maxMatches bounds what a regular expression finds in one text.
	maxMatches = 100_000
	// maxRegexTime bounds one search of an expression that needs backtracking.
	maxRegexTime = 500 * time.Millisecond
)

// regex compiles a JavaScript regular expression and returns a function that
// finds all matches: for each the start and end of the match and its groups, in
// UTF-16 units. What Go's own package can match takes linear time; what it
// cannot (lookaround, back references) gets limited time.
func (r *interpreter) regex(source, flags string) func(string) [][]int {
	multiline, ignoreCase := strings.Contains(flags, "m"), strings.Contains(flags, "i")
	if pattern, err := parser.TransformRegExp(source, false, false); err == nil {
		prefix := "(?"
		if multiline {
			prefix += "m"
		}
		if ignoreCase {
			prefix += "i"
		}
		if prefix != "(?" {
			pattern = prefix + ")" + pattern
		}
		if compiled, err := regexp.Compile(pattern); err == nil {
			return func(text string) [][]int { return inUTF16(text, compiled.FindAllStringSubmatchIndex(text, maxMatches)) }
		}
	}
	options := regexp2.ECMAScript
	if multiline {
		options |= regexp2.Multiline
	}
	if ignoreCase {
		options |= regexp2.IgnoreCase
	}
	compiled, err := regexp2.Compile(source, options)
	if err != nil {
		r.throw("S0302", "invalid regular expression: "+err.Error())
	}
	compiled.MatchTimeout = maxRegexTime
	return func(text string) [][]int { return r.backtrack(compiled, text) }
}

func (r *interpreter) backtrack(compiled *regexp2.Regexp, text string) [][]int {
	started, matches := time.Now(), [][]int(nil)
	match, err := compiled.FindStringMatch(text)
	for match != nil && err == nil && len(matches) < maxMatches {
		var at []int
		for _, group := range match.Groups() {
			if len(group.Captures) == 0 {
				at = append(at, -1, -1)
				continue
			}
			at = append(at, group.RuneIndex, group.RuneIndex+group.RuneLength)
		}
		matches = append(matches, at)
		if time.Since(started) > maxRegexTime {
			r.throw(CodeTimeout, "the regular expression takes too long")
		}
		match, err = compiled.FindNextMatch(match)
	}
	if err != nil {
		r.throw(CodeTimeout, "the regular expression takes too long")
	}
	return runesToUTF16(text, matches)
}

// inUTF16 turns offsets in bytes into offsets in UTF-16 units.
func inUTF16(text string, matches [][]int) [][]int {
	if len(matches) == 0 || isASCII(text) {
		return matches
	}
	units, n := make([]int, len(text)+1), 0
	for i, r := range text {
		units[i] = n
		n += width(r)
	}
	units[len(text)] = n
	return translate(matches, units)
}

// runesToUTF16 does so with offsets in characters.
func runesToUTF16(text string, matches [][]int) [][]int {
	if len(matches) == 0 || isASCII(text) {
		return matches
	}
	units, n := make([]int, 0, utf8.RuneCountInString(text)+1), 0
	for _, r := range text {
		units = append(units, n)
		n += width(r)
	}
	return translate(matches, append(units, n))
}

func translate(matches [][]int, units []int) [][]int {
	for _, at := range matches {
		for i, offset := range at {
			if offset >= 0 {
				at[i] = units[offset]
			}
		}
	}
	return matches
}

func isASCII(text string) bool {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func width(r rune) int {
	if r > 0xffff {
		return 2
	}
	return 1
}
