package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awseventstargets"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/mayfly-dev/mayfly/cdk/settings"
	"github.com/mayfly-dev/mayfly/events"
)

// newNoticeRule takes this stage's notices from the account's bus to the topic,
// as the line that each has for a person.
//
// The target lets EventBridge publish without a condition in the topic's policy:
// EventBridge fills none of them in there, so that one with a condition would
// keep everything out.
func newNoticeRule(scope constructs.Construct, s settings.Settings, told awssns.Topic, dead awssqs.Queue) {
	details := map[string]string{"warnings": events.DetailSandboxWarned, "budgets": events.DetailBudgetNotice, "nights": events.DetailNightNotice}
	var kinds []string
	for _, kind := range s.NotifyOf {
		kinds = append(kinds, details[kind])
	}
	awsevents.NewRule(scope, jsii.String("Notices"), &awsevents.RuleProps{
		RuleName:    jsii.String(s.Name("notices")),
		Description: jsii.String("Tells people of warnings, budgets and what nights leave to them"),
		EventPattern: &awsevents.EventPattern{
			Account: &[]*string{awscdk.Stack_Of(scope).Account()}, Source: jsii.Strings(events.SourceMayfly), DetailType: jsii.Strings(kinds...),
			Detail: &map[string]any{"stage": []string{s.Stage}},
		},
		Targets: &[]awsevents.IRuleTarget{awseventstargets.NewSnsTopic(told, &awseventstargets.SnsTopicProps{
			Message:     awsevents.RuleTargetInput_FromEventPath(jsii.String("$.detail.message")),
			MaxEventAge: awscdk.Duration_Hours(jsii.Number(24)), RetryAttempts: jsii.Number(185), DeadLetterQueue: dead,
		})},
	})
}
