package pattern

import (
	"encoding/binary"
	"sort"
)

// search looks for values that agree: of each array, all have to come from the
// same element. It goes through the requirements in the order of their fields'
// names, as AWS's matcher does, which matters to fields that have to be absent:
// those are absent of the elements chosen until then.
type search struct {
	needs []need
	order []int // the requirements to meet
	// chosen are the elements that values were chosen from, one of an array.
	chosen []choice
	// last is, for each array, the last requirement that has values in it.
	last []int
	// failed are the states that lead nowhere.
	failed map[string]struct{}
	key    []byte
	steps  int // left for this event
}

type choice struct{ array, number int32 }

// maxSteps bounds the searches for one event. Only patterns and events made for
// it need more; those do not match.
const maxSteps = 1 << 22

// maxKept is how many failed states are kept in memory for the next search.
const maxKept = 1 << 12

func (s *scratch) agree(x *Index, needs []int) bool {
	g := &s.search
	g.needs, g.order, g.chosen = x.needs, needs, g.chosen[:0]
	if len(g.failed) > maxKept || g.failed == nil {
		g.failed = map[string]struct{}{}
	}
	clear(g.failed)
	g.last = append(g.last[:0], make([]int, s.arrays)...)
	for i, id := range needs {
		for _, v := range s.values[x.needs[id].field] {
			for p := v.place; p != none; p = s.elements[p].within {
				g.last[s.elements[p].array] = i
			}
		}
	}
	return s.choose(0)
}

// choose meets the requirements from one on, given what was chosen before.
func (s *scratch) choose(from int) bool {
	g := &s.search
	if from == len(g.order) {
		return true
	}
	state := g.state(from)
	if _, known := g.failed[state]; known {
		return false
	}
	n := &g.needs[g.order[from]]
	values := s.values[n.field]
	there := false
	for i := 0; i < len(values); i++ {
		if g.steps -= 1 + len(n.options); g.steps < 0 {
			return false
		}
		chosen := len(g.chosen)
		if clash := s.take(values[i].place); clash != nil {
			i += s.pass(values[i:], *clash) - 1
		} else {
			there = true
			if n.accepts(&values[i]) && s.choose(from+1) {
				return true
			}
		}
		g.chosen = g.chosen[:chosen]
	}
	if n.absent && !there && s.choose(from+1) {
		return true
	}
	g.failed[state] = struct{}{}
	return false
}

// take chooses the elements that a place is in. Where another element of an
// array was chosen before, it returns that choice.
func (s *scratch) take(p place) *choice {
	g := &s.search
next:
	for ; p != none; p = s.elements[p].within {
		e := &s.elements[p]
		for i := range g.chosen {
			if c := &g.chosen[i]; c.array == e.array {
				if c.number != e.number {
					return c
				}
				continue next
			}
		}
		g.chosen = append(g.chosen, choice{e.array, e.number})
	}
	return nil
}

// pass returns how many values can be passed over, from one on that is in another
// element of an array than the one chosen. Values are in the order of the event,
// so those in an array are together and its elements in order.
func (s *scratch) pass(values []value, c choice) int {
	first, _ := s.within(values[0].place, c.array)
	return sort.Search(len(values), func(i int) bool {
		number, inside := s.within(values[i].place, c.array)
		return !inside || first < c.number && number >= c.number
	})
}

// within returns the element of an array that a place is in.
func (s *scratch) within(p place, array int32) (int32, bool) {
	for ; p != none; p = s.elements[p].within {
		if s.elements[p].array == array {
			return s.elements[p].number, true
		}
	}
	return 0, false
}

// state names a requirement and what was chosen, as far as it matters to it and
// those after it.
func (g *search) state(from int) string {
	g.key = binary.LittleEndian.AppendUint32(g.key[:0], uint32(from))
	for _, c := range g.chosen {
		if g.last[c.array] >= from {
			g.key = binary.LittleEndian.AppendUint32(g.key, uint32(c.array))
			g.key = binary.LittleEndian.AppendUint32(g.key, uint32(c.number))
		}
	}
	return string(g.key)
}
