package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatchactions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/mayfly-dev/mayfly/cdk/settings"
	"github.com/mayfly-dev/mayfly/metric"
)

// alarm is something that a person must know. docs/runbook.md has its name as a
// heading, under which it says what to do.
type alarm struct {
	name, why string
	metric    awscloudwatch.IMetric
	// least is the value that is too much, in one of the metric's periods.
	least int
}

// newAlarms tells people by the topic. Each alarm looks at one metric: an
// account has ten free, and every metric of an expression counts. Nothing
// measured is nothing wrong.
func newAlarms(scope constructs.Construct, s settings.Settings, told awssns.Topic, machines map[string]machine, api awsapigatewayv2.HttpApi, dead awssqs.Queue) {
	for _, a := range alarms(s, machines, api, dead) {
		awscloudwatch.NewAlarm(scope, jsii.String("Alarm-"+a.name), &awscloudwatch.AlarmProps{
			AlarmName: jsii.String(s.Name(a.name)), AlarmDescription: jsii.String(a.why + ". What to do: docs/runbook.md, " + a.name),
			Metric: a.metric, Threshold: jsii.Number(a.least), EvaluationPeriods: jsii.Number(1),
			ComparisonOperator: awscloudwatch.ComparisonOperator_GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
			TreatMissingData:   awscloudwatch.TreatMissingData_NOT_BREACHING,
		}).AddAlarmAction(awscloudwatchactions.NewSnsAction(told))
	}
}

func alarms(s settings.Settings, machines map[string]machine, api awsapigatewayv2.HttpApi, dead awssqs.Queue) []alarm {
	failed := func(name string, minutes int) awscloudwatch.IMetric {
		return machines[name].MetricFailed(&awscloudwatch.MetricOptions{Period: awscdk.Duration_Minutes(jsii.Number(minutes)), Statistic: jsii.String("Sum")})
	}
	five := &awscloudwatch.MetricOptions{Period: awscdk.Duration_Minutes(jsii.Number(5)), Statistic: jsii.String("Sum")}
	all := []alarm{
		{"left-behind", "A teardown failed: something that costs may be left", failed("teardown", 5), 1},
		{"provision-failed", "A sandbox could not be made", failed("provision", 5), 1},
		{"release-failed", "Several releases failed", failed("release", 15), 3},
		{"deploy-failed", "Several pushes could not be deployed", failed("deploy", 15), 3},
		{"reconcile-failed", "Missed pushes are not found", failed("reconcile", 60), 2},
		{"dead-letters", "An event or a schedule could not start its machine", dead.MetricApproximateNumberOfMessagesVisible(&awscloudwatch.MetricOptions{
			Period: awscdk.Duration_Minutes(jsii.Number(5)), Statistic: jsii.String("Maximum"),
		}), 1},
		{"api-errors", "The API answers with errors of its own", api.MetricServerError(five), 5},
		{"faults", "A function lacks a right or fails without a name", ofMayfly(s, metric.Faults, 5), 1},
		{"throttled", "AWS throttles many requests", ofMayfly(s, metric.Retries, 15), 100},
	}
	if _, ok := machines[nightlyMachine]; ok {
		all = append(all, alarm{"nightly-failed", "The night's work failed", failed(nightlyMachine, 60), 1})
	}
	return all
}

// ofMayfly is a metric that the functions write themselves, summed over all of
// them.
func ofMayfly(s settings.Settings, name metric.Name, minutes int) awscloudwatch.IMetric {
	return awscloudwatch.NewMetric(&awscloudwatch.MetricProps{
		Namespace: jsii.String(metric.Namespace), MetricName: jsii.String(string(name)), DimensionsMap: &map[string]*string{metric.Stage: jsii.String(s.Stage)},
		Period: awscdk.Duration_Minutes(jsii.Number(minutes)), Statistic: jsii.String("Sum"),
	})
}
