package main

import (
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/jsii-runtime-go"

	"github.com/mayfly-dev/mayfly/cdk/settings"
	"github.com/mayfly-dev/mayfly/statemachine"
)

// TestNothingThatStartsByItselfIsLost: each target is tried again, and ends in
// the dead-letter queue.
func TestNothingThatStartsByItselfIsLost(t *testing.T) {
	made := of(t, everything()...)
	targets := 0
	for id, r := range made.Resources {
		var list []any
		switch r.Type {
		case "AWS::Events::Rule":
			list, _ = r.at("Targets").([]any)
		case "AWS::Scheduler::Schedule":
			list = []any{r.at("Target")}
		}
		for _, one := range list {
			targets++
			target, _ := one.(map[string]any)
			if s := text(target); !strings.Contains(s, `"DeadLetterConfig":{"Arn":{"Fn::GetAtt":["DeadLetters`) || !strings.Contains(s, `"MaximumRetryAttempts":`) || !strings.Contains(s, `"MaximumEventAgeInSeconds":`) {
				t.Errorf("%s: %s", id, s)
			}
		}
	}
	if targets != 6 {
		t.Errorf("%d targets", targets)
	}
}

func TestPushesAreOfAccountsThatCount(t *testing.T) {
	account := func(made *template, name string) string {
		for _, rule := range made.all("AWS::Events::Rule") {
			if rule.at("Name") == name {
				return text(rule.at("EventPattern", "account")) + text(rule.at("EventBusName"))
			}
		}
		return ""
	}
	plainly, others := of(t), of(t, everything()...)
	for _, test := range []struct {
		made       *template
		rule, want string
	}{
		{plainly, "mayfly-dev-deploy", `[{"Ref":"AWS::AccountId"}]null`},
		{plainly, "mayfly-dev-deploy-elsewhere", ""},
		{others, "mayfly-dev-deploy", `[{"Ref":"AWS::AccountId"}]null`},
		{others, "mayfly-dev-deploy-elsewhere", `["111122223333","444455556666"]{"Ref":"PushBusDB3B3806"}`},
	} {
		if got := account(test.made, test.rule); got != test.want {
			t.Errorf("%s is for %s, not %s", test.rule, got, test.want)
		}
	}
	if n := len(plainly.all("AWS::Events::EventBus")); n != 0 {
		t.Errorf("%d buses that nobody sends to", n)
	}
	policy := text(others.one(t, "AWS::Events::EventBusPolicy").at("Statement"))
	for _, part := range []string{"111122223333", "444455556666", `"events:source":"aws.ecr"`, `"Action":"events:PutEvents"`} {
		if !strings.Contains(policy, part) {
			t.Errorf("the bus's policy %s does not say %s", policy, part)
		}
	}
}

// TestTheNightlyMachineJoinsByItsDefinition starts the schedule over a machine
// of that name, as there will be one.
func TestTheNightlyMachineJoinsByItsDefinition(t *testing.T) {
	s, err := settings.Parse(map[string]any{"mayfly:nightly": "03:30", "mayfly:timeZone": "Europe/Berlin"}, now)
	if err != nil {
		t.Fatal(err)
	}
	stack := awscdk.NewStack(awscdk.NewApp(&awscdk.AppProps{Outdir: jsii.String(t.TempDir())}), jsii.String("mayfly-dev"), nil)
	dead := newDeadLetters(stack, s)
	newNightly(stack, s, nil, dead)
	assertions.Template_FromStack(stack, nil).ResourceCountIs(jsii.String("AWS::Scheduler::Schedule"), jsii.Number(0))

	stack = awscdk.NewStack(awscdk.NewApp(&awscdk.AppProps{Outdir: jsii.String(t.TempDir())}), jsii.String("mayfly-dev"), nil)
	definition := statemachine.Definition{Name: nightlyMachine, JSON: `{"StartAt":"Done","States":{"Done":{"Type":"Succeed"}}}`}
	nightly := newMachine(stack, s, definition, map[string]*string{}, newMachineLog(stack, s))
	newNightly(stack, s, map[string]machine{nightlyMachine: nightly}, newDeadLetters(stack, s))
	assertions.Template_FromStack(stack, nil).HasResourceProperties(jsii.String("AWS::Scheduler::Schedule"), &map[string]any{
		"Name": "mayfly-dev-nightly", "ScheduleExpression": "cron(30 3 * * ? *)", "ScheduleExpressionTimezone": "Europe/Berlin",
		"FlexibleTimeWindow": map[string]any{"Mode": "OFF"},
		"Target": map[string]any{
			"Arn":         map[string]any{"Fn::GetAtt": []any{"Aliasnightly", "Arn"}},
			"RetryPolicy": map[string]any{"MaximumEventAgeInSeconds": 7200, "MaximumRetryAttempts": 3},
		},
	})
}
