// Package pattern compiles regular expressions when they are first used: a
// function has many in it, of what it imports, and waits at its start for those
// that are compiled there. To compile all of them was a fifth of that.
package pattern

import (
	"regexp"
	"sync"
)

// Of returns what compiles an expression once. What it returns panics when the
// expression is none.
func Of(expression string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })
}
