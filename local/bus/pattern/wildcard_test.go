package pattern

import (
	"regexp"
	"strings"
	"testing"
)

// The figures are those of AWS's own tests of its matcher.
func TestComplexity(t *testing.T) {
	for wildcards, want := range map[string]int{
		"*": 1, "abc": 1, "*ab": 2, "*aa": 3, "a*b": 2, "aa*": 2, "a*bc": 2, "a*bb": 3, "a*bcb": 3, "a*bbb": 4,
		"*ab*ad": 4, "*ab*d": 3, "*aba*": 4, "a*b*bb": 5, "a*b*cb": 4, "a*b*cd": 3, "a*b*b": 4, "a*bb*": 4, "ab*b*": 3,
		"* ab*c": 3, "ab*c x*xx": 3, "*abc *abcde": 4, "a*bcd ab*cd": 4, "a*bc a*bcde": 4, "a*aaa aa*aa": 7,
		"a*bc abc*d": 4, "a*aaa aaa*a": 6, "a*aax aaa*x": 5, "a*aa aaa*": 5, "abc* abcde*": 3,
		"ab*cd ab*wx ab*yz": 6, "*ab*b*b*": 7, "*a*a*a*a*": 9, "ab*c ab*c": 2,
	} {
		var globs []glob
		for _, text := range strings.Fields(wildcards) {
			g, reason := compileGlob(text)
			if reason != "" {
				t.Fatal(reason)
			}
			globs = append(globs, g)
		}
		if got := complexity(globs, 100); got != want {
			t.Errorf("%s: %d, want %d", wildcards, got, want)
		}
	}
}

func FuzzWildcard(f *testing.F) {
	for _, seed := range [][2]string{{"*", ""}, {"a*b", "ab"}, {"*a*b*", "xaxbx"}, {`\**\\`, `*x\`}, {"ab*ba", "aba"}, {"aa*aa", "aaa"}} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, text, value string) {
		g, reason := compileGlob(text)
		if reason != "" {
			return
		}
		var parts []string
		for _, literal := range g {
			parts = append(parts, regexp.QuoteMeta(string(literal)))
		}
		slow, err := regexp.Compile(`(?s)\A` + strings.Join(parts, ".*") + `\z`)
		if err != nil || strings.ToValidUTF8(value, "") != value {
			return // not text that JSON can hold
		}
		if got, want := g.matches([]byte(value)), slow.MatchString(value); got != want {
			t.Errorf("%q matches %q: %v, want %v", text, value, got, want)
		}
	})
}
