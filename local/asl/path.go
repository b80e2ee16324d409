package asl

import (
	"strconv"
	"strings"

	"github.com/mayfly-dev/mayfly/local/asl/jsonpath"
	"github.com/mayfly-dev/mayfly/local/asl/rawjson"
)

// path is a compiled JSONPath with its root. Plain paths ("$.a.b[0]") are
// followed in the raw text; others decode the document.
type path struct {
	text  string
	root  jsonpath.Root
	name  string // of the variable
	whole bool   // the root itself
	plain bool
	steps []rawjson.Step
	query *jsonpath.Path
}

// compilePath reads "$…", "$$…" and "$variable…".
func compilePath(text string) (*path, error) {
	ref, err := jsonpath.ParseRef(text)
	if err != nil {
		return nil, err //nolint:wrapcheck // the caller says which field it is
	}
	p := &path{text: text, root: ref.Root, name: ref.Name, query: ref.Path, whole: ref.Path.IsRoot()}
	if p.whole {
		p.plain = true
		return p, nil
	}
	if ref.Path.IsReference() {
		p.steps, p.plain = plainSteps(ref.Path.String())
	}
	return p, nil
}

func (p *path) isReference() bool { return p.query.IsReference() }

// plainSteps reads .name, ['name'] and [0]; ok is false for anything else.
func plainSteps(text string) (steps []rawjson.Step, ok bool) {
	for rest := text[1:]; rest != ""; {
		switch {
		case rest[0] == '.' && len(rest) > 1 && rest[1] != '.' && rest[1] != '[':
			end := strings.IndexAny(rest[1:], ".[")
			if end < 0 {
				end = len(rest) - 1
			}
			name := rest[1 : end+1]
			if strings.ContainsAny(name, " '\"()?*@\\]") {
				return nil, false
			}
			steps = append(steps, rawjson.Step{Key: name})
			rest = rest[end+1:]
		case len(rest) > 3 && rest[0] == '[' && (rest[1] == '\'' || rest[1] == '"'):
			end := strings.IndexByte(rest[2:], rest[1])
			if end < 0 || end+3 >= len(rest) || rest[end+3] != ']' || strings.Contains(rest[2:end+2], `\`) {
				return nil, false
			}
			steps = append(steps, rawjson.Step{Key: rest[2 : end+2]})
			rest = rest[end+4:]
		case rest[0] == '[':
			end := strings.IndexByte(rest, ']')
			if end < 0 {
				return nil, false
			}
			index, err := strconv.Atoi(rest[1:end])
			if err != nil {
				return nil, false
			}
			steps = append(steps, rawjson.Step{Index: index, IsIndex: true})
			rest = rest[end+1:]
		default:
			return nil, false
		}
	}
	return steps, true
}

// in follows the path within a document.
func (p *path) in(document value) (found value, ok bool, err error) {
	if p.whole {
		return document, true, nil
	}
	if p.plain {
		start, end, ok := rawjson.Get(document.raw, p.steps)
		if !ok {
			return value{}, false, nil
		}
		return document.sub(start, end), true, nil
	}
	decoded, err := document.decode()
	if err != nil {
		return value{}, false, err
	}
	result, ok, err := p.query.Get(decoded)
	if err != nil || !ok {
		return value{}, false, err //nolint:wrapcheck // the caller names the path
	}
	found, err = encode(result)
	return found, true, err
}

// set returns the document with what the path names replaced.
func (p *path) set(document, v value) (value, error) {
	if p.whole {
		return v, nil
	}
	if p.plain {
		out, err := rawjson.Set(document.raw, p.steps, v.raw)
		return value{raw: out}, err //nolint:wrapcheck // the caller names the path
	}
	root, err := document.decode()
	if err != nil {
		return value{}, err
	}
	part, err := v.decode()
	if err != nil {
		return value{}, err
	}
	out, err := p.query.Set(root, part)
	if err != nil {
		return value{}, err //nolint:wrapcheck // the caller names the path
	}
	return encode(out)
}
