package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/mayfly-dev/mayfly/cdk/settings"
)

// TestMain runs the tests where the app runs: at the repository's top.
func TestMain(m *testing.M) {
	if err := os.Chdir(".."); err != nil {
		panic(err)
	}
	code := m.Run()
	jsii.Close()
	os.Exit(code)
}

// template is a synthesized template.
type template struct {
	text      []byte
	Resources map[string]resource
	Outputs   map[string]any
}

type resource struct {
	Type       string
	Properties map[string]any
	DependsOn  []string

	DeletionPolicy, UpdateReplacePolicy string
}

// synthesized keeps each template that a test has asked for: to make one takes
// seconds.
type synthesized struct {
	mu   sync.Mutex
	made map[string]*template
}

var cache = synthesized{made: make(map[string]*template)}

// of returns the template of a context, given as key and value in turn.
func of(t *testing.T, context ...string) *template {
	t.Helper()
	cache.mu.Lock()
	defer cache.mu.Unlock()
	key := fmt.Sprint(context)
	if cache.made[key] == nil {
		cache.made[key] = synth(t, bootstraps(t, nil), context...)
	}
	return cache.made[key]
}

// synth synthesizes a context with the functions in build.
func synth(t *testing.T, build string, context ...string) *template {
	t.Helper()
	app, stack := compose(t, build, context...)
	app.Synth(nil)
	text, err := os.ReadFile(filepath.Join(*app.Outdir(), *stack.TemplateFile()))
	if err != nil {
		t.Fatal(err)
	}
	made := &template{text: text}
	if err := json.Unmarshal(text, made); err != nil {
		t.Fatal(err)
	}
	return made
}

// now is when the settings are read.
var now = time.Date(2026, 11, 27, 0, 0, 0, 0, time.UTC)

// compose makes the stack of a context as main does.
func compose(t *testing.T, build string, context ...string) (awscdk.App, awscdk.Stack) {
	t.Helper()
	all := make(map[string]any)
	for pair := range slices.Chunk(context, 2) {
		all[settings.Prefix+pair[0]] = pair[1]
	}
	all["mayfly:build"] = build
	s, err := settings.Parse(all, now)
	if err != nil {
		t.Fatal(err)
	}
	steps, err := builtSteps("functions", build)
	if err != nil {
		t.Fatal(err)
	}
	app := awscdk.NewApp(&awscdk.AppProps{Outdir: jsii.String(t.TempDir()), Context: &all})
	stack, err := newStack(app, s, steps)
	if err != nil {
		t.Fatal(err)
	}
	return app, stack
}

// bootstraps makes a build folder in which each function's bootstrap says its
// name alone, so that a template is about the stack and not about what the
// functions are built from. Those in other say something else.
func bootstraps(t *testing.T, other map[string]string) string {
	t.Helper()
	build := t.TempDir()
	for _, name := range folders(t) {
		text := "bootstrap of " + name
		if instead, ok := other[name]; ok {
			text = instead
		}
		if err := os.Mkdir(filepath.Join(build, name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(build, name, "bootstrap"), []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return build
}

// folders are the names of the functions in functions/.
func folders(t *testing.T) []string {
	t.Helper()
	mains, err := filepath.Glob("functions/*/lambda/main.go")
	if err != nil || len(mains) == 0 {
		t.Fatalf("%d functions, %v", len(mains), err)
	}
	names := make([]string, len(mains))
	for i, main := range mains {
		names[i] = filepath.Base(filepath.Dir(filepath.Dir(main)))
	}
	return names
}

// all returns the resources of a type, in the order of their ids.
func (t *template) all(kind string) []resource {
	var found []resource
	for _, id := range slices.Sorted(maps.Keys(t.Resources)) {
		if t.Resources[id].Type == kind {
			found = append(found, t.Resources[id])
		}
	}
	return found
}

// one returns the resource of a type of which there is one.
func (t *template) one(test *testing.T, kind string) resource {
	test.Helper()
	found := t.all(kind)
	if len(found) != 1 {
		test.Fatalf("%d of %s", len(found), kind)
	}
	return found[0]
}

// at follows keys and indexes into a resource's properties; nil is nowhere.
func (r resource) at(path ...any) any {
	var here any = r.Properties
	for _, step := range path {
		switch step := step.(type) {
		case string:
			object, _ := here.(map[string]any)
			here = object[step]
		case int:
			list, _ := here.([]any)
			if step >= len(list) {
				return nil
			}
			here = list[step]
		}
	}
	return here
}

// text returns JSON of a value, to compare and to search.
func text(value any) string {
	out, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return string(out)
}
