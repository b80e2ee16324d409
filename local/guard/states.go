package guard

import "strings"

var states = table{
	"StartExecution":     member("states:StartExecution", "stateMachineArn", unqualified),
	"StartSyncExecution": member("states:StartSyncExecution", "stateMachineArn", unqualified),
	"ListExecutions":     member("states:ListExecutions", "stateMachineArn", unqualified),

	"DescribeExecution":                member("states:DescribeExecution", "executionArn", asGiven),
	"DescribeStateMachineForExecution": member("states:DescribeStateMachineForExecution", "executionArn", asGiven),
	"GetExecutionHistory":              member("states:GetExecutionHistory", "executionArn", asGiven),
	"StopExecution":                    member("states:StopExecution", "executionArn", asGiven),
	"RedriveExecution":                 member("states:RedriveExecution", "executionArn", asGiven),

	"DescribeStateMachine": member("states:DescribeStateMachine", "stateMachineArn", unqualified),
	"ListStateMachines":    everywhere("states:ListStateMachines"),
	"SendTaskSuccess":      everywhere("states:SendTaskSuccess"),
	"SendTaskFailure":      everywhere("states:SendTaskFailure"),
	"SendTaskHeartbeat":    everywhere("states:SendTaskHeartbeat"),
}

func asGiven(_ *request, arn string) string { return arn }

// unqualified is a machine's ARN without the version or the alias: Step
// Functions authorizes by the machine itself.
func unqualified(_ *request, arn string) string {
	parts := strings.Split(arn, ":")
	if len(parts) > 7 {
		parts = parts[:7]
	}
	return strings.Join(parts, ":")
}
