package sfn

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
)

// checkMock refuses a mocked result that the task's service could not answer
// with. Members that the service's model does not have are not looked at, as on
// AWS. A strict check wants every required member as well.
func checkMock(resource string, result []byte, strict bool) error {
	i, ok := parseIntegration(resource)
	if !ok || i.pattern == "waitForTaskToken" { // whoever has the token answers anything
		return nil
	}
	answer, ok := answerOf(i)
	if !ok {
		return nil
	}
	decoder := json.NewDecoder(bytes.NewReader(result))
	decoder.UseNumber()
	var decoded any
	if err := decoder.Decode(&decoded); err != nil {
		return failf("ValidationException", "Mocked result must be valid JSON")
	}
	if _, isObject := decoded.(map[string]any); !isObject {
		return failf("ValidationException", "Mocked result must be a JSON object.")
	}
	return answer.check("", decoded, strict)
}

// shape is what a service's model says of a value.
type shape struct {
	kind     shapeKind
	required []string         // members that an answer always has
	members  map[string]shape // of a structure
	each     *shape           // of a list, or the values of a map
	enum     []string         // of a string
}

type shapeKind string

// Kinds of shapes, as AWS's messages call them.
const (
	kindAny     shapeKind = ""
	kindString  shapeKind = "a string" // also timestamps and blobs
	kindNumber  shapeKind = "a number"
	kindBoolean shapeKind = "a boolean"
	kindList    shapeKind = "an array"
	kindObject  shapeKind = "an object"
)

func kindOf(v any) shapeKind {
	switch v.(type) {
	case string:
		return kindString
	case json.Number:
		return kindNumber
	case bool:
		return kindBoolean
	case []any:
		return kindList
	default:
		return kindObject
	}
}

func (s shape) check(field string, v any, strict bool) error {
	const invalid = "Mock result schema validation error: "
	if v == nil || s.kind == kindAny {
		return nil
	}
	if kindOf(v) != s.kind {
		return failf("ValidationException", invalid+"Field '%s' must be %s", field, s.kind)
	}
	switch v := v.(type) {
	case string:
		if s.enum != nil && !slices.Contains(s.enum, v) {
			return failf("ValidationException", invalid+"Field '%s' is not an expected value", field)
		}
	case []any:
		for _, item := range v {
			if err := s.each.check(field, item, strict); err != nil {
				return err
			}
		}
	case map[string]any:
		for _, name := range s.required {
			if strict && v[name] == nil {
				return failf("ValidationException", invalid+"Required field '%s' is missing", name)
			}
		}
		for _, name := range slices.Sorted(maps.Keys(v)) {
			member, known := s.members[name]
			if s.each != nil {
				member, known = *s.each, true
			}
			if !known {
				continue
			}
			if err := member.check(name, v[name], strict); err != nil {
				return err
			}
		}
	}
	return nil
}
