package sfn_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/mayfly-dev/mayfly/local/asl"
	"github.com/mayfly-dev/mayfly/local/sfn"
)

// TestATaskNeedsItsMachinesRights: each task asks for what its role needs on
// AWS, and one that is refused fails as it does there.
func TestATaskNeedsItsMachinesRights(t *testing.T) {
	const (
		function = "arn:aws:lambda:us-east-1:000000000000:function:step:3"
		inner    = "arn:aws:states:us-east-1:000000000000:stateMachine:inner"
		rule     = "arn:aws:events:us-east-1:000000000000:rule/StepFunctionsGetEventsForStepFunctionsExecutionRule"
	)
	var asked []string
	forbidden := ""
	c := start(t, t.TempDir(), functions{function: func(context.Context, []byte) ([]byte, error) { return []byte(`{}`), nil }}, func(o *sfn.Options) {
		o.Authorize = func(task asl.Task, action, resource string) string {
			if task.RoleARN != role {
				t.Errorf("asked with the rights of %s", task.RoleARN)
			}
			asked = append(asked, action+" "+resource)
			if action == forbidden {
				return "User: role is not authorized to perform: " + action
			}
			return ""
		}
	})
	c.create(t, "inner", `{"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}`)
	execution := strings.Replace(inner, ":stateMachine:", ":execution:", 1)
	for _, row := range []struct {
		name, resource, input, failure string
		asks                           []string
	}{
		{"byarn", function, `{}`, "Lambda.AWSLambdaException", []string{"lambda:InvokeFunction " + function}},
		{"optimized", "arn:aws:states:::lambda:invoke", `{"FunctionName":"` + function + `"}`, "Lambda.AWSLambdaException", []string{"lambda:InvokeFunction " + function}},
		{"started", "arn:aws:states:::states:startExecution", `{"StateMachineArn":"` + inner + `:live","Name":"a"}`, "StepFunctions.AWSStepFunctionsException",
			[]string{"states:StartExecution " + inner}},
		{"waited", "arn:aws:states:::states:startExecution.sync:2", `{"StateMachineArn":"` + inner + `","Name":"b"}`, "StepFunctions.AWSStepFunctionsException",
			[]string{"states:StartExecution " + inner, "states:DescribeExecution " + execution + ":b", "states:StopExecution " + execution + ":b",
				"events:PutTargets " + rule, "events:PutRule " + rule, "events:DescribeRule " + rule}},
	} {
		machine := c.create(t, row.name, `{"StartAt":"T","States":{"T":{"Type":"Task","Resource":"`+row.resource+`","Parameters":`+row.input+`,"End":true}}}`)
		asked, forbidden = nil, ""
		allowed := c.finish(t, c.run(t, machine, "allowed", `{}`))
		if !slices.Equal(asked, row.asks) {
			t.Errorf("%s asks for %q, want %q", row.name, asked, row.asks)
		}
		if failure := str(allowed.Error); failure != "" && row.name != "started" { // that alias is not there
			t.Errorf("%s, allowed: %s %s", row.name, failure, str(allowed.Cause))
		}
		for _, ask := range row.asks {
			forbidden, _, _ = strings.Cut(ask, " ")
			refused := c.finish(t, c.run(t, machine, "without-"+strings.ReplaceAll(forbidden, ":", "-"), `{}`))
			if str(refused.Error) != row.failure || !strings.Contains(str(refused.Cause), "not authorized to perform: "+forbidden) || !strings.Contains(str(refused.Cause), "AccessDeniedException") {
				t.Errorf("%s without %s: %s %s, want %s", row.name, forbidden, str(refused.Error), str(refused.Cause), row.failure)
			}
		}
	}
}
