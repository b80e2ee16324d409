package jsonata_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mayfly-dev/mayfly/local/asl/jsonata"
)

const states = `{"input":{"name":"Ada","n":7,"big":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!","orders":[{"id":"a","price":10,"qty":2},{"id":"b","price":5,"qty":1},
{"id":"c","price":1.5,"qty":4}],"text":"größe 12 und 😀 34","json":"{\"a\":[1,2]}","z":null,"list":[3,1,2]},"context":{"Execution":{"Name":"run"}}}`

func env() jsonata.Env {
	return jsonata.Env{
		Now:    func() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 678e6, time.UTC) },
		Random: func() float64 { return 0.25 },
		UUID:   func() string { return "ca4c1140-dcc1-40cd-ad05-7b4aa23df4a8" },
	}
}

func bindings() map[string]any {
	return map[string]any{"states": json.RawMessage(states), "limit": 5, "unused": make(chan int)}
}

func TestExpressionsAnswerAsAWSDocuments(t *testing.T) {
	for text, want := range map[string]string{
		`$states.input.name`: `"Ada"`,
		`$states.context.Execution.Name & '-' & $string($limit)`:    `"run-5"`,
		`$states.input.orders[price >= $limit].id`:                  `["a","b"]`,
		`$states.input.orders[0]`:                                   `{"id":"a","price":10,"qty":2}`,
		`$states.input.orders[id='b'].price`:                        `5`,
		`$sum($states.input.orders.(price * qty))`:                  `31`,
		`$states.input.orders{id: price}`:                           `{"a":10,"b":5,"c":1.5}`,
		`$states.input.orders^(>price).id`:                          `["a","b","c"]`,
		`$map($states.input.list, function($v, $i) { $v * $i })`:    `[0,1,4]`,
		`$filter($states.input.list, function($v) { $v > 1 })`:      `[3,2]`,
		`$reduce($states.input.list, function($a, $b) { $a + $b })`: `6`,
		`$states.input.n > 5 ? 'big' : 'small'`:                     `"big"`,
		`( $x := 2; $y := $x * 3; {'x': $x, 'y': $y, 'z': null} )`:  `{"x":2,"y":6,"z":null}`,
		`$merge([$states.input.orders[0], {'id': 'z'}])`:            `{"id":"z","price":10,"qty":2}`,
		`$states.input.z`:                       `null`,
		`[]`:                                    `[]`,
		`$states.input.name ~> $uppercase()`:    `"ADA"`,
		`$exists($states.input.nope)`:           `false`,
		`$now()`:                                `"2026-01-02T03:04:05.678Z"`,
		`$millis()`:                             `1767323045678`,
		`$fromMillis(0, '[Y0001]-[M01]-[D01]')`: `"1970-01-01"`,
		`$toMillis('2026-01-02', '[Y0001]-[M01]-[D01]')`:       `1767312000000`,
		`$match($states.input.text, /\d+/).match`:              `["12","34"]`,
		`$match($states.input.text, /\d+/).index`:              `[6,16]`,
		`$match($states.input.text, /(?<=und )\S+/).index`:     `13`,
		`$match($states.input.text, /(\d)(x)?/)[0].groups`:     `["1",null]`,
		`$replace($states.input.text, /(\d)(\d)/, '$2$1')`:     `"größe 21 und 😀 43"`,
		`$contains($states.input.name, /^a/i)`:                 `true`,
		`$split('a1b22c', /\d+/)`:                              `["a","b","c"]`,
		`$partition([1,2,3,4,5], 2)`:                           `[[1,2],[3,4],[5]]`,
		`$partition($states.input.orders.price, 4)`:            `[[10,5,1.5]]`,
		`$range(0, 10, 5)`:                                     `[0,5,10]`,
		`$range(3, 1, -1)`:                                     `[3,2,1]`,
		`$hash('input data', 'SHA-1')`:                         `"aaff4a450a104cd177d28d18d74485e8cae074b7"`,
		`$random()`:                                            `0.25`,
		`$random(7) = $random(7) and $random(7) != $random(8)`: `true`,
		`$uuid()`:                                    `"ca4c1140-dcc1-40cd-ad05-7b4aa23df4a8"`,
		`$parse($states.input.json).a`:               `[1,2]`,
		`$base64decode($base64encode('hi'))`:         `"hi"`,
		`$pad('x', -3, '#') & $join(['a','b'], '-')`: `"##xa-b"`,
		`$string({'a': 1})`:                          `"{\"a\":1}"`,
		`$states.input.orders ~> |$|{'total': price * qty}, ['price','qty']|`: `[{"id":"a","total":20},{"id":"b","total":5},{"id":"c","total":6}]`,
		`($f := function($n) { $n <= 1 ? 1 : $n * $f($n - 1) }; $f(5))`:       `120`,
		`$distinct([1,1,2])`:         `[1,2]`,
		`$states.input.orders.id[0]`: `["a","b","c"]`,
	} {
		t.Run(text, func(t *testing.T) {
			e, err := jsonata.Compile(text)
			if err != nil {
				t.Fatal(err)
			}
			got, err := e.Eval(t.Context(), env(), nil, bindings())
			if err != nil {
				t.Fatal(err)
			}
			var wanted any
			if err := json.Unmarshal([]byte(want), &wanted); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(wanted, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestFailuresCarryTheReservedName(t *testing.T) {
	for text, code := range map[string]string{
		`$states.input.nope`:  jsonata.CodeUndefined,
		`name`:                jsonata.CodeUndefined,
		`$`:                   jsonata.CodeUndefined,
		`$eval('1')`:          "T1006",
		`'a' + 1`:             "T2001",
		`$error('mine')`:      "D3137",
		`$partition([1], 0)`:  jsonata.CodeArgument,
		`$range(0, 1, 0)`:     jsonata.CodeArgument,
		`$hash('a', 'MD4')`:   jsonata.CodeArgument,
		`$parse('{')`:         jsonata.CodeArgument,
		`function($x) { $x }`: jsonata.CodeType,
		`{'f': $sum}`:         jsonata.CodeType,
		`$nope()`:             "T1006",
		`1/0`:                 jsonata.CodeType,
		`$match('x', /y*/)`:   "D1004",
		`$base64decode('!')`:  jsonata.CodeArgument,
		`$toMillis('x')`:      "D3110",
	} {
		e, err := jsonata.Compile(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		value, err := e.Eval(t.Context(), env(), nil, bindings())
		var failed *jsonata.Error
		if !errors.As(err, &failed) || failed.Code != code || failed.Message == "" || failed.ErrorName() != "States.QueryEvaluationError" {
			t.Errorf("%s = %v, error %#v, want %s", text, value, err, code)
		}
		if jsonata.IsUndefined(err) != (code == jsonata.CodeUndefined) {
			t.Errorf("%s: undefined is told wrongly", text)
		}
	}
}

func TestCompileRefusesWhatIsNoExpression(t *testing.T) {
	for _, text := range []string{``, `$a +`, `(`, `"x`, `/[/`, `a b`, `$a := `, strings.Repeat(`(`, 100_000), strings.Repeat(`[`, 20_000) + strings.Repeat(`]`, 20_000)} {
		_, err := jsonata.Compile(text)
		var failed *jsonata.Error
		if !errors.As(err, &failed) || failed.Message == "" {
			t.Errorf("%.20q: error %v", text, err)
		}
	}
}

// TestHostileExpressionsFailInBoundedTime: without their bounds, these go on
// until the test itself is out of time.
func TestHostileExpressionsFailInBoundedTime(t *testing.T) {
	for _, text := range []string{
		`($f := function() { $f() }; $f())`,
		`($f := function($n) { 1 + $f($n + 1) }; $f(0))`,
		`[1..10000000]`,
		`$reduce([1..60], function($a, $b) { $a & $a }, 'xxxxxxxx')`,
		`$reduce([1..60], function($a, $b) { $append($a, $a) }, [1, 2])`,
		`$string($reduce([1..60], function($a, $b) { {'a': $a, 'b': $a} }, {}))`,
		`$reduce([1..60], function($a, $b) { {'a': $a, 'b': $a} }, {})`,
		`$pad('x', 1000000000)`,
		`($s := $pad('x', 1000000); $join($map([1..1000], function() { $s })))`,
		`$match($states.input.big, /^(?=(a+)+$)x/)`,
		`$match($states.input.big, /(a+)+$(?!x)/)`,
		`$range(0, 1000000000, 1)`,
		`($f := ''.constructor.constructor; $f('while(true){}')())`,
	} {
		t.Run(text, func(t *testing.T) {
			e, err := jsonata.Compile(text)
			if err != nil {
				t.Fatal(err)
			}
			value, err := e.Eval(t.Context(), env(), nil, bindings())
			var failed *jsonata.Error
			if !errors.As(err, &failed) {
				t.Fatalf("value of %T, error %v", value, err)
			}
		})
	}
}

func TestOneExpressionCannotSpoilTheNext(t *testing.T) {
	for _, text := range []string{
		`{'__proto__': {'polluted': 1}}.polluted`, `$states.constructor.prototype ~> |$|{'polluted': 1}|`, `$states ~> |constructor.prototype|{'polluted': 1}|`,
		`$states.input ~> |__proto__|{'polluted': 1}|`, `$merge([{}, $parse('{"__proto__": {"polluted": 1}}')]).polluted`,
	} {
		if e, err := jsonata.Compile(text); err == nil {
			value, err := e.Eval(t.Context(), env(), nil, bindings())
			t.Logf("%s = %v, %v", text, value, err)
		}
		check, err := jsonata.Compile(`$exists($states.polluted) or $exists($states.input.name.polluted)`)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := check.Eval(t.Context(), env(), nil, bindings()); err != nil || got != false {
			t.Errorf("after %s: %v, %v", text, got, err)
		}
	}
}

func TestEvalEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	e, err := jsonata.Compile(`($f := function() { $f() }; $f())`)
	if err != nil {
		t.Fatal(err)
	}
	time.AfterFunc(20*time.Millisecond, cancel)
	if _, err := e.Eval(ctx, env(), nil, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if _, err := e.Eval(ctx, env(), nil, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("with a context that has ended: %v", err)
	}
}

func TestEvalJSONKeepsTheOrderOfMembers(t *testing.T) {
	e, err := jsonata.Compile(`{'b': 1, 'a': $$.x}`)
	if err != nil {
		t.Fatal(err)
	}
	got, err := e.EvalJSON(t.Context(), env(), map[string]any{"x": 2}, nil)
	if err != nil || string(got) != `{"b":1,"a":2}` {
		t.Errorf("%s, %v", got, err)
	}
}

func FuzzExpression(f *testing.F) {
	for _, seed := range []string{
		`$states.input.orders[price > 1]^(id).{'x': $sum(price)}`, `$partition($range(0, 9, 2), 2)`, `$replace('abc', /(b)(?=c)/i, function($m) { $m.groups[0] })`,
		`($a := [1..5]; $a ~> $map(function($v) { $v % 2 }))`, `$formatNumber(1e3, '#,##0.00') & $fromMillis(1)`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		e, err := jsonata.Compile(text)
		if err != nil {
			return
		}
		value, err := e.EvalJSON(t.Context(), env(), nil, bindings())
		var failed *jsonata.Error
		if err != nil && !errors.As(err, &failed) {
			t.Fatalf("%q: %v", text, err)
		}
		if err == nil && !json.Valid(value) {
			t.Fatalf("%q gives %q", text, value)
		}
	})
}

func BenchmarkEval(b *testing.B) {
	e, err := jsonata.Compile(`$states.input.orders[price >= $limit].id`)
	if err != nil {
		b.Fatal(err)
	}
	values := bindings()
	for b.Loop() {
		if _, err := e.EvalJSON(b.Context(), env(), nil, values); err != nil {
			b.Fatal(err)
		}
	}
}
