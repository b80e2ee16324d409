package pattern

// verdict is what one look at a requirement's field has shown.
type verdict struct {
	round uint32
	// met says that some value is accepted, or that none is there and none need be;
	// placed says that some are in elements of arrays.
	met, placed bool
}

// meets reports whether the event meets every requirement, with values that
// agree in their elements of arrays.
func (s *scratch) meets(x *Index, needs []int) bool {
	placed := false
	for _, id := range needs {
		v := s.look(id, &x.needs[id])
		placed = placed || v.placed
		// What is not missing altogether may be missing of one element.
		if missing := v.placed && x.needs[id].absent; !v.met && !missing {
			return false
		}
	}
	return !placed || s.agree(x, needs)
}

// look says of a requirement by itself whether it can be met; combinations of a
// pattern share requirements, so each is looked at once.
func (s *scratch) look(id int, n *need) verdict {
	v := &s.verdicts[id]
	if v.round == s.round {
		return *v
	}
	values := s.values[n.field]
	*v = verdict{round: s.round, met: n.absent && len(values) == 0}
	for i := range values {
		v.placed = v.placed || values[i].place != none
		v.met = v.met || n.accepts(&values[i])
		if v.met && v.placed {
			break
		}
	}
	return *v
}

func (n *need) accepts(v *value) bool {
	for _, option := range n.options {
		if option.matches(v) {
			return true
		}
	}
	return false
}
