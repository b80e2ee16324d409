package asl_test

import (
	"context"
	"errors"
	"testing"

	"github.com/mayfly-dev/mayfly/local/asl"
)

func TestTestState(t *testing.T) {
	e := engine(t, asl.Options{})
	broken := asl.TaskFunc(func(context.Context, asl.Task) ([]byte, error) {
		return nil, &asl.TaskError{Name: "E", Cause: "C"}
	})
	task := `{"Type":"Task","Resource":"` + function + `x",`
	for _, c := range []struct {
		does string
		in   asl.StateTest
		want asl.StateTested
	}{
		{"succeeds and says what is next", asl.StateTest{Definition: []byte(`{"Type":"Pass","Parameters":{"a.$":"$.b","v.$":"$v"},"Next":"N"}`),
			Input: []byte(`{"b":1}`), Variables: []byte(`{"v":7}`)}, asl.StateTested{Status: asl.TestedSucceeded, Output: []byte(`{"a":1,"v":7}`), NextState: "N"}},
		{"does not wait", asl.StateTest{Definition: []byte(`{"Type":"Wait","Seconds":1000,"End":true}`)},
			asl.StateTested{Status: asl.TestedSucceeded, Output: []byte(`{}`)}},
		{"chooses", asl.StateTest{Definition: []byte(`{"Type":"Choice","Choices":[{"Variable":"$.x","IsPresent":true,"Next":"A"}],"Default":"B"}`)},
			asl.StateTested{Status: asl.TestedSucceeded, Output: []byte(`{}`), NextState: "B"}},
		{"fails", asl.StateTest{Definition: []byte(task + `"End":true}`), Tasks: broken},
			asl.StateTested{Status: asl.TestedFailed, Error: "E", Cause: "C"}},
		{"would retry", asl.StateTest{Definition: []byte(task + `"Retry":[{"ErrorEquals":["E"]}],"End":true}`), Tasks: broken},
			asl.StateTested{Status: asl.TestedRetriable, Error: "E", Cause: "C"}},
		{"catches", asl.StateTest{Definition: []byte(task + `"Catch":[{"ErrorEquals":["E"],"Next":"H"}],"End":true}`), Tasks: broken},
			asl.StateTested{Status: asl.TestedCaught, Output: []byte(`{"Error":"E","Cause":"C"}`), Error: "E", Cause: "C", NextState: "H"}},
	} {
		t.Run(c.does, func(t *testing.T) {
			got, err := e.TestState(t.Context(), c.in)
			if err != nil {
				t.Fatal(err)
			}
			if got.Status != c.want.Status || string(got.Output) != string(c.want.Output) || got.Error != c.want.Error ||
				got.Cause != c.want.Cause || got.NextState != c.want.NextState {
				t.Errorf("%+v", got)
			}
		})
	}
	var refused *asl.DefinitionError
	if _, err := e.TestState(t.Context(), asl.StateTest{Definition: []byte(`{"Type":"Nap"}`)}); !errors.As(err, &refused) {
		t.Error(err)
	}
}
