package main

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsstepfunctions"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/mayfly-dev/mayfly/statemachine"
)

// newMachines makes each definition a Standard state machine. The machines are
// named, so that one may start another and the API may start all of them
// without a circle between their resources.
func newMachines(scope constructs.Construct, s settings, steps map[string]step) (map[string]awsstepfunctions.StateMachine, error) {
	definitions, err := statemachine.All()
	if err != nil {
		return nil, err
	}
	machines := make(map[string]awsstepfunctions.StateMachine, len(definitions))
	for _, definition := range definitions {
		substitutions := make(map[string]*string)
		for _, name := range definition.Placeholders() {
			switch to, ok := steps[name]; {
			case ok:
				substitutions[name] = to.FunctionArn()
			default:
				if _, err := statemachine.Get(name); err != nil {
					return nil, fmt.Errorf("state machine %q names %q, which is neither a function nor a machine", definition.Name, name)
				}
				substitutions[name] = machineARN(scope, s, name)
			}
		}
		machine := awsstepfunctions.NewStateMachine(scope, jsii.String("Machine-"+definition.Name), &awsstepfunctions.StateMachineProps{
			StateMachineName:        jsii.String(machineName(s, definition.Name)),
			DefinitionBody:          awsstepfunctions.DefinitionBody_FromString(jsii.String(definition.JSON)),
			DefinitionSubstitutions: &substitutions,
			TracingEnabled:          jsii.Bool(true),
		})
		for _, name := range definition.Placeholders() {
			if to, ok := steps[name]; ok {
				to.GrantInvoke(machine)
			}
		}
		machines[definition.Name] = machine
	}
	return machines, nil
}

func machineName(s settings, name string) string { return "mayfly-" + s.Stage + "-" + name }

func machineARN(scope constructs.Construct, s settings, name string) *string {
	return awscdk.Stack_Of(scope).FormatArn(&awscdk.ArnComponents{
		Service: jsii.String("states"), Resource: jsii.String("stateMachine"),
		ResourceName: jsii.String(machineName(s, name)), ArnFormat: awscdk.ArnFormat_COLON_RESOURCE_NAME,
	})
}
