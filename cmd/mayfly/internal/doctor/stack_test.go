package doctor_test

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	cfntypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/aws/smithy-go"

	"github.com/mayfly-dev/mayfly/cmd/mayfly/internal/doctor"
)

type parameters struct {
	value string
	err   error
}

func (p parameters) GetParameter(_ context.Context, in *ssm.GetParameterInput, _ ...func(*ssm.Options)) (*ssm.GetParameterOutput, error) {
	if aws.ToString(in.Name) != "/cdk-bootstrap/hnb659fds/version" {
		return nil, apiError("ParameterNotFound")
	}
	return &ssm.GetParameterOutput{Parameter: &ssmtypes.Parameter{Value: &p.value}}, p.err
}

func TestBootstrap(t *testing.T) {
	for _, test := range []struct {
		parameters
		want string
	}{
		{parameters{value: "30"}, "ok"},
		{parameters{value: "6"}, "ok"},
		{parameters{value: "5"}, "failed"},
		{parameters{value: "new"}, "failed"},
		{parameters{err: apiError("ParameterNotFound")}, "failed"},
		{parameters{err: apiError("AccessDeniedException")}, "warning"},
	} {
		want(t, doctor.Bootstrap(test.parameters, "us-east-1")(t.Context()), "CDK bootstrap "+test.want)
	}
}

type stacks struct {
	status cfntypes.StackStatus
	err    error
}

func (s stacks) DescribeStacks(context.Context, *cloudformation.DescribeStacksInput, ...func(*cloudformation.Options)) (*cloudformation.DescribeStacksOutput, error) {
	return &cloudformation.DescribeStacksOutput{Stacks: []cfntypes.Stack{{
		StackStatus: s.status, StackStatusReason: aws.String("because"),
		Outputs: []cfntypes.Output{{OutputKey: aws.String("APIURL"), OutputValue: aws.String("https://api.example/")}},
	}}}, s.err
}

func TestStack(t *testing.T) {
	missing := &smithy.GenericAPIError{Code: "ValidationError", Message: "Stack with id mayfly-dev does not exist"}
	for _, test := range []struct {
		stacks
		want, api string
	}{
		{stacks{status: "CREATE_COMPLETE"}, "ok", "https://api.example/"},
		{stacks{status: "UPDATE_COMPLETE"}, "ok", "https://api.example/"},
		{stacks{status: "UPDATE_IN_PROGRESS"}, "warning", "https://api.example/"},
		{stacks{status: "UPDATE_ROLLBACK_COMPLETE"}, "warning", "https://api.example/"},
		{stacks{status: "UPDATE_ROLLBACK_FAILED"}, "failed", "https://api.example/"},
		{stacks{status: "ROLLBACK_COMPLETE"}, "failed", "https://api.example/"},
		{stacks{status: "DELETE_FAILED"}, "failed", "https://api.example/"},
		{stacks{err: missing}, "skipped", ""},
		{stacks{err: apiError("AccessDenied")}, "warning", ""},
	} {
		api := ""
		want(t, doctor.Stack(test.stacks, "dev", func(url string) { api = url })(t.Context()), "stack mayfly-dev "+test.want)
		if api != test.api {
			t.Errorf("%s: the API is at %q", test.status, api)
		}
	}
}

// alarms ring one to a page.
type alarms []string

func (a alarms) DescribeAlarms(_ context.Context, in *cloudwatch.DescribeAlarmsInput, _ ...func(*cloudwatch.Options)) (*cloudwatch.DescribeAlarmsOutput, error) {
	if aws.ToString(in.AlarmNamePrefix) != "mayfly-dev-" || in.StateValue != cwtypes.StateValueAlarm {
		return nil, apiError("InvalidParameterValue")
	}
	at := len(aws.ToString(in.NextToken))
	out := &cloudwatch.DescribeAlarmsOutput{}
	if at < len(a) {
		out.MetricAlarms = []cwtypes.MetricAlarm{{AlarmName: aws.String("mayfly-dev-" + a[at]), StateReason: aws.String("1 is too much")}}
	}
	if at+1 < len(a) {
		out.NextToken = aws.String("xxxxxxxxxx"[:at+1])
	}
	return out, nil
}

func TestRinging(t *testing.T) {
	want(t, doctor.Ringing(alarms{}, "dev")(t.Context()), "alarms ok")
	want(t, doctor.Ringing(alarms{"left-behind", "faults"}, "dev")(t.Context()), "alarm left-behind warning", "alarm faults warning")
}
