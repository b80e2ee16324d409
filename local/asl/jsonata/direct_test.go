package jsonata_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mayfly-dev/mayfly/local/asl/jsonata"
	"github.com/mayfly-dev/mayfly/local/asl/rawjson"
)

const simple = `{"input":{"n":7,"m":-2.5,"zero":0,"s":"abc","t":"b","empty":"","z":null,"yes":true,"no":false,"o":{"k":1,"s":"x"},"none":{},
"list":[1,"a",true,null,2.5],"one":[5],"nothing":[],"objects":[{"a":1},{"a":2}],"größe":"äöü","emoji":"😀","esc":"a\"\\\nb","big":1e20,"long":123456789012345678,"frac":0.1},
"context":{"Execution":{"Name":"run"}}}`

// simpleBindings are what the expressions of these tests may name.
func simpleBindings() map[string]any {
	return map[string]any{"states": json.RawMessage(simple), "x": json.RawMessage(`3`), "y": json.RawMessage(`"abc"`), "l": json.RawMessage(`[3,4]`)}
}

// reader finds refs in the bindings.
func reader(e *jsonata.Expr, bindings map[string]any) jsonata.Read {
	return func(i int) ([]byte, bool) {
		ref := e.Refs()[i]
		bound, ok := bindings[ref.Variable].(json.RawMessage)
		if !ok {
			return nil, true
		}
		at := []byte(bound)
		for _, name := range ref.Members {
			start, end, ok := rawjson.Get(at, []rawjson.Step{{Key: name}})
			switch {
			case ok:
				at = at[start:end]
			case at[rawjson.Space(at, 0)] == '[':
				return nil, false
			default:
				return nil, true
			}
		}
		return at, true
	}
}

// agree checks that an expression which is evaluated directly gives what the
// interpreter gives. It returns whether it is.
func agree(t *testing.T, expression string) bool {
	t.Helper()
	e, err := jsonata.Compile(expression)
	if err != nil {
		return false
	}
	bindings := simpleBindings()
	got, ok := e.EvalDirect(reader(e, bindings))
	if !ok {
		return false
	}
	want, err := e.EvalJSON(t.Context(), env(), nil, bindings)
	if err != nil {
		t.Fatalf("%s: %s, and the interpreter fails: %v", expression, got, err)
	}
	var g, w any
	if err := errors.Join(json.Unmarshal(got, &g), json.Unmarshal(want, &w)); err != nil {
		t.Fatalf("%s: %s or %s: %v", expression, got, want, err)
	}
	if diff := cmp.Diff(w, g); diff != "" {
		t.Fatalf("%s: %s, want %s", expression, got, want)
	}
	return true
}

func TestSimpleExpressionsAreEvaluatedDirectly(t *testing.T) {
	for _, expression := range []string{
		`$states.input.n + 1`, `$states.input.n - $x * 2 / 4 % 3`, `-$x`, `($x + 1) * 2`, `1 - 1`, `0 * -1`,
		`$states.input.n > 5`, `$states.input.s = 'abc' and $x <= 3`, `$states.input.no or $states.input.z`, `$states.input.s < $states.input.t`,
		`$states.input.n > 5 ? 'big' : 'small'`, `$states.input.none ? 1 : 2`, `$states.input.o ? 1 : 2`, `$states.input.missing ? 1 : 2`,
		`'Hello ' & $states.input.s & ' ' & $x & $states.input.yes & $states.input.z & $states.input.missing`,
		`{'a': $states.input.o, 'b': [1, $x, [$y]], 'none': $states.input.missing, $y: {}}`, `[]`, `{}`, `[[1, 2], 'x', $states.input.objects[0].a ? 1 : 0]`,
		`$exists($states.input.n)`, `$exists($states.input.missing)`, `$not($states.input.yes)`, `$boolean($states.input.s)`, `$not($exists($nobody))`,
		`$x in [1, 2, 3]`, `'a' in $states.input.list`, `null in $states.input.list`, `$x in $l`, `$y in 'abc'`, `$x in $states.input.missing`,
		`$states.input.missing = 1`, `$states.input.missing != 1`, `$states.input.n = '7'`, `$states.input.z = null`, `$states.input.yes != true`,
		`$states.context.Execution.Name & '-1'`, `$states.input.big + 0`, `$states.input.frac + 0.2`, `1e-7 + 0`, `1e21 + 0`, `$states.input.esc & ''`,
		"$states.input.`größe` & $states.input.emoji", `true`, `null`, `'x'`, `1.50`,
	} {
		// What reads an index is left to the interpreter.
		if direct := agree(t, expression); direct == strings.Contains(expression, "[0]") {
			t.Errorf("%s: evaluated directly: %v", expression, direct)
		}
	}
}

func TestTheInterpreterHasTheRest(t *testing.T) {
	for _, expression := range []string{
		`$states.input.missing`, `$states.input.n + 'x'`, `$states.input.s + 1`, `1 / 0`, `$states.input.s < 1`, `$states.input.yes < 1`, `-$y`,
		`$states.input.objects.a = 1`, `$states.input.list & ''`, `$states.input.frac & ''`, `$states.input.one ? 1 : 2`, `[$states.input.list, 1]`,
		`{1: 2}`, `{'a': 1, 'a': 2}`, `{'2': 1, '1': 2}`, `$states.input.o = $states.input.o`, "$states.input.`größe` < 'b'", `$sum($states.input.list)`,
		`($a := 1; $a)`, `$states`, `$exists($sum)`, `$not($states.input.missing)`, `$x.y[]`, `$states.input.n ~> $string()`, `[1..3]`, `function($v){$v}`,
		strings.Repeat(`1+`, 200) + `1`, `'` + strings.Repeat(`x`, 3000) + `'`,
	} {
		e, err := jsonata.Compile(expression)
		if err != nil {
			t.Errorf("%s: %v", expression, err)
			continue
		}
		if got, ok := e.EvalDirect(reader(e, simpleBindings())); ok {
			t.Errorf("%s: %s", expression, got)
		}
	}
}

func TestAVariableOfAFunctionsNameIsNotTheFunction(t *testing.T) {
	e, err := jsonata.Compile(`$not(true)`)
	if err != nil {
		t.Fatal(err)
	}
	bindings := map[string]any{"not": json.RawMessage(`1`)}
	if got, ok := e.EvalDirect(reader(e, bindings)); ok {
		t.Errorf("%s", got)
	}
	if _, err := e.EvalJSON(t.Context(), env(), nil, bindings); err == nil {
		t.Error("a number was called")
	}
}

// TestDirectAgreesWithTheInterpreter has both evaluate random expressions.
func TestDirectAgreesWithTheInterpreter(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	names := strings.Fields("n m zero s t empty z yes no o none list one nothing objects emoji esc big long frac missing o.k o.s o.missing objects.a s.k")
	var expression func(depth int) string
	pick := func(all ...string) string { return all[r.IntN(len(all))] }
	expression = func(depth int) string {
		if depth == 0 {
			return pick("1", "0", "-2.5", "'abc'", "''", "true", "false", "null", "$x", "$y", "$l", "$nobody", "[]", "{}", "$states.context.Execution.Name",
				"$states.input."+names[r.IntN(len(names))], "$states.input."+names[r.IntN(len(names))])
		}
		one, two := expression(depth-1), expression(r.IntN(depth))
		switch r.IntN(9) {
		case 0:
			return "(" + one + pick(" + ", " - ", " * ", " / ", " % ") + two + ")"
		case 1, 2:
			return "(" + one + pick(" = ", " != ", " < ", " <= ", " > ", " >= ") + two + ")"
		case 3:
			return "(" + one + pick(" and ", " or ") + two + ")"
		case 4:
			return "(" + one + " & " + two + ")"
		case 5:
			return "(" + one + " ? " + two + pick("", " : "+expression(0)) + ")"
		case 6:
			return pick("$exists(", "$not(", "$boolean(", "-(") + one + ")"
		case 7:
			return pick("["+one+", "+two+"]", "{'a': "+one+", 'b': "+two+"}", "{"+one+": "+two+"}")
		default:
			return "(" + one + " in " + two + ")"
		}
	}
	direct := 0
	const n = 1000
	for i := range n {
		if agree(t, expression(1+i%4)) {
			direct++
		}
	}
	if direct < n/5 {
		t.Errorf("only %d of %d were evaluated directly", direct, n)
	}
}

func FuzzDirect(f *testing.F) {
	for _, seed := range []string{`$states.input.n + 1`, `$x in [1, $y]`, `{'a': -$x}`, `$not($exists($states.input.o.k))`, `'a' & 1 ? null : []`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, expression string) {
		if len(expression) < 300 {
			agree(t, expression)
		}
	})
}

func BenchmarkEvalDirect(b *testing.B) {
	e, err := jsonata.Compile(`$states.input.n > 5 and $states.input.s = 'abc' ? {'n': $states.input.n + 1} : {}`)
	if err != nil {
		b.Fatal(err)
	}
	read := reader(e, simpleBindings())
	for b.Loop() {
		if _, ok := e.EvalDirect(read); !ok {
			b.Fatal(fmt.Errorf("%s is not evaluated directly", e))
		}
	}
}

func TestPartsAreWhatAnExpressionCanSee(t *testing.T) {
	for expression, want := range map[string]string{
		`$states.input.orders[price > $states.input.limit].id`: `[[input orders] [input limit]]`,
		`$states.input`:                         `[[input]]`,
		`$states.input[0].a & $states.result.b`: `[[input] [result b]]`,
		`$states.input.*`:                       `[[input]]`,
		`$states.input.orders.{'id': id, 'of': $states.context.Execution.Name}`: `[[input orders] [context Execution]]`,
		`$map($states.input.list, function($v) { $v + 1 })`:                     `[[input list]]`,
		"$states.input.`odd name`[]":                                            `[[input odd name]]`,
		`$states.input.orders.items.{'id': %.id}`:                               `all`,
		`$states.input.orders@$o.limit`:                                         `all`,
		`$states`:                                                               `all`,
		`$states.*`:                                                             `all`,
		`$keys($states) ~> $append($states.input.a)`:                            `all`,
		`$states["input"]`:                                                      `all`,
		`1 + $x`:                                                                `[]`,
	} {
		e, err := jsonata.Compile(expression)
		if err != nil {
			t.Fatal(err)
		}
		parts, all := e.Parts()
		got := fmt.Sprint(parts)
		if all {
			got = "all"
		}
		if got != want {
			t.Errorf("%s: %s, want %s", expression, got, want)
		}
	}
}
