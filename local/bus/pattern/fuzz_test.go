package pattern_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/mayfly-dev/mayfly/local/bus/pattern"
)

// A pattern is compiled or refused with a reason; compiled, it can be used.
func FuzzCompile(f *testing.F) {
	for _, seed := range seeds {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := pattern.Compile([]byte(text))
		var refusal *pattern.Error
		if err != nil {
			if !errors.As(err, &refusal) || refusal.Reason == "" {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		if !json.Valid([]byte(text)) {
			t.Fatalf("%q is no JSON, and a pattern", text)
		}
		p.Match([]byte(sample))
	})
}

// Any text can be matched as an event.
func FuzzMatch(f *testing.F) {
	f.Add(sample, seeds[0])
	for _, seed := range seeds {
		f.Add(`{"a": [{"b": [1, "x"]}, [null]], "c.d": {"e": "\u00e9\\"}}`, seed)
	}
	f.Fuzz(func(t *testing.T, event, text string) {
		p, err := pattern.Compile([]byte(text))
		if err != nil {
			return
		}
		x := pattern.NewIndex([]*pattern.Pattern{p, p})
		matched := x.Match([]byte(event), nil)
		if len(matched) != 0 && !slices.Equal(matched, []int{0, 1}) {
			t.Fatalf("%q and %q: the same pattern matches and does not: %v", event, text, matched)
		}
		if again := x.Match([]byte(event), nil); !slices.Equal(again, matched) {
			t.Fatalf("%q and %q: first %v, then %v", event, text, matched, again)
		}
	})
}

var seeds = []string{
	`{"source": ["aws.ec2"], "detail": {"state": [{"anything-but": ["a", "b"]}], "c-count": [{"numeric": [">", 0, "<=", 5]}]}}`,
	`{"a": [{"prefix": "x"}, {"suffix": {"equals-ignore-case": "Y"}}, {"wildcard": "*a\\*b"}], "b.c": [null, true, 1e3, -0.5]}`,
	`{"a": {"b": [{"exists": false}], "$or": [{"c": [{"cidr": "10.0.0.0/8"}]}, {"d": ["::1"], "$or": [{"e": [1]}, {"f": [2]}]}]}}`,
	`{"a": [{"anything-but": {"wildcard": ["*x*", "y"]}}, {"equals-ignore-case": "\u00df\ud83d\ude00"}]}`,
	`{"a": [[]]}`, `{"a": 5}`, `[`, `{"$or": 5}`, "{\"\x00\": []}",
}

// Patterns and events that were made to take long do not.
func TestMatchingIsBounded(t *testing.T) {
	many := func(n int, each string) string { return strings.TrimSuffix(strings.Repeat(each+",", n), ",") }
	var fields, arrays []string
	for i := range 24 {
		fields = append(fields, fmt.Sprintf(`"a%02d": {"x": [1], "y": [1]}`, i))
		arrays = append(arrays, fmt.Sprintf(`"a%02d": [%s]`, i, many(300, `{"x": 1, "y": 1}`)))
	}
	arrays = append(arrays, `"b": [{"x": 1}, {"y": 1}]`)
	wide := `{"a": [` + many(20_000, `{"x": 1, "y": 2, "z": 3}`) + `, {"x": 1, "y": 2, "z": 4}]}`
	for name, row := range map[string]struct {
		pattern, event string
		want           bool
	}{
		"independent arrays, of which the last one fails": {`{` + strings.Join(fields, ",") + `, "b": {"x": [1], "y": [1]}}`, `{` + strings.Join(arrays, ",") + `}`, false},
		"the last element of many":                        {`{"a": {"x": [1], "y": [2], "z": [4]}}`, wide, true},
		"no element of many":                              {`{"a": {"x": [1], "y": [2], "z": [5]}}`, wide, false},
		"many alternatives of many values": {
			`{"a": [` + many(150, `{"suffix": "nothing"}`) + `], "$or": [` + many(10, `{"b": [1]}`) + `], "c": {"$or": [` + many(10, `{"b": [1]}`) + `]}, "d": {"$or": [` + many(10, `{"b": [1]}`) + `]}}`,
			`{"a": [` + many(20_000, `"a value"`) + `], "b": 1, "c": {"b": 1}, "d": {"b": 1}}`, false,
		},
		"a long text and asterisks": {`{"a": [{"wildcard": "*ab*cd*"}]}`, `{"a": "` + strings.Repeat("abab", 60_000) + `"}`, false},
		"a deep event":              {`{"a": [{"exists": true}]}`, strings.Repeat(`{"a":`, 100_000) + `1` + strings.Repeat(`}`, 100_000), false},
		"a deep event aside":        {`{"b": [{"exists": true}]}`, `{"a":` + strings.Repeat(`[`, 100_000) + strings.Repeat(`]`, 100_000) + `, "b": 1}`, true},
	} {
		t.Run(name, func(t *testing.T) { check(t, row.pattern, row.event, row.want) })
	}
}
