package jsonpath_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/mayfly-dev/mayfly/local/asl/jsonpath"
)

func TestParseRefusesWhatIsNoPath(t *testing.T) {
	for _, path := range []string{
		``, `a`, `.a`, `$a`, `$.`, `$..`, `$.a.`, `$.a..`, `$...a`, `$[`, `$[]`, `$[a]`, `$['a]`, `$['a'`, `$[1`, `$[:]`, `$[0:4:2]`,
		`$[99999999999]`, `$.a b`, `$.a[?]`, `$.a[?()]`, `$.a[?(@.b ==)]`, `$.a[?(@.b == 1]`, `$.a[?(1)]`, `$.a[?(@.b =~ /(/)]`,
		`$.a[?(@.b =~ /a/q)]`, `$.a[?(@.b in [1,)]`, `$.nope()`, `$.length().b`, `$.length(`, `$..length()`, `$.a[?(@.b ~ 1)]`, "$.\xff",
		"$['\xff']", `$ `, ` $`, `@.a`, `$.a[1,]`, `$.a[1,x]`,
		`$` + strings.Repeat(`.a`, 2000),
		`$[?(` + strings.Repeat(`(`, 100_000) + `)]`,
		`$[?(` + strings.Repeat(`!`, 100_000) + `@.a)]`,
		strings.Repeat(`$[?(@`, 5_000),
	} {
		_, err := jsonpath.Parse(path)
		var syntax *jsonpath.SyntaxError
		if !errors.As(err, &syntax) {
			t.Errorf("%.40q: error %v, want a syntax error", path, err)
		}
	}
}

func TestReferencePathsNameOneNode(t *testing.T) {
	for path, want := range map[string]bool{
		`$`: true, `$.a`: true, `$.a.b[0]['c d']`: true, `$.store\.x`: true,
		`$.a[-1]`: false, `$..a`: false, `$.a[*]`: false, `$.a[0,1]`: false, `$.a[0:1]`: false, `$.a[?(@.b)]`: false, `$.a.length()`: false,
		`$['a','b']`: false,
	} {
		p, err := jsonpath.Parse(path)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		if got := p.IsReference(); got != want {
			t.Errorf("%s: reference %v, want %v", path, got, want)
		}
	}
}

func TestParseRefFindsTheDocument(t *testing.T) {
	for text, want := range map[string]struct {
		root jsonpath.Root
		name string
		path string
	}{
		`$`:                  {jsonpath.Input, "", `$`},
		`$.a`:                {jsonpath.Input, "", `$.a`},
		`$['a']`:             {jsonpath.Input, "", `$['a']`},
		`$$`:                 {jsonpath.Context, "", `$`},
		`$$.Execution.Id`:    {jsonpath.Context, "", `$.Execution.Id`},
		`$order`:             {jsonpath.Variable, "order", `$`},
		`$order_2.items[0]`:  {jsonpath.Variable, "order_2", `$.items[0]`},
		`$größe['a']`:        {jsonpath.Variable, "größe", `$['a']`},
		`$list[?(@.a == 1)]`: {jsonpath.Variable, "list", `$[?(@.a == 1)]`},
	} {
		ref, err := jsonpath.ParseRef(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if ref.Root != want.root || ref.Name != want.name || ref.Path.String() != want.path || ref.String() != text {
			t.Errorf("%s: %v %q %q", text, ref.Root, ref.Name, ref.Path)
		}
	}
	for _, text := range []string{``, `a`, `$1a`, `$a-b`, `$$a`, `$a b`, `$a.`, `$` + strings.Repeat("x", 81)} {
		if _, err := jsonpath.ParseRef(text); err == nil {
			t.Errorf("%q: no error", text)
		}
	}
}

func FuzzPath(f *testing.F) {
	for _, seed := range []string{
		`$.a.b[0]`, `$..a[?(@.b > 1 && !(@.c =~ /x+/i))]`, `$['a','b'][1:-1]`, `$.a[?(@.b in ['x', {"y": 1}])].length()`, `$$.a`, `$v.a[-1,2]`,
	} {
		f.Add(seed, store)
	}
	f.Fuzz(func(t *testing.T, path, document string) {
		var root any
		if json.Unmarshal([]byte(document), &root) != nil {
			root = nil
		}
		before, err := json.Marshal(root)
		if err != nil {
			t.Fatal(err)
		}
		ref, err := jsonpath.ParseRef(path)
		if err != nil {
			return
		}
		p := ref.Path
		value, found, err := p.Get(root)
		if err != nil {
			return
		}
		if !p.IsDefinite() && found && !strings.Contains(path, "(") {
			if _, ok := value.([]any); !ok {
				t.Fatalf("%q is indefinite and gave %T", path, value)
			}
		}
		if p.IsReference() {
			checkWrite(t, p, root)
		}
		if after, err := json.Marshal(root); err != nil || string(after) != string(before) {
			t.Fatalf("%q changed the document", path)
		}
	})
}

// checkWrite asserts that what a path wrote can be read there.
func checkWrite(t *testing.T, p *jsonpath.Path, root any) {
	t.Helper()
	made, err := p.Set(root, "written")
	if err != nil {
		return
	}
	if got, found, err := p.Get(made); err != nil || !found || got != "written" {
		t.Fatalf("%q: read %v (%v, %v) after writing", p, got, found, err)
	}
}
