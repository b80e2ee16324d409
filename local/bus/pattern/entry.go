package pattern

import (
	"net/netip"
	"slices"
)

// entry is what is filed under a field: combinations by what its value has to be
// equal to, to begin or end with, or by its being there at all.
type entry struct {
	texts     map[string][]int
	numbers   map[int64][]int
	literals  map[string][]int
	addresses map[netip.Addr][]int
	prefixes  affixes
	suffixes  affixes
	present   []int
}

// affixes are beginnings or ends of texts.
type affixes struct {
	texts map[string][]int
	// lengths are those of the texts, each once, in order.
	lengths []int
}

func (e *entry) add(c condition, combination int) {
	switch c := c.(type) {
	case exactText:
		put(&e.texts, string(c), combination)
	case exactNumber:
		put(&e.numbers, int64(c), combination)
	case exactLiteral:
		put(&e.literals, string(c), combination)
	case exactAddress:
		put(&e.addresses, netip.Addr(c), combination)
	case prefix:
		e.prefixes.add(string(c), combination)
	case suffix:
		e.suffixes.add(string(c), combination)
	}
}

func (a *affixes) add(text string, combination int) {
	put(&a.texts, text, combination)
	if i, known := slices.BinarySearch(a.lengths, len(text)); !known {
		a.lengths = slices.Insert(a.lengths, i, len(text))
	}
}

func put[K comparable](m *map[K][]int, k K, combination int) {
	if *m == nil {
		*m = map[K][]int{}
	}
	(*m)[k] = append((*m)[k], combination)
}

// find appends the combinations that a value serves.
func (e *entry) find(v *value, found [][]int) [][]int {
	switch {
	case v.known:
		return append(found, e.numbers[v.number])
	case v.kind != kindText:
		return append(found, e.literals[string(v.text)])
	}
	if e.texts != nil {
		found = append(found, e.texts[string(v.text)])
	}
	if e.addresses != nil {
		if a, ok := v.address(); ok {
			found = append(found, e.addresses[a])
		}
	}
	for _, length := range e.prefixes.lengths {
		if length > len(v.text) {
			break
		}
		found = append(found, e.prefixes.texts[string(v.text[:length])])
	}
	for _, length := range e.suffixes.lengths {
		if length > len(v.text) {
			break
		}
		found = append(found, e.suffixes.texts[string(v.text[len(v.text)-length:])])
	}
	return found
}
