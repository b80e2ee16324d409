package asl_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/mayfly-dev/mayfly/local/asl"
	"github.com/mayfly-dev/mayfly/statemachine"
)

func TestBadDefinitionsAreRefusedWithTheirPlace(t *testing.T) {
	for _, c := range []struct{ definition, code, location string }{
		{``, asl.CodeSchema, ""},
		{`not a definition`, asl.CodeInvalidJSON, "[Source: (String)\"not a definition\"; line: 1, column: 1]"},
		{`[]`, asl.CodeSchema, ""},
		{`{}`, asl.CodeSchema, "/"},
		{`{"StartAt":"B","States":{"A":{"Type":"Succeed"}}}`, asl.CodeMissingTarget, "/StartAt"},
		{`{"StartAt":"A","Nonsense":1,"States":{"A":{"Type":"Succeed"}}}`, asl.CodeSchema, "/"},
		{one(`{}`), asl.CodeSchema, "/States/A"},
		{one(`{"Type":"Nap"}`), asl.CodeSchema, "/States/A/Type"},
		{one(`{"Type":"Pass"}`), asl.CodeSchema, "/States/A"},
		{one(`{"Type":"Pass","Next":"B"}`), asl.CodeMissingTarget, "/States/A/Next"},
		{one(`{"Type":"Pass","End":true,"Seconds":1}`), asl.CodeSchema, "/States/A"},
		{one(`{"Type":"Pass","End":true,"InputPath":"a"}`), asl.CodeSchema, "/States/A/InputPath"},
		{one(`{"Type":"Pass","End":true,"ResultPath":"$.a[*]"}`), asl.CodeSchema, "/States/A/ResultPath"},
		{one(`{"Type":"Pass","End":true,"Parameters":{"a.$":"nonsense"}}`), asl.CodeSchema, "/States/A/Parameters/a.$"},
		{one(`{"Type":"Pass","End":true,"Parameters":{"a.$":"States.Nope($)"}}`), asl.CodeSchema, "/States/A/Parameters/a.$"},
		{one(`{"Type":"Task","End":true}`), asl.CodeSchema, "/States/A"},
		{one(`{"Type":"Task","End":true,"Resource":"x"}`), asl.CodeSchema, "/States/A/Resource"},
		{one(`{"Type":"Task","End":true,"Resource":"` + function + `x","TimeoutSeconds":0}`), asl.CodeSchema, "/States/A/TimeoutSeconds"},
		{one(`{"Type":"Task","End":true,"Resource":"` + function + `x","Retry":[{"ErrorEquals":["States.ALL","X"]}]}`), asl.CodeSchema, "/States/A/Retry[0]/ErrorEquals"},
		{one(`{"Type":"Task","End":true,"Resource":"` + function + `x","Retry":[{"ErrorEquals":["X"],"BackoffRate":0.5}]}`), asl.CodeSchema, "/States/A/Retry[0]/BackoffRate"},
		{one(`{"Type":"Task","End":true,"Resource":"` + function + `x","Catch":[{"ErrorEquals":["X"],"Next":"Z"}]}`), asl.CodeMissingTarget, "/States/A/Catch[0]/Next"},
		{one(`{"Type":"Choice","Choices":[]}`), asl.CodeSchema, "/States/A/Choices"},
		{one(`{"Type":"Choice","Choices":[{"Variable":"$.a","Next":"A"}]}`), asl.CodeSchema, "/States/A/Choices[0]"},
		{one(`{"Type":"Choice","Choices":[{"Variable":"$.a","StringEquals":1,"Next":"A"}]}`), asl.CodeSchema, "/States/A/Choices[0]/StringEquals"},
		{one(`{"Type":"Choice","Choices":[{"Variable":"$.a","IsNull":true,"Next":"Z"}]}`), asl.CodeMissingTarget, "/States/A/Choices[0]/Next"},
		{`{"StartAt":"","States":{"":{"Type":"Succeed"}}}`, asl.CodeInvalidState, "/States/"},
		{one(`{"Type":"Wait","End":true}`), asl.CodeSchema, "/States/A"},
		{one(`{"Type":"Wait","End":true,"Timestamp":"tomorrow"}`), asl.CodeSchema, "/States/A/Timestamp"},
		{one(`{"Type":"Wait","End":true,"Seconds":-1}`), asl.CodeSchema, "/States/A/Seconds"},
		{one(`{"Type":"Parallel","End":true,"Branches":[{"StartAt":"B","States":{"B":{"Type":"Pass","Next":"A"}}}]}`), asl.CodeMissingTarget, "/States/A/Branches[0]/States/B/Next"},
		{one(`{"Type":"Map","End":true}`), asl.CodeSchema, "/States/A"},
		{one(`{"Type":"Map","End":true,"Label":"x","ItemProcessor":{"StartAt":"B","States":{"B":{"Type":"Succeed"}}}}`), asl.CodeSchema, "/States/A/Label"},
		{one(`{"Type":"Pass","End":true,"QueryLanguage":"JSONata","Output":"{% ( %}"}`), asl.CodeInvalidJSONata, "/States/A/Output"},
		{one(`{"Type":"Pass","End":true,"QueryLanguage":"JSONata","InputPath":"$"}`), asl.CodeSchema, "/States/A"},
		{one(`{"Type":"Pass","End":true,"Assign":{"states":1}}`), asl.CodeSchema, "/States/A/Assign/states"},
		{`{"QueryLanguage":"JSONata","StartAt":"A","States":{"A":{"Type":"Pass","QueryLanguage":"JSONPath","End":true}}}`, asl.CodeSchema, "/States/A"},
		{`{"a":` + "\n  tru}", asl.CodeInvalidJSON, "[Source: (String)\"{\"a\":\n  tru}\"; line: 2, column: 3]"},
	} {
		_, err := asl.Parse([]byte(c.definition))
		var refused *asl.DefinitionError
		if !errors.As(err, &refused) {
			t.Errorf("%.100s: %v", c.definition, err)
			continue
		}
		if !slices.ContainsFunc(refused.Diagnostics, func(d asl.Diagnostic) bool { return d.Code == c.code && d.Location == c.location }) {
			t.Errorf("%.100s: %v", c.definition, refused)
		}
	}
}

// What AWS was seen to answer, word for word.
func TestDefinitionsAreRefusedInTheWordsOfAWS(t *testing.T) {
	loop := `"A":{"Type":"Pass","Next":"B"},"B":{"Type":"Pass","Next":"A"}`
	query := func(expression string) string {
		return `{"QueryLanguage":"JSONata","StartAt":"E","States":{"E":{"Type":"Pass","Output":{"v":"{% ` + expression + ` %}"},"End":true}}}`
	}
	for _, c := range []struct {
		definition string
		want       []string
	}{
		{``, []string{"SCHEMA_VALIDATION_FAILED: Definition must be a valid JSON object"}},
		{`{}`, []string{"SCHEMA_VALIDATION_FAILED: These fields are required: [States, StartAt] at /"}},
		{`{"StartAt":"A","States":{` + loop + `}}`, []string{"MISSING_END_STATE: Workflow has no terminal state"}},
		{`{"StartAt":"A","States":{` + loop + `,"X":{"Type":"Pass","Next":"A"}}}`, []string{"MISSING_END_STATE: Workflow has no terminal state"}},
		{`{"StartAt":"A","States":{` + loop + `,"C":{"Type":"Pass","End":true}}}`, []string{`MISSING_TRANSITION_TARGET: State "C" is not reachable. at /States/C`}},
		{one(`{"Type":"Pass","Next":"NOPE"}`), []string{
			"MISSING_TRANSITION_TARGET: Missing 'Next' target: NOPE at /States/A/Next", "MISSING_END_STATE: Workflow has no terminal state",
		}},
		{`{"StartAt":"pass1","States":{"pass1":{"Type":"Pass","Next":"pass3"},"pass2":{"Type":"Pass","End":true}}}`, []string{
			"MISSING_TRANSITION_TARGET: Missing 'Next' target: pass3 at /States/pass1/Next", `MISSING_TRANSITION_TARGET: State "pass2" is not reachable. at /States/pass2`,
		}},
		{one(`{"Type":"Choice","Choices":[{"Variable":"$.a","IsNull":true,"Next":"X"}],"Default":"Y"}`), []string{
			"MISSING_TRANSITION_TARGET: Missing 'Next' target: X at /States/A/Choices[0]/Next",
			"MISSING_TRANSITION_TARGET: Missing 'Next' target: Y at /States/A/Default", "MISSING_END_STATE: Workflow has no terminal state",
		}},
		{one(`{"Type":"Pass","End":true,"Catch":[]}`), []string{"SCHEMA_VALIDATION_FAILED: Field 'Catch' is not supported at /States/A"}},
		{one(`{"Type":"Parallel","End":true,"TimeoutSeconds":5,"Branches":[{"StartAt":"B","States":{"B":{"Type":"Succeed"}}}]}`),
			[]string{"SCHEMA_VALIDATION_FAILED: Field 'TimeoutSeconds' is not supported at /States/A"}},
		{one(`{"Type":"Pass","End":true,"Output":1}`), []string{
			"SCHEMA_VALIDATION_FAILED: The QueryLanguage is set to 'JSONPath', but field 'Output' is only supported for the 'JSONata' QueryLanguage at /States/A",
		}},
		{one(`{"Type":"Map","End":true,"ItemProcessor":{"QueryLanguage":"JSONata","StartAt":"B","States":{"B":{"Type":"Succeed"}}}}`),
			[]string{"SCHEMA_VALIDATION_FAILED: Field 'QueryLanguage' is not supported at /States/A/ItemProcessor"}},
		{`{"QueryLanguage":"JSONata","StartAt":"A","States":{"A":{"Type":"Pass","QueryLanguage":"JSONPath","End":true}}}`,
			[]string{"SCHEMA_VALIDATION_FAILED: 'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine at /States/A"}},
		{one(`{"Type":"Map","End":true,"ItemProcessor":{"StartAt":"A","States":{"A":{"Type":"Succeed"}}}}`),
			[]string{"DUPLICATE_STATE_NAME: Duplicate State name: A at /States/A/ItemProcessor/States/A"}},
		{query(`phone`), []string{"UNSUPPORTED_JSONATA_EXPRESSION: Reference to 'phone' at the top level is not supported. at /States/E/Output/v"}},
		{query(`a[1,2)`), []string{`INVALID_JSONATA_EXPRESSION: Expected "]", got "," at /States/E/Output/v`}},
		{query(`1 +`), []string{"INVALID_JSONATA_EXPRESSION: Unexpected end of expression at /States/E/Output/v"}},
	} {
		wantRefusal(t, c.definition, c.want...)
	}
}

// wantRefusal asserts that a definition is refused with these findings.
func wantRefusal(t *testing.T, definition string, want ...string) {
	t.Helper()
	_, err := asl.Parse([]byte(definition))
	var refused *asl.DefinitionError
	if !errors.As(err, &refused) {
		t.Errorf("%.100s: %v", definition, err)
		return
	}
	var got []string
	for _, d := range refused.Diagnostics {
		got = append(got, d.String())
	}
	if !slices.Equal(got, want) {
		t.Errorf("%.100s:\n got %q\nwant %q", definition, got, want)
	}
}

func TestWhatCannotBeReadIsRefused(t *testing.T) {
	for definition, want := range map[string]string{
		`{"StartAt":"A","States":{"A":{"Type":"Pass","End":true,"Result":` + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + `}}}`: asl.CodeInvalidJSON,
		`"` + strings.Repeat("x", 2<<20) + `"`: asl.CodeSchema,
		nested(70):                             asl.CodeTooDeep,
	} {
		_, err := asl.Parse([]byte(definition))
		var refused *asl.DefinitionError
		if !errors.As(err, &refused) || refused.Diagnostics[0].Code != want {
			t.Errorf("%.100s: %.200v", definition, err)
		}
	}
}

// nested is a machine of Parallel states within Parallel states.
func nested(depth int) string {
	flow := `{"StartAt":"S","States":{"S":{"Type":"Succeed"}}}`
	for i := range depth {
		flow = fmt.Sprintf(`{"StartAt":"P%d","States":{"P%d":{"Type":"Parallel","End":true,"Branches":[%s]}}}`, i, i, flow)
	}
	return flow
}

func TestLabelsAreChecked(t *testing.T) {
	labelled := func(first, second string) string {
		state := func(name, inner, label string) string {
			return `"` + name + `":{"Type":"Map","Label":"` + label + `","End":true,"ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"},
				"StartAt":"` + inner + `","States":{"` + inner + `":{"Type":"Succeed"}}}}`
		}
		return `{"StartAt":"C","States":{"C":{"Type":"Choice","Choices":[{"Variable":"$.a","IsNull":true,"Next":"A"}],"Default":"B"},` +
			state("A", "A1", first) + `,` + state("B", "B1", second) + `}}`
	}
	for _, c := range []struct{ first, second, code string }{
		{"one", "two", ""}, {"same", "same", asl.CodeDuplicateLabel}, {"with blank", "two", asl.CodeInvalidLabel},
		{strings.Repeat("x", 41), "two", asl.CodeInvalidLabel}, {strings.Repeat("ü", 40), "two", ""},
	} {
		_, err := asl.Parse([]byte(labelled(c.first, c.second)))
		var refused *asl.DefinitionError
		if errors.As(err, &refused) != (c.code != "") || refused != nil && refused.Diagnostics[0].Code != c.code {
			t.Errorf("%s, %s: %v", c.first, c.second, err)
		}
	}
}

func TestExpressRefusesWhatExpressCannot(t *testing.T) {
	_, err := asl.Parse([]byte(`{"StartAt":"A","States":{"A":{"Type":"Task","Resource":"arn:aws:states:::sqs:sendMessage.waitForTaskToken","End":true}}}`), asl.Express())
	var refused *asl.DefinitionError
	if !errors.As(err, &refused) || refused.Diagnostics[0].Location != "/States/A/Resource" ||
		refused.Diagnostics[0].Message != "Express state machine does not support '.waitForTaskToken' service integration " {
		t.Error(err)
	}
}

func TestLint(t *testing.T) {
	m := machine(t, `{"StartAt":"A","States":{"A":{"Type":"Choice","Choices":[{"Variable":"$.a","IsNull":true,"Next":"A2"}],"Default":"B"},
		"A2":{"Type":"Pass","Next":"C"},"B":{"Type":"Pass","Next":"B2"},"B2":{"Type":"Pass","Next":"B"},"C":{"Type":"Succeed"}}}`)
	var codes []string
	for _, d := range m.Warnings() {
		codes = append(codes, d.Code+" "+d.Location)
	}
	want := []string{
		asl.CodeEndlessLoop + " /States/B", asl.CodeEndlessLoop + " /States/B2",
	}
	if !slices.Equal(codes, want) {
		t.Errorf("%q", codes)
	}
}

func TestWarningsOfAWS(t *testing.T) {
	m := machine(t, `{"StartAt":"A","States":{"A":{"Type":"Pass","Result":{"v":["$.x"]},"Next":"B"},
		"B":{"Type":"Pass","Parameters":{"a":"$.x","b":"States.UUID()","c":"$5","d.$":"$.x"},"Next":"C"},
		"C":{"Type":"Choice","Choices":[{"Variable":"$.s","StringEquals":"$.t","Next":"D"}],"Default":"D"},"D":{"Type":"Fail","Error":"$.e","Cause":"why"}}}`)
	var got []string
	for _, d := range m.Warnings() {
		got = append(got, d.Code+" "+d.Location)
	}
	want := []string{
		asl.CodeStaticResult + " /States/A/Result", asl.CodeNoDollar + " /States/B/Parameters/a", asl.CodeNoDollar + " /States/B/Parameters/b",
		asl.CodeNoPath + " /States/C/Choices[0]/StringEquals", asl.CodeNoPath + " /States/D/Error",
	}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

func TestMayflysOwnMachinesHaveNoFindings(t *testing.T) {
	all, err := statemachine.All()
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range all {
		text, err := d.Bind(func(name string) string { return function + name })
		if err != nil {
			t.Fatal(err)
		}
		m, err := asl.Parse([]byte(text))
		if err != nil {
			t.Errorf("%s: %v", d.Name, err)
			continue
		}
		for _, w := range m.Warnings() {
			t.Errorf("%s: %s", d.Name, w)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(busy))
	f.Add([]byte(distributed("", keep)))
	f.Add([]byte(`{"QueryLanguage":"JSONata","StartAt":"A","States":{"A":{"Type":"Pass","Output":"{% 1 %}","End":true}}}`))
	f.Fuzz(func(t *testing.T, definition []byte) {
		m, err := asl.Parse(definition)
		if err != nil {
			var refused *asl.DefinitionError
			if !errors.As(err, &refused) || len(refused.Diagnostics) == 0 {
				t.Fatal(err)
			}
			return
		}
		for _, s := range m.States() {
			_ = s.Targets()
		}
	})
}

func TestADefinitionHasAtMost5000Expressions(t *testing.T) {
	_, err := asl.Parse([]byte(`{"QueryLanguage":"JSONata","StartAt":"A","States":{"A":{"Type":"Pass","End":true,"Output":[` +
		strings.Repeat(`"{%1%}",`, 5001) + `0]}}}`))
	var refused *asl.DefinitionError
	if !errors.As(err, &refused) || refused.Diagnostics[0].Location != "/States/A/Output[5000]" {
		t.Errorf("%.200v", err)
	}
}
