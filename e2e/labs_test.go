package e2e_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mayfly-dev/mayfly/local"
)

// TestLabs types every command of the labs, as it is written there, and holds
// what the labs say that it answers.
func TestLabs(t *testing.T) {
	command, err := mayfly()
	if err != nil {
		t.Fatal(err)
	}
	for lab, clients := range map[string][]string{
		"s3-cloudfront.md": {"aws", "curl"},
		"ecr.md":           {"aws", "buildah"},
	} {
		t.Run(lab, func(t *testing.T) {
			t.Parallel()
			for _, client := range clients {
				if _, err := exec.LookPath(client); err != nil {
					t.Skipf("%s is not installed", client)
				}
			}
			text, err := os.ReadFile(filepath.Join("..", "docs", "labs", lab))
			if err != nil {
				t.Fatal(err)
			}
			steps, err := labSteps(string(text))
			if err != nil || len(steps) < 5 {
				t.Fatalf("%d steps, %v", len(steps), err)
			}
			// Long enough for a student to see a distribution under way.
			c := start(t, func(config *local.Config) { config.Propagation = time.Second })
			home := t.TempDir()
			doLab(t, steps, append(os.Environ(),
				"PATH="+filepath.Dir(command)+string(filepath.ListSeparator)+os.Getenv("PATH"),
				"HOME="+home, "XDG_RUNTIME_DIR="+home, "XDG_CONFIG_HOME=", "AWS_CA_BUNDLE=", "AWS_SESSION_TOKEN=", "REGISTRY_AUTH_FILE=",
				"AWS_ENDPOINT_URL="+c.awsURL, "MAYFLY_API="+c.apiURL,
				// Without a kernel's help: no overlays, no namespaces.
				"CLIENT=buildah", "STORAGE_DRIVER=vfs", "BUILDAH_ISOLATION=chroot",
			))
		})
	}
}

// TestALabIsReadAndHeld: what is no step, and an answer that is another one,
// does not pass for what the lab says.
func TestALabIsReadAndHeld(t *testing.T) {
	steps, err := labSteps("a\n```sh\none\n```\n\n```text\n1 …\n```\n```sh fails\ntwo\n```\nprose\n")
	want := []labStep{{line: 2, commands: "one\n", answers: "1 …\n"}, {line: 9, commands: "two\n", fails: true}}
	if err != nil || !slices.Equal(steps, want) {
		t.Errorf("%+v, %v", steps, err)
	}
	for _, page := range []string{"```bash\nls\n```", "```sh\nls\n", "```sh\nls\n```\nprose\n```text\nof what?\n```"} {
		if steps, err := labSteps(page); err == nil {
			t.Errorf("%q: %+v", page, steps)
		}
	}
	for answer, like := range map[string]bool{"1 or 2\n": true, "1 \n": true, "2\n": false, "": false, "0 1 2": false} {
		if answersLike("1…\n", []byte(answer)) != like {
			t.Errorf("%q: like the lab's: %v", answer, !like)
		}
	}
}

// labStep is a block of a lab's commands.
type labStep struct {
	line     int // of the page
	commands string
	// fails says that the last command is meant to fail.
	fails bool
	// answers is what the lab says that they print; "" when it does not say.
	answers string
}

// labSteps returns the blocks of sh of a page, each with the block of text
// right after it, if there is one.
func labSteps(page string) (steps []labStep, err error) {
	lines := strings.Split(page, "\n")
	fresh := false // no prose since the last step
	for i := 0; i < len(lines); i++ {
		info, fence := strings.CutPrefix(lines[i], "```")
		if !fence {
			fresh = fresh && lines[i] == ""
			continue
		}
		begins := i + 1
		for i++; i < len(lines) && lines[i] != "```"; i++ {
		}
		if i == len(lines) {
			return nil, fmt.Errorf("line %d: the block does not end", begins)
		}
		block := strings.Join(lines[begins:i], "\n") + "\n"
		switch {
		case info == "sh" || info == "sh fails":
			steps = append(steps, labStep{line: begins, commands: block, fails: info == "sh fails"})
			fresh = true
		case info == "text" && fresh:
			steps[len(steps)-1].answers = block
			fresh = false
		case info == "console": // what is started in another terminal
			fresh = false
		default:
			return nil, fmt.Errorf("line %d: a block of %q, which nothing runs", begins, info)
		}
	}
	return steps, nil
}

// doLab runs all steps in one shell, which stops at the first command that
// ends otherwise than the lab says.
func doLab(t *testing.T, steps []labStep, env []string) {
	t.Helper()
	records, work := t.TempDir(), t.TempDir()
	record := func(i int, kind string) string { return filepath.Join(records, fmt.Sprint(kind, i)) }
	var script strings.Builder
	script.WriteString("set -eo pipefail\n")
	for i, step := range steps {
		if err := os.WriteFile(record(i, "commands"), []byte(step.commands), 0o600); err != nil {
			t.Fatal(err)
		}
		run := fmt.Sprintf(". %s >%s 2>&1", record(i, "commands"), record(i, "output"))
		if step.fails {
			run = "if " + run + "; then exit 3; fi"
		}
		fmt.Fprintf(&script, "%s\n: >%s\n", run, record(i, "done"))
	}
	ctx, cancel := context.WithTimeout(t.Context(), 15*time.Minute)
	defer cancel()
	shell := exec.CommandContext(ctx, "bash", "--noprofile", "--norc")
	shell.Dir, shell.Env, shell.Stdin = work, env, strings.NewReader(script.String())
	shell.WaitDelay = 10 * time.Second
	said, failed := shell.CombinedOutput()
	for i, step := range steps {
		output, err := os.ReadFile(record(i, "output"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(record(i, "done")); err != nil {
			t.Fatalf("line %d: %v, but the lab says otherwise (fails: %v):\n%s%s%s", step.line, failed, step.fails, step.commands, output, said)
		}
		if !answersLike(step.answers, output) {
			t.Errorf("line %d:\n%s\nanswers\n%s\nand the lab says\n%s", step.line, step.commands, output, step.answers)
		}
	}
	if failed != nil {
		t.Fatalf("the shell: %v: %s", failed, said)
	}
}

// answersLike reports whether an output is what a lab says, where an ellipsis
// stands for anything. Blank lines do not count.
func answersLike(lab string, output []byte) bool {
	if lab == "" {
		return true
	}
	parts := strings.Split(lab, "…")
	for i := range parts {
		parts[i] = regexp.QuoteMeta(parts[i])
	}
	like := regexp.MustCompile(`(?s)\A\s*` + strings.TrimRight(strings.Join(parts, ".*"), "\n") + `\s*\z`)
	return like.Match(bytes.ReplaceAll(output, []byte("\n\n"), []byte("\n")))
}
