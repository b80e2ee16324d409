package intrinsic_test

import (
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mayfly-dev/mayfly/local/asl/intrinsic"
	"github.com/mayfly-dev/mayfly/local/asl/jsonpath"
)

const input = `{"name":"Arnav","n":1234,"f":1.5,"t":true,"z":null,"list":[1,2,3,3,"a","a",{"x":1},{"x":1.0},[1],[1.0]],"obj":{"a":{"x":1},"b":2},
"over":{"a":{"y":2},"c":3},"json":"{\"number\":20}","tpl":"Hi {} \\{\\}","long":"LONG"}`

var errMissing = errors.New("no such path")

func env(t *testing.T) intrinsic.Env {
	t.Helper()
	var root any
	text := strings.Replace(input, "LONG", strings.Repeat("ü", intrinsic.MaxCharacters+1), 1)
	if err := json.Unmarshal([]byte(text), &root); err != nil {
		t.Fatal(err)
	}
	return intrinsic.Env{
		Path: func(ref *jsonpath.Ref) (any, error) {
			if ref.Root == jsonpath.Variable {
				return "var " + ref.Name, nil
			}
			value, found, err := ref.Path.Get(root)
			if err == nil && !found {
				err = errMissing
			}
			return value, err
		},
		Random: func() float64 { return 0.5 },
		UUID:   func() string { return "ca4c1140-dcc1-40cd-ad05-7b4aa23df4a8" },
	}
}

func TestFunctionsAnswerAsAWSDocuments(t *testing.T) {
	for text, want := range map[string]string{
		`States.Format('Hello, my name is {}.', $.name)`:                           `"Hello, my name is Arnav."`,
		`States.Format('{}{} {} {}', $.n, $.f, true, null)`:                        `"12341.5 true null"`,
		`States.Format('{} {}', 1.50, $.z)`:                                        `"1.50 null"`,
		`States.Format('It\'s \{\} {} \\', 'x{}')`:                                 `"It's {} x{} \\"`,
		`States.Format($.tpl, $$.name)`:                                            `"Hi Arnav {}"`,
		`States.Format('{}', $who.x)`:                                              `"var who"`,
		`States.Format('none')`:                                                    `"none"`,
		`States.StringToJson($.json)`:                                              `{"number":20}`,
		`States.StringToJson('[1, 2]')`:                                            `[1,2]`,
		`States.JsonToString($.obj)`:                                               `"{\"a\":{\"x\":1},\"b\":2}"`,
		`States.JsonToString('<&>')`:                                               `"\"<&>\""`,
		`States.Array($.n, 'x', true, null, 2)`:                                    `[1234,"x",true,null,2]`,
		`States.Array()`:                                                           `[]`,
		`States.ArrayPartition(States.Array(1,2,3,4,5), 2)`:                        `[[1,2],[3,4],[5]]`,
		`States.ArrayPartition(States.Array(1,2,3), 1.6)`:                          `[[1,2],[3]]`,
		`States.ArrayContains($.list, 3)`:                                          `true`,
		`States.ArrayContains($.list, $.obj.a)`:                                    `true`,
		`States.ArrayContains($.list, '3')`:                                        `false`,
		`States.ArrayRange(1, 9, 2)`:                                               `[1,3,5,7,9]`,
		`States.ArrayRange(3, -3, -3)`:                                             `[3,0,-3]`,
		`States.ArrayRange(3, 1, 1)`:                                               `[]`,
		`States.ArrayGetItem($.list, 1)`:                                           `2`,
		`States.ArrayLength($.list)`:                                               `10`,
		`States.ArrayUnique($.list)`:                                               `[1,2,3,"a",{"x":1},[1]]`,
		`States.Base64Encode('Data to encode')`:                                    `"RGF0YSB0byBlbmNvZGU="`,
		`States.Base64Decode('RGVjb2RlZCBkYXRh')`:                                  `"Decoded data"`,
		`States.Base64Decode('RGF0YSB0byBlbmNvZGU')`:                               `"Data to encode"`,
		`States.Hash('input data', 'SHA-1')`:                                       `"aaff4a450a104cd177d28d18d74485e8cae074b7"`,
		`States.Hash('abc', 'MD5')`:                                                `"900150983cd24fb0d6963f7d28e17f72"`,
		`States.Hash('abc', 'SHA-256')`:                                            `"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"`,
		`States.ArrayLength(States.StringSplit(States.Hash('a', 'SHA-384'), '!'))`: `1`,
		`States.ArrayLength(States.StringSplit(States.Hash('a', 'SHA-512'), '!'))`: `1`,
		`States.JsonMerge($.obj, $.over, false)`:                                   `{"a":{"y":2},"b":2,"c":3}`,
		`States.MathAdd(111, -1)`:                                                  `110`,
		`States.MathAdd(1.5, 1.4)`:                                                 `3`,
		`States.MathRandom(1, 11)`:                                                 `6`,
		`States.StringSplit('1,2,3,4,5', ',')`:                                     `["1","2","3","4","5"]`,
		`States.StringSplit('This.is+a,test=string', '.+,=')`:                      `["This","is","a","test","string"]`,
		`States.StringSplit(',a,,b', ',')`:                                         `["a","b"]`,
		`States.StringSplit('ab', '')`:                                             `["ab"]`,
		`States.UUID()`:                                                            `"ca4c1140-dcc1-40cd-ad05-7b4aa23df4a8"`,
		` States.ArrayLength( States.Array( $.list[?(@ == 'a')] , 1 ) ) `:          `2`,
		`States.ArrayGetItem($['list'], 0)`:                                        `1`,
		`States.Format('{}', $.list.length())`:                                     `"10"`,
	} {
		t.Run(text, func(t *testing.T) {
			e, err := intrinsic.Parse(text)
			if err != nil {
				t.Fatal(err)
			}
			got, err := e.Eval(env(t))
			if err != nil {
				t.Fatal(err)
			}
			encoded, err := json.Marshal(got)
			if err != nil {
				t.Fatal(err)
			}
			var gotPlain, wantPlain any
			if err := errors.Join(json.Unmarshal(encoded, &gotPlain), json.Unmarshal([]byte(want), &wantPlain)); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(wantPlain, gotPlain); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestFunctionsFailByTheReservedName(t *testing.T) {
	for _, text := range []string{
		`States.Format('{}')`, `States.Format('a', 1)`, `States.Format('{}', $.list)`, `States.Format(1)`, `States.Format('{', 1)`, `States.Format($.name, 1)`,
		`States.StringToJson('{')`, `States.StringToJson('1 2')`, `States.StringToJson($.n)`, `States.StringToJson('')`,
		`States.ArrayPartition($.list, 0)`, `States.ArrayPartition($.list, -1)`, `States.ArrayPartition($.obj, 1)`, `States.ArrayPartition($.list, 'x')`,
		`States.ArrayContains($.obj, 1)`, `States.ArrayRange(0, 1000, 1)`, `States.ArrayRange(0, 1, 0)`, `States.ArrayRange('0', 1, 1)`,
		`States.ArrayGetItem($.list, 10)`, `States.ArrayGetItem($.list, -1)`, `States.ArrayLength('abc')`, `States.ArrayUnique('abc')`,
		`States.Base64Encode($.long)`, `States.Base64Encode(1)`, `States.Base64Decode($.long)`, `States.Base64Decode('!')`, `States.Hash($.long, 'MD5')`,
		`States.Hash('a', 'md4')`, `States.Hash('a', 1)`, `States.JsonMerge($.obj, $.over, true)`, `States.JsonMerge($.obj, 1, false)`,
		`States.JsonMerge(1, $.obj, false)`, `States.JsonMerge($.obj, $.over, 'false')`, `States.MathAdd(2147483647, 1)`, `States.MathAdd(2147483648, 1)`,
		`States.MathAdd('1', 1)`, `States.MathRandom(5, 5)`, `States.MathRandom(5, 1)`, `States.MathRandom(1, 2, 'x')`, `States.StringSplit(1, ',')`,
		`States.StringSplit('a', 1)`,
	} {
		e, err := intrinsic.Parse(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		value, err := e.Eval(env(t))
		var failed *intrinsic.Error
		if !errors.As(err, &failed) || failed.ErrorName() != "States.IntrinsicFailure" || !strings.HasPrefix(text, failed.Function) || failed.Reason == "" {
			t.Errorf("%s = %v, error %v, want an intrinsic failure", text, value, err)
		}
	}
}

func TestAMissingPathIsThePathsOwnFailure(t *testing.T) {
	e, err := intrinsic.Parse(`States.Format('{}', States.ArrayLength($.missing))`)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.Eval(env(t)); !errors.Is(err, errMissing) {
		t.Errorf("error %v, want the path's", err)
	}
	if refs := e.Refs(); len(refs) != 1 || refs[0].String() != "$.missing" {
		t.Errorf("refs %v", refs)
	}
}

func TestMathRandomRepeatsForASeed(t *testing.T) {
	e, err := intrinsic.Parse(`States.MathRandom(0, 1000000, 42)`)
	if err != nil {
		t.Fatal(err)
	}
	first, err := e.Eval(env(t))
	if err != nil {
		t.Fatal(err)
	}
	second, err := e.Eval(env(t))
	if err != nil || first != second {
		t.Errorf("%v, then %v (%v)", first, second, err)
	}
}

func TestMathRandomNeverReachesItsEnd(t *testing.T) {
	e, err := intrinsic.Parse(`States.MathRandom(-2147483648, 2147483647)`)
	if err != nil {
		t.Fatal(err)
	}
	edge := env(t)
	edge.Random = func() float64 { return math.Nextafter(1, 0) }
	if got, err := e.Eval(edge); err != nil || got != float64(math.MaxInt32-1) {
		t.Errorf("%v (%v)", got, err)
	}
}

func TestParseRefusesWhatIsNoCall(t *testing.T) {
	for _, text := range []string{
		``, `States`, `States.Format`, `States.Nope()`, `States.UUID(`, `States.UUID())`, `States.UUID(1)`, `States.Format()`, `States.Array(1,)`, `States.Array(,1)`,
		`States.Array(1 2)`, `States.Array('a)`, `States.Array('a\n')`, `States.Array("a")`, `States.Array($.)`, `States.Array($.a b)`, `States.Array(nil)`,
		`States.Array(01)`, `States.Array(+1)`, `States.MathAdd(1)`, `States.MathAdd(1,2,3)`, `$.a`, `States.Array('\`, "States.Array('\xff')", `States.Array([1])`,
		strings.Repeat(`States.Array(`, 11) + strings.Repeat(`)`, 11),
		strings.Repeat(`States.Array(`, 100_000),
	} {
		_, err := intrinsic.Parse(text)
		var syntax *intrinsic.SyntaxError
		if !errors.As(err, &syntax) {
			t.Errorf("%.40q: error %v, want a syntax error", text, err)
		}
	}
	if _, err := intrinsic.Parse(strings.Repeat(`States.Array(`, 10) + strings.Repeat(`)`, 10)); err != nil {
		t.Errorf("ten functions: %v", err)
	}
}

func TestResultsThatExplodeAreRefused(t *testing.T) {
	wide := strings.Repeat(`$.long,`, 200) + `1`
	for _, text := range []string{
		`States.Array(` + wide + `)`,
		`States.Format('` + strings.Repeat(`{}`, 200) + `',` + strings.Repeat(`$.long,`, 199) + `$.long)`,
	} {
		e, err := intrinsic.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		var failed *intrinsic.Error
		if _, err := e.Eval(env(t)); !errors.As(err, &failed) {
			t.Errorf("%.30s: error %v, want an intrinsic failure", text, err)
		}
	}
}

func FuzzCall(f *testing.F) {
	for _, seed := range []string{
		`States.Format('It\'s \{{}\} {}', $.a[?(@.b == ')')], States.MathAdd(1, $v))`, `States.ArrayUnique(States.Array(1, 1.0, null, 'x', $))`,
		`States.StringToJson(States.JsonToString($))`, `States.ArrayPartition(States.ArrayRange(1, 9, 2), 2)`, `States.Base64Decode(States.Base64Encode('x'))`,
	} {
		f.Add(seed, `{"a":[{"b":")"}]}`)
	}
	f.Fuzz(func(t *testing.T, text, document string) {
		e, err := intrinsic.Parse(text)
		if err != nil {
			return
		}
		var root any
		if json.Unmarshal([]byte(document), &root) != nil {
			root = nil
		}
		value, err := e.Eval(intrinsic.Env{
			Path: func(ref *jsonpath.Ref) (any, error) {
				value, _, err := ref.Path.Get(root)
				return value, err
			},
			Random: func() float64 { return 0 },
			UUID:   func() string { return "" },
		})
		if err != nil {
			return
		}
		if _, err := json.Marshal(value); err != nil {
			t.Fatalf("%q gives what is no JSON: %v", text, err)
		}
	})
}
