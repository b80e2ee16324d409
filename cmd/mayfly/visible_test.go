package main

import (
	"bytes"
	"fmt"
	"testing"
)

func TestVisible(t *testing.T) {
	for _, test := range []struct{ name, in, want string }{
		{"what people write", "Ana, Köln, 東京, 🦋 → 3 %\n", "Ana, Köln, 東京, 🦋 → 3 %\n"},
		{"colours", "\x1b[31mred", "\ufffd[31mred"},
		{"a title, ended by the bell", "\x1b]0;title\x07", "\ufffd]0;title\ufffd"},
		{"controls of eight bits", "a\u009b31mb", "a\ufffd31mb"},
		{"the line's beginning, and what was before", "bad\rgood\bx", "bad\ufffdgood\ufffdx"},
		{"from right to left", "gpj.\u202eexe", "gpj.\ufffdexe"},
		{"no UTF-8", "a\xffb", "a\ufffdb"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := visibly(test.in); got != test.want {
				t.Errorf("%q, want %q", got, test.want)
			}
		})
	}
}

// TestATableActsOnNoEscape: whoever asks the API may call itself anything.
func TestATableActsOnNoEscape(t *testing.T) {
	var out bytes.Buffer
	table := newTable(&out)
	_, _ = fmt.Fprintf(table, "WHO\tDID\n\x1b[2Jeve\tcreate\n")
	if err := table.Flush(); err != nil {
		t.Fatal(err)
	}
	if want := "WHO      DID\n\ufffd[2Jeve  create\n"; out.String() != want {
		t.Errorf("%q, want %q", out.String(), want)
	}
}
