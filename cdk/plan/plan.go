// Command plan says what a synthesized stack makes and what it costs while
// nothing is asked of it, before anybody is asked whether to deploy it.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
)

// Plan is what a template comes to.
type Plan struct {
	// Stack is the stack's name, Region where it goes.
	Stack, Region string
	// Resources counts the template's resources by type.
	Resources map[string]int
	// Idle is what an installation costs in a month in which nobody uses it.
	Idle []Cost
	// Told is how many addresses alarms and the budget go to.
	Told int
}

// Read reads the plan of the one stack in a cloud assembly, the folder that
// the CDK writes.
func Read(assembly string) (Plan, error) {
	found, err := filepath.Glob(filepath.Join(assembly, "*.template.json"))
	if err != nil {
		return Plan{}, fmt.Errorf("find the template: %w", err)
	}
	if len(found) != 1 {
		return Plan{}, fmt.Errorf("%s has %d templates, not one: run make synth", assembly, len(found))
	}
	text, err := os.ReadFile(found[0])
	if err != nil {
		return Plan{}, fmt.Errorf("read the template: %w", err)
	}
	var template struct {
		Resources map[string]struct {
			Type       string
			Properties struct{ ScheduleExpression string }
		}
	}
	if err := json.Unmarshal(text, &template); err != nil {
		return Plan{}, fmt.Errorf("read the template %s: %w", found[0], err)
	}
	stack, region, err := target(assembly)
	if err != nil {
		return Plan{}, err
	}
	p := Plan{Stack: stack, Region: region, Resources: make(map[string]int)}
	var schedules []string
	for _, r := range template.Resources {
		p.Resources[r.Type]++
		if r.Type == "AWS::Scheduler::Schedule" {
			schedules = append(schedules, r.Properties.ScheduleExpression)
		}
	}
	p.Told = p.Resources["AWS::SNS::Subscription"]
	if p.Idle, err = idle(p.Resources, schedules); err != nil {
		return Plan{}, err
	}
	return p, nil
}

// target reads from the assembly's manifest which stack goes where.
func target(assembly string) (stack, region string, err error) {
	text, err := os.ReadFile(filepath.Join(assembly, "manifest.json"))
	if err != nil {
		return "", "", fmt.Errorf("read the manifest: %w", err)
	}
	var manifest struct {
		Artifacts map[string]struct{ Type, Environment string }
	}
	if err := json.Unmarshal(text, &manifest); err != nil {
		return "", "", fmt.Errorf("read the manifest: %w", err)
	}
	for name, artifact := range manifest.Artifacts {
		if artifact.Type == "aws:cloudformation:stack" {
			return name, filepath.Base(artifact.Environment), nil // aws://ACCOUNT/REGION
		}
	}
	return "", "", fmt.Errorf("the manifest in %s names no stack", assembly)
}

// WriteTo writes the plan for a person.
func (p Plan) WriteTo(w io.Writer) (int64, error) {
	n := 0
	write := func(format string, args ...any) error {
		written, err := fmt.Fprintf(w, format, args...)
		n += written
		return err
	}
	total := 0
	for _, count := range p.Resources {
		total += count
	}
	if err := write("Stack %s in %s has %d resources:\n", p.Stack, p.Region, total); err != nil {
		return int64(n), err
	}
	for _, kind := range slices.Sorted(maps.Keys(p.Resources)) {
		if err := write("  %4d  %s\n", p.Resources[kind], kind); err != nil {
			return int64(n), err
		}
	}
	if err := write("\nIdle, it costs this much a month, in USD (us-east-1's prices):\n"); err != nil {
		return int64(n), err
	}
	var sum, beyond float64
	for _, cost := range p.Idle {
		sum, beyond = sum+cost.USD(), beyond+cost.Beyond()
		if err := write("  %6.2f  %6.2f  %s\n", cost.USD(), cost.Beyond(), cost.What); err != nil {
			return int64(n), err
		}
	}
	if err := write("  %6.2f  %6.2f  in all: in an account that has nothing else, and in one that has used up what is free\n", sum, beyond); err != nil {
		return int64(n), err
	}
	if err := write("Each sandbox costs what its bucket, distribution and repository are used: nothing when they are not.\n"); err != nil {
		return int64(n), err
	}
	if p.Told == 0 {
		return int64(n), write("\nNobody is told of alarms: say whom with mayfly:notify in cdk.json.\n")
	}
	return int64(n), nil
}
