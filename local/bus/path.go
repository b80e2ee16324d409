package bus

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/mayfly-dev/mayfly/local/asl/rawjson"
)

// path is a JSON path in EventBridge's dialect: names after dots, array indices,
// and * for every element or member.
type path []pathStep

type pathStep struct {
	rawjson.Step
	every bool
}

var pathSteps = regexp.MustCompile(`^(?:\.([A-Za-z0-9_\-/:]+|\*)|\[(\d+|\*)\])`)

// parsePath reads a path; it is not ok when EventBridge has no such path.
func parsePath(text string) (p path, ok bool) {
	text, ok = strings.CutPrefix(text, "$")
	for ok && text != "" {
		m := pathSteps.FindStringSubmatch(text)
		if m == nil {
			return nil, false
		}
		step := pathStep{every: m[1] == "*" || m[2] == "*"}
		step.Key = m[1]
		if m[2] != "" && !step.every {
			n, err := strconv.Atoi(m[2])
			if err != nil {
				return nil, false
			}
			step.Step = rawjson.Step{Index: n, IsIndex: true}
		}
		p, text = append(p, step), text[len(m[0]):]
	}
	return p, ok
}

// get returns the value that the path leads to in a valid text; with *, an array
// of all of them. It is not ok when there is none.
func (p path) get(text []byte) (value []byte, ok bool) {
	steps := make([]rawjson.Step, 0, len(p))
	for i, step := range p {
		if !step.every {
			steps = append(steps, step.Step)
			continue
		}
		start, end, ok := rawjson.Get(text, steps)
		if !ok {
			return nil, false
		}
		return every(text[start:end], p[i+1:])
	}
	start, end, ok := rawjson.Get(text, steps)
	if !ok {
		return nil, false
	}
	return text[start:end], true
}

// every collects what the rest of a path leads to from each element or member.
func every(text []byte, rest path) ([]byte, bool) {
	found := []byte{'['}
	add := func(start, end int) {
		if value, ok := rest.get(text[start:end]); ok {
			if len(found) > 1 {
				found = append(found, ',')
			}
			found = append(found, value...)
		}
	}
	switch text[0] {
	case '[':
		for start, end := range rawjson.Elements(text) {
			add(start, end)
		}
	case '{':
		for _, at := range rawjson.Members(text) {
			add(at[0], at[1])
		}
	default:
		return nil, false
	}
	return append(found, ']'), true
}
