package intrinsic

import (
	"bytes"
	"encoding/json"
	"math"
	"strconv"
	"unicode/utf8"
)

func asString(args []any, i int) (string, error) {
	s, ok := args[i].(string)
	if !ok {
		return "", failf("argument %d is no string", i+1)
	}
	return s, nil
}

// asText is a string of at most MaxCharacters.
func asText(args []any, i int) (string, error) {
	s, err := asString(args, i)
	if err == nil && utf8.RuneCountInString(s) > MaxCharacters {
		return "", failf("argument %d has more than %d characters", i+1, MaxCharacters)
	}
	return s, err
}

func asArray(args []any, i int) ([]any, error) {
	list, ok := args[i].([]any)
	if !ok {
		return nil, failf("argument %d is no array", i+1)
	}
	return list, nil
}

// asInteger rounds to the nearest integer, and wants it in 32 bits, as AWS does.
func asInteger(args []any, i int) (int, error) {
	n, ok := number(args[i])
	if !ok {
		return 0, failf("argument %d is no number", i+1)
	}
	n = math.Floor(n + 0.5)
	if n < math.MinInt32 || n > math.MaxInt32 {
		return 0, failf("argument %d is not between %d and %d", i+1, math.MinInt32, math.MaxInt32)
	}
	return int(n), nil
}

func number(value any) (float64, bool) {
	switch v := value.(type) {
	case float64:
		return v, true
	case json.Number:
		f, err := v.Float64()
		return f, err == nil
	case int:
		return float64(v), true
	case int64:
		return float64(v), true
	}
	return 0, false
}

// encode writes compact JSON with its characters as they are.
func encode(value any) (string, error) {
	if size(value, maxSize) > maxSize {
		return "", failf("a value is over %d bytes", maxSize)
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return "", failf("a value is no JSON: %v", err)
	}
	return string(bytes.TrimSuffix(b.Bytes(), []byte("\n"))), nil
}

// size estimates the bytes of a value as JSON. It stops past limit: arguments
// that are repeated share their memory, and may be far larger written out.
func size(value any, limit int) int {
	n := 2
	switch v := value.(type) {
	case string:
		return n + len(v)
	case json.Number:
		return len(v)
	case []any:
		for _, element := range v {
			if n > limit {
				return n
			}
			n += 1 + size(element, limit-n)
		}
	case map[string]any:
		for name, member := range v {
			if n > limit {
				return n
			}
			n += 4 + len(name) + size(member, limit-n)
		}
	default:
		n += 3
	}
	return n
}

// same compares two values as JSON: numbers by value, objects in any order.
func same(a, b any) bool {
	switch a := a.(type) {
	case []any:
		b, ok := b.([]any)
		if !ok || len(a) != len(b) {
			return false
		}
		for i := range a {
			if !same(a[i], b[i]) {
				return false
			}
		}
		return true
	case map[string]any:
		b, ok := b.(map[string]any)
		if !ok || len(a) != len(b) {
			return false
		}
		for name := range a {
			other, ok := b[name]
			if !ok || !same(a[name], other) {
				return false
			}
		}
		return true
	case string, bool, nil:
		return a == b
	}
	x, xok := number(a)
	y, yok := number(b)
	return xok && yok && x == y
}

// normal replaces numbers so that equal values encode to equal texts.
func normal(value any) any {
	switch v := value.(type) {
	case []any:
		list := make([]any, len(v))
		for i := range v {
			list[i] = normal(v[i])
		}
		return list
	case map[string]any:
		object := make(map[string]any, len(v))
		for name := range v {
			object[name] = normal(v[name])
		}
		return object
	}
	if n, ok := number(value); ok {
		return n
	}
	return value
}

// natural writes a value the way States.Format inserts it.
func natural(value any) (string, bool) {
	switch v := value.(type) {
	case string:
		return v, true
	case json.Number:
		return v.String(), true
	case bool:
		return strconv.FormatBool(v), true
	case nil:
		return "null", true
	}
	if n, ok := number(value); ok {
		return strconv.FormatFloat(n, 'f', -1, 64), true
	}
	return "", false
}
