package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestMissingBootstrapsAreNamedWithWhatToDo(t *testing.T) {
	folder := t.TempDir()
	write := func(path ...string) {
		at := filepath.Join(append([]string{folder}, path...)...)
		if err := os.MkdirAll(filepath.Dir(at), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(at, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	functions, build := filepath.Join(folder, "functions"), filepath.Join(folder, "build")
	if _, err := builtSteps(functions, build); err == nil || !strings.Contains(err.Error(), "repository's top") {
		t.Errorf("without functions: %v", err)
	}
	write("functions", "b", "lambda", "main.go")
	write("functions", "a", "lambda", "main.go")
	write("functions", "library", "library.go")
	write("build", "a", "bootstrap")
	write("build", "gone", "bootstrap")
	if _, err := builtSteps(functions, build); err == nil || !strings.Contains(err.Error(), "1 of 2") || !strings.Contains(err.Error(), "(b)") || !strings.Contains(err.Error(), "make build") {
		t.Errorf("with a missing bootstrap: %v", err)
	}
	write("build", "b", "bootstrap")
	if got, err := builtSteps(functions, build); err != nil || !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestNodeIsAskedFor(t *testing.T) {
	found := func(string) (string, error) { return "/opt/node", nil }
	for name, test := range map[string]struct {
		look    func(string) (string, error)
		version string
		err     error
		says    []string
	}{
		"missing": {look: func(string) (string, error) { return "", exec.ErrNotFound }, says: []string{"Node.js 20", "no node on the PATH", "nodejs.org"}},
		"old":     {look: found, version: "v18.20.1\n", says: []string{"/opt/node is v18.20.1", "Node.js 20"}},
		"odd":     {look: found, version: "what?", says: []string{"/opt/node is what?"}},
		"broken":  {look: found, err: errors.New("exec format error"), says: []string{"does not run", "exec format error"}},
		"least":   {look: found, version: "v20.0.0\n"},
		"later":   {look: found, version: "v24.1.0\n"},
	} {
		t.Run(name, func(t *testing.T) {
			err := checkNode(test.look, func(string) (string, error) { return test.version, test.err })
			if (err != nil) != (test.says != nil) {
				t.Fatalf("got %v", err)
			}
			for _, part := range test.says {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%q does not say %q", err, part)
				}
			}
		})
	}
}
