package rawjson

import (
	"encoding/json"
	"errors"
	"fmt"
)

// Step is one step of a path: a key of an object or, when IsIndex, an element
// of an array.
type Step struct {
	Key     string
	Index   int
	IsIndex bool
}

// ErrNoPlace is returned by [Set] when a step leads into a value that can have
// no such child: a key of an array, an index of an object, an index that does
// not exist.
var ErrNoPlace = errors.New("no such place")

// Get returns where in a valid text the value at the path is. When an object
// repeats a key its last value counts. A negative index counts from the end.
func Get(text []byte, path []Step) (start, end int, ok bool) {
	i := Space(text, 0)
	for n := range path {
		step := &path[n]
		if i >= len(text) {
			return 0, 0, false
		}
		if step.IsIndex {
			i, ok = element(text, i, step.Index)
		} else {
			i, ok = member(text, i, step.Key)
		}
		if !ok {
			return 0, 0, false
		}
	}
	if i >= len(text) {
		return 0, 0, false
	}
	return i, Skip(text, i), true
}

// member returns where the value of a key starts.
func member(text []byte, i int, key string) (at int, ok bool) {
	if text[i] != '{' {
		return 0, false
	}
	i = Space(text, i+1)
	for i < len(text) && text[i] == '"' {
		end := skipString(text, i)
		same := sameKey(text[i:end], key)
		i = Space(text, Space(text, end)+1)
		if same {
			at, ok = i, true
		}
		i = Space(text, Skip(text, i))
		if i >= len(text) || text[i] != ',' {
			break
		}
		i = Space(text, i+1)
	}
	return at, ok
}

func sameKey(quoted []byte, key string) bool {
	body := quoted[1 : len(quoted)-1]
	if string(body) == key {
		return true
	}
	for _, c := range body {
		if c == '\\' {
			return String(quoted) == key
		}
	}
	return false
}

func element(text []byte, i, index int) (int, bool) {
	if text[i] != '[' {
		return 0, false
	}
	if index < 0 {
		if index += Len(text[i:Skip(text, i)]); index < 0 {
			return 0, false
		}
	}
	i = Space(text, i+1)
	for i < len(text) && text[i] != ']' {
		if index == 0 {
			return i, true
		}
		index--
		i = Space(text, Skip(text, i))
		if i < len(text) && text[i] == ',' {
			i = Space(text, i+1)
		}
	}
	return 0, false
}

// Set returns a copy of a valid text in which the value at the path is value,
// making the objects that are missing on the way. It returns an error that
// wraps [ErrNoPlace] when the path cannot be followed.
func Set(text []byte, path []Step, value []byte) ([]byte, error) {
	out := make([]byte, 0, len(text)+len(value)+16*len(path))
	return set(out, text, path, value)
}

func set(out, text []byte, path []Step, value []byte) ([]byte, error) {
	if len(path) == 0 {
		return append(out, value...), nil
	}
	i := Space(text, 0)
	step := path[0]
	if step.IsIndex {
		at, ok := element(text, i, step.Index)
		if !ok {
			return nil, fmt.Errorf("index %d: %w", step.Index, ErrNoPlace)
		}
		return replace(out, text, at, path[1:], value)
	}
	if text[i] != '{' {
		return nil, fmt.Errorf("key %q of a value that is no object: %w", step.Key, ErrNoPlace)
	}
	if at, ok := member(text, i, step.Key); ok {
		if c := text[at]; len(path) > 1 && !path[1].IsIndex && c != '{' {
			return nil, fmt.Errorf("key %q of a value that is no object: %w", path[1].Key, ErrNoPlace)
		}
		return replace(out, text, at, path[1:], value)
	}
	end := Skip(text, i) - 1
	out = append(out, text[:end]...)
	if Space(text, i+1) != end {
		out = append(out, ',')
	}
	out = AppendString(out, step.Key)
	out = append(out, ':')
	var err error
	if out, err = set(out, []byte("{}"), path[1:], value); err != nil {
		return nil, err
	}
	return append(out, text[end:]...), nil
}

func replace(out, text []byte, at int, path []Step, value []byte) ([]byte, error) {
	end := Skip(text, at)
	out, err := set(append(out, text[:at]...), text[at:end], path, value)
	if err != nil {
		return nil, err
	}
	return append(out, text[end:]...), nil
}

// Len returns how many elements a valid array has, 0 for anything else.
func Len(text []byte) int {
	n := 0
	for range Elements(text) {
		n++
	}
	return n
}

// Elements yields where each element of a valid array starts and ends; nothing
// for anything else.
func Elements(text []byte) func(yield func(start, end int) bool) {
	return func(yield func(start, end int) bool) {
		i := Space(text, 0)
		if i >= len(text) || text[i] != '[' {
			return
		}
		i = Space(text, i+1)
		for i < len(text) && text[i] != ']' {
			end := Skip(text, i)
			if !yield(i, end) {
				return
			}
			i = Space(text, end)
			if i < len(text) && text[i] == ',' {
				i = Space(text, i+1)
			}
		}
	}
}

// Members yields each key and where its value starts and ends, of a valid
// object; nothing for anything else.
func Members(text []byte) func(yield func(key string, at [2]int) bool) {
	return func(yield func(key string, at [2]int) bool) {
		i := Space(text, 0)
		if i >= len(text) || text[i] != '{' {
			return
		}
		i = Space(text, i+1)
		for i < len(text) && text[i] == '"' {
			end := skipString(text, i)
			key := String(text[i:end])
			i = Space(text, Space(text, end)+1)
			end = Skip(text, i)
			if !yield(key, [2]int{i, end}) {
				return
			}
			i = Space(text, end)
			if i >= len(text) || text[i] != ',' {
				return
			}
			i = Space(text, i+1)
		}
	}
}

// String returns the string that a quoted JSON string stands for, "" when text
// is no string.
func String(text []byte) string {
	if len(text) < 2 || text[0] != '"' {
		return ""
	}
	body := text[1 : len(text)-1]
	plain := true
	for _, c := range body {
		if c == '\\' || c >= 0x80 {
			plain = false
			break
		}
	}
	if plain {
		return string(body)
	}
	var s string
	if err := json.Unmarshal(text, &s); err != nil {
		return string(body)
	}
	return s
}
