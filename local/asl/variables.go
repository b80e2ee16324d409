package asl

import (
	"maps"

	"github.com/mayfly-dev/mayfly/local/asl/rawjson"
)

// variables are those of one flow, over those of the flow around it. They are
// never changed in place.
type variables struct {
	outer *variables
	own   map[string]value
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
