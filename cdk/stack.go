package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
)

// newStack composes the stack; each concern has a file of its own.
func newStack(app awscdk.App, s settings) error {
	props := &awscdk.StackProps{Description: jsii.String("Mayfly: disposable sites, one request each"), TerminationProtection: jsii.Bool(s.Stage == "prod")}
	if s.Region != "" {
		props.Env = &awscdk.Environment{Region: jsii.String(s.Region)}
	}
	stack := awscdk.NewStack(app, jsii.String("mayfly-"+s.Stage), props)
	awscdk.Tags_Of(stack).Add(jsii.String("mayfly:stage"), jsii.String(s.Stage), nil)

	kept := newStorage(stack, s)
	urls := newFolderURLs(stack, s)
	steps := newFunctions(stack, s, kept, urls)
	machines, err := newMachines(stack, s, steps)
	if err != nil {
		return err
	}
	grant(kept, steps, machines)
	newTriggers(stack, s, machines)
	return newAPI(stack, s, steps, machines)
}
