package pattern

import (
	"maps"
	"slices"
)

// MaxLength is the longest pattern, in bytes, that EventBridge's API takes.
const MaxLength = 4096

const (
	// maxCombinations is how many combinations the $or fields of a pattern may
	// make, and maxFields how many fields each may have.
	maxCombinations = 1000
	maxFields       = 256
)

// Pattern is a compiled event pattern.
type Pattern struct {
	// combinations are the ways to match: the pattern without $or is one.
	combinations []combination
}

// combination is what has to be of all its fields, by their dotted names in
// order.
type combination []requirement

// requirement is a field and the conditions of which it has to meet one.
type requirement struct {
	field   string
	options []condition
}

// Compile reads a pattern. What EventBridge refuses gives an *Error. Its length
// is not checked: see [MaxLength].
func Compile(text []byte) (*Pattern, error) {
	root, err := source(text).read()
	if err != nil {
		return nil, err
	}
	if root.kind != kindObject {
		return nil, source(text).failf(root.seen, "Filter is not an object")
	}
	c := compiler{source: text}
	branches, err := c.object([]branch{{}}, "", &root, false)
	if err != nil {
		return nil, err
	}
	p := &Pattern{}
	for _, b := range branches {
		combined, err := b.combine()
		if err != nil {
			return nil, err
		}
		p.combinations = append(p.combinations, combined)
	}
	return p, nil
}

// branch is a combination while it is being made.
type branch map[string][]condition

func (b branch) combine() (combination, error) {
	if len(b) > maxFields {
		return nil, failf("Size of rule exceeds max value of %d", maxFields)
	}
	var c combination
	for _, field := range slices.Sorted(maps.Keys(b)) {
		c = append(c, requirement{field, b[field]})
	}
	return c, nil
}

func globsOf(c condition) (globs []glob) {
	switch c := c.(type) {
	case wildcard:
		globs = append(globs, c.glob)
	case anythingBut:
		for _, not := range c {
			globs = append(globs, globsOf(not)...)
		}
	}
	return globs
}

// compiler makes conditions of a pattern's values.
type compiler struct{ source }

const or = "$or"

// reserved are the names that no field may have within $or.
func reserved(name string) bool {
	switch name {
	case "exactly", "equals-ignore-case", "prefix", "suffix", "anything-but", "exists", "wildcard", "numeric", "cidr", "html",
		"=", "<", "<=", ">", ">=", "regex", "not-wildcard", "not-equals-ignore-case", "date-after", "date-on-or-after",
		"date-before", "date-on-or-before", "in-date-range", "ip-address-in-range", "ip-address-not-in-range":
		return true
	}
	return false
}

// object adds an object's fields to each branch, and returns the branches, which
// are more after a $or.
func (c compiler) object(branches []branch, path string, n *node, inOr bool) ([]branch, error) {
	if len(n.members) == 0 {
		return nil, c.failf(n.end, "Empty objects are not allowed")
	}
	for i := range n.members {
		name, v := n.members[i].name, &n.members[i].value
		var err error
		switch {
		case name == or:
			branches, err = c.or(branches, path, v)
		case inOr && reserved(name):
			err = c.failf(v.seen, "%s is Ruler reserved fieldName which cannot be used inside $or.", name)
		case v.kind == kindObject:
			branches, err = c.object(branches, path+name+".", v, inOr)
		case v.kind == kindArray:
			var options []condition
			options, err = c.field(v)
			for _, b := range branches {
				b[path+name] = options
			}
		default:
			err = c.failf(v.seen, "\"%s\" must be an object or an array", name)
		}
		if err != nil {
			return nil, err
		}
	}
	return branches, nil
}

// or makes a branch of each branch and each alternative.
func (c compiler) or(branches []branch, path string, n *node) ([]branch, error) {
	if n.kind != kindArray {
		return nil, c.failf(n.seen, "It must be an Array followed with $or.")
	}
	var all []branch
	for i := range n.items {
		if n.items[i].kind != kindObject {
			return nil, c.failf(n.items[i].seen, "Only JSON object is allowed in array of $or relationship.")
		}
		copies := make([]branch, len(branches))
		for j, b := range branches {
			copies[j] = maps.Clone(b)
		}
		made, err := c.object(copies, path, &n.items[i], true)
		if err != nil {
			return nil, err
		}
		if all = append(all, made...); len(all) > maxCombinations {
			return nil, failf("Rule is too complex - $or makes more than %d combinations", maxCombinations)
		}
	}
	if len(n.items) < 2 {
		return nil, c.failf(n.end, "There must have at least 2 Objects in $or relationship.")
	}
	return all, nil
}

// field returns the alternatives that a field's array gives.
func (c compiler) field(n *node) (options []condition, err error) {
	for i := range n.items {
		v := &n.items[i]
		switch v.kind {
		case kindObject:
			condition, err := c.operator(v)
			if err != nil {
				return nil, err
			}
			options = append(options, condition)
		case kindArray:
			return nil, c.failf(v.seen, "Match value must be String, number, true, false, or null")
		default:
			options = append(options, exact(v))
		}
	}
	if len(options) == 0 {
		return nil, c.failf(n.end, "Empty arrays are not allowed")
	}
	var globs []glob
	for _, option := range options {
		globs = append(globs, globsOf(option)...)
	}
	if !simple(globs) {
		return nil, failf(tooComplex)
	}
	return options, nil
}

// exact is the condition to be equal to a scalar.
func exact(n *node) condition {
	switch n.kind {
	case kindText:
		if a, ok := address(n.text); ok {
			return exactAddress(a)
		}
		return exactText(n.text)
	case kindNumber:
		if number, ok := millionths(n.text); ok {
			return exactNumber(number)
		}
	}
	return exactLiteral(n.text)
}
