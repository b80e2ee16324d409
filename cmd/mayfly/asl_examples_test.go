package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestASLExamples runs what docs/asl.md shows, and holds the page to it.
func TestASLExamples(t *testing.T) {
	t.Chdir(filepath.Join("..", ".."))
	page, err := os.ReadFile("docs/asl.md")
	if err != nil {
		t.Fatal(err)
	}
	const fetch = "fetch=arn:aws:lambda:us-east-1:000000000000:function:fetch"
	order := func(args ...string) []string {
		return append([]string{"asl", "run", "examples/asl/order.asl.json", "--substitute", fetch}, args...)
	}
	for _, c := range []struct {
		args  []string
		code  int
		shown int // lines that the page shows; 0 for all
	}{
		{args: order("-i", `{"items": ["pen", "ink", "pad"]}`, "--mock", "examples/asl/MockConfigFile.json", "--test-case", "Throttled"), shown: 25},
		{args: order("-i", `{"items": ["pen"]}`, "-q"), code: 1},
		{args: []string{"asl", "graph", "examples/asl/order.asl.json"}},
		{args: []string{"asl", "validate", "statemachine/provision.asl.json", "statemachine/release.asl.json", "statemachine/teardown.asl.json",
			"statemachine/update.asl.json", "--substitute", "*=arn:aws:lambda:us-east-1:000000000000:function:*"}},
	} {
		var out, errors bytes.Buffer
		if code := newApp(&out, &errors, os.Getenv).run(t.Context(), c.args); code != c.code {
			t.Errorf("%v: %d, %s", c.args, code, errors.Bytes())
		}
		lines := strings.SplitAfter(out.String()+errors.String(), "\n")
		if c.shown > 0 {
			lines = lines[:c.shown]
		}
		if shown := strings.Join(lines, ""); !strings.Contains(string(page), shown) {
			t.Errorf("docs/asl.md does not show\n%s", shown)
		}
	}
	for _, test := range []string{"HappyPath", "Declined"} {
		var out, errors bytes.Buffer
		args := order("-i", `{"items": ["pen"]}`, "--mock", "examples/asl/MockConfigFile.json", "--test-case", test)
		if code := newApp(&out, &errors, os.Getenv).run(t.Context(), args); code != 0 {
			t.Errorf("%s: %d, %s", test, code, errors.Bytes())
		}
	}
}
