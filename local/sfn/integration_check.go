package sfn

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/mayfly-dev/mayfly/local/asl"
	"github.com/mayfly-dev/mayfly/local/sfn/awssdk"
)

// checkTask says what AWS refuses about a Task state when a machine is made: a
// resource that it does not have, and parameters that it knows to be wrong.
func checkTask(resource string, parameters []byte, jsonata bool) []asl.TaskFault {
	i, ok := parseIntegration(resource)
	if !ok {
		return nil // a function or an activity, or no ARN at all
	}
	if !i.exists() {
		return []asl.TaskFault{{Field: "Resource", Message: fmt.Sprintf("The resource provided %s is not recognized. "+
			"The value is not a valid resource ARN, or the resource is not available in this region.", resource)}}
	}
	field, template := "Parameters", awssdk.JSONPath
	if jsonata {
		field, template = "Arguments", awssdk.JSONata
	}
	if parameters == nil {
		return []asl.TaskFault{{Message: fmt.Sprintf("%s field is required for resource ARN: %s", field, resource)}}
	}
	var faults []asl.TaskFault
	for _, fault := range i.faults(parameters, template) {
		faults = append(faults, asl.TaskFault{Field: field, Message: fault})
	}
	return faults
}

// CheckTask says what keeps an input from starting a task. It implements
// asl.TaskChecker.
func (s *Service) CheckTask(resource string, input []byte) []string {
	if i, ok := parseIntegration(resource); ok {
		return i.faults(input, awssdk.Plain)
	}
	return nil
}

// faults looks at the parameters of the integrations that the local cloud can
// have.
func (i integration) faults(parameters []byte, template awssdk.Template) awssdk.Faults {
	if operation, ok := i.operation(); ok {
		return operation.Check(parameters, template)
	}
	if _, sdk := i.sdk(); !sdk {
		if takes, ok := parametersOf[i.service+":"+i.action]; ok {
			return takes.check(parameters, template)
		}
	}
	return nil
}

// operation returns what a client that is linked does for an integration.
func (i integration) operation() (*awssdk.Operation, bool) {
	if name, sdk := i.sdk(); sdk {
		return awssdk.Find(name, i.action)
	}
	client, ok := optimizedClients[i.service]
	if _, exists := optimized[i.service+":"+i.action]; !ok || !exists {
		return nil, false
	}
	operation, ok := awssdk.Find(client, i.action)
	if !ok {
		return nil, false
	}
	return operation.AsAPI(), true
}

// optimizedClients are the clients that do optimized integrations.
var optimizedClients = map[string]string{"dynamodb": "dynamodb", "events": "eventbridge", "sqs": "sqs"}

// takes are the parameters of an optimized integration.
type takes struct{ required, optional string }

var parametersOf = map[string]takes{
	"lambda:invoke":         {"FunctionName", "ClientContext InvocationType LogType Payload Qualifier"},
	"states:startExecution": {"StateMachineArn", "Input Name TraceHeader"},
	"sns:publish": {"Message", "MessageAttributes MessageDeduplicationId MessageGroupId MessageStructure PhoneNumber " +
		"Subject TargetArn TopicArn"},
}

func (t takes) check(parameters []byte, template awssdk.Template) (faults awssdk.Faults) {
	var given map[string]json.RawMessage
	if json.Unmarshal(parameters, &given) != nil {
		if template == awssdk.JSONata {
			return nil // an expression for them all
		}
		given = nil
	}
	known := map[string]bool{}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		bare, computed := name, false
		if template == awssdk.JSONPath {
			bare, computed = strings.CutSuffix(name, ".$")
		}
		known[bare] = true
		if !computed && !slices.Contains(strings.Fields(t.required+" "+t.optional), name) {
			faults = append(faults, fmt.Sprintf("The field %q is not supported by Step Functions", name))
		}
	}
	for _, name := range strings.Fields(t.required) {
		if !known[name] {
			faults = append(faults, fmt.Sprintf("The field '%s' is required but was missing", name))
		}
	}
	return faults
}
