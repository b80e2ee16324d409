package jsonpath

import (
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// side is an evaluated operand; a path that names nothing was not found.
type side struct {
	value   any
	found   bool
	pattern *regexp.Regexp
}

// relation compares the two sides as Jayway does.
type relation func(s *search, left, right side) bool

type operator struct {
	text   string
	relate relation
}

// operators are in the order in which they are tried: longer ones first.
func operators() []operator {
	return []operator{
		{"===", sameTyped},
		{"!==", negate(sameTyped)},
		{"==", equals},
		{"!=", negate(equals)},
		{"=~", matches},
		{"<=", ordered(func(c int) bool { return c <= 0 })},
		{">=", ordered(func(c int) bool { return c >= 0 })},
		{"<", ordered(func(c int) bool { return c < 0 })},
		{">", ordered(func(c int) bool { return c > 0 })},
		{"in", in},
		{"nin", negate(in)},
		{"subsetof", subset},
		{"anyof", overlap},
		{"noneof", disjoint},
		{"all", func(s *search, left, right side) bool { return subset(s, right, left) }},
		{"contains", contains},
		{"size", sized},
		{"empty", empty},
	}
}

func negate(r relation) relation {
	return func(s *search, left, right side) bool { return !r(s, left, right) }
}

func equals(s *search, left, right side) bool {
	if !left.found || !right.found {
		return left.found == right.found
	}
	return s.same(left.value, right.value, true)
}

func sameTyped(s *search, left, right side) bool {
	return left.found && right.found && s.same(left.value, right.value, false)
}

// same compares two values; loosely, a number equals a string that spells it.
func (s *search) same(left, right any, loose bool) bool {
	if !s.spend(1) {
		return false
	}
	switch l := left.(type) {
	case map[string]any:
		r, ok := right.(map[string]any)
		if !ok || len(l) != len(r) {
			return false
		}
		for name, value := range l {
			other, ok := r[name]
			if !ok || !s.same(value, other, false) {
				return false
			}
		}
		return true
	case []any:
		r, ok := right.([]any)
		if !ok || len(l) != len(r) {
			return false
		}
		for i := range l {
			if !s.same(l[i], r[i], false) {
				return false
			}
		}
		return true
	case string:
		if r, ok := right.(string); ok {
			s.spend(min(len(l), len(r)) / 64)
			return l == r
		}
		r, ok := number(right)
		return loose && ok && spells(l, r)
	case bool, nil:
		return left == right
	}
	l, ok := number(left)
	if !ok {
		return false
	}
	if r, ok := number(right); ok {
		return l == r
	}
	r, ok := right.(string)
	return loose && ok && spells(r, l)
}

func spells(text string, n float64) bool {
	f, err := strconv.ParseFloat(text, 64)
	return err == nil && f == n
}

// number returns the value of anything that encoding/json, or Go code that
// builds documents, gives for a number.
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

func ordered(accept func(int) bool) relation {
	return func(s *search, left, right side) bool {
		if !left.found || !right.found {
			return false
		}
		l, lok := number(left.value)
		r, rok := number(right.value)
		if lok && rok {
			switch {
			case l < r:
				return accept(-1)
			case l > r:
				return accept(1)
			}
			return accept(0)
		}
		lt, lok := text(left.value)
		rt, rok := text(right.value)
		if !lok || !rok {
			return false
		}
		s.spend(min(len(lt), len(rt)) / 64)
		return accept(strings.Compare(lt, rt))
	}
}

// text returns a string, or a number as it is written.
func text(value any) (string, bool) {
	switch v := value.(type) {
	case string:
		return v, true
	case json.Number:
		return v.String(), true
	}
	if n, ok := number(value); ok {
		return strconv.FormatFloat(n, 'f', -1, 64), true
	}
	return "", false
}

func matches(s *search, left, right side) bool {
	if (left.pattern == nil) == (right.pattern == nil) {
		return false
	}
	pattern, subject := left.pattern, right
	if pattern == nil {
		pattern, subject = right.pattern, left
	}
	if !subject.found {
		return false
	}
	list, ok := subject.value.([]any)
	if !ok {
		list = []any{subject.value}
	}
	for _, value := range list {
		input, ok := text(value)
		if b, isBool := value.(bool); isBool {
			input, ok = strconv.FormatBool(b), true
		}
		if !s.spend(1 + len(input)) {
			return false
		}
		if ok && pattern.MatchString(input) {
			return true
		}
	}
	return false
}

func in(s *search, left, right side) bool {
	list, ok := right.value.([]any)
	if !ok || !left.found {
		return false
	}
	return s.has(list, left.value)
}

func (s *search) has(list []any, value any) bool {
	for _, element := range list {
		if s.same(element, value, true) {
			return true
		}
	}
	return false
}

// lists returns both sides if both are arrays.
func lists(left, right side) (l, r []any, ok bool) {
	l, lok := left.value.([]any)
	r, rok := right.value.([]any)
	return l, r, lok && rok
}

func subset(s *search, left, right side) bool {
	l, r, ok := lists(left, right)
	if !ok {
		return false
	}
	for _, value := range l {
		if !s.has(r, value) {
			return false
		}
	}
	return true
}

func overlap(s *search, left, right side) bool {
	l, r, ok := lists(left, right)
	return ok && slices.ContainsFunc(l, func(value any) bool { return s.has(r, value) })
}

func disjoint(s *search, left, right side) bool {
	l, r, ok := lists(left, right)
	return ok && !slices.ContainsFunc(l, func(value any) bool { return s.has(r, value) })
}

func contains(s *search, left, right side) bool {
	if !left.found || !right.found {
		return false
	}
	if l, ok := left.value.(string); ok {
		r, ok := right.value.(string)
		return ok && s.spend(len(l)/16) && strings.Contains(l, r)
	}
	list, ok := left.value.([]any)
	return ok && s.has(list, right.value)
}

func sized(_ *search, left, right side) bool {
	want, ok := number(right.value)
	n, known := size(left.value)
	return ok && known && float64(n) == want
}

func empty(_ *search, left, right side) bool {
	want, ok := right.value.(bool)
	n, known := size(left.value)
	return ok && known && (n == 0) == want
}

func size(value any) (int, bool) {
	switch v := value.(type) {
	case string:
		return len([]rune(v)), true
	case []any:
		return len(v), true
	case map[string]any:
		return len(v), true
	}
	return 0, false
}
