package iam

import "strings"

// escape precedes a character that a variable put into a pattern: a user named
// "*" must not match everybody.
const escape = '\x00'

// expand replaces the variables of a pattern, such as ${aws:username} and
// ${s3:prefix, 'home'}. It answers false when a variable has no value, which
// makes the pattern match nothing.
func expand(pattern string, context Context, variables bool) (string, bool) {
	if !variables || !strings.Contains(pattern, "${") {
		return pattern, true
	}
	var out strings.Builder
	for {
		before, after, found := strings.Cut(pattern, "${")
		out.WriteString(before)
		if !found {
			return out.String(), true
		}
		name, rest, closed := strings.Cut(after, "}")
		if !closed {
			out.WriteString("${" + after)
			return out.String(), true
		}
		value, ok := variable(name, context)
		if !ok {
			return "", false
		}
		for i := range len(value) {
			if value[i] == '*' || value[i] == '?' || value[i] == escape {
				out.WriteByte(escape)
			}
			out.WriteByte(value[i])
		}
		pattern = rest
	}
}

func variable(name string, context Context) (string, bool) {
	switch name {
	case "*", "?", "$":
		return name, true
	}
	key, fallback, hasDefault := strings.Cut(name, ",")
	// Only a key with one value can stand in a pattern.
	if values, ok := context.get(strings.TrimSpace(key)); ok && len(values) == 1 {
		return values[0], true
	}
	fallback = strings.TrimSpace(fallback)
	if hasDefault && len(fallback) >= 2 && fallback[0] == '\'' && fallback[len(fallback)-1] == '\'' {
		return fallback[1 : len(fallback)-1], true
	}
	return "", false
}

// plain is a pattern whose wildcards mean themselves.
func plain(pattern string) string {
	if strings.IndexByte(pattern, escape) < 0 {
		return pattern
	}
	var out strings.Builder
	for i := 0; i < len(pattern); i++ {
		if pattern[i] == escape && i+1 < len(pattern) {
			i++
		}
		out.WriteByte(pattern[i])
	}
	return out.String()
}

// glob matches a value with a pattern of * (any run) and ? (any one
// character), in time proportional to the product of their lengths at worst.
func glob(pattern, value string) bool {
	p, v, star, mark := 0, 0, -1, 0
	for v < len(value) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark = p, v
			p++
			continue
		case p+1 < len(pattern) && pattern[p] == escape && pattern[p+1] == value[v]:
			p, v = p+2, v+1
			continue
		case p < len(pattern) && pattern[p] != escape && (pattern[p] == '?' || pattern[p] == value[v]):
			p, v = p+1, v+1
			continue
		}
		if star < 0 {
			return false
		}
		mark++
		p, v = star+1, mark
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}
