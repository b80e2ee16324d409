package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awseventstargets"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsscheduler"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsschedulertargets"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsstepfunctions"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/mayfly-dev/mayfly/statemachine"
)

// reconcileMinutes is how often missed pushes are looked for. ECR tells of most
// pushes at once, so this is what the rare others wait at most; each run costs
// a few state transitions for 25 sandboxes.
const reconcileMinutes = 15

// newTriggers starts machines without anybody asking: the deploy machine when
// ECR tells of a push, the reconcile machine on a schedule. What can't be
// started for a day goes to one dead-letter queue.
func newTriggers(scope constructs.Construct, s settings, machines map[string]awsstepfunctions.StateMachine) {
	dead := awssqs.NewQueue(scope, jsii.String("DeadLetters"), &awssqs.QueueProps{
		QueueName:       jsii.String("mayfly-" + s.Stage + "-dead-letters"),
		RetentionPeriod: awscdk.Duration_Days(jsii.Number(14)),
		EnforceSSL:      jsii.Bool(true),
		Encryption:      awssqs.QueueEncryption_SQS_MANAGED,
	})
	pattern := statemachine.DeployPattern(repositoryPrefix(s))
	awsevents.NewRule(scope, jsii.String("Pushes"), &awsevents.RuleProps{
		RuleName:     jsii.String("mayfly-" + s.Stage + "-deploy"),
		Description:  jsii.String("Deploys what is pushed"),
		EventPattern: &awsevents.EventPattern{Source: jsii.Strings(pattern.Source...), DetailType: jsii.Strings(pattern.DetailType...), Detail: &pattern.Detail},
		Targets: &[]awsevents.IRuleTarget{awseventstargets.NewSfnStateMachine(machines["deploy"], &awseventstargets.SfnStateMachineProps{
			MaxEventAge: awscdk.Duration_Hours(jsii.Number(24)), RetryAttempts: jsii.Number(185), DeadLetterQueue: dead,
		})},
	})
	awsscheduler.NewSchedule(scope, jsii.String("MissedPushes"), &awsscheduler.ScheduleProps{
		ScheduleName: jsii.String("mayfly-" + s.Stage + "-reconcile"),
		Description:  jsii.String("Finds pushes that ECR did not tell of"),
		Schedule:     awsscheduler.ScheduleExpression_Rate(awscdk.Duration_Minutes(jsii.Number(reconcileMinutes))),
		Target: awsschedulertargets.NewStepFunctionsStartExecution(machines["reconcile"], &awsschedulertargets.ScheduleTargetBaseProps{
			DeadLetterQueue: dead, RetryAttempts: jsii.Number(3), MaxEventAge: awscdk.Duration_Minutes(jsii.Number(reconcileMinutes)),
		}),
	})
}
