package main

import (
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestEveryFunctionHasItsRightsSaid: a function without rights says so by an
// empty entry, so that none is deployed without a thought of what it calls.
func TestEveryFunctionHasItsRightsSaid(t *testing.T) {
	mains, err := filepath.Glob("functions/*/lambda/main.go")
	if err != nil || len(mains) == 0 {
		t.Fatalf("%d functions, %v", len(mains), err)
	}
	var functions []string
	for _, main := range mains {
		functions = append(functions, filepath.Base(filepath.Dir(filepath.Dir(main))))
	}
	slices.Sort(functions)
	if said := slices.Sorted(maps.Keys(rights())); !slices.Equal(said, functions) {
		t.Errorf("rights are said for\n%v\nbut the functions are\n%v", said, functions)
	}
}

// TestNoFunctionMayDoEverything: actions are named one by one.
func TestNoFunctionMayDoEverything(t *testing.T) {
	for function, all := range rights() {
		for _, r := range all {
			for _, action := range r.actions {
				if strings.Contains(action, "*") {
					t.Errorf("%s may do %s", function, action)
				}
			}
		}
	}
}
