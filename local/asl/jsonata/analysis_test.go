package jsonata_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/mayfly-dev/mayfly/local/asl/jsonata"
)

func TestWhatAnExpressionReadsIsKnown(t *testing.T) {
	for text, want := range map[string]string{
		`1`:                                    "||",
		`phone`:                                "||phone",
		`phone.number & $x`:                    "x||phone",
		`$states.input.phone`:                  "|input|",
		`$states.input[phone = $x].name`:       "x|input|",
		`$states.result.a + $states.context.b`: "|context result|",
		`$sum(items.price)`:                    "||items",
		`{'k': a, 'l': [b, -c]}`:               "||a b c",
		`$x ? a : (b; $y := c)`:                "x||a b c",
		`$`:                                    "||$",
		`$$.a`:                                 "||$$",
		`* ~> $count()`:                        "||*",
		`**.a`:                                 "||**",
		`$map($l, function($v) { $v.a & $w })`: "l w||",
		`($f := function($n) { $n }; $f(1) & $hash)`:  "||",
		`$states.input ~> |$|{'t': price * $rate}|`:   "rate|input|",
		`$states.input.a^(>b).c`:                      "|input|",
		`$states.errorOutput.Cause ~> $parse() ~> $f`: "f|errorOutput|",
	} {
		e, err := jsonata.Compile(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		sorted := func(names []string) string { return strings.Join(slices.Sorted(slices.Values(names)), " ") }
		if got := sorted(e.Free()) + "|" + sorted(e.States()) + "|" + sorted(e.Bare()); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

// What the library itself has is no variable that a machine assigns.
func TestTheLibrarysFunctionsAreNoVariables(t *testing.T) {
	library, err := os.ReadFile("jsonata-2.2.2/jsonata.min.js")
	if err != nil {
		t.Fatal(err)
	}
	bound := regexp.MustCompile(`\.bind\("([a-zA-Z0-9]+)"`).FindAllStringSubmatch(string(library), -1)
	if len(bound) < 60 {
		t.Fatalf("%d functions in the library", len(bound))
	}
	for _, name := range bound {
		e, err := jsonata.Compile("$" + name[1])
		if err != nil || len(e.Free()) > 0 {
			t.Errorf("$%s: %v, %v", name[1], e.Free(), err)
		}
	}
}

func TestLimitsAreSaidAsAWSDoes(t *testing.T) {
	for text, want := range map[string]string{
		`[1..900000] ~> $count()`:                    "Expression evaluation memory limit exceeded: Check for excessive memory usage",
		strings.Repeat("1+", 200) + "1":              "Stack overflow error: Check for non-terminating recursive function. Consider rewriting as tail-recursive.",
		`($f := function($n) { 1 + $f($n) }; $f(0))`: "Stack overflow error: Check for non-terminating recursive function. Consider rewriting as tail-recursive.",
		`$sum(['a'])`:                                `Argument 1 of function "sum" must be an array of "numbers"`,
	} {
		e, err := jsonata.Compile(text)
		if err != nil {
			t.Errorf("%.40s: %v", text, err)
			continue
		}
		_, err = e.Eval(t.Context(), env(), nil, nil)
		if failed, ok := err.(*jsonata.Error); !ok || failed.Message != want { //nolint:errorlint // Eval returns it unwrapped
			t.Errorf("%.40s: %v", text, err)
		}
	}
}
