package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/mayfly-dev/mayfly/cdk/settings"
	"github.com/mayfly-dev/mayfly/metric"
)

// newDashboard shows an installation at a glance: what its flows do and how
// long they take, what fails, what its repositories hold, and what its nights do.
func newDashboard(scope constructs.Construct, s settings.Settings, functions map[string]step, machines map[string]machine, api awsapigatewayv2.HttpApi, kept storage) {
	hour := &awscloudwatch.MetricOptions{Period: awscdk.Duration_Hours(jsii.Number(1)), Statistic: jsii.String("Sum")}
	var started, failed, running []awscloudwatch.IMetric
	for _, name := range slices.Sorted(maps.Keys(machines)) {
		label := &awscloudwatch.MetricOptions{Label: jsii.String(name), Period: hour.Period, Statistic: hour.Statistic}
		started = append(started, machines[name].MetricStarted(label))
		failed = append(failed, machines[name].MetricFailed(label))
		running = append(running, machines[name].MetricTime(&awscloudwatch.MetricOptions{Label: jsii.String(name), Period: hour.Period, Statistic: jsii.String("p90")}))
	}
	var errors, throttles []awscloudwatch.IMetric
	for _, name := range slices.Sorted(maps.Keys(functions)) {
		label := &awscloudwatch.MetricOptions{Label: jsii.String(name), Period: hour.Period, Statistic: hour.Statistic}
		errors = append(errors, functions[name].MetricErrors(label))
		throttles = append(throttles, functions[name].MetricThrottles(label))
	}
	durations := []awscloudwatch.IMetric{
		ours(s, metric.ProvisionDuration, "p90"), ours(s, metric.ReleaseDuration, "p90"), ours(s, metric.UpdateDuration, "p90"), ours(s, metric.TeardownDuration, "p90"),
	}
	board := awscloudwatch.NewDashboard(scope, jsii.String("Dashboard"), &awscloudwatch.DashboardProps{
		DashboardName: jsii.String("mayfly-" + s.Stage), DefaultInterval: awscdk.Duration_Days(jsii.Number(1)),
	})
	board.AddWidgets(graph("Flows begun, an hour", started...), graph("Flows failed, an hour", failed...), graph("Flows' duration, p90", running...))
	board.AddWidgets(graph("From request to done, p90", durations...), graph("Requests to AWS sent again", ours(s, metric.Retries, "Sum")),
		graph("Requests to the API", api.MetricCount(hour), api.MetricClientError(hour), api.MetricServerError(hour)))
	board.AddWidgets(graph("Functions' errors", errors...), graph("Functions throttled", throttles...),
		graph("The table's capacity", kept.table.MetricConsumedReadCapacityUnits(hour), kept.table.MetricConsumedWriteCapacityUnits(hour)))
	board.AddWidgets(graph("Pushes", ofRepositories(s, metric.Pushes, "Sum", 3600)), graph("Pulls", pulls(s)), graph("Size of pushed images", ofRepositories(s, metric.ImageBytes, "Maximum", 3600)))
	board.AddWidgets(graph("What repositories hold, bytes", ofRepositories(s, metric.RepositoryBytes, "Maximum", 86400)),
		graph("What repositories hold, images", ofRepositories(s, metric.RepositoryImages, "Maximum", 86400)),
		graph("Cost of the month in USD, so far and at its end", ours(s, metric.EstimatedCost, "Maximum"), ours(s, metric.ForecastCost, "Maximum")))
	board.AddWidgets(graph("What nights put to sleep or tore down", ours(s, metric.SandboxesSwept, "Sum")),
		graph("What nights failed with, and what a person must look at", ours(s, metric.SweepsFailed, "Sum"), ours(s, metric.SandboxesQuarantined, "Maximum")),
		graph("Orphans, proven", ours(s, metric.Orphans, "Maximum")))
}

// graph is a third of a row.
func graph(title string, metrics ...awscloudwatch.IMetric) awscloudwatch.IWidget {
	return awscloudwatch.NewGraphWidget(&awscloudwatch.GraphWidgetProps{Title: jsii.String(title), Left: &metrics, Width: jsii.Number(8), Height: jsii.Number(6)})
}

// ours is a metric of all of an installation's functions.
func ours(s settings.Settings, name metric.Name, statistic string) awscloudwatch.IMetric {
	return awscloudwatch.NewMetric(&awscloudwatch.MetricProps{
		Namespace: jsii.String(metric.Namespace), MetricName: jsii.String(string(name)), DimensionsMap: &map[string]*string{metric.Stage: jsii.String(s.Stage)},
		Statistic: jsii.String(statistic), Period: awscdk.Duration_Hours(jsii.Number(1)),
	})
}

// ofRepositories is a metric of every repository of the installation,
// whichever there are when somebody looks.
func ofRepositories(s settings.Settings, name metric.Name, statistic string, seconds int) awscloudwatch.IMetric {
	return search(fmt.Sprintf(`{%s,%s,%s} MetricName="%s" %s="%s"`, metric.Namespace, metric.RepositoryName, metric.Stage, name, metric.Stage, s.Stage), statistic, seconds)
}

// pulls is what ECR counts of the installation's repositories.
func pulls(s settings.Settings) awscloudwatch.IMetric {
	return search(fmt.Sprintf(`{AWS/ECR,RepositoryName} MetricName="RepositoryPullCount" %s`, strings.TrimSuffix(repositoryPrefix(s), "/")), "Sum", 3600)
}

func search(query, statistic string, seconds int) awscloudwatch.IMetric {
	return awscloudwatch.NewMathExpression(&awscloudwatch.MathExpressionProps{
		Expression: jsii.String(fmt.Sprintf("SEARCH('%s', '%s', %d)", query, statistic, seconds)),
		Label:      jsii.String(""), UsingMetrics: &map[string]awscloudwatch.IMetric{}, Period: awscdk.Duration_Seconds(jsii.Number(seconds)),
	})
}
