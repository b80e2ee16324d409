package jsonpath

import (
	"maps"
	"slices"
)

// maxVisits bounds an evaluation: a document of 256 KiB has some 130,000
// values, and a path that visits each a few times stays far below.
const maxVisits = 2_000_000

// Get evaluates the path against root. A definite path gives the value that it
// names, and found false where there is none; any other gives the list of the
// values that match, which may be empty, and found false only where a definite
// beginning of it names nothing. The error is ErrTooMuchWork, or a function's.
// The value shares its parts with root.
func (p *Path) Get(root any) (value any, found bool, err error) {
	if p.simple {
		value, found = p.follow(root)
		return value, found, nil
	}
	return p.get(&search{root: root}, root)
}

// follow walks a path of names and indices alone.
func (p *Path) follow(node any) (any, bool) {
	for i := range p.segments {
		s := &p.segments[i]
		if s.kind == kindName {
			object, ok := node.(map[string]any)
			if !ok {
				return nil, false
			}
			if node, ok = object[s.name]; !ok {
				return nil, false
			}
			continue
		}
		array, ok := node.([]any)
		if !ok {
			return nil, false
		}
		if node, ok = at(array, s.index); !ok {
			return nil, false
		}
	}
	return node, true
}

// at returns the element at index, which counts from the end if negative.
func at(array []any, index int) (any, bool) {
	if index < 0 {
		index += len(array)
	}
	if index < 0 || index >= len(array) {
		return nil, false
	}
	return array[index], true
}

// search is one evaluation; the paths inside its filters share its budget.
type search struct {
	root   any
	visits int
	err    error
}

// spend takes n from the budget and reports whether the evaluation may go on.
func (s *search) spend(n int) bool {
	s.visits += n
	if s.visits > maxVisits && s.err == nil {
		s.err = ErrTooMuchWork
	}
	return s.err == nil
}

func (p *Path) get(s *search, from any) (any, bool, error) {
	if p.simple {
		s.spend(len(p.segments))
		value, found := p.follow(from)
		return value, found && s.err == nil, s.err
	}
	segments, aggregate := p.segments, (*segment)(nil)
	if last := len(segments) - 1; segments[last].kind == kindFunction && p.scans() {
		// A function after ".." takes the whole list, not each of its values.
		segments, aggregate = segments[:last], &segments[last]
	}
	w := walk{search: s}
	w.step(from, segments, true)
	switch {
	case s.err != nil:
		return nil, false, s.err
	case w.missing:
		return nil, false, nil
	case aggregate != nil:
		value := aggregate.function(s, w.list(), aggregate.values(s, from))
		return value, s.err == nil, s.err
	case !p.definite:
		return w.list(), true, nil
	case len(w.found) == 0:
		return nil, false, nil
	}
	return w.found[0], true, nil
}

func (p *Path) scans() bool {
	return slices.ContainsFunc(p.segments, func(s segment) bool { return s.kind == kindScan })
}

// walk collects what one path matches.
type walk struct {
	*search
	found   []any
	missing bool
}

func (w *walk) list() []any {
	if w.found == nil {
		return []any{}
	}
	return w.found
}

// step applies the first of segments to node and the others to what it gives.
// Certain says that every segment so far was definite: what is missing then is
// missing for the whole path.
func (w *walk) step(node any, segments []segment, certain bool) {
	if !w.spend(1) || w.missing {
		return
	}
	if len(segments) == 0 {
		w.found = append(w.found, node)
		return
	}
	s, rest := &segments[0], segments[1:]
	switch s.kind {
	case kindName:
		w.member(node, s.name, rest, certain)
	case kindNames:
		w.members(node, s.names, rest, certain)
	case kindIndex, kindIndexes, kindSlice:
		array, ok := node.([]any)
		if !ok {
			w.missing = w.missing || certain
			return
		}
		w.elements(array, s, rest, certain)
	case kindWildcard:
		w.children(node, func(child any) { w.step(child, rest, false) })
	case kindScan:
		w.scan(node, rest)
	case kindFilter:
		w.filter(node, s, rest, certain)
	case kindFunction:
		w.step(s.function(w.search, node, s.values(w.search, node)), rest, certain)
	}
}

func (w *walk) member(node any, name string, rest []segment, certain bool) {
	object, ok := node.(map[string]any)
	if !ok {
		w.missing = w.missing || certain
		return
	}
	value, ok := object[name]
	if !ok {
		w.missing = w.missing || certain
		return
	}
	w.step(value, rest, certain)
}

// members is ['a','b']: at the end of a path an object of those that are there,
// else each in turn.
func (w *walk) members(node any, names []string, rest []segment, certain bool) {
	object, ok := node.(map[string]any)
	if !ok {
		w.missing = w.missing || certain
		return
	}
	if len(rest) > 0 {
		for _, name := range names {
			if value, ok := object[name]; ok {
				w.step(value, rest, false)
			}
		}
		return
	}
	picked := make(map[string]any, len(names))
	for _, name := range names {
		if value, ok := object[name]; ok {
			picked[name] = value
		}
	}
	w.step(picked, nil, certain)
}

func (w *walk) elements(array []any, s *segment, rest []segment, certain bool) {
	switch s.kind {
	case kindIndex:
		if value, ok := at(array, s.index); ok {
			w.step(value, rest, certain)
		} else {
			w.missing = w.missing || certain
		}
	case kindIndexes:
		for _, index := range s.indexes {
			if value, ok := at(array, index); ok {
				w.step(value, rest, false)
			}
		}
	case kindSlice:
		from, to := bounds(len(array), s.from, s.to)
		for i := from; i < to; i++ {
			if value, ok := at(array, i); ok {
				w.step(value, rest, false)
			}
		}
	}
}

// bounds follows Jayway: with both bounds given, a negative one is compared as
// it stands and only then counted from the end, so [1:-1] is empty.
func bounds(length int, from, to *int) (int, int) {
	switch {
	case to == nil:
		first := *from
		if first < 0 {
			first += length
		}
		return max(first, 0), length
	case from == nil:
		last := *to
		if last < 0 {
			last += length
		}
		return 0, min(last, length)
	}
	return max(*from, -length), min(*to, length)
}

func (w *walk) children(node any, visit func(any)) {
	switch node := node.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(node)) {
			visit(node[name])
		}
	case []any:
		for _, value := range node {
			visit(value)
		}
	}
}

// scan applies segments to node and to everything below it, parents first.
func (w *walk) scan(node any, segments []segment) {
	if !w.spend(1) {
		return
	}
	switch node.(type) {
	case map[string]any, []any:
	default:
		return
	}
	if scanned(node, &segments[0]) {
		w.step(node, segments, false)
	}
	w.children(node, func(child any) { w.scan(child, segments) })
}

// scanned says whether a segment after ".." is tried on node: several names
// count only where all of them are there.
func scanned(node any, s *segment) bool {
	object, ok := node.(map[string]any)
	if s.kind != kindNames || !ok {
		return true
	}
	for _, name := range s.names {
		if _, ok := object[name]; !ok {
			return false
		}
	}
	return true
}

// filter keeps the elements of an array, or the object itself, that hold.
func (w *walk) filter(node any, s *segment, rest []segment, certain bool) {
	switch node := node.(type) {
	case []any:
		for _, value := range node {
			if w.err == nil && s.filter.holds(w.search, value) {
				w.step(value, rest, false)
			}
		}
	case map[string]any:
		if s.filter.holds(w.search, node) {
			w.step(node, rest, false)
		}
	default:
		w.missing = w.missing || certain
	}
}
