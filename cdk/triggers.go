package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awseventstargets"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsscheduler"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/mayfly-dev/mayfly/cdk/settings"
	"github.com/mayfly-dev/mayfly/statemachine"
)

// reconcileMinutes is how often missed pushes are looked for. ECR tells of most
// pushes at once, so this is what the rare others wait at most; each run costs
// a few state transitions for 25 sandboxes.
const reconcileMinutes = 15

// newDeadLetters makes the queue of what can't be started for a day.
func newDeadLetters(scope constructs.Construct, s settings.Settings) awssqs.Queue {
	return awssqs.NewQueue(scope, jsii.String("DeadLetters"), &awssqs.QueueProps{
		QueueName:       jsii.String(s.Name("dead-letters")),
		RetentionPeriod: awscdk.Duration_Days(jsii.Number(14)),
		EnforceSSL:      jsii.Bool(true),
		Encryption:      awssqs.QueueEncryption_SQS_MANAGED,
	})
}

// newTriggers starts machines without anybody asking: the deploy machine when
// ECR tells of a push, the reconcile machine on a schedule.
func newTriggers(scope constructs.Construct, s settings.Settings, machines map[string]machine, dead awssqs.Queue) {
	newPushRule(scope, s, "Pushes", "deploy", nil, []*string{awscdk.Stack_Of(scope).Account()}, machines["deploy"], dead)
	if len(s.PushAccounts) > 0 {
		bus := newPushBus(scope, s)
		newPushRule(scope, s, "PushesElsewhere", "deploy-elsewhere", bus, *jsii.Strings(s.PushAccounts...), machines["deploy"], dead)
	}
	newSchedule(scope, s, "MissedPushes", "reconcile", "Finds pushes that ECR did not tell of", machines["reconcile"], dead,
		awsscheduler.ScheduleExpression_Rate(awscdk.Duration_Minutes(jsii.Number(reconcileMinutes))), reconcileMinutes)
}

// newPushRule starts the deploy machine for pushes in the accounts. Nobody but
// AWS can send an event whose source begins with "aws.", so an event's account
// is where the push was.
func newPushRule(scope constructs.Construct, s settings.Settings, id, name string, bus awsevents.IEventBus, accounts []*string, deploy machine, dead awssqs.Queue) {
	pattern := statemachine.DeployPattern(repositoryPrefix(s))
	rule := awsevents.NewRule(scope, jsii.String(id), &awsevents.RuleProps{
		RuleName:    jsii.String(s.Name(name)),
		Description: jsii.String("Deploys what is pushed"),
		EventBus:    bus,
		EventPattern: &awsevents.EventPattern{
			Account: &accounts, Source: jsii.Strings(pattern.Source...), DetailType: jsii.Strings(pattern.DetailType...), Detail: &pattern.Detail,
		},
		Targets: &[]awsevents.IRuleTarget{awseventstargets.NewSfnStateMachine(deploy.StateMachine, &awseventstargets.SfnStateMachineProps{
			MaxEventAge: awscdk.Duration_Hours(jsii.Number(24)), RetryAttempts: jsii.Number(185), DeadLetterQueue: dead,
		})},
	})
	rule.Node().DefaultChild().(awsevents.CfnRule).AddPropertyOverride(jsii.String("Targets.0.Arn"), deploy.live.AttrArn())
}

// newPushBus makes a bus of its own for the events of other accounts, which
// may put nothing on the account's default one.
func newPushBus(scope constructs.Construct, s settings.Settings) awsevents.EventBus {
	bus := awsevents.NewEventBus(scope, jsii.String("PushBus"), &awsevents.EventBusProps{
		EventBusName: jsii.String(s.Name("pushes")), Description: jsii.String("Pushes in other accounts"),
	})
	var principals []awsiam.IPrincipal
	for _, account := range s.PushAccounts {
		principals = append(principals, awsiam.NewAccountPrincipal(jsii.String(account)))
	}
	bus.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Sid: jsii.String("PushAccounts"), Principals: &principals, Actions: jsii.Strings("events:PutEvents"), Resources: &[]*string{bus.EventBusArn()},
		Conditions: &map[string]any{"StringEquals": map[string]any{"events:source": "aws.ecr", "events:detail-type": "ECR Image Action"}},
	}))
	awscdk.NewCfnOutput(awscdk.Stack_Of(scope), jsii.String("PushBusARN"), &awscdk.CfnOutputProps{
		Value: bus.EventBusArn(), Description: jsii.String("Where other accounts' rules send their ECR Image Actions"),
	})
	return bus
}
