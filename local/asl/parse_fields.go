package asl

import (
	"encoding/json"
	"math"
)

// fields reads an object of a definition and notices what nobody asked for.
type fields struct {
	p        *parser
	n        *node
	location string
	asked    map[string]bool
}

func (p *parser) fields(n *node, location string) *fields {
	if n.kind != '{' {
		p.errorf(location, "Expected value of type Object")
	}
	return &fields{p: p, n: n, location: location, asked: map[string]bool{}}
}

func (f *fields) get(name string) *node {
	f.asked[name] = true
	return f.n.get(name)
}

func (f *fields) has(name string) bool { return f.n.get(name) != nil }

// unknown reports every field that nobody asked for.
func (f *fields) unknown() {
	for _, key := range f.n.keys {
		if f.asked[key] {
			continue
		}
		if s := f.p.reading; s != nil && fieldLanguages[key] != "" && fieldLanguages[key] != s.language() {
			f.p.errorf(f.location, "The QueryLanguage is set to '%s', but field '%s' is only supported for the '%s' QueryLanguage",
				s.language(), key, fieldLanguages[key])
			continue
		}
		f.p.errorf(f.location, "Field '%s' is not supported", key)
	}
}

// fieldLanguages says in which query language alone a field exists.
var fieldLanguages = map[string]string{
	"Arguments": languageJSONata, "Output": languageJSONata, "Items": languageJSONata, "Condition": languageJSONata,
	"InputPath": languageJSONPath, "OutputPath": languageJSONPath, "ResultPath": languageJSONPath, "Parameters": languageJSONPath,
	"ResultSelector": languageJSONPath, "ItemsPath": languageJSONPath, "Result": languageJSONPath, "Variable": languageJSONPath,
	"SecondsPath": languageJSONPath, "TimestampPath": languageJSONPath, "ErrorPath": languageJSONPath, "CausePath": languageJSONPath,
	"TimeoutSecondsPath": languageJSONPath, "HeartbeatSecondsPath": languageJSONPath, "MaxConcurrencyPath": languageJSONPath,
	"ToleratedFailureCountPath": languageJSONPath, "ToleratedFailurePercentagePath": languageJSONPath,
	"MaxItemsPath": languageJSONPath, "MaxItemsPerBatchPath": languageJSONPath, "MaxInputBytesPerBatchPath": languageJSONPath,
}

// The query languages by their names in definitions.
const (
	languageJSONata  = "JSONata"
	languageJSONPath = "JSONPath"
)

func (s *State) language() string {
	if s.jsonata {
		return languageJSONata
	}
	return languageJSONPath
}

func (f *fields) wrong(name, kind string) {
	f.p.errorf(at(f.location, name), "Expected value of type %s", kind)
}

func (f *fields) text(name string) string {
	n := f.get(name)
	if n == nil {
		return ""
	}
	if n.kind != '"' {
		f.wrong(name, "String")
	}
	return n.str
}

func (f *fields) flag(name string) bool {
	n := f.get(name)
	if n == nil {
		return false
	}
	if n.kind != 't' && n.kind != 'f' {
		f.wrong(name, "Boolean")
	}
	return n.kind == 't'
}

func (f *fields) number(name string, low, high, otherwise float64) float64 {
	n := f.get(name)
	if n == nil {
		return otherwise
	}
	number, err := json.Number(n.raw).Float64()
	if n.kind != '0' || err != nil {
		f.wrong(name, "Number")
		return otherwise
	}
	if number < low || number > high {
		f.p.errorf(at(f.location, name), "'%s' must be between %v and %v", name, low, high)
	}
	return number
}

// whole reads an integer; 0 when it is absent.
func (f *fields) whole(name string, low, high int64) int64 {
	number := f.number(name, float64(low), float64(high), 0)
	if number != math.Trunc(number) {
		f.wrong(name, "Integer")
	}
	return int64(number)
}

// language reads QueryLanguage.
func (f *fields) language(inherited bool) bool {
	n := f.get("QueryLanguage")
	switch {
	case n == nil:
		return inherited
	case n.kind == '"' && n.str == languageJSONata:
		return true
	case n.kind == '"' && n.str == languageJSONPath:
		if inherited {
			f.p.errorf(f.location, "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine")
		}
		return false
	default:
		f.p.errorf(at(f.location, "QueryLanguage"), "Value is not one of [JSONPath, JSONata]")
		return inherited
	}
}

// optionalPath reads a path field that may be null. ResultPath must be a
// reference path.
func (f *fields) optionalPath(name string, reference bool) optionalPath {
	n := f.get(name)
	switch {
	case n == nil:
		return optionalPath{}
	case n.kind == 'n':
		return optionalPath{null: true}
	case n.kind != '"':
		f.p.errorf(at(f.location, name), "Value is not a valid JSONPath")
		return optionalPath{}
	}
	compiled := f.compile(name, n.str)
	if reference && compiled != nil && (!compiled.isReference() || compiled.root != 0) {
		f.p.errorf(at(f.location, name), "Value is not a Reference Path: The path '%s' must refer to exactly one value of the input", n.str)
		return optionalPath{}
	}
	return optionalPath{path: compiled}
}

// path reads a path field; nil when it is absent.
func (f *fields) path(name string) *path {
	n := f.get(name)
	if n == nil {
		return nil
	}
	if n.kind != '"' {
		f.p.errorf(at(f.location, name), "Value is not a valid JSONPath")
		return nil
	}
	return f.compile(name, n.str)
}

func (f *fields) compile(name, text string) *path {
	compiled, err := compilePath(text)
	if err != nil {
		f.p.errorf(at(f.location, name), "Value is not a valid JSONPath (%v)", err)
		return nil
	}
	f.p.referPath(compiled.root, compiled.name)
	return compiled
}

// quantity is a number that a definition gives, or says where to find.
type quantity struct {
	set   bool
	fixed float64
	path  *path
	expr  *template
}

// quantity reads name as a number (or JSONata expression) and, in JSONPath
// states, nameof+"Path" as a path.
func (f *fields) quantity(name string, jsonata bool, low, high float64) quantity {
	if !jsonata && f.has(name+"Path") {
		if f.has(name) {
			f.p.errorf(f.location, "Only one of '%s' and '%sPath' may be given", name, name)
			f.get(name)
		}
		found := f.path(name + "Path")
		return quantity{set: found != nil, path: found}
	}
	n := f.get(name)
	if n == nil {
		return quantity{}
	}
	if jsonata && n.kind == '"' {
		if _, ok := expressionIn(n.str); !ok {
			f.wrong(name, "Number or JSONata expression")
		}
		return quantity{set: true, expr: f.p.queryTemplate(n, at(f.location, name))}
	}
	return quantity{set: true, fixed: f.number(name, low, high, 0)}
}

// constant warns of a path where a constant stands.
func (f *fields) constant(name, text string) {
	if looksLikePath(text) {
		f.p.warn(CodeNoPath, at(f.location, name), "Field '%s' has a value that looks like a path, but its name does not end with 'Path'", name)
	}
}

// words reads a string that JSONata may compute, or that a path names.
type words struct {
	set   bool
	fixed string
	path  *path
	call  *call
	expr  *template
}

func (f *fields) words(name string, jsonata bool) words {
	if !jsonata && f.has(name+"Path") {
		if f.has(name) {
			f.p.errorf(f.location, "Only one of '%s' and '%sPath' may be given", name, name)
			f.get(name)
		}
		n := f.get(name + "Path")
		if n.kind != '"' {
			f.wrong(name+"Path", "String")
			return words{}
		}
		if n.str != "" && n.str[0] != '$' {
			compiled, err := compileCall(n.str)
			if err != nil {
				f.p.errorf(at(f.location, name+"Path"), "Value is not a valid JSONPath or intrinsic function (%v)", err)
				return words{}
			}
			f.p.referCall(compiled)
			return words{set: true, call: compiled}
		}
		return words{set: true, path: f.compile(name+"Path", n.str)}
	}
	n := f.get(name)
	if n == nil {
		return words{}
	}
	if n.kind != '"' {
		f.wrong(name, "String")
		return words{}
	}
	if _, ok := expressionIn(n.str); ok && jsonata {
		return words{set: true, expr: f.p.queryTemplate(n, at(f.location, name))}
	}
	f.constant(name, n.str)
	return words{set: true, fixed: n.str}
}
