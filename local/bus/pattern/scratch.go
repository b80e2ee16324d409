package pattern

import "sync"

// scratch is what matching one event needs; it is used again for others.
type scratch struct {
	// values are the event's leaves by the fields of the index; touched are the
	// fields that have any.
	values  [][]value
	touched []int
	// elements are the places in arrays; arrays counts these.
	elements []element
	arrays   int32
	// decoded is where strings with escape sequences are decoded.
	decoded []byte
	// tried and matched hold, for each combination and pattern of the index, the
	// round in which it was last tried and last matched.
	tried, matched []uint32
	round          uint32
	// found are the combinations that one value serves.
	found [][]int
	// verdicts are of the requirements of the index.
	verdicts []verdict
	search   search
}

func newScratch(x *Index) *scratch {
	return &scratch{
		values: make([][]value, len(x.fields)), verdicts: make([]verdict, len(x.needs)),
		tried: make([]uint32, len(x.combinations)), matched: make([]uint32, x.patterns),
	}
}

// begin makes a scratch ready for another event.
func (s *scratch) begin() {
	for _, field := range s.touched {
		s.values[field] = s.values[field][:0]
	}
	s.touched, s.elements, s.arrays, s.decoded = s.touched[:0], s.elements[:0], 0, s.decoded[:0]
	s.search.steps = maxSteps
	if s.round++; s.round == 0 { // after four billion events
		clear(s.tried)
		clear(s.matched)
		clear(s.verdicts)
		s.round = 1
	}
}

func (s *scratch) add(field int, v value) {
	if len(s.values[field]) == 0 {
		s.touched = append(s.touched, field)
	}
	s.values[field] = append(s.values[field], v)
}

func (s *scratch) element(array, number int32, in place) place {
	s.elements = append(s.elements, element{array, number, in})
	return place(len(s.elements) - 1)
}

// once reports whether a combination was not tried yet in this round.
func (s *scratch) once(combination int) bool {
	if s.tried[combination] == s.round {
		return false
	}
	s.tried[combination] = s.round
	return true
}

// pool keeps the scratches of an index.
type pool struct{ sync.Pool }

func (p *pool) get() *scratch { return p.Get().(*scratch) }
