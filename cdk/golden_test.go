package main

import (
	"bytes"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var (
	update    = flag.Bool("update", false, "write the golden template again")
	templates = flag.String("templates", "", "a folder to write templates to that show each setting, for cfn-lint")
)

const golden = "cdk/testdata/dev.us-east-1.template.json"

// TestGolden holds the template of the default settings, so that a change to
// the stack is seen as what it is, and an unrelated one changes nothing. The
// bootstraps are stand-ins: what functions are built from is not in it.
func TestGolden(t *testing.T) {
	got := of(t)
	if *update {
		if err := os.WriteFile(golden, got.text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Equal(got.text, want) {
		return
	}
	before, after := strings.Split(string(want), "\n"), strings.Split(string(got.text), "\n")
	for i := range min(len(before), len(after)) {
		if before[i] != after[i] {
			t.Fatalf("the template is not %s: line %d is\n%s\nnot\n%s\nIf that is meant: make golden, and look at the diff", golden, i+1, after[i], before[i])
		}
	}
	t.Fatalf("the template has %d lines, %s has %d; if that is meant: make golden, and look at the diff", len(after), golden, len(before))
}

// TestTemplatesForOthers writes the templates that cfn-lint looks at.
func TestTemplatesForOthers(t *testing.T) {
	if *templates == "" {
		t.Skip("no -templates")
	}
	for name, made := range map[string]*template{
		"dev": of(t), "everything": of(t, everything()...), "prod": of(t, "stage", "prod", "region", "eu-west-1"),
	} {
		if err := os.WriteFile(filepath.Join(*templates, name+".template.json"), made.text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// TestTheSameInputTwiceIsTheSameTemplate to the byte.
func TestTheSameInputTwiceIsTheSameTemplate(t *testing.T) {
	if !bytes.Equal(of(t).text, synth(t, bootstraps(t, nil)).text) {
		t.Error("two templates of one input differ")
	}
}

// TestAChangeToOneStepChangesOneAsset holds what a deploy of one changed step
// touches: the function's code and version, and the machines that call it.
func TestAChangeToOneStepChangesOneAsset(t *testing.T) {
	const step = "forget"
	before, after := of(t), synth(t, bootstraps(t, map[string]string{step: "another bootstrap of " + step}))
	var changed []string
	for _, id := range slices.Sorted(maps.Keys(after.Resources)) {
		if text(before.Resources[id]) != text(after.Resources[id]) {
			changed = append(changed, after.Resources[id].Type+" "+strings.TrimRight(id, "0123456789abcdefABCDEF"))
		}
	}
	want := []string{"AWS::StepFunctions::StateMachine Machineteardown", "AWS::Lambda::Function Stepforget", "AWS::Lambda::Version StepforgetCurrentVersion"}
	if !slices.Equal(changed, want) {
		t.Errorf("changed are %q, not %q", changed, want)
	}
	if len(before.Resources) != len(after.Resources) {
		t.Errorf("%d resources before, %d after", len(before.Resources), len(after.Resources))
	}
	if a, b := assets(before), assets(after); len(a) != len(b) || len(difference(a, b)) != 1 {
		t.Errorf("other assets: %v", difference(a, b))
	}
}

// assets are the code assets' keys.
func assets(t *template) []string {
	var keys []string
	for _, function := range t.all("AWS::Lambda::Function") {
		keys = append(keys, text(function.at("Code", "S3Key")))
	}
	return keys
}

func difference(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(b), func(key string) bool { return slices.Contains(a, key) })
}
