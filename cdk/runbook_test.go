package main

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// TestEveryAlarmHasItsPageInTheRunbook, under a heading of its name.
func TestEveryAlarmHasItsPageInTheRunbook(t *testing.T) {
	runbook, err := os.ReadFile("docs/runbook.md")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(runbook), "\n")
	for _, alarm := range of(t).all("AWS::CloudWatch::Alarm") {
		name := strings.TrimPrefix(alarm.at("AlarmName").(string), "mayfly-dev-")
		if !slices.Contains(lines, "## "+name) {
			t.Errorf("docs/runbook.md has no heading %q", "## "+name)
		}
	}
}
