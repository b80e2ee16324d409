package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/mayfly-dev/mayfly/cdk/settings"
)

// newStack composes the stack; each concern has a file of its own. steps are
// the names of the functions.
func newStack(app awscdk.App, s settings.Settings, steps []string) (awscdk.Stack, error) {
	stack := awscdk.NewStack(app, jsii.String("mayfly-"+s.Stage), &awscdk.StackProps{
		Description:           jsii.String("Mayfly: disposable sites, one request each"),
		Env:                   &awscdk.Environment{Region: jsii.String(s.Region)},
		TerminationProtection: jsii.Bool(s.Prod()),
		// What is deployed is not told to anybody, and the template says what
		// it is made from alone.
		AnalyticsReporting: jsii.Bool(false),
	})
	awscdk.Tags_Of(stack).Add(jsii.String("mayfly:stage"), jsii.String(s.Stage), nil)

	kept := newStorage(stack, s)
	if err := checkTable(stack, s, kept.table); err != nil {
		return nil, err
	}
	urls := newFolderURLs(stack, s)
	functions := newFunctions(stack, s, kept, urls, steps)
	machines, err := newMachines(stack, s, functions)
	if err != nil {
		return nil, err
	}
	grant(s, kept, functions, machines)
	grantTargets(s, functions)
	dead := newDeadLetters(stack, s)
	newTriggers(stack, s, machines, dead)
	newNightly(stack, s, machines, dead)
	newCosts(stack, s, machines, dead)
	api, err := newAPI(stack, s, functions, machines)
	if err != nil {
		return nil, err
	}
	told := newNotifications(stack, s)
	newNoticeRule(stack, s, told, dead)
	newAlarms(stack, s, told, machines, api, dead)
	newDashboard(stack, s, functions, machines, api, kept)
	newTrail(stack, s, kept)
	return stack, nil
}
