// Package jsonpath reads and writes values by the paths of the Amazon States
// Language. AWS evaluates them with Jayway's JsonPath, so this package follows
// Jayway where the dialects differ: the order of "..", filters that compare
// loosely, slices, and functions at the end of a path.
//
// Values are those of encoding/json: map[string]any, []any, string, float64 or
// json.Number, bool and nil. Members of an object have no order in Go, so
// wildcards visit them sorted by name. Evaluation never changes its input, and
// ends in bounded time whatever the path.
package jsonpath

import (
	"errors"
	"fmt"
)

// ErrTooMuchWork is returned by Get when a path visits more nodes than any
// honest path over a 256 KiB document does.
var ErrTooMuchWork = errors.New("path visits too many nodes")

// SyntaxError is a path that is none.
type SyntaxError struct {
	Path   string // the whole path as given
	Offset int    // byte offset of the offending character
	Reason string
}

// Error describes where and why the path is refused.
func (e *SyntaxError) Error() string {
	return fmt.Sprintf("invalid path %q at position %d: %s", e.Path, e.Offset, e.Reason)
}

// Path is a parsed path. It is immutable and safe for concurrent use.
type Path struct {
	text     string
	segments []segment
	// simple paths have names and indices alone, and are walked in a loop.
	simple bool
	// definite paths name at most one value.
	definite bool
}

// Parse reads a path that starts at "$". Paths into the context object ("$$.")
// or a variable ("$name.") are read by ParseRef. The error is a *SyntaxError.
func Parse(text string) (*Path, error) {
	p := &parser{text: text}
	path, err := p.parse()
	if err != nil {
		return nil, err
	}
	return path, nil
}

// String returns the path as it was given to Parse.
func (p *Path) String() string { return p.text }

// IsRoot reports whether the path is "$", the whole document.
func (p *Path) IsRoot() bool { return len(p.segments) == 0 }

// IsReference reports whether the path is a reference path: one that can name
// a single node only, without any of the operators @ .. , : ? * and without
// functions. ResultPath must be one.
func (p *Path) IsReference() bool {
	if !p.simple {
		return false
	}
	for i := range p.segments {
		if s := &p.segments[i]; s.kind == kindIndex && s.index < 0 {
			return false
		}
	}
	return true
}

// IsDefinite reports whether Get answers with one value rather than a list.
func (p *Path) IsDefinite() bool { return p.definite }

type kind uint8

const (
	kindName     kind = iota // .a or ['a']
	kindNames                // ['a','b']
	kindIndex                // [0]
	kindIndexes              // [0,1]
	kindSlice                // [from:to]
	kindWildcard             // .* or [*]
	kindScan                 // ..
	kindFilter               // [?(…)]
	kindFunction             // .length()
)

// segment is one step of a path; which fields count depends on its kind.
type segment struct {
	kind     kind
	name     string
	names    []string
	index    int
	indexes  []int
	from, to *int
	filter   predicate
	function function
	args     []operand
}
