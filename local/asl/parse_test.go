package asl_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/mayfly-dev/mayfly/local/asl"
	"github.com/mayfly-dev/mayfly/statemachine"
)

func TestBadDefinitionsAreRefusedWithTheirPlace(t *testing.T) {
	one := func(state string) string { return `{"StartAt":"A","States":{"A":` + state + `}}` }
	for _, c := range []struct{ definition, code, location string }{
		{``, asl.CodeSchema, ""},
		{`not a definition`, asl.CodeInvalidJSON, ""},
		{`[]`, asl.CodeSchema, ""},
		{`{}`, asl.CodeSchema, "/"},
		{`{"StartAt":"B","States":{"A":{"Type":"Succeed"}}}`, asl.CodeMissingTarget, "/StartAt"},
		{`{"StartAt":"A","Nonsense":1,"States":{"A":{"Type":"Succeed"}}}`, asl.CodeSchema, "/Nonsense"},
		{one(`{}`), asl.CodeSchema, "/States/A"},
		{one(`{"Type":"Nap"}`), asl.CodeSchema, "/States/A/Type"},
		{one(`{"Type":"Pass"}`), asl.CodeSchema, "/States/A"},
		{one(`{"Type":"Pass","Next":"B"}`), asl.CodeMissingTarget, "/States/A/Next"},
		{one(`{"Type":"Pass","End":true,"Seconds":1}`), asl.CodeSchema, "/States/A/Seconds"},
		{one(`{"Type":"Pass","End":true,"InputPath":"a"}`), asl.CodeSchema, "/States/A/InputPath"},
		{one(`{"Type":"Pass","End":true,"ResultPath":"$.a[*]"}`), asl.CodeSchema, "/States/A/ResultPath"},
		{one(`{"Type":"Pass","End":true,"Parameters":{"a.$":"nonsense"}}`), asl.CodeSchema, "/States/A/Parameters/a.$"},
		{one(`{"Type":"Pass","End":true,"Parameters":{"a.$":"States.Nope($)"}}`), asl.CodeSchema, "/States/A/Parameters/a.$"},
		{one(`{"Type":"Task","End":true}`), asl.CodeSchema, "/States/A"},
		{one(`{"Type":"Task","End":true,"Resource":"x"}`), asl.CodeSchema, "/States/A/Resource"},
		{one(`{"Type":"Task","End":true,"Resource":"` + function + `x","TimeoutSeconds":0}`), asl.CodeSchema, "/States/A/TimeoutSeconds"},
		{one(`{"Type":"Task","End":true,"Resource":"` + function + `x","Retry":[{"ErrorEquals":["States.ALL","X"]}]}`), asl.CodeSchema, "/States/A/Retry/0/ErrorEquals"},
		{one(`{"Type":"Task","End":true,"Resource":"` + function + `x","Retry":[{"ErrorEquals":["X"],"BackoffRate":0.5}]}`), asl.CodeSchema, "/States/A/Retry/0/BackoffRate"},
		{one(`{"Type":"Task","End":true,"Resource":"` + function + `x","Catch":[{"ErrorEquals":["X"],"Next":"Z"}]}`), asl.CodeMissingTarget, "/States/A/Catch/0/Next"},
		{one(`{"Type":"Choice","Choices":[]}`), asl.CodeSchema, "/States/A/Choices"},
		{one(`{"Type":"Choice","Choices":[{"Variable":"$.a","Next":"A"}]}`), asl.CodeSchema, "/States/A/Choices/0"},
		{one(`{"Type":"Choice","Choices":[{"Variable":"$.a","StringEquals":1,"Next":"A"}]}`), asl.CodeSchema, "/States/A/Choices/0/StringEquals"},
		{one(`{"Type":"Choice","Choices":[{"Variable":"$.a","IsNull":true,"Next":"Z"}]}`), asl.CodeMissingTarget, "/States/A/Choices/0/Next"},
		{one(`{"Type":"Wait","End":true}`), asl.CodeSchema, "/States/A"},
		{one(`{"Type":"Wait","End":true,"Timestamp":"tomorrow"}`), asl.CodeSchema, "/States/A/Timestamp"},
		{one(`{"Type":"Wait","End":true,"Seconds":-1}`), asl.CodeSchema, "/States/A/Seconds"},
		{one(`{"Type":"Parallel","End":true,"Branches":[{"StartAt":"B","States":{"B":{"Type":"Pass","Next":"A"}}}]}`), asl.CodeMissingTarget, "/States/A/Branches/0/States/B/Next"},
		{one(`{"Type":"Map","End":true}`), asl.CodeSchema, "/States/A"},
		{one(`{"Type":"Map","End":true,"Label":"x","ItemProcessor":{"StartAt":"B","States":{"B":{"Type":"Succeed"}}}}`), asl.CodeSchema, "/States/A/Label"},
		{one(`{"Type":"Pass","End":true,"QueryLanguage":"JSONata","Output":"{% ( %}"}`), asl.CodeSchema, "/States/A/Output"},
		{one(`{"Type":"Pass","End":true,"QueryLanguage":"JSONata","InputPath":"$"}`), asl.CodeSchema, "/States/A/InputPath"},
		{one(`{"Type":"Pass","End":true,"Assign":{"states":1}}`), asl.CodeSchema, "/States/A/Assign/states"},
		{`{"QueryLanguage":"JSONata","StartAt":"A","States":{"A":{"Type":"Pass","QueryLanguage":"JSONPath","End":true}}}`, asl.CodeSchema, "/States/A"},
		{one(`{"Type":"Pass","End":true,"Result":` + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + `}`), asl.CodeInvalidJSON, ""},
		{`"` + strings.Repeat("x", 2<<20) + `"`, asl.CodeDefinitionTooBig, ""},
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

func TestExpressRefusesWhatExpressCannot(t *testing.T) {
	_, err := asl.Parse([]byte(`{"StartAt":"A","States":{"A":{"Type":"Task","Resource":"arn:aws:states:::sqs:sendMessage.waitForTaskToken","End":true}}}`), asl.Express())
	var refused *asl.DefinitionError
	if !errors.As(err, &refused) || refused.Diagnostics[0].Location != "/States/A/Resource" ||
		refused.Diagnostics[0].Message != "Express state machine does not support '.waitForTaskToken' service integration " {
		t.Error(err)
	}
}

func TestLint(t *testing.T) {
	m := machine(t, `{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"B"},"B":{"Type":"Pass","Next":"A"},"C":{"Type":"Succeed"}}}`)
	var codes []string
	for _, d := range m.Warnings() {
		codes = append(codes, d.Code+" "+d.Location)
	}
	want := []string{
		asl.CodeUnreachable + " /States/C", asl.CodeNoEnd + " /States/A",
		asl.CodeEndlessLoop + " /States/A", asl.CodeEndlessLoop + " /States/B",
	}
	if !slices.Equal(codes, want) {
		t.Errorf("%q", codes)
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
