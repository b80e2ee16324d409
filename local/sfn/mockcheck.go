package sfn

import "github.com/mayfly-dev/mayfly/local/sfn/awssdk"

// checkMock refuses a mocked result that the task's service could not answer
// with. A strict check wants every member that it always answers with as well.
func checkMock(resource string, result []byte, strict bool) error {
	i, ok := parseIntegration(resource)
	if !ok || i.pattern == callback { // a function's, a worker's or anybody's answer
		return nil
	}
	if fault := i.mockFault(result, strict); fault != "" {
		return failf("ValidationException", "%s", fault)
	}
	return nil
}

// What services answer whose clients are not linked, in the spelling of the
// States Language. SQS's MD5OfMessageBody is not among it: AWS looks for
// Md5OfMessageBody, and takes anything.
type (
	sentMessage struct{ MessageId, SequenceNumber *string } //nolint:revive // the service's own name
	putEntries  struct {
		FailedEntryCount int32
		Entries          []struct{ EventId, ErrorCode, ErrorMessage *string } //nolint:revive // the service's own name
	}
)

// mockFault says what is wrong with an answer; "" also when its shape is not
// known. That of a .sync task is what the service is polled for.
func (i integration) mockFault(result []byte, strict bool) (fault string) {
	check := func(service, action string, untyped ...string) string {
		operation, ok := awssdk.Find(service, action)
		if !ok {
			return ""
		}
		return operation.CheckResult(result, strict, untyped...)
	}
	switch i.service + ":" + i.action + "." + i.pattern {
	case "lambda:invoke.":
		// The model has a blob as Payload, and the task gives JSON; both are taken.
		return check("lambda", "invoke", "Payload")
	case "states:startExecution.":
		return check("sfn", "startExecution")
	case "states:startExecution.sync":
		return check("sfn", "describeExecution")
	case "states:startExecution.sync:2":
		return check("sfn", "describeExecution", "Input", "Output")
	case "sqs:sendMessage.", "aws-sdk:sqs:sendMessage.", "sns:publish.", "aws-sdk:sns:publish.":
		return awssdk.CheckResultAs[sentMessage](result, strict)
	case "events:putEvents.", "aws-sdk:eventbridge:putEvents.":
		return awssdk.CheckResultAs[putEntries](result, strict)
	}
	if operation, ok := i.operation(); ok {
		return operation.CheckResult(result, strict)
	}
	return ""
}
