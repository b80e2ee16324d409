package main

import (
	"strconv"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudfront"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/mayfly-dev/mayfly/cdk/settings"
)

// step is one function of functions/.
type step = awslambda.Function

// newFunctions makes a function of each bootstrap in build/.
func newFunctions(scope constructs.Construct, s settings.Settings, kept storage, urls awscloudfront.Function, names []string) map[string]step {
	functions := make(map[string]step, len(names))
	environment := map[string]*string{
		"MAYFLY_STAGE":               jsii.String(s.Stage),
		"MAYFLY_TABLE":               kept.table.TableName(),
		"MAYFLY_UPLOAD_BUCKET":       kept.uploads.BucketName(),
		"MAYFLY_FOLDER_URLS_ARN":     urls.FunctionArn(),
		"MAYFLY_PROPAGATION_SECONDS": jsii.String(strconv.Itoa(s.PropagationSeconds)),
		"MAYFLY_NONCURRENT_DAYS":     jsii.String(strconv.Itoa(s.NoncurrentDays)),
		"MAYFLY_LIMITS":              jsii.String(s.Limits),
		"MAYFLY_REPOSITORY_PREFIX":   jsii.String(repositoryPrefix(s)),
		"MAYFLY_OWN_PRINCIPALS":      ownPrincipals(scope, s),
		"MAYFLY_RELEASE_ARN":         machineARN(scope, s, "release"),
		"MAYFLY_ROLLOUT_ARN":         machineARN(scope, s, "rollout"),
		"MAYFLY_SLEEP_ARN":           machineARN(scope, s, "sleep"),
		"MAYFLY_TEARDOWN_ARN":        machineARN(scope, s, "teardown"),
		"MAYFLY_SWEEPS_PER_MINUTE":   jsii.String(strconv.Itoa(s.SweepsPerMinute)),
		"MAYFLY_WAKE_ARN":            machineARN(scope, s, "wake"),
	}
	for _, name := range names {
		functions[name] = newFunction(scope, s, name, environment)
		if name == "estimatecosts" {
			functions[name].AddEnvironment(jsii.String("MAYFLY_COST_EXPLORER"), jsii.String("on"), nil)
		}
	}
	return functions
}

// newFunction makes one function, with a role and a log group of its own: the
// role that Lambda would be given otherwise may write every log.
func newFunction(scope constructs.Construct, s settings.Settings, name string, environment map[string]*string) step {
	role := awsiam.NewRole(scope, jsii.String("Role-"+name), &awsiam.RoleProps{
		AssumedBy:   awsiam.NewServicePrincipal(jsii.String("lambda.amazonaws.com"), nil),
		Description: jsii.String("What function " + name + " may do"),
	})
	log := awslogs.NewLogGroup(scope, jsii.String("Log-"+name), &awslogs.LogGroupProps{
		LogGroupName: jsii.String("/aws/lambda/" + s.Name(name)), Retention: retention(s), RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
	})
	log.GrantWrite(role)
	is := sizeOf(name, s)
	props := &awslambda.FunctionProps{
		FunctionName: jsii.String(s.Name(name)),
		Runtime:      awslambda.Runtime_PROVIDED_AL2023(),
		Architecture: awslambda.Architecture_ARM_64(),
		Handler:      jsii.String("bootstrap"),
		Code:         awslambda.Code_FromAsset(jsii.String(s.Build+"/"+name), nil),
		Timeout:      awscdk.Duration_Seconds(jsii.Number(is.seconds)),
		MemorySize:   jsii.Number(is.megabytes),
		Role:         role,
		LogGroup:     log,
		Tracing:      awslambda.Tracing_ACTIVE,
		Environment:  &environment,
		// An execution calls the versions that it began with until it ends, so a
		// version outlives the deploy that replaces it.
		CurrentVersionOptions: &awslambda.VersionOptions{RemovalPolicy: awscdk.RemovalPolicy_RETAIN},
	}
	if is.concurrent > 0 {
		props.ReservedConcurrentExecutions = jsii.Number(is.concurrent)
	}
	return awslambda.NewFunction(scope, jsii.String("Step-"+name), props)
}

// size is how much of Lambda a function gets.
type size struct {
	seconds, megabytes int
	// concurrent bounds how many run at once; 0 leaves it to the account.
	concurrent int
}

// sizeOf returns a function's size. Most steps make a few calls; some work as
// long as their content is large, and the API must have answered before API
// Gateway gives up, after 30 seconds. Those that change distributions run few
// at once: CloudFront throttles two or three changes in a minute already, and
// the state machine calls again what found no free place.
func sizeOf(name string, s settings.Settings) size {
	switch name {
	case "api":
		return size{seconds: 29, megabytes: 256}
	case "emptybucket", "inspectcontent", "writeobjects", "removeobjects", "reconciledeploys", "estimatecosts", "findorphans", "decidenight", "settlenight":
		return size{seconds: 900, megabytes: 512}
	case "createdistribution", "updatedistribution", "disabledistribution", "enabledistribution":
		return size{seconds: 60, megabytes: 128, concurrent: s.CloudFrontConcurrency}
	}
	return size{seconds: 60, megabytes: 128}
}

// retention is how long logs are kept; the settings allow what CloudWatch
// knows alone.
func retention(s settings.Settings) awslogs.RetentionDays {
	return map[int]awslogs.RetentionDays{
		1: awslogs.RetentionDays_ONE_DAY, 3: awslogs.RetentionDays_THREE_DAYS, 5: awslogs.RetentionDays_FIVE_DAYS, 7: awslogs.RetentionDays_ONE_WEEK,
		14: awslogs.RetentionDays_TWO_WEEKS, 30: awslogs.RetentionDays_ONE_MONTH, 60: awslogs.RetentionDays_TWO_MONTHS, 90: awslogs.RetentionDays_THREE_MONTHS,
		120: awslogs.RetentionDays_FOUR_MONTHS, 150: awslogs.RetentionDays_FIVE_MONTHS, 180: awslogs.RetentionDays_SIX_MONTHS, 365: awslogs.RetentionDays_ONE_YEAR,
		400: awslogs.RetentionDays_THIRTEEN_MONTHS, 545: awslogs.RetentionDays_EIGHTEEN_MONTHS, 731: awslogs.RetentionDays_TWO_YEARS, 1096: awslogs.RetentionDays_THREE_YEARS,
		1827: awslogs.RetentionDays_FIVE_YEARS, 2192: awslogs.RetentionDays_SIX_YEARS, 2557: awslogs.RetentionDays_SEVEN_YEARS, 2922: awslogs.RetentionDays_EIGHT_YEARS,
		3288: awslogs.RetentionDays_NINE_YEARS, 3653: awslogs.RetentionDays_TEN_YEARS,
	}[s.LogDays]
}

// repositoryPrefix is what the installation's repositories are under: rights
// and the rule for pushes go by it.
func repositoryPrefix(s settings.Settings) string { return "mayfly-" + s.Stage + "/" }

// ownPrincipals are the roles of the installation, whose names CloudFormation
// begins with the stack's: no repository policy keeps them out.
func ownPrincipals(scope constructs.Construct, s settings.Settings) *string {
	return awscdk.Stack_Of(scope).FormatArn(&awscdk.ArnComponents{
		Service: jsii.String("iam"), Region: jsii.String(""), Resource: jsii.String("role"), ResourceName: jsii.String("mayfly-" + s.Stage + "-*"),
	})
}
