package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/mayfly-dev/mayfly/local"
	"github.com/mayfly-dev/mayfly/statemachine"
)

// TestStepsAreTheSameEverywhere holds that the tasks of the state machines are
// the folders of functions/, and what one machine runs, and what AWS runs. The
// API is the one function that no machine calls.
func TestStepsAreTheSameEverywhere(t *testing.T) {
	definitions, err := statemachine.All()
	if err != nil {
		t.Fatal(err)
	}
	tasks := []string{"api"}
	var machines []string
	for _, definition := range definitions {
		machines = append(machines, definition.Name)
	}
	for _, definition := range definitions {
		for _, name := range definition.Placeholders() {
			if !slices.Contains(machines, name) {
				tasks = append(tasks, name)
			}
		}
	}
	slices.Sort(tasks)
	tasks = slices.Compact(tasks)
	var deployed, deployedMachines []string
	for _, function := range of(t).all("AWS::Lambda::Function") {
		deployed = append(deployed, strings.TrimPrefix(function.at("FunctionName").(string), "mayfly-dev-"))
	}
	for _, machine := range of(t).all("AWS::StepFunctions::StateMachine") {
		deployedMachines = append(deployedMachines, strings.TrimPrefix(machine.at("StateMachineName").(string), "mayfly-dev-"))
	}
	for place, names := range map[string][]string{
		"functions/ has": folders(t), "one machine runs": append(local.Steps(), "api"), "AWS runs": deployed,
	} {
		slices.Sort(names)
		if !slices.Equal(names, tasks) {
			t.Errorf("the machines' tasks are\n%v\nbut %s\n%v", tasks, place, names)
		}
	}
	slices.Sort(machines)
	slices.Sort(deployedMachines)
	if !slices.Equal(machines, deployedMachines) {
		t.Errorf("the definitions are %v, the machines on AWS %v", machines, deployedMachines)
	}
	t.Logf("steps: %d, machines: %d", len(tasks), len(machines))
}
