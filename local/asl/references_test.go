package asl_test

import (
	"reflect"
	"testing"
)

func TestTheVariablesThatStatesReadAreKnown(t *testing.T) {
	for _, c := range []struct {
		definition string
		want       map[string][]string
	}{
		{`{"StartAt":"A","States":{"A":{"Type":"Pass","Parameters":{"result":"$result"},"Assign":{"result":"foobar"},"Next":"B"},
			"B":{"Type":"Pass","Parameters":{"result.$":"$result"},"End":true}}}`, map[string][]string{"B": {"result"}}},
		{`{"StartAt":"A","States":{"A":{"Type":"Choice","Choices":[{"Variable":"$guess","StringEqualsPath":"$answer","Next":"B"}],"Default":"C"},
			"B":{"Type":"Pass","End":true},"C":{"Type":"Pass","Assign":{"guess.$":"$answer"},"Next":"A"}}}`,
			map[string][]string{"A": {"answer", "guess"}, "C": {"answer"}}},
		{`{"StartAt":"A","States":{"A":{"Type":"Wait","SecondsPath":"$time","Next":"M"},"M":{"Type":"Map","End":true,"ItemProcessor":{"StartAt":"S","States":{
			"S":{"Type":"Pass","Assign":{"Sum.$":"States.MathAdd(States.MathAdd($y, $x), $bias.b)"},"End":true}}}}}}`,
			map[string][]string{"A": {"time"}, "S": {"bias", "x", "y"}}},
		{`{"QueryLanguage":"JSONata","StartAt":"A","States":{"A":{"Type":"Pass","End":true,
			"Output":"{% ($z := $a + $sum($b.c); $map($states.input.l, function($v) { $v + $z + $c })) %}"}}}`,
			map[string][]string{"A": {"a", "b", "c"}}},
	} {
		if got := machine(t, c.definition).VariableReferences(); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%.80s: %v", c.definition, got)
		}
	}
}
