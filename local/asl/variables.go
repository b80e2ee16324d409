package asl

import (
	"maps"

	"github.com/mayfly-dev/mayfly/local/asl/rawjson"
)

// maxVariables is how many bytes all variables of an execution may take; those
// that one state assigns may take MaxPayload.
const maxVariables = 10 << 20

// variables are those of one flow, over those of the flow around it. They are
// never changed in place.
type variables struct {
	outer *variables
	own   map[string]value
}

// size is how many bytes the values take, those of the flows around included.
func (v *variables) size() int {
	total := 0
	for ; v != nil; v = v.outer {
		for _, one := range v.own {
			total += len(one.raw)
		}
	}
	return total
}

// assign gives a frame's flow what a state has assigned.
func (f *frame) assign(assigned value) error {
	if len(assigned.raw) > MaxPayload {
		return dataLimit(f)
	}
	next := f.vars.with(assigned)
	if next.size() > maxVariables {
		return dataLimit(f)
	}
	f.vars = next
	return nil
}

func (v *variables) get(name string) (value, bool) {
	for ; v != nil; v = v.outer {
		if found, ok := v.own[name]; ok {
			return found, true
		}
	}
	return value{}, false
}

// with returns the variables after an assignment, whose members are the names.
func (v *variables) with(assigned value) *variables {
	next := &variables{}
	if v != nil {
		next.outer, next.own = v.outer, maps.Clone(v.own)
	}
	if next.own == nil {
		next.own = map[string]value{}
	}
	for name, at := range rawjson.Members(assigned.raw) {
		next.own[name] = value{raw: assigned.raw[at[0]:at[1]]}
	}
	return next
}

// inner returns the variables of a flow within this one.
func (v *variables) inner() *variables {
	if v == nil {
		return nil
	}
	return &variables{outer: v}
}
