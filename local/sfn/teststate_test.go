package sfn_test

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"github.com/mayfly-dev/mayfly/local/asl"
	"github.com/mayfly-dev/mayfly/local/sfn"
)

func TestAStateIsTestedByItself(t *testing.T) {
	c := start(t, t.TempDir(), functions{
		functionARN("f"): func(_ context.Context, payload []byte) ([]byte, error) { return payload, nil },
		functionARN("bad"): func(context.Context, []byte) ([]byte, error) {
			return nil, &sfn.FunctionError{ErrorType: "Bad", ErrorMessage: "it is"}
		},
	})
	bad := `{"Type":"Task","Resource":"` + functionARN("bad") + `","Next":"N"`
	for name, d := range map[string]struct {
		definition, input, state string
		mock                     *types.MockInput
		status                   types.TestExecutionStatus
		output, next, failure    string
	}{
		"pass":   {definition: `{"Type":"Pass","Result":1,"ResultPath":"$.r","Next":"N"}`, input: `{"a":2}`, status: "SUCCEEDED", output: `{"a":2,"r":1}`, next: "N"},
		"end":    {definition: `{"Type":"Pass","End":true}`, input: `{"a":2}`, status: "SUCCEEDED", output: `{"a":2}`},
		"choice": {definition: `{"Type":"Choice","Choices":[{"Variable":"$.a","NumericEquals":2,"Next":"Two"}],"Default":"Other"}`, input: `{"a":2}`, status: "SUCCEEDED", output: `{"a":2}`, next: "Two"},
		"task":   {definition: `{"Type":"Task","Resource":"` + functionARN("f") + `","End":true}`, input: `[1]`, status: "SUCCEEDED", output: `[1]`},
		"fail":   {definition: `{"Type":"Fail","Error":"E","Cause":"C"}`, input: `{}`, status: "FAILED", failure: "E"},
		"failed": {definition: bad + `}`, input: `{}`, status: "FAILED", failure: "Bad"},
		"retry":  {definition: bad + `,"Retry":[{"ErrorEquals":["Bad"]}]}`, input: `{}`, status: "RETRIABLE", failure: "Bad"},
		"catch": {
			definition: bad + `,"Catch":[{"ErrorEquals":["Bad"],"ResultPath":"$.error.Cause","Next":"Sorry"}]}`, input: `{"error":{}}`, status: "CAUGHT_ERROR", next: "Sorry", failure: "Bad",
		},
		"mock": {
			definition: bad + `}`, input: `{}`, mock: &types.MockInput{Result: aws.String(`{"mocked":true}`)}, status: "SUCCEEDED", next: "N", output: `{"mocked":true}`,
		},
		"mock-error": {
			definition: bad + `}`, input: `{}`, mock: &types.MockInput{ErrorOutput: &types.MockErrorOutput{Error: aws.String("Other"), Cause: aws.String("x")}}, status: "FAILED", failure: "Other",
		},
		"named": {definition: passing, state: "A", input: `7`, status: "SUCCEEDED", output: `7`, next: "B"},
	} {
		t.Run(name, func(t *testing.T) {
			in := &api.TestStateInput{Definition: &d.definition, Input: &d.input, RoleArn: aws.String(role), Mock: d.mock}
			if d.state != "" {
				in.StateName = &d.state
			}
			out, err := c.TestState(t.Context(), in)
			if err != nil {
				t.Fatal(err)
			}
			if out.Status != d.status || str(out.NextState) != d.next || str(out.Error) != d.failure || d.output != "" && str(out.Output) != d.output {
				t.Errorf("%s, output %s, next %s, error %s %s", out.Status, str(out.Output), str(out.NextState), str(out.Error), str(out.Cause))
			}
		})
	}
	_, err := c.TestState(t.Context(), &api.TestStateInput{Definition: aws.String(`{"Type":"Nope"}`)})
	refused(t, "a state that is none", err, "InvalidDefinition")
	_, err = c.TestState(t.Context(), &api.TestStateInput{Definition: aws.String(passing), StateName: aws.String("Z")})
	refused(t, "a state that is not there", err, "ValidationException")
	if all, _ := c.service.Engine().List(asl.Listing{}); len(all) != 0 {
		t.Errorf("tests left %d executions", len(all))
	}
}
