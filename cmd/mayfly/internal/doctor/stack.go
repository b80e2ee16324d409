package doctor

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"github.com/mayfly-dev/mayfly/awserr"
)

// Parameters is what asking for the CDK's bootstrap needs of SSM.
type Parameters interface {
	GetParameter(context.Context, *ssm.GetParameterInput, ...func(*ssm.Options)) (*ssm.GetParameterOutput, error)
}

// bootstrapVersion is where the CDK keeps the version of its bootstrap stack,
// and leastBootstrap the one that the CDK's templates ask for.
const (
	bootstrapVersion = "/cdk-bootstrap/hnb659fds/version"
	leastBootstrap   = 6
)

// Bootstrap says whether the CDK can deploy here.
func Bootstrap(client Parameters, region string) Check {
	return func(ctx context.Context) []Result {
		const check = "CDK bootstrap"
		do := "npx aws-cdk@2 bootstrap aws://ACCOUNT/" + region + "   (once for an account and region)"
		out, err := client.GetParameter(ctx, &ssm.GetParameterInput{Name: aws.String(bootstrapVersion)})
		if awserr.Is(err, "ParameterNotFound") {
			return fail(check, "the CDK was never bootstrapped in "+region, do)
		}
		if err != nil {
			return unreadable(check, "ssm:GetParameter on "+bootstrapVersion, err)
		}
		text := ""
		if out.Parameter != nil {
			text = aws.ToString(out.Parameter.Value)
		}
		version, err := strconv.Atoi(text)
		if err != nil || version < leastBootstrap {
			return fail(check, fmt.Sprintf("version %q, and the stack needs %d", text, leastBootstrap), do)
		}
		return ok(check, "version "+text)
	}
}

// Stacks is what asking for a stack needs of CloudFormation.
type Stacks interface {
	DescribeStacks(context.Context, *cloudformation.DescribeStacksInput, ...func(*cloudformation.Options)) (*cloudformation.DescribeStacksOutput, error)
}

// StackName returns the name of a stage's stack.
func StackName(stage string) string { return "mayfly-" + stage }

// Stack says how a stage's stack is, and hands its API's address to found.
func Stack(client Stacks, stage string, found func(apiURL string)) Check {
	return func(ctx context.Context) []Result {
		name := StackName(stage)
		check := "stack " + name
		out, err := client.DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: &name})
		// CloudFormation has no error of its own for a stack that is not there.
		if awserr.Is(err, "ValidationError") && strings.Contains(err.Error(), "does not exist") || err == nil && len(out.Stacks) == 0 {
			return skip(check, "it is not there: make deploy makes it")
		}
		if err != nil {
			return unreadable(check, "cloudformation:DescribeStacks", err)
		}
		stack := out.Stacks[0]
		for _, output := range stack.Outputs {
			if strings.HasPrefix(aws.ToString(output.OutputKey), "APIURL") {
				found(aws.ToString(output.OutputValue))
			}
		}
		status := string(stack.StackStatus)
		why := status
		if reason := aws.ToString(stack.StackStatusReason); reason != "" {
			why += ": " + reason
		}
		events := "see why: aws cloudformation describe-stack-events --stack-name " + name
		switch {
		case status == "CREATE_COMPLETE" || status == "UPDATE_COMPLETE" || status == "IMPORT_COMPLETE":
			return ok(check, status)
		case strings.HasSuffix(status, "_IN_PROGRESS"):
			return warn(check, status, "wait, and look again")
		case status == "UPDATE_ROLLBACK_COMPLETE":
			return warn(check, "its last change was rolled back", events+"; then make deploy")
		}
		return fail(check, why, events+"; then make deploy")
	}
}

// Alarms is what asking for alarms needs of CloudWatch.
type Alarms interface {
	DescribeAlarms(context.Context, *cloudwatch.DescribeAlarmsInput, ...func(*cloudwatch.Options)) (*cloudwatch.DescribeAlarmsOutput, error)
}

// Ringing tells which of a stage's alarms are in alarm.
func Ringing(client Alarms, stage string) Check {
	return func(ctx context.Context) []Result {
		const check = "alarms"
		prefix := StackName(stage) + "-"
		var all []Result
		for next := (*string)(nil); ; {
			out, err := client.DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{AlarmNamePrefix: &prefix, StateValue: types.StateValueAlarm, NextToken: next})
			if err != nil {
				return append(all, unreadable(check, "cloudwatch:DescribeAlarms", err)...)
			}
			for _, alarm := range out.MetricAlarms {
				name := strings.TrimPrefix(aws.ToString(alarm.AlarmName), prefix)
				all = append(all, warn("alarm "+name, aws.ToString(alarm.StateReason), "see docs/runbook.md, "+name)...)
			}
			if next = out.NextToken; aws.ToString(next) == "" {
				break
			}
		}
		if len(all) == 0 {
			return ok(check, "none rings")
		}
		return all
	}
}
