package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestAChangedStepIsBuiltAnewAlone builds three functions twice as make build
// does, the second time with another source of one of them, and holds that the
// others are the same to the byte.
func TestAChangedStepIsBuiltAnewAlone(t *testing.T) {
	const changed = "forget"
	source := "functions/" + changed + "/" + changed + ".go"
	text, err := os.ReadFile(source)
	if err != nil {
		t.Fatal(err)
	}
	// Something that the linker can't leave out.
	text = append(text, "\nfunc init() { println(\"changed\") }\n"...)
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "changed.go"), text, 0o600); err != nil {
		t.Fatal(err)
	}
	path, err := filepath.Abs(source)
	if err != nil {
		t.Fatal(err)
	}
	overlay, err := json.Marshal(map[string]map[string]string{"Replace": {path: filepath.Join(folder, "changed.go")}})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "overlay.json"), overlay, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{changed, "record", "beginteardown"} {
		before, after := bootstrap(t, name), bootstrap(t, name, "-overlay", filepath.Join(folder, "overlay.json"))
		if same := bytes.Equal(before, after); same == (name == changed) {
			t.Errorf("the bootstrap of %s is the same after a change to %s: %v", name, changed, same)
		}
	}
}

// bootstrap builds a function as make build does, with flags besides.
func bootstrap(t *testing.T, name string, flags ...string) []byte {
	t.Helper()
	out := filepath.Join(t.TempDir(), "bootstrap")
	args := append([]string{"build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-tags", "lambda.norpc", "-o", out}, flags...)
	cmd := exec.CommandContext(t.Context(), "go", append(args, "./functions/"+name+"/lambda")...)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH=arm64")
	if text, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build %s: %v\n%s", name, err, text)
	}
	built, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return built
}
