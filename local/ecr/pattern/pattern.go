// Package pattern matches ECR's tag patterns, in which * is any run of
// characters and everything else is itself.
package pattern

import "strings"

// Match reports whether all of text meets the pattern.
func Match(pattern, text string) bool {
	head, rest, more := strings.Cut(pattern, "*")
	if !more {
		return pattern == text
	}
	text, ok := strings.CutPrefix(text, head)
	if !ok {
		return false
	}
	for {
		part, after, more := strings.Cut(rest, "*")
		if !more {
			return strings.HasSuffix(text, part)
		}
		// The first place is as good as any later one: what follows has more
		// room behind it.
		_, behind, found := strings.Cut(text, part)
		if !found {
			return false
		}
		text, rest = behind, after
	}
}
