package main

import (
	"strings"
	"testing"
)

func TestFunctions(t *testing.T) {
	made := of(t)
	functions := made.all("AWS::Lambda::Function")
	roles := make(map[string]bool)
	for _, f := range functions {
		name := strings.TrimPrefix(f.at("FunctionName").(string), "mayfly-dev-")
		for what, is := range map[string][2]any{
			"architecture": {text(f.at("Architectures")), `["arm64"]`},
			"runtime":      {f.at("Runtime"), "provided.al2023"},
			"tracing":      {f.at("TracingConfig", "Mode"), "Active"},
			"stage":        {f.at("Environment", "Variables", "MAYFLY_STAGE"), "dev"},
		} {
			if is[0] != is[1] {
				t.Errorf("%s: %s is %v, not %v", name, what, is[0], is[1])
			}
		}
		log, _ := f.at("LoggingConfig", "LogGroup", "Ref").(string)
		if made.Resources[log].at("LogGroupName") != "/aws/lambda/mayfly-dev-"+name || made.Resources[log].at("RetentionInDays") != 30.0 {
			t.Errorf("%s logs to %v", name, made.Resources[log].Properties)
		}
		role := text(f.at("Role"))
		if roles[role] {
			t.Errorf("%s has another function's role %s", name, role)
		}
		roles[role] = true
		if f.at("VpcConfig") != nil || f.at("Layers") != nil {
			t.Errorf("%s has a network or layers of its own", name)
		}
	}
	// Whatever is retained in a deploy still runs for executions under way.
	versions := made.all("AWS::Lambda::Version")
	if len(versions) != len(functions) {
		t.Errorf("%d functions have %d versions", len(functions), len(versions))
	}
	for _, version := range versions {
		if version.DeletionPolicy != "Retain" || version.UpdateReplacePolicy != "Retain" {
			t.Errorf("a version of %v is deleted when it is replaced", version.at("FunctionName"))
		}
	}
	// Nothing invokes a function and forgets it: a step is called by its machine,
	// the API by API Gateway, and both wait.
	if n := len(made.all("AWS::Lambda::EventInvokeConfig")) + len(made.all("AWS::Lambda::EventSourceMapping")); n != 0 {
		t.Errorf("%d functions are invoked by events, and have no dead-letter queue", n)
	}
}

// TestTheAPIAnswersBeforeAPIGatewayGivesUp after 30 seconds.
func TestTheAPIAnswersBeforeAPIGatewayGivesUp(t *testing.T) {
	for _, f := range of(t).all("AWS::Lambda::Function") {
		seconds, _ := f.at("Timeout").(float64)
		if name := f.at("FunctionName"); name == "mayfly-dev-api" && (seconds < 10 || seconds >= 30) {
			t.Errorf("the API may take %v seconds", seconds)
		} else if seconds < 10 || seconds > 900 {
			t.Errorf("%v may take %v seconds", name, seconds)
		}
	}
}

// TestWhatCloudFrontThrottlesRunsFewAtOnce, unless an account has no
// concurrency to reserve.
func TestWhatCloudFrontThrottlesRunsFewAtOnce(t *testing.T) {
	for _, test := range []struct {
		context []string
		want    any
	}{{nil, 2.0}, {everything(), nil}} {
		reserved := 0
		for _, f := range of(t, test.context...).all("AWS::Lambda::Function") {
			switch f.at("FunctionName") {
			case "mayfly-dev-createdistribution", "mayfly-dev-updatedistribution", "mayfly-dev-disabledistribution", "mayfly-dev-enabledistribution":
				reserved++
				if got := f.at("ReservedConcurrentExecutions"); got != test.want {
					t.Errorf("%v: %v at once, not %v", f.at("FunctionName"), got, test.want)
				}
			default:
				if got := f.at("ReservedConcurrentExecutions"); got != nil {
					t.Errorf("%v takes %v from the account", f.at("FunctionName"), got)
				}
			}
		}
		if reserved != 4 {
			t.Errorf("%d functions change distributions", reserved)
		}
	}
}

// TestEveryRetentionIsKnown holds that each of the settings' log days has a
// retention, and no two the same.
func TestEveryRetentionIsKnown(t *testing.T) {
	for _, days := range []string{"1", "731", "3653"} {
		for _, log := range of(t, "logDays", days).all("AWS::Logs::LogGroup") {
			if text(log.at("RetentionInDays")) != days {
				t.Fatalf("logDays %s: %v is kept for %v days", days, log.at("LogGroupName"), log.at("RetentionInDays"))
			}
		}
	}
}
