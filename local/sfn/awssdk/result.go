package awssdk

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"path"
	"reflect"
	"slices"
	"strings"
)

// CheckResult says what keeps a document from being the operation's result, in
// the words that AWS has for a mock in TestState; "" when nothing does. Members
// that the operation does not have are let through. A strict check wants those
// that a result has always. The untyped members may be anything.
func (o *Operation) CheckResult(document []byte, strict bool, untyped ...string) (fault string) {
	return check(o.output, o.names, document, strict, untyped)
}

// CheckResultAs is CheckResult for a service whose client is not linked: T is a
// struct that has the result's members.
func CheckResultAs[T any](document []byte, strict bool) (fault string) {
	return check(reflect.TypeFor[T](), asAPI, document, strict, nil)
}

func check(t reflect.Type, names naming, document []byte, strict bool, untyped []string) (fault string) {
	decoder := json.NewDecoder(bytes.NewReader(document))
	decoder.UseNumber()
	var members map[string]any
	if decoder.Decode(&members) != nil || members == nil {
		return "Mocked result must be a JSON object."
	}
	for _, name := range untyped {
		if members[name] != nil {
			members[name] = anything{}
		}
	}
	return (&checker{names: names, strict: strict}).value("", members, t)
}

// anything stands for a value that is not looked at.
type anything struct{}

type checker struct {
	names  naming
	strict bool
}

// Kinds of values, as AWS calls them.
const (
	aString  = "a string" // also a time, a blob, a stream
	aNumber  = "a number"
	aBoolean = "a boolean"
	anArray  = "an array"
	anObject = "an object"
)

func faultf(format string, args ...any) string {
	return "Mock result schema validation error: " + fmt.Sprintf(format, args...)
}

// value looks at one value. Null is the same as none.
func (c *checker) value(field string, v any, t reflect.Type) (fault string) {
	if _, ok := v.(anything); ok || v == nil {
		return ""
	}
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	want := kindOf(t)
	if want == "" {
		return ""
	}
	if got := kindOf(reflect.TypeOf(v)); got != want {
		return faultf("Field '%s' must be %s", field, want)
	}
	switch v := v.(type) {
	case string:
		if !expected(v, t) {
			return faultf("Field '%s' is not an expected value", field)
		}
	case []any:
		for _, item := range v {
			if fault := c.value(field, item, t.Elem()); fault != "" {
				return fault
			}
		}
	case map[string]any:
		return c.members(v, t)
	}
	return ""
}

// kindOf returns what a value of a client's type, or one that was decoded, is
// called; "" for what may be anything.
func kindOf(t reflect.Type) string {
	switch {
	case t == timeType, t == reflect.TypeFor[io.ReadCloser](), t == reflect.TypeFor[[]byte]():
		return aString
	case t == reflect.TypeFor[json.Number]():
		return aNumber
	case unions[t] != nil:
		return anObject
	}
	switch t.Kind() {
	case reflect.String:
		return aString
	case reflect.Bool:
		return aBoolean
	case reflect.Slice:
		return anArray
	case reflect.Struct, reflect.Map:
		return anObject
	case reflect.Interface:
		return ""
	default:
		return aNumber
	}
}

// expected says whether a string is among the values of an enumeration, if the
// type is one.
func expected(s string, t reflect.Type) bool {
	values, ok := t.MethodByName("Values")
	if !ok {
		return true
	}
	all := values.Func.Call([]reflect.Value{reflect.Zero(t)})[0]
	for i := range all.Len() {
		if all.Index(i).String() == s {
			return true
		}
	}
	return false
}

// members looks into a structure, a map or a union.
func (c *checker) members(object map[string]any, t reflect.Type) (fault string) {
	for _, member := range c.always(t) {
		if name := c.names.member(member); c.strict && object[name] == nil {
			return faultf("Required field '%s' is missing", name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(object)) {
		member, ok := c.member(t, name)
		if !ok {
			continue
		}
		if fault := c.value(name, object[name], member); fault != "" {
			return fault
		}
	}
	return ""
}

// always returns the members that are always there, by the client's names.
func (c *checker) always(t reflect.Type) []string {
	return strings.Fields(required[path.Base(strings.TrimSuffix(t.PkgPath(), "/types"))+"."+t.Name()])
}

// member returns the type of what an object has under a name.
func (c *checker) member(t reflect.Type, name string) (reflect.Type, bool) {
	switch t.Kind() {
	case reflect.Map:
		return t.Elem(), true
	case reflect.Interface:
		variant, ok := c.names.variant(t, name)
		if !ok {
			return nil, false
		}
		return variant.Field(0).Type, true
	default:
		i, ok := c.names.field(t, name)
		if !ok {
			return nil, false
		}
		return t.Field(i).Type, true
	}
}
