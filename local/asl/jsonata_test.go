package asl_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/mayfly-dev/mayfly/local/asl"
	"github.com/mayfly-dev/mayfly/local/asl/asltest"
	"github.com/mayfly-dev/mayfly/local/asl/jsonata"
)

func TestJSONataStates(t *testing.T) {
	for _, c := range []struct {
		does, definition, input, output, failed, path string
		takes                                         time.Duration
	}{
		{
			does: "Task takes Arguments and gives Output, and assigns",
			definition: `{"QueryLanguage":"JSONata","StartAt":"A","States":{
				"A":{"Type":"Task","Resource":"` + function + `x","Arguments":{"n":"{% $states.input.n * 2 %}","s":"plain"},
				"Assign":{"twice":"{% $states.result.n %}","list":[1,"{% $states.input.n %}"]},"Output":"{% $states.result %}","Next":"B"},
				"B":{"Type":"Pass","Output":{"t":"{% $twice %}","l":"{% $list %}","sum":"{% $sum($list) %}","name":"{% $states.context.State.Name %}"},"End":true}}}`,
			input: `{"n":4}`, output: `{"t":8,"l":[1,4],"sum":5,"name":"B"}`, path: "A B",
		},
		{
			does: "Choice conditions are expressions",
			definition: `{"QueryLanguage":"JSONata","StartAt":"A","States":{"A":{"Type":"Choice","Choices":[
				{"Condition":"{% $states.input.n > 5 %}","Next":"X"},{"Condition":true,"Output":{"o":"{% $states.input.n %}"},"Next":"Y"}]},
				"X":{"Type":"Succeed"},"Y":{"Type":"Succeed","Output":"{% $states.input.o + 1 %}"}}}`,
			input: `{"n":4}`, output: `5`, path: "A Y",
		},
		{
			does: "Wait, Map and both languages in one machine",
			definition: `{"StartAt":"M","States":{
				"M":{"Type":"Map","QueryLanguage":"JSONata","Items":"{% $states.input.list %}","ItemSelector":{"v":"{% $states.context.Map.Item.Value %}"},
				"ItemProcessor":{"StartAt":"W","States":{"W":{"Type":"Wait","QueryLanguage":"JSONata","Seconds":"{% $states.input.v %}","End":true}}},
				"Output":"{% $states.result.v %}","Next":"P"},
				"P":{"Type":"Pass","Parameters":{"all.$":"$","n.$":"States.ArrayLength($)"},"End":true}}}`,
			input: `{"list":[1,3,2]}`, output: `{"all":[1,3,2],"n":3}`, path: "M W W W P", takes: 3 * time.Second,
		},
		{
			does: "an expression that gives nothing fails, and can be caught",
			definition: `{"QueryLanguage":"JSONata","StartAt":"A","States":{"A":{"Type":"Task","Resource":"` + function + `x",
				"Arguments":"{% $states.input.none %}","Catch":[{"ErrorEquals":["States.QueryEvaluationError"],
				"Output":"{% $states.errorOutput.Error %}","Next":"B"}],"End":true},"B":{"Type":"Succeed"}}}`,
			input: `{}`, output: `"States.QueryEvaluationError"`, path: "A B",
		},
		{
			does:       "Fail computes its error",
			definition: `{"QueryLanguage":"JSONata","StartAt":"A","States":{"A":{"Type":"Fail","Error":"{% 'E' & $states.input.n %}","Cause":"c"}}}`,
			input:      `{"n":1}`, failed: "E1", path: "A",
		},
	} {
		t.Run(c.does, func(t *testing.T) {
			got := run(t, c.definition, c.input)
			if got.Output != c.output || got.Error != c.failed {
				t.Errorf("output %s, error %s (%s)", got.Output, got.Error, got.Cause)
			}
			if path := strings.Join(got.Path, " "); path != c.path {
				t.Errorf("path %s, want %s", path, c.path)
			}
			if got.Duration != c.takes {
				t.Errorf("took %v, want %v", got.Duration, c.takes)
			}
		})
	}
}

func TestAnEvaluationThatFailsIsInTheHistory(t *testing.T) {
	got := run(t, `{"QueryLanguage":"JSONata","StartAt":"A","States":{"A":{"Type":"Pass","Output":{"x":"{% $states.input.none %}"},"End":true}}}`, `{}`)
	want := "1<0 ExecutionStarted\n2<0 PassStateEntered\n3<2 EvaluationFailed\n4<3 ExecutionFailed"
	if events(got.Events) != want || got.Events[2].Location != "Output/x" || got.Events[2].State != "A" {
		t.Errorf("got\n%s\n%+v", events(got.Events), got.Events[2])
	}
}

func TestAnEndlessExpressionEnds(t *testing.T) {
	// In real time, since the limit on evaluations is in real time.
	got, err := asltest.Run(t.Context(), `{"QueryLanguage":"JSONata","StartAt":"A","States":{"A":{"Type":"Pass",
		"Output":"{% ($f := function($n){$f($n+1)}; $f(0)) %}","End":true}}}`, `{}`, asl.TaskFunc(echo))
	if err != nil || got.Error != asl.ErrorQueryEvaluation {
		t.Errorf("%v %+v", err, got)
	}
}

// An expression is given what it can see of $states, and sees the same.
func TestExpressionsSeeAllThatTheyName(t *testing.T) {
	const input = `{"limit":2,"orders":[{"id":"a","price":1,"items":[{"n":1}]},{"id":"b","price":3,"items":[{"n":2},{"n":3}]}],"odd name":["x"],"other":{"deep":{"n":5}}}`
	for _, expression := range []string{
		`$states.input.orders[price > $states.input.limit].id`, `$states.input.orders.items.{'n': n, 'of': %.id}`, `$states.input.orders.items.{'n': n, 'limit': %.%.limit}`,
		`$states.input.*[0]`, `$keys($states.input)`, `$count($keys($states))`, `$states.input.orders@$o.limit`, `$states.input.orders@$o.{'id': $o.id, 'limit': limit}`, "$states.input.`odd name`[]",
		`$states.input.orders#$i.{'i': $i, 'id': id}`, `$states.input.other.**.n`, `$states.input ~> |orders|{'seen': true}|`, `$states.input.orders^(>price).id`,
		`($s := $states; $s.input.limit)`, `$states.input.orders{id: price}`, `$exists($states.result)`, `$states.context.State.Name & $states.input.limit`,
		`$states.input[limit = 2].orders[0].id`, `$lookup($states.input, 'limit')`, `$states.input.(limit + $count(orders))`,
	} {
		quoted, err := json.Marshal("{% " + expression + " %}")
		if err != nil {
			t.Fatal(err)
		}
		out, err := asltest.Run(t.Context(), `{"QueryLanguage":"JSONata","StartAt":"A","States":{"A":{"Type":"Pass","Output":{"out":`+string(quoted)+`},"End":true}}}`, input, nil)
		if err != nil {
			t.Fatal(err)
		}
		e, err := jsonata.Compile(expression)
		if err != nil {
			t.Fatal(err)
		}
		whole := json.RawMessage(`{"input":` + input + `,"context":{"State":{"Name":"A"}}}`)
		want, err := e.EvalJSON(t.Context(), jsonata.Env{}, nil, map[string]any{"states": whole})
		if err != nil {
			t.Fatalf("%s: %v", expression, err)
		}
		if got := out.Output; got != `{"out":`+string(want)+`}` {
			t.Errorf("%s: %s %s, want %s", expression, got, out.Cause, want)
		}
	}
}
