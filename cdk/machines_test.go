package main

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/mayfly-dev/mayfly/statemachine"
)

func TestMachines(t *testing.T) {
	made := of(t)
	logs := 0
	for id, m := range made.Resources {
		if m.Type != "AWS::StepFunctions::StateMachine" {
			continue
		}
		for what, is := range map[string][2]any{
			"type":    {m.at("StateMachineType"), "STANDARD"},
			"level":   {m.at("LoggingConfiguration", "Level"), "ERROR"},
			"payload": {m.at("LoggingConfiguration", "IncludeExecutionData"), false},
			"tracing": {m.at("TracingConfiguration", "Enabled"), true},
		} {
			if is[0] != is[1] {
				t.Errorf("%s: %s is %v, not %v", id, what, is[0], is[1])
			}
		}
		name := strings.TrimPrefix(m.at("StateMachineName").(string), "mayfly-dev-")
		definition, err := statemachine.Get(name)
		if err != nil || m.at("DefinitionString") != definition.JSON {
			t.Errorf("%s is not the definition of %s (%v)", id, name, err)
		}
		substitutions, _ := m.at("DefinitionSubstitutions").(map[string]any)
		if got := slices.Sorted(maps.Keys(substitutions)); !slices.Equal(got, definition.Placeholders()) {
			t.Errorf("%s: %v is filled in, for %v", name, got, definition.Placeholders())
		}
		for placeholder, value := range substitutions {
			ref, _ := value.(map[string]any)["Ref"].(string)
			version := made.Resources[ref].Type == "AWS::Lambda::Version"
			alias := strings.HasSuffix(plain(value), ":stateMachine:mayfly-dev-"+placeholder+":live")
			if !version && !alias {
				t.Errorf("%s: %s is %s, neither a version of a function nor a machine's alias", name, placeholder, plain(value))
			}
		}
		logs++
	}
	versions, aliases := made.all("AWS::StepFunctions::StateMachineVersion"), made.all("AWS::StepFunctions::StateMachineAlias")
	if len(versions) != logs || len(aliases) != logs {
		t.Errorf("%d machines have %d versions and %d aliases", logs, len(versions), len(aliases))
	}
	for _, version := range versions {
		if version.UpdateReplacePolicy != "Retain" {
			t.Errorf("version of %s is deleted when it is replaced", plain(version.at("StateMachineArn")))
		}
	}
}

// TestWhoeverStartsAMachineStartsItsLiveVersion: rules, schedules and the API.
func TestWhoeverStartsAMachineStartsItsLiveVersion(t *testing.T) {
	made := of(t, everything()...)
	started := 0
	for _, r := range made.Resources {
		var arn any
		switch r.Type {
		case "AWS::Events::Rule":
			arn = r.at("Targets", 0, "Arn")
		case "AWS::Scheduler::Schedule":
			arn = r.at("Target", "Arn")
		default:
			continue
		}
		if r.at("Name") == "mayfly-dev-notices" {
			continue // which tells people, and starts nothing
		}
		started++
		if !strings.HasPrefix(plain(arn), "{Alias") {
			t.Errorf("%v starts %s", r.at("Name"), plain(arn))
		}
	}
	for _, f := range made.all("AWS::Lambda::Function") {
		if f.at("FunctionName") == "mayfly-dev-api" && f.at("Environment", "Variables", "MAYFLY_MACHINE_ALIAS") != "live" {
			t.Error("the API starts no alias")
		}
	}
	if started != 5 {
		t.Errorf("%d rules and schedules", started)
	}
}
