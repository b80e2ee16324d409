package jsonpath

import (
	"fmt"
	"maps"
	"slices"
)

// MatchError is a value that cannot be written where the path says, because
// the document has something else on the way. The States Language calls it
// States.ResultPathMatchFailure.
type MatchError struct {
	Path   string
	Reason string
}

// Error describes what is in the way.
func (e *MatchError) Error() string {
	return fmt.Sprintf("unable to apply path %q: %s", e.Path, e.Reason)
}

// Set returns a copy of root in which the path, which must be a reference
// path, names value. Objects that are missing on the way are made; an array's
// element must be there. Root is not changed, and what the path does not touch
// is shared between it and the copy. The error is a *MatchError.
func (p *Path) Set(root, value any) (any, error) {
	if !p.IsReference() {
		return nil, &MatchError{p.text, "it is not a reference path"}
	}
	return p.set(root, true, 0, value)
}

func (p *Path) set(node any, present bool, depth int, value any) (any, error) {
	if depth == len(p.segments) {
		return value, nil
	}
	s := &p.segments[depth]
	if s.kind == kindIndex {
		array, ok := node.([]any)
		if !ok {
			return nil, &MatchError{p.text, fmt.Sprintf("[%d] of something that is no array", s.index)}
		}
		if s.index >= len(array) {
			return nil, &MatchError{p.text, fmt.Sprintf("[%d] of an array of %d", s.index, len(array))}
		}
		element, err := p.set(array[s.index], true, depth+1, value)
		if err != nil {
			return nil, err
		}
		array = slices.Clone(array)
		array[s.index] = element
		return array, nil
	}
	object, ok := node.(map[string]any)
	if !ok && present {
		return nil, &MatchError{p.text, fmt.Sprintf("%q of something that is no object", s.name)}
	}
	child, has := object[s.name]
	made, err := p.set(child, has, depth+1, value)
	if err != nil {
		return nil, err
	}
	if object = maps.Clone(object); object == nil {
		object = make(map[string]any, 1)
	}
	object[s.name] = made
	return object, nil
}
