package main

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsstepfunctions"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/mayfly-dev/mayfly/cdk/settings"
	"github.com/mayfly-dev/mayfly/statemachine"
)

// liveAlias is the alias of each machine, and of the API function, that names
// the version which is in use. Whoever starts a machine starts that version.
const liveAlias = "live"

// machine is one state machine of statemachine/ and its alias live.
type machine struct {
	awsstepfunctions.StateMachine
	live awsstepfunctions.CfnStateMachineAlias
}

// newMachines makes each definition a Standard state machine. The machines are
// named, so that one may start another and the API may start all of them
// without a circle between their resources.
//
// A definition calls versions of functions, not what is newest: an execution
// keeps the definition that it began with, and so it ends on the code that it
// began with, whatever is deployed meanwhile.
func newMachines(scope constructs.Construct, s settings.Settings, functions map[string]step) (map[string]machine, error) {
	definitions, err := statemachine.All()
	if err != nil {
		return nil, err
	}
	log := newMachineLog(scope, s)
	machines := make(map[string]machine, len(definitions))
	for _, definition := range definitions {
		substitutions := make(map[string]*string)
		for _, name := range definition.Placeholders() {
			switch to, ok := functions[name]; {
			case ok:
				substitutions[name] = to.CurrentVersion().FunctionArn()
			default:
				if _, err := statemachine.Get(name); err != nil {
					return nil, fmt.Errorf("state machine %q names %q, which is neither a function nor a machine", definition.Name, name)
				}
				substitutions[name] = jsii.String(*machineARN(scope, s, name) + ":" + liveAlias)
			}
		}
		machines[definition.Name] = newMachine(scope, s, definition, substitutions, log)
		for _, name := range definition.Placeholders() {
			if to, ok := functions[name]; ok {
				to.GrantInvoke(machines[definition.Name].StateMachine) // every version: those that run keep theirs
			}
		}
	}
	for _, definition := range definitions {
		for _, name := range definition.Placeholders() {
			if other, ok := machines[name]; ok {
				machines[definition.Name].Node().AddDependency(other.live)
			}
		}
	}
	return machines, nil
}

// newMachineLog makes the log of all machines. Under this name, the account's
// policy for who writes logs can't outgrow its limit.
func newMachineLog(scope constructs.Construct, s settings.Settings) awslogs.LogGroup {
	return awslogs.NewLogGroup(scope, jsii.String("Log-machines"), &awslogs.LogGroupProps{
		LogGroupName: jsii.String("/aws/vendedlogs/states/" + s.Name("machines")), Retention: retention(s), RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
	})
}

// newMachine makes a machine, a version of it whenever its definition or its
// role changes, and the alias that follows. Replaced versions stay, so that the
// alias can be pointed back by hand.
func newMachine(scope constructs.Construct, s settings.Settings, definition statemachine.Definition, substitutions map[string]*string, log awslogs.LogGroup) machine {
	made := awsstepfunctions.NewStateMachine(scope, jsii.String("Machine-"+definition.Name), &awsstepfunctions.StateMachineProps{
		StateMachineName:        jsii.String(s.Name(definition.Name)),
		StateMachineType:        awsstepfunctions.StateMachineType_STANDARD,
		DefinitionBody:          awsstepfunctions.DefinitionBody_FromString(jsii.String(definition.JSON)),
		DefinitionSubstitutions: &substitutions,
		TracingEnabled:          jsii.Bool(true),
		// What sandboxes are called and who owns them stays in the history.
		Logs: &awsstepfunctions.LogOptions{Destination: log, Level: awsstepfunctions.LogLevel_ERROR, IncludeExecutionData: jsii.Bool(false)},
	})
	version := awsstepfunctions.NewCfnStateMachineVersion(scope, jsii.String("Version-"+definition.Name), &awsstepfunctions.CfnStateMachineVersionProps{
		StateMachineArn: made.StateMachineArn(), StateMachineRevisionId: made.StateMachineRevisionId(),
	})
	version.ApplyRemovalPolicy(awscdk.RemovalPolicy_RETAIN, nil)
	live := awsstepfunctions.NewCfnStateMachineAlias(scope, jsii.String("Alias-"+definition.Name), &awsstepfunctions.CfnStateMachineAliasProps{
		Name: jsii.String(liveAlias),
		RoutingConfiguration: &[]any{&awsstepfunctions.CfnStateMachineAlias_RoutingConfigurationVersionProperty{
			StateMachineVersionArn: version.AttrArn(), Weight: jsii.Number(100),
		}},
	})
	return machine{StateMachine: made, live: live}
}

func machineARN(scope constructs.Construct, s settings.Settings, name string) *string {
	return awscdk.Stack_Of(scope).FormatArn(&awscdk.ArnComponents{
		Service: jsii.String("states"), Resource: jsii.String("stateMachine"),
		ResourceName: jsii.String(s.Name(name)), ArnFormat: awscdk.ArnFormat_COLON_RESOURCE_NAME,
	})
}
