package sfn

// The answers of the integrations that states use most, as the services' models
// have them, in the spelling of the States Language. What is not here is not
// checked: docs/states-language.md says so.

var (
	aString  = shape{kind: kindString}
	aNumber  = shape{kind: kindNumber}
	anObject = shape{kind: kindObject}
)

func list(each shape) shape  { return shape{kind: kindList, each: &each} }
func mapOf(each shape) shape { return shape{kind: kindObject, each: &each} }

func structure(members map[string]shape, required ...string) shape {
	return shape{kind: kindObject, members: members, required: required}
}

var executionStatus = shape{kind: kindString, enum: []string{"RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED", "PENDING_REDRIVE"}}

// answerOf returns the shape of an integration's answer, if it is known. That of
// a .sync task is what the service is polled for.
func answerOf(i integration) (shape, bool) {
	service := i.service
	switch service { // whose names the AWS SDK integrations spell differently
	case "aws-sdk:sfn":
		service = "states"
	case "aws-sdk:eventbridge":
		service = "events"
	case "aws-sdk:dynamodb", "aws-sdk:sqs", "aws-sdk:sns":
		service = service[len("aws-sdk:"):]
	}
	switch service + ":" + i.action + "." + i.pattern {
	case "lambda:invoke.":
		// The model has a blob as Payload, and the task gives JSON; both are taken.
		return lambdaAnswer(shape{}), true
	case "aws-sdk:lambda:invoke.":
		return lambdaAnswer(aString), true
	case "states:startExecution.":
		return structure(map[string]shape{"ExecutionArn": aString, "StartDate": aString}, "ExecutionArn", "StartDate"), true
	case "states:startExecution.sync", "states:describeExecution.":
		return describedExecution(aString), true
	case "states:startExecution.sync:2":
		return describedExecution(shape{}), true
	case "dynamodb:getItem.":
		return structure(map[string]shape{"Item": mapOf(anObject), "ConsumedCapacity": consumedCapacity()}), true
	case "dynamodb:putItem.", "dynamodb:updateItem.", "dynamodb:deleteItem.":
		return structure(map[string]shape{
			"Attributes": mapOf(anObject), "ConsumedCapacity": consumedCapacity(),
			"ItemCollectionMetrics": structure(map[string]shape{"ItemCollectionKey": mapOf(anObject), "SizeEstimateRangeGB": list(aNumber)}),
		}), true
	case "sqs:sendMessage.", "sns:publish.":
		// SQS's MD5OfMessageBody has no such spelling in the model, and AWS takes
		// anything in its place.
		return structure(map[string]shape{"MessageId": aString, "SequenceNumber": aString}), true
	case "events:putEvents.":
		entry := structure(map[string]shape{"EventId": aString, "ErrorCode": aString, "ErrorMessage": aString})
		return structure(map[string]shape{"FailedEntryCount": aNumber, "Entries": list(entry)}), true
	}
	return shape{}, false
}

func lambdaAnswer(payload shape) shape {
	return structure(map[string]shape{
		"StatusCode": aNumber, "FunctionError": aString, "LogResult": aString, "ExecutedVersion": aString, "Payload": payload,
	})
}

// describedExecution is DescribeExecution's answer, with the execution's input and
// output as they are given.
func describedExecution(document shape) shape {
	return structure(map[string]shape{
		"ExecutionArn": aString, "StateMachineArn": aString, "Name": aString, "Status": executionStatus, "StartDate": aString, "StopDate": aString,
		"Input": document, "InputDetails": anObject, "Output": document, "OutputDetails": anObject, "TraceHeader": aString, "MapRunArn": aString,
		"Error": aString, "Cause": aString, "StateMachineVersionArn": aString, "StateMachineAliasArn": aString,
		"RedriveCount": aNumber, "RedriveDate": aString, "RedriveStatus": aString, "RedriveStatusReason": aString,
	}, "ExecutionArn", "StateMachineArn", "Status", "StartDate")
}

func consumedCapacity() shape {
	units := map[string]shape{"CapacityUnits": aNumber, "ReadCapacityUnits": aNumber, "WriteCapacityUnits": aNumber}
	capacity := structure(units)
	return structure(map[string]shape{
		"TableName": aString, "CapacityUnits": aNumber, "ReadCapacityUnits": aNumber, "WriteCapacityUnits": aNumber,
		"Table": capacity, "LocalSecondaryIndexes": mapOf(capacity), "GlobalSecondaryIndexes": mapOf(capacity),
	})
}
