package main

import (
	"fmt"
	"strings"
	"testing"
)

// limits are how long AWS lets the names be that Mayfly chooses.
func limits() map[string]struct {
	property string
	most     int
} {
	return map[string]struct {
		property string
		most     int
	}{
		"AWS::Lambda::Function":                 {"FunctionName", 64},
		"AWS::StepFunctions::StateMachine":      {"StateMachineName", 80},
		"AWS::S3::Bucket":                       {"BucketName", 63},
		"AWS::DynamoDB::Table":                  {"TableName", 255},
		"AWS::SQS::Queue":                       {"QueueName", 80},
		"AWS::SNS::Topic":                       {"TopicName", 256},
		"AWS::Events::Rule":                     {"Name", 64},
		"AWS::Events::EventBus":                 {"Name", 256},
		"AWS::Scheduler::Schedule":              {"Name", 64},
		"AWS::CloudFront::Function":             {"Name", 64},
		"AWS::CloudWatch::Alarm":                {"AlarmName", 255},
		"AWS::CloudWatch::Dashboard":            {"DashboardName", 255},
		"AWS::Logs::LogGroup":                   {"LogGroupName", 512},
		"AWS::CloudTrail::Trail":                {"TrailName", 128},
		"AWS::ApiGatewayV2::Api":                {"Name", 128},
		"AWS::ApiGatewayV2::Authorizer":         {"Name", 128},
		"AWS::StepFunctions::StateMachineAlias": {"Name", 80},
	}
}

// TestThreeStagesInFourRegions holds that the stack synthesizes wherever it may
// be, within CloudFormation's limits and every service's for names.
func TestThreeStagesInFourRegions(t *testing.T) {
	regions := []string{"us-east-1", "eu-west-1", "ap-southeast-2", "sa-east-1"}
	templates := 0
	for _, stage := range []string{"dev", "prod", "twelvechars1"} {
		for _, region := range regions {
			made := of(t, "stage", stage, "region", region)
			if stage == "dev" && region == "us-east-1" {
				made = of(t)
			}
			templates++
			if n := len(made.Resources); n > 500 || len(made.text) > 1<<20 {
				t.Errorf("%s in %s: %d resources in %d bytes; a stack has at most 500, a template 1 MiB", stage, region, n, len(made.text))
			}
			for id, r := range made.Resources {
				limit, ok := limits()[r.Type]
				if !ok {
					continue
				}
				name := strings.ReplaceAll(plain(r.Properties[limit.property]), "{AWS::AccountId}", "123456789012")
				if !strings.Contains(name, stage) && r.Type != "AWS::StepFunctions::StateMachineAlias" || len(name) > limit.most || strings.Contains(name, "{") {
					t.Errorf("%s in %s: %s %s is called %q, which is not the stage's or too long", stage, region, r.Type, id, name)
				}
			}
			// WAF keeps what is for CloudFront in us-east-1, wherever the rest is.
			rest := strings.ReplaceAll(string(made.text), ":wafv2:us-east-1:", "")
			for _, other := range regions {
				if other != region && strings.Contains(rest, other) {
					t.Errorf("%s in %s: the template names %s", stage, region, other)
				}
			}
		}
	}
	t.Logf("templates synthesized: %d", templates)
}

// plain writes what Fn::Join and Ref come to, a Ref in braces.
func plain(value any) string {
	switch value := value.(type) {
	case string:
		return value
	case map[string]any:
		if ref, ok := value["Ref"].(string); ok {
			return "{" + ref + "}"
		}
		if join, ok := value["Fn::Join"].([]any); ok && len(join) == 2 {
			separator, _ := join[0].(string)
			parts, _ := join[1].([]any)
			texts := make([]string, len(parts))
			for i, part := range parts {
				texts[i] = plain(part)
			}
			return strings.Join(texts, separator)
		}
		if get, ok := value["Fn::GetAtt"].([]any); ok {
			return fmt.Sprintf("{%v.%v}", get[0], get[1])
		}
		if sub, ok := value["Fn::Sub"].(string); ok {
			return strings.ReplaceAll(sub, "${", "{")
		}
	}
	return text(value)
}
