package pattern

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// leaf is a leaf of an event, with the elements of arrays that it is in.
type leaf struct {
	value  value
	places map[string]int // by the array's path
}

// leaves takes an event apart the slow way.
func leaves(t *testing.T, event string) map[string][]leaf {
	var root any
	decoder := json.NewDecoder(strings.NewReader(event))
	decoder.UseNumber()
	if err := decoder.Decode(&root); err != nil {
		t.Fatal(err)
	}
	all := map[string][]leaf{}
	var walk func(v any, field, path string, places map[string]int)
	walk = func(v any, field, path string, places map[string]int) {
		add := func(v value) { all[field] = append(all[field], leaf{v, places}) }
		switch v := v.(type) {
		case map[string]any:
			for name, member := range v {
				inner := name
				if field != "" {
					inner = field + "." + name
				}
				walk(member, inner, path+"/"+name, places)
			}
		case []any:
			for i, item := range v {
				inner := places
				switch item.(type) {
				case map[string]any, []any:
					inner = maps.Clone(places)
					inner[path] = i
				}
				walk(item, field, fmt.Sprint(path, "/", i), inner)
			}
		case string:
			add(value{kind: kindText, text: []byte(v)})
		case json.Number:
			n, known := millionths(v.String())
			add(value{kind: kindNumber, text: []byte(v), number: n, known: known})
		default:
			text, _ := json.Marshal(v)
			add(value{kind: kindNull, text: text})
		}
	}
	walk(root, "", "", map[string]int{})
	return all
}

// reference tries every choice of values, one requirement after the other.
func reference(c combination, all map[string][]leaf, places map[string]int) bool {
	if len(c) == 0 {
		return true
	}
	there := false
	for _, l := range all[c[0].field] {
		merged, agree := maps.Clone(places), true
		for array, number := range l.places {
			if chosen, ok := merged[array]; ok && chosen != number {
				agree = false
			}
			merged[array] = number
		}
		if !agree {
			continue
		}
		there = true
		if slices.ContainsFunc(c[0].options, func(o condition) bool { return o.matches(&l.value) }) && reference(c[1:], all, merged) {
			return true
		}
	}
	mayBeAbsent := slices.ContainsFunc(c[0].options, func(o condition) bool { return o == (absent{}) })
	return mayBeAbsent && !there && reference(c[1:], all, places)
}

var (
	name    = rapid.SampledFrom([]string{"a", "b", "c", "d", "a.b"})
	scalar  = rapid.SampledFrom([]string{`"x"`, `"y"`, `"xy"`, `"1.2.3.4"`, `""`, `1`, `1.0`, `2`, `7000000000`, `true`, `null`})
	operand = rapid.SampledFrom([]string{
		`{"prefix": "x"}`, `{"suffix": "y"}`, `{"wildcard": "*y"}`, `{"wildcard": "x*"}`, `{"equals-ignore-case": "XY"}`,
		`{"anything-but": "x"}`, `{"anything-but": [1]}`, `{"numeric": [">", 1]}`, `{"exists": true}`, `{"exists": false}`, `{"cidr": "1.2.0.0/16"}`,
	})
)

func object(t *rapid.T, depth int, value func(*rapid.T, int) string) string {
	var members []string
	for _, n := range rapid.SliceOfNDistinct(name, 1, 3, rapid.ID[string]).Draw(t, "names") {
		members = append(members, fmt.Sprintf("%q: %s", n, value(t, depth+1)))
	}
	return "{" + strings.Join(members, ", ") + "}"
}

func eventValue(t *rapid.T, depth int) string {
	kind := rapid.IntRange(0, 9).Draw(t, "kind")
	switch {
	case depth > 3 || kind < 4:
		return scalar.Draw(t, "scalar")
	case kind < 7:
		return object(t, depth, eventValue)
	}
	var items []string
	for range rapid.IntRange(0, 3).Draw(t, "items") {
		items = append(items, eventValue(t, depth+1))
	}
	return "[" + strings.Join(items, ", ") + "]"
}

func patternValue(t *rapid.T, depth int) string {
	if depth < 3 && rapid.IntRange(0, 9).Draw(t, "kind") < 5 {
		return object(t, depth, patternValue)
	}
	var options []string
	for range rapid.IntRange(1, 2).Draw(t, "options") {
		if rapid.Bool().Draw(t, "exact") {
			options = append(options, scalar.Draw(t, "scalar"))
		} else {
			options = append(options, operand.Draw(t, "operand"))
		}
	}
	return "[" + strings.Join(options, ", ") + "]"
}

func patternText(t *rapid.T, _ int) string {
	text := object(t, 0, patternValue)
	if rapid.IntRange(0, 3).Draw(t, "or") > 0 {
		return text
	}
	return fmt.Sprintf(`%s, "$or": [%s, %s]}`, text[:len(text)-1], object(t, 0, patternValue), object(t, 0, patternValue))
}

// An index of many patterns finds those that match one by one, the slow way.
func TestIndexFindsWhatEachPatternMatches(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		var patterns []*Pattern
		var texts []string
		for range 8 {
			text := patternText(r, 0)
			p, err := Compile([]byte(text))
			if err != nil {
				t.Fatalf("%s: %v", text, err)
			}
			patterns, texts = append(patterns, p), append(texts, text)
		}
		x := NewIndex(patterns)
		for range 4 { // the scratch is used again
			event := object(r, 0, eventValue)
			all := leaves(t, event)
			got := x.Match([]byte(event), nil)
			slices.Sort(got)
			var want []int
			for i, p := range patterns {
				if slices.ContainsFunc(p.combinations, func(c combination) bool { return reference(c, all, map[string]int{}) }) {
					want = append(want, i)
				}
			}
			if !slices.Equal(got, want) {
				r.Fatalf("%s\nof %s\nmatches %v, want %v", event, strings.Join(texts, "\n"), got, want)
			}
		}
	})
}
