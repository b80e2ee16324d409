package sandbox

import (
	"regexp"
	"sync"
)

// pattern returns a regular expression that is compiled when it is first used.
// Every function has this package in it and few use any expression; to compile
// all of them was a fifth of a function's start.
func pattern(expression string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })
}
