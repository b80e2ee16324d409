package jsonpath_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mayfly-dev/mayfly/local/asl/jsonpath"
)

func TestSetWritesACopy(t *testing.T) {
	for _, c := range []struct{ path, root, want string }{
		{`$`, `{"a":1}`, `"new"`},
		{`$`, `7`, `"new"`},
		{`$.a`, `{"a":1,"b":2}`, `{"a":"new","b":2}`},
		{`$.c`, `{"a":1}`, `{"a":1,"c":"new"}`},
		{`$.a.b.c`, `{}`, `{"a":{"b":{"c":"new"}}}`},
		{`$.a.b`, `{"a":{"c":1}}`, `{"a":{"b":"new","c":1}}`},
		{`$['a b']`, `{}`, `{"a b":"new"}`},
		{`$.a[1]`, `{"a":[1,2,3]}`, `{"a":[1,"new",3]}`},
		{`$.a[0].b`, `{"a":[{"c":1}]}`, `{"a":[{"b":"new","c":1}]}`},
		{`$[0]`, `[1]`, `["new"]`},
	} {
		root := decode(t, c.root)
		p, err := jsonpath.Parse(c.path)
		if err != nil {
			t.Fatal(err)
		}
		got, err := p.Set(root, "new")
		if err != nil {
			t.Errorf("%s in %s: %v", c.path, c.root, err)
			continue
		}
		if diff := cmp.Diff(decode(t, c.want), got); diff != "" {
			t.Errorf("%s in %s: %s", c.path, c.root, diff)
		}
		if diff := cmp.Diff(decode(t, c.root), root); diff != "" {
			t.Errorf("%s changed its input: %s", c.path, diff)
		}
	}
}

func TestSetRefusesWhatIsInTheWay(t *testing.T) {
	for _, c := range []struct{ path, root string }{
		{`$.a`, `1`}, {`$.a`, `null`}, {`$.a`, `[]`}, {`$.a.b`, `{"a":"text"}`}, {`$.a.b`, `{"a":null}`}, {`$.a[0]`, `{}`},
		{`$.a[0]`, `{"a":{}}`}, {`$.a[1]`, `{"a":[1]}`}, {`$[0]`, `{}`}, {`$.a.b[0]`, `{}`}, {`$..a`, `{}`}, {`$.a[*]`, `{"a":[1]}`}, {`$.a[-1]`, `{"a":[1]}`},
	} {
		p, err := jsonpath.Parse(c.path)
		if err != nil {
			t.Fatal(err)
		}
		got, err := p.Set(decode(t, c.root), "new")
		var match *jsonpath.MatchError
		if !errors.As(err, &match) {
			t.Errorf("%s in %s: %v, error %v, want a match error", c.path, c.root, got, err)
		}
	}
}
