package statemachine_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/mayfly-dev/mayfly/statemachine"
)

// state is what the tests read of a state.
type state struct {
	name           string
	Type           string
	Resource       string
	TimeoutSeconds int
	Retry          []rule
	Catch          []rule
	Branches       []branch
	ItemProcessor  branch
}

type rule struct {
	ErrorEquals     []string
	IntervalSeconds int
	BackoffRate     float64
	MaxAttempts     *int
	MaxDelaySeconds int
	JitterStrategy  string
	Next            string
}

type branch struct{ States map[string]state }

// flatten returns all states of a definition, those in branches and iterations
// included, in
// the order of their names. Names are unique in a definition.
func flatten(t *testing.T, definition statemachine.Definition) []state {
	t.Helper()
	var root branch
	if err := json.Unmarshal([]byte(definition.JSON), &root); err != nil {
		t.Fatal(err)
	}
	var all []state
	var walk func(branch)
	walk = func(b branch) {
		for name, s := range b.States {
			s.name = name
			all = append(all, s)
			for _, inner := range append(s.Branches, s.ItemProcessor) {
				walk(inner)
			}
		}
	}
	walk(root)
	slices.SortFunc(all, func(a, b state) int { return strings.Compare(a.name, b.name) })
	return all
}

// catchesAll returns where a state goes whatever it fails with, or "" when it
// does not catch that itself.
func (s state) catchesAll() string {
	for _, rule := range s.Catch {
		if slices.Contains(rule.ErrorEquals, "States.ALL") {
			return rule.Next
		}
	}
	return ""
}
