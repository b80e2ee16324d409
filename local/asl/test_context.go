package asl

import (
	"github.com/mayfly-dev/mayfly/local/asl/rawjson"
)

// contextFields are the context object's, with the kind of each value; 0 is any.
var contextFields = map[string]map[string]byte{
	"Execution": {
		"Id": '"', "Input": 0, "Name": '"', "RoleArn": '"', "StartTime": '"', "RedriveCount": '0', "RedriveTime": '"',
	},
	"State":        {"EnteredTime": '"', "Name": '"', "RetryCount": '0'},
	"StateMachine": {"Id": '"', "Name": '"'},
	"Task":         {"Token": '"'},
}

var kindWords = map[byte]string{'"': "a string", '0': "a number"}

// checkContext refuses a context object that AWS would refuse.
func (in *StateTest) checkContext(s *State) error {
	const invalid = "Invalid Context object provided: "
	text := in.Context
	switch {
	case text == nil:
		return nil
	case in.Mock == nil:
		return refuse("A Context object may only be specified if a mock is specified")
	case rawjson.Valid(text) != nil || (value{raw: text}).kind() != '{':
		return refuse(invalid + "it must be a valid JSON object")
	}
	for part, at := range rawjson.Members(text) {
		fields, known := contextFields[part]
		inner := value{raw: text[at[0]:at[1]]}
		switch {
		case part == "Map":
			return refuse(invalid + "'Map' field is not supported when mocking a Context object")
		case !known:
			return refuse(invalid+"Field '%s' is not allowed", part)
		case inner.kind() != '{':
			return refuse(invalid+"%s must be an object", part)
		case part == "Task" && (s.kind != KindTask || s.task.pattern != patternSync && s.task.pattern != patternToken):
			return refuse(invalid + "Context object contains 'Task' when state is not a Task state with a '.sync' or '.waitForTaskToken' service integration pattern")
		}
		for field, at := range rawjson.Members(inner.raw) {
			want, known := fields[field]
			switch {
			case !known:
				return refuse(invalid+"Field '%s' is not allowed", field)
			case want != 0 && (value{raw: inner.raw[at[0]:at[1]]}).kind() != want:
				return refuse(invalid+"%s.%s must be %s", part, field, kindWords[want])
			}
		}
	}
	return nil
}
