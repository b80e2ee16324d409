package pattern

// Index finds the patterns that match an event among many.
type Index struct {
	root         names
	fields       []entry
	needs        []need
	combinations []filed
	// always are the combinations that no value or field has to be there for.
	always   []int
	patterns int
	pool     pool
}

// filed is a combination of one of the patterns.
type filed struct {
	pattern int
	needs   []int // in the index, in the order of the fields' names
}

// need is a requirement, with the index's own number for its field.
type need struct {
	field   int
	options []condition
	// absent says that the field may also be missing.
	absent bool
}

// NewIndex makes an index of patterns, which it knows by their positions.
func NewIndex(patterns []*Pattern) *Index {
	x := &Index{patterns: len(patterns), root: names{field: -1}}
	b := builder{Index: x, rare: map[key]int{}}
	for i, p := range patterns {
		b.shared = map[*condition]int{}
		for _, c := range p.combinations {
			b.number(i, c)
		}
	}
	x.fields = make([]entry, len(x.fields))
	for i := range x.combinations {
		b.file(i)
	}
	x.pool.New = func() any { return newScratch(x) }
	return x
}

// builder is an index while it is being made.
type builder struct {
	*Index
	// rare counts how many combinations a value serves.
	rare map[key]int
	// shared are the requirements that the combinations of one pattern share, by
	// where their conditions are.
	shared map[*condition]int
}

// number gives a combination, its requirements and their fields numbers.
func (b *builder) number(pattern int, c combination) {
	f := filed{pattern: pattern}
	for _, r := range c {
		id, known := b.shared[&r.options[0]]
		if !known {
			id = len(b.needs)
			b.needs = append(b.needs, b.need(r))
			b.shared[&r.options[0]] = id
		}
		f.needs = append(f.needs, id)
		for _, k := range b.needs[id].keys() {
			b.rare[k]++
		}
	}
	b.combinations = append(b.combinations, f)
}

func (b *builder) need(r requirement) need {
	at := b.root.add(r.field)
	if at.field < 0 {
		at.field = len(b.fields)
		b.fields = append(b.fields, entry{})
	}
	n := need{field: at.field}
	for _, option := range r.options {
		if option == (absent{}) {
			n.absent = true
		} else {
			n.options = append(n.options, option)
		}
	}
	return n
}

// key is what a field's value has to be equal to, or to begin or end with.
type key struct {
	field int
	value condition
}

// keys returns the keys of which the field's value has to have one; none if it
// need not.
func (n *need) keys() []key {
	if n.absent {
		return nil
	}
	keys := make([]key, len(n.options))
	for i, option := range n.options {
		value := handle(option)
		if value == nil {
			return nil
		}
		keys[i] = key{n.field, value}
	}
	return keys
}

// handle returns by what a condition can be filed; nil if by nothing.
func handle(c condition) condition {
	switch c := c.(type) {
	case exactText, exactNumber, exactLiteral, exactAddress:
		return c
	case prefix:
		if c != "" {
			return c
		}
	case suffix:
		if c != "" {
			return c
		}
	case wildcard:
		if head := c.glob[0]; len(head) > 0 {
			return prefix(head)
		}
		if tail := c.glob[len(c.glob)-1]; len(tail) > 0 {
			return suffix(tail)
		}
	}
	return nil
}

// file puts a combination where the fewest events will find it: under the field
// whose values the fewest combinations share.
func (b *builder) file(combination int) {
	var best []key
	fewest, present := 0, -1
	for _, id := range b.combinations[combination].needs {
		n := &b.needs[id]
		if !n.absent {
			present = n.field
		}
		keys := n.keys()
		sum := 0
		for _, k := range keys {
			sum += b.rare[k]
		}
		if len(keys) > 0 && (best == nil || sum < fewest) {
			best, fewest = keys, sum
		}
	}
	switch {
	case best != nil:
		for _, k := range best {
			b.fields[k.field].add(k.value, combination)
		}
	case present >= 0:
		e := &b.fields[present]
		e.present = append(e.present, combination)
	default:
		b.always = append(b.always, combination)
	}
}

// Match appends the positions of the patterns that match an event, each once,
// to matched. An event that is not a JSON object matches none; otherwise its
// JSON should be valid, for what no pattern asks of is not looked at.
func (x *Index) Match(event []byte, matched []int) []int {
	s := x.pool.get()
	defer x.pool.Put(s)
	s.begin()
	scan := scanner{scratch: s, text: event}
	if !scan.event(&x.root) {
		return matched
	}
	for _, field := range s.touched {
		e := &x.fields[field]
		matched = x.try(s, e.present, matched)
		for i := range s.values[field] {
			s.found = e.find(&s.values[field][i], s.found[:0])
			for _, combinations := range s.found {
				matched = x.try(s, combinations, matched)
			}
		}
	}
	return x.try(s, x.always, matched)
}

func (x *Index) try(s *scratch, combinations, matched []int) []int {
	for _, c := range combinations {
		f := &x.combinations[c]
		if s.matched[f.pattern] != s.round && s.once(c) && s.meets(x, f.needs) {
			s.matched[f.pattern] = s.round
			matched = append(matched, f.pattern)
		}
	}
	return matched
}

// Match reports whether the pattern matches an event, as [Index.Match] does. To
// match many events, make an index.
func (p *Pattern) Match(event []byte) bool {
	return len(NewIndex([]*Pattern{p}).Match(event, nil)) > 0
}
