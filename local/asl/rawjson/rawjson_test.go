package rawjson_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"testing"

	"github.com/mayfly-dev/mayfly/local/asl/rawjson"
)

func key(names ...string) []rawjson.Step {
	var steps []rawjson.Step
	for _, name := range names {
		steps = append(steps, rawjson.Step{Key: name})
	}
	return steps
}

func TestGet(t *testing.T) {
	for _, c := range []struct {
		text  string
		steps []rawjson.Step
		want  string
	}{
		{`{"a": {"b" : [1, "x]", 3.0]}}`, append(key("a", "b"), rawjson.Step{Index: 1, IsIndex: true}), `"x]"`},
		{`{"a":1,"a":2}`, key("a"), `2`},
		{`{"\u0061":1}`, key("a"), `1`},
		{`[1,2,3]`, []rawjson.Step{{Index: -1, IsIndex: true}}, `3`},
		{`{"a":1}`, key("b"), ``},
		{`[1]`, key("a"), ``},
		{`[]`, []rawjson.Step{{IsIndex: true}}, ``},
		{` {} `, nil, `{}`},
	} {
		start, end, ok := rawjson.Get([]byte(c.text), c.steps)
		if got := c.text[start:end]; got != c.want || ok != (c.want != "") {
			t.Errorf("%s: %q %v", c.text, got, ok)
		}
	}
}

func TestSet(t *testing.T) {
	for _, c := range []struct {
		text  string
		steps []rawjson.Step
		want  string
	}{
		{`{"a": 1, "b":2}`, key("a"), `{"a": 9, "b":2}`},
		{`{}`, key("a", "b"), `{"a":{"b":9}}`},
		{`{"z":1.0}`, key("a\""), `{"z":1.0,"a\"":9}`},
		{`{"a":[1,2]}`, append(key("a"), rawjson.Step{Index: 1, IsIndex: true}), `{"a":[1,9]}`},
		{`1`, nil, `9`},
	} {
		got, err := rawjson.Set([]byte(c.text), c.steps, []byte("9"))
		if err != nil || string(got) != c.want {
			t.Errorf("%s: %s %v", c.text, got, err)
		}
	}
	for _, text := range []string{`1`, `{"a":1}`, `[1]`} {
		if got, err := rawjson.Set([]byte(text), key("a", "b"), []byte("9")); !errors.Is(err, rawjson.ErrNoPlace) {
			t.Errorf("%s: %s %v", text, got, err)
		}
	}
}

func FuzzValidAgreesWithEncodingJSON(f *testing.F) {
	for _, text := range []string{`{"a":[1,-0.5e+3,"\u00e9\n",true,false,null]}`, `[1,]`, `{"a" 1}`, `01`, `"\x"`, ` 1 `, `1 2`, ``} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		err := rawjson.Valid(text)
		if len(text) < rawjson.MaxDepth && (err == nil) != json.Valid(text) {
			t.Fatalf("%q: %v", text, err)
		}
		if err != nil {
			return
		}
		compact := rawjson.Compact(nil, text)
		var a, b any
		if json.Unmarshal(text, &a) != nil || json.Unmarshal(compact, &b) != nil {
			return // numbers that float64 cannot hold
		}
		if !reflect.DeepEqual(a, b) {
			t.Fatalf("%q became %q", text, compact)
		}
		if array, ok := a.([]any); ok && rawjson.Len(text) != len(array) {
			t.Fatalf("%q has %d elements, not %d", text, len(array), rawjson.Len(text))
		}
	})
}

func FuzzStringsSurvive(f *testing.F) {
	f.Add("a\"\\\n\x00é\u2028")
	f.Fuzz(func(t *testing.T, s string) {
		quoted := rawjson.AppendString(nil, s)
		var back string
		if err := json.Unmarshal(quoted, &back); err != nil {
			t.Fatalf("%q: %v", quoted, err)
		}
		if want := string([]rune(s)); back != want || rawjson.String(quoted) != want {
			t.Fatalf("%q became %q", s, back)
		}
	})
}
