package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const manifest = `{"artifacts": {"mayfly-dev.assets": {"type": "cdk:asset-manifest"}, "mayfly-dev": {"type": "aws:cloudformation:stack", "environment": "aws://unknown-account/eu-west-1"}}}`

// assembly makes a cloud assembly of the files.
func assembly(t *testing.T, files map[string]string) string {
	t.Helper()
	folder := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

// TestTheStackIdlesUnderADollar reads the golden template: what the default
// settings make costs next to nothing when nobody uses it.
func TestTheStackIdlesUnderADollar(t *testing.T) {
	golden, err := os.ReadFile("../testdata/dev.us-east-1.template.json")
	if err != nil {
		t.Fatal(err)
	}
	plan, err := Read(assembly(t, map[string]string{"mayfly-dev.template.json": string(golden), "manifest.json": manifest}))
	if err != nil {
		t.Fatal(err)
	}
	sum := 0.0
	for _, cost := range plan.Idle {
		sum += cost.USD()
	}
	if sum <= 0 || sum >= 1 {
		t.Errorf("an idle installation costs %.2f USD a month: %+v", sum, plan.Idle)
	}
	var text strings.Builder
	if n, err := plan.WriteTo(&text); err != nil || n != int64(text.Len()) {
		t.Errorf("%d bytes of %d, %v", n, text.Len(), err)
	}
	for _, part := range []string{"Stack mayfly-dev in eu-west-1", "AWS::Lambda::Function", "1  AWS::DynamoDB::Table", "state transitions", "Nobody is told of alarms"} {
		if !strings.Contains(text.String(), part) {
			t.Errorf("%q is not in\n%s", part, text.String())
		}
	}
	t.Logf("idle: %.2f USD a month", sum)
}

func TestPlan(t *testing.T) {
	plan, err := Read(assembly(t, map[string]string{"manifest.json": manifest, "a.template.json": `{"Resources": {
		"A": {"Type": "AWS::Scheduler::Schedule", "Properties": {"ScheduleExpression": "rate(1 minute)"}},
		"B": {"Type": "AWS::Scheduler::Schedule", "Properties": {"ScheduleExpression": "cron(0 2 * * ? *)"}},
		"K": {"Type": "AWS::KMS::Key"}, "S": {"Type": "AWS::SNS::Subscription"}, "D": {"Type": "AWS::CloudWatch::Dashboard"}}}`}))
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	if _, err := plan.WriteTo(&text); err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"219152 state transitions", "5.38    5.48", "1.00    1.00  1 KMS keys", "0.00    3.00  1 dashboard"} {
		if !strings.Contains(text.String(), part) {
			t.Errorf("%q is not in\n%s", part, text.String())
		}
	}
	if strings.Contains(text.String(), "Nobody") {
		t.Error("somebody is told")
	}
}

func TestWhatIsNoPlanIsSaid(t *testing.T) {
	for name, test := range map[string]struct {
		files map[string]string
		says  string
	}{
		"nothing":       {nil, "make synth"},
		"two templates": {map[string]string{"a.template.json": "{}", "b.template.json": "{}"}, "2 templates"},
		"no manifest":   {map[string]string{"a.template.json": "{}"}, "manifest"},
		"no JSON":       {map[string]string{"a.template.json": "{", "manifest.json": manifest}, "read the template"},
		"bad manifest":  {map[string]string{"a.template.json": "{}", "manifest.json": "["}, "read the manifest"},
		"no stack":      {map[string]string{"a.template.json": "{}", "manifest.json": "{}"}, "names no stack"},
		"odd rate":      {map[string]string{"manifest.json": manifest, "a.template.json": `{"Resources":{"A":{"Type":"AWS::Scheduler::Schedule","Properties":{"ScheduleExpression":"rate(0 minutes)"}}}}`}, "not a rate"},
	} {
		if _, err := Read(assembly(t, test.files)); err == nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left") }

func TestAFullDiskIsNotSwallowed(t *testing.T) {
	if _, err := (Plan{Stack: "s"}).WriteTo(full{}); err == nil {
		t.Error("written")
	}
}
