// Package mock stands in for the work of Task states. It reads the mock
// configuration files of AWS Step Functions Local (MockConfigFile.json), and
// takes results that are given by the name of a state.
package mock

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/mayfly-dev/mayfly/local/asl"
	"github.com/mayfly-dev/mayfly/local/asl/rawjson"
)

// Config is a mock configuration file: for state machines, test cases that name
// a mocked response for some of their Task states.
type Config struct {
	machines  map[string]map[string]testCase
	responses map[string]*response
}

// testCase has the names of mocked responses by the names of states.
type testCase map[string]string

// response is what a mocked task answers, by the number of its invocation.
type response struct {
	name    string
	answers []answer
}

// answer is one for the invocations first to last, counted from 0.
type answer struct {
	first, last int
	result      []byte
	failed      *asl.TaskError
}

// Finding is one thing that is wrong with a file.
type Finding struct {
	// Location is a JSON pointer: "/MockedResponses/Charged/0-1/Throw".
	Location string
	Message  string
}

// FileError says all that is wrong with a mock configuration file.
type FileError struct{ Findings []Finding }

// Error lists the findings.
func (e *FileError) Error() string {
	lines := make([]string, len(e.Findings))
	for i, f := range e.Findings {
		lines[i] = f.Location + ": " + f.Message
	}
	return "mock configuration: " + strings.Join(lines, "; ")
}

// Parse reads a mock configuration file. The error is a [*FileError].
func Parse(text []byte) (*Config, error) {
	if err := rawjson.Valid(text); err != nil {
		return nil, &FileError{[]Finding{{"", err.Error()}}}
	}
	p := &parser{}
	c := &Config{machines: map[string]map[string]testCase{}, responses: map[string]*response{}}
	top := p.object(text, "")
	for name, part := range top {
		switch name {
		case "StateMachines":
			for machine, body := range p.object(part, "/StateMachines") {
				c.machines[machine] = p.machine(body, at("/StateMachines", machine))
			}
		case "MockedResponses":
			for response, body := range p.object(part, "/MockedResponses") {
				c.responses[response] = p.response(response, body, at("/MockedResponses", response))
			}
		default:
			p.found(at("", name), "the file has StateMachines and MockedResponses, and nothing else")
		}
	}
	if top != nil && (top["StateMachines"] == nil || top["MockedResponses"] == nil) {
		p.found("", "the file must have StateMachines and MockedResponses")
	}
	for machine, cases := range c.machines {
		for name, one := range cases {
			for state, response := range one {
				if c.responses[response] == nil {
					p.found(at(at(at(at("/StateMachines", machine), "TestCases"), name), state), "there is no mocked response %q", response)
				}
			}
		}
	}
	if len(p.findings) > 0 {
		slices.SortFunc(p.findings, func(a, b Finding) int { return strings.Compare(a.Location, b.Location) })
		return nil, &FileError{p.findings}
	}
	return c, nil
}

type parser struct{ findings []Finding }

func (p *parser) found(location, format string, args ...any) {
	p.findings = append(p.findings, Finding{location, fmt.Sprintf(format, args...)})
}

// at extends a JSON pointer.
func at(location, key string) string {
	return location + "/" + strings.ReplaceAll(strings.ReplaceAll(key, "~", "~0"), "/", "~1")
}

// object returns the members of an object, nil when it is none.
func (p *parser) object(text []byte, location string) map[string]json.RawMessage {
	if text[rawjson.Space(text, 0)] != '{' {
		p.found(location, "it must be an object")
		return nil
	}
	members := map[string]json.RawMessage{}
	for key, span := range rawjson.Members(text) {
		if members[key] != nil {
			p.found(at(location, key), "it is there twice")
		}
		members[key] = text[span[0]:span[1]]
	}
	return members
}

func (p *parser) text(raw []byte, location string) string {
	var text string
	if len(raw) == 0 || json.Unmarshal(raw, &text) != nil || raw[0] != '"' {
		p.found(location, "it must be a string")
	}
	return text
}

func (p *parser) machine(text []byte, location string) map[string]testCase {
	cases := map[string]testCase{}
	members := p.object(text, location)
	for name, body := range members {
		if name != "TestCases" {
			p.found(at(location, name), "a state machine has TestCases, and nothing else")
			continue
		}
		for name, states := range p.object(body, at(location, "TestCases")) {
			one := testCase{}
			where := at(at(location, "TestCases"), name)
			for state, response := range p.object(states, where) {
				one[state] = p.text(response, at(where, state))
			}
			cases[name] = one
		}
	}
	if members != nil && members["TestCases"] == nil {
		p.found(location, "a state machine must have TestCases")
	}
	return cases
}

func (p *parser) response(name string, text []byte, location string) *response {
	r := &response{name: name}
	members := p.object(text, location)
	for _, key := range slices.Sorted(maps.Keys(members)) {
		where := at(location, key)
		first, last, ok := invocations(key)
		if !ok {
			p.found(where, `it must be the number of an invocation, "0", or of several, "1-2"`)
			continue
		}
		a := p.answer(members[key], where)
		a.first, a.last = first, last
		for _, other := range r.answers {
			if first <= other.last && other.first <= last {
				p.found(where, "invocation %d has an answer already", max(first, other.first))
			}
		}
		r.answers = append(r.answers, a)
	}
	return r
}

// invocations reads "3" or "1-2".
func invocations(key string) (first, last int, ok bool) {
	from, to, isRange := strings.Cut(key, "-")
	first, err := strconv.Atoi(from)
	if err != nil {
		return 0, 0, false
	}
	if !isRange {
		return first, first, first >= 0
	}
	last, err = strconv.Atoi(to)
	return first, last, err == nil && first >= 0 && first <= last
}

func (p *parser) answer(text []byte, location string) answer {
	members := p.object(text, location)
	returned, thrown := members["Return"], members["Throw"]
	switch {
	case members == nil:
		return answer{}
	case len(members) != 1 || returned == nil && thrown == nil:
		p.found(location, "it must have one of Return and Throw, and nothing else")
		return answer{}
	case returned != nil:
		return answer{result: returned}
	}
	where := at(location, "Throw")
	failure := p.object(thrown, where)
	for name := range failure {
		if name != "Error" && name != "Cause" {
			p.found(at(where, name), "Throw has Error and Cause, and nothing else")
		}
	}
	failed := &asl.TaskError{}
	if failure == nil {
		return answer{failed: failed}
	}
	if failure["Error"] == nil {
		p.found(where, "Throw must have Error")
	} else if failed.Name = p.text(failure["Error"], at(where, "Error")); failed.Name == "" {
		p.found(at(where, "Error"), "it must not be empty")
	}
	if failure["Cause"] != nil {
		failed.Cause = p.text(failure["Cause"], at(where, "Cause"))
	}
	return answer{failed: failed}
}
