package main

import (
	"strconv"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsscheduler"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsschedulertargets"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/mayfly-dev/mayfly/cdk/settings"
	"github.com/mayfly-dev/mayfly/night"
)

// nightlyMachine is the definition that the nightly schedule starts as soon as
// there is one.
const nightlyMachine = "nightly"

// newNightly starts the nightly machine at the settings' time of day, in their
// time zone: at the same hour in summer and in winter. A night that could not
// be started within two hours is left to the next.
func newNightly(scope constructs.Construct, s settings.Settings, machines map[string]machine, dead awssqs.Queue) {
	nightly, ok := machines[nightlyMachine]
	if !ok {
		return
	}
	newSchedule(scope, s, "Nightly", nightlyMachine, "Decides each night what is to be taken away", nightly, dead, daily(s.Nightly), 120)
}

// newCosts starts the machine that estimates costs once a day, when the night's
// work is to know them. While there are no sandboxes it asks for nothing that
// costs.
func newCosts(scope constructs.Construct, s settings.Settings, machines map[string]machine, dead awssqs.Queue) {
	newSchedule(scope, s, "Costs", "costs", "Estimates what sandboxes cost, and compares it with the bill", machines["costs"], dead, daily(s.Costs), 120)
}

// daily is every day at a time, in its zone.
func daily(at night.Hour) awsscheduler.ScheduleExpression {
	return awsscheduler.ScheduleExpression_Cron(&awsscheduler.CronOptionsWithTimezone{
		Minute: jsii.String(strconv.Itoa(at.Minute)), Hour: jsii.String(strconv.Itoa(at.Hour)), TimeZone: awscdk.TimeZone_Of(jsii.String(at.ZoneName())),
	})
}

// newSchedule starts the version of a machine that is in use, again and again.
// What could not be started for the given minutes goes to the dead-letter
// queue.
func newSchedule(scope constructs.Construct, s settings.Settings, id, name, description string, start machine, dead awssqs.Queue, at awsscheduler.ScheduleExpression, minutes int) {
	schedule := awsscheduler.NewSchedule(scope, jsii.String(id), &awsscheduler.ScheduleProps{
		ScheduleName: jsii.String(s.Name(name)), Description: jsii.String(description), Schedule: at,
		Target: awsschedulertargets.NewStepFunctionsStartExecution(start.StateMachine, &awsschedulertargets.ScheduleTargetBaseProps{
			DeadLetterQueue: dead, RetryAttempts: jsii.Number(3), MaxEventAge: awscdk.Duration_Minutes(jsii.Number(minutes)),
		}),
	})
	schedule.Node().DefaultChild().(awsscheduler.CfnSchedule).AddPropertyOverride(jsii.String("Target.Arn"), start.live.AttrArn())
}
