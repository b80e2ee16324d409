package jsonpath_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ohler55/ojg/jp"

	"github.com/mayfly-dev/mayfly/local/asl/jsonpath"
)

// store is the document of Jayway's own documentation.
const store = `{
  "store": {
    "book": [
      {"category": "reference", "author": "Nigel Rees", "title": "Sayings of the Century", "price": 8.95},
      {"category": "fiction", "author": "Evelyn Waugh", "title": "Sword of Honour", "price": 12.99},
      {"category": "fiction", "author": "Herman Melville", "title": "Moby Dick", "isbn": "0-553-21311-3", "price": 8.99},
      {"category": "fiction", "author": "J. R. R. Tolkien", "title": "The Lord of the Rings", "isbn": "0-395-19395-8", "price": 22.99}
    ],
    "bicycle": {"color": "red", "price": 19.95}
  },
  "expensive": 10, "n": null, "a b": {"c.d": [1, 2, 3]}, "words": ["one", "two"], "five": "5", "yes": true,
  "grid": [[1, 2], [3, 4]], "ids": ["0-395-19395-8", "x"], "null-able": [null], "it's": 1
}`

func decode(t *testing.T, text string) any {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("document %s: %v", text, err)
	}
	return v
}

func TestGetFindsWhatJaywayFinds(t *testing.T) {
	root := decode(t, store)
	for path, want := range map[string]string{
		`$.expensive`:                         `10`,
		`$['expensive']`:                      `10`,
		`$["expensive"]`:                      `10`,
		`$.n`:                                 `null`,
		`$['a b']['c.d'][1]`:                  `2`,
		`$['a b']['c.d'][-1]`:                 `3`,
		`$['it\'s']`:                          `1`,
		`$.null-able[0]`:                      `null`,
		`$.store.book[0].title`:               `"Sayings of the Century"`,
		`$.store.book[*].author`:              `["Nigel Rees","Evelyn Waugh","Herman Melville","J. R. R. Tolkien"]`,
		`$..author`:                           `["Nigel Rees","Evelyn Waugh","Herman Melville","J. R. R. Tolkien"]`,
		`$.store..price`:                      `[19.95,8.95,12.99,8.99,22.99]`,
		`$..book[2].title`:                    `["Moby Dick"]`,
		`$..book[-2].title`:                   `["Moby Dick"]`,
		`$..book[0,1].price`:                  `[8.95,12.99]`,
		`$..book[:2].price`:                   `[8.95,12.99]`,
		`$..book[1:2].price`:                  `[12.99]`,
		`$..book[-2:].price`:                  `[8.99,22.99]`,
		`$..book[2:].price`:                   `[8.99,22.99]`,
		`$.words[-2:-1]`:                      `["one"]`,
		`$.words[0:-1]`:                       `[]`,
		`$.words[:-1]`:                        `["one"]`,
		`$.words[5:]`:                         `[]`,
		`$..book[?(@.isbn)].price`:            `[8.99,22.99]`,
		`$..book[?(!@.isbn)].price`:           `[8.95,12.99]`,
		`$.store.book[?(@.price < 10)].price`: `[8.95,8.99]`,
		`$..book[?(@.price <= $['expensive'])].price`:               `[8.95,8.99]`,
		`$..book[?(@.author =~ /.*REES/i)].price`:                   `[8.95]`,
		`$..book[?(@.author =~ /REES/i)].price`:                     `[]`,
		`$..book[?(@.category == 'fiction' && @.price > 20)].price`: `[22.99]`,
		`$..book[?(@.price > 20 || (@.price < 9 && @.isbn))].price`: `[8.99,22.99]`,
		`$..book[?(@.category in ['reference','x'])].price`:         `[8.95]`,
		`$..book[?(@.category nin ["fiction"])].price`:              `[8.95]`,
		`$..book[?(@.isbn in $.ids)].price`:                         `[22.99]`,
		`$..book[?(@['title'] contains 'Dick')].price`:              `[8.99]`,
		`$..book[?(@.title size 9)].price`:                          `[8.99]`,
		`$..book[?(@.isbn != '0-395-19395-8')].price`:               `[8.95,12.99,8.99]`,
		`$.grid[?(@.length() == 2)]`:                                `[[1,2],[3,4]]`,
		`$.grid[?(@[0] == '3')]`:                                    `[[3,4]]`,
		`$.grid[?(@[0] === '3')]`:                                   `[]`,
		`$.grid[?(@ anyof [2, 9])]`:                                 `[[1,2]]`,
		`$.grid[?(@ noneof [2, 9])]`:                                `[[3,4]]`,
		`$.grid[?(@ subsetof [1, 2, 3])]`:                           `[[1,2]]`,
		`$.grid[?(@ empty false)]`:                                  `[[1,2],[3,4]]`,
		`$.words[?(@ == 'two')]`:                                    `["two"]`,
		`$.store.bicycle[?(@.color == 'red')].price`:                `[19.95]`,
		`$.store.*.color`:                                           `["red"]`,
		`$.grid[*][*]`:                                              `[1,2,3,4]`,
		`$.grid.*[0]`:                                               `[1,3]`,
		`$.store.bicycle['color','price']`:                          `{"color":"red","price":19.95}`,
		`$.store.bicycle['color','weight']`:                         `{"color":"red"}`,
		`$.store['book','bicycle'].price`:                           `[19.95]`,
		`$.store.book.length()`:                                     `4`,
		`$..book.length()`:                                          `1`,
		`$..price.sum()`:                                            `73.87`,
		`$..price.max()`:                                            `22.99`,
		`$.grid[1].min()`:                                           `3`,
		`$.grid[1].avg()`:                                           `3.5`,
		`$.grid[1].stddev()`:                                        `0.5`,
		`$.words.first()`:                                           `"one"`,
		`$.words.last()`:                                            `"two"`,
		`$.words.index(1)`:                                          `"two"`,
		`$.words.concat("!")`:                                       `"onetwo!"`,
		`$.words.append(3)`:                                         `["one","two",3]`,
		`$.store.bicycle.keys()`:                                    `["color","price"]`,
		`$.missing[?(@.x)]`:                                         ``,
		`$.missing[*]`:                                              ``,
		`$.missing`:                                                 ``,
		`$.five.x`:                                                  ``,
		`$.words[2]`:                                                ``,
		`$.words[-3]`:                                               ``,
		`$.five[0]`:                                                 ``,
		`$.five[*]`:                                                 `[]`,
		`$..missing`:                                                `[]`,
		`$..*.missing`:                                              `[]`,
	} {
		t.Run(path, func(t *testing.T) {
			p, err := jsonpath.Parse(path)
			if err != nil {
				t.Fatal(err)
			}
			got, found, err := p.Get(root)
			if err != nil {
				t.Fatal(err)
			}
			if found != (want != "") {
				t.Fatalf("found = %v, value %v, want %q", found, got, want)
			}
			if found {
				if diff := cmp.Diff(decode(t, want), got, cmp.Comparer(near)); diff != "" {
					t.Error(diff)
				}
			}
		})
	}
	if diff := cmp.Diff(decode(t, store), root); diff != "" {
		t.Errorf("reading changed the document: %s", diff)
	}
}

func near(a, b float64) bool { return a-b < 1e-9 && b-a < 1e-9 }

func TestGetAgreesWithAnotherImplementation(t *testing.T) {
	root := decode(t, store)
	for _, path := range []string{
		`$.store.book[*].title`, `$.store.book[1:3].price`, `$.store.book[0,2].price`, `$.store.book[-1].title`,
		`$.store.book[?(@.price > 9)].title`, `$.store.book[?(@.isbn)].title`, `$['a b']['c.d'][*]`, `$.grid[*][1]`, `$`,
	} {
		p, err := jsonpath.Parse(path)
		if err != nil {
			t.Fatal(err)
		}
		got, _, err := p.Get(root)
		if err != nil {
			t.Fatal(err)
		}
		want := jp.MustParseString(path).Get(root)
		if p.IsDefinite() {
			got = []any{got}
		}
		if diff := cmp.Diff(any(want), got); diff != "" {
			t.Errorf("%s: %s", path, diff)
		}
	}
}

func TestGetReadsNumbersKeptAsText(t *testing.T) {
	decoder := json.NewDecoder(strings.NewReader(`{"a":[{"n":1},{"n":2}],"i":[1,2,3]}`))
	decoder.UseNumber()
	var root any
	if err := decoder.Decode(&root); err != nil {
		t.Fatal(err)
	}
	p, err := jsonpath.Parse(`$.a[?(@.n >= 2)].n`)
	if err != nil {
		t.Fatal(err)
	}
	got, _, err := p.Get(root)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(any([]any{json.Number("2")}), got); diff != "" {
		t.Error(diff)
	}
}

func TestGetGivesUpOnHostilePaths(t *testing.T) {
	deep := any("end")
	for range 400 {
		deep = map[string]any{"a": deep, "b": []any{deep}}
		if m, ok := deep.(map[string]any); ok {
			m["b"] = 1.0
		}
	}
	for _, path := range []string{
		`$..*..*..*..*`,
		`$..[?(@..*..*)]`,
		`$` + strings.Repeat(`..a`, 300),
	} {
		p, err := jsonpath.Parse(path)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := p.Get(deep); !errors.Is(err, jsonpath.ErrTooMuchWork) {
			t.Errorf("%.20s: error %v, want too much work", path, err)
		}
	}
}

func TestFunctionsRefuseWhatTheyCannotTake(t *testing.T) {
	root := decode(t, store)
	for _, path := range []string{`$.words.max()`, `$.five.first()`, `$.words.index(7)`, `$.words.index()`, `$.words.index(1e300)`} {
		p, err := jsonpath.Parse(path)
		if err != nil {
			t.Fatal(err)
		}
		if value, found, err := p.Get(root); err == nil {
			t.Errorf("%s = %v (%v), want an error", path, value, found)
		}
	}
}

func BenchmarkGet(b *testing.B) {
	var root any
	if err := json.Unmarshal([]byte(store), &root); err != nil {
		b.Fatal(err)
	}
	for _, path := range []string{`$.store.book[2].title`, `$..book[?(@.price < 10)].title`} {
		p, err := jsonpath.Parse(path)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(path, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, found, err := p.Get(root); !found || err != nil {
					b.Fatal(found, err)
				}
			}
		})
	}
}
