package e2e_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/local"
	"github.com/mayfly-dev/mayfly/local/gateway"
	"github.com/mayfly-dev/mayfly/statemachine"
)

// planted is in the content, and in the names of what is in it; no line of log
// may have it.
const planted = "5ec7e7"

// written is a log that may be read while it is written.
type written struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (w *written) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.Write(p)
}

func (w *written) lines() [][]byte {
	w.mu.Lock()
	defer w.mu.Unlock()
	return bytes.Split(bytes.TrimSpace(bytes.Clone(w.text.Bytes())), []byte("\n"))
}

// unseen are the steps of the flows that TestWhatStepsLog follows, but does not
// run: of sites without a distribution, of what can't be deployed, of
// propagation that takes time.
func unseen() []string { return []string{"hostwebsite", "faildeploy", "awaitinvalidation"} }

// TestWhatStepsLog runs a sandbox's life with secrets in all that it carries,
// and reads what the steps log: each has its lines, with what finds the sandbox
// and the execution, and none has a secret.
func TestWhatStepsLog(t *testing.T) {
	var log written
	c := start(t, func(config *local.Config) {
		config.Logger = slog.New(slog.NewJSONHandler(&log, nil))
		config.FunctionOutput = &log
	})
	t.Cleanup(func() {
		if t.Failed() {
			for _, line := range log.lines() {
				if !bytes.Contains(line, []byte(`"level":"INFO"`)) {
					t.Logf("%s", line)
				}
			}
		}
	})
	secretLife(t, c)
	// A process writes its line before it answers, and the line takes its way.
	eventually(t, "a line of the last step", func() (bool, error) {
		return slices.ContainsFunc(log.lines(), func(line []byte) bool { return bytes.Contains(line, []byte(`"step":"forget"`)) }), nil
	})
	readLog(t, log.lines())
	c.measures(t)
}

// secretLife makes, releases to, pushes to, changes and deletes a sandbox, with
// failures of S3 on the way.
func secretLife(t *testing.T, c *cloud) {
	c.faults.Add(gateway.Fault{Service: "s3", Operation: "PutBucketVersioning", Code: "SlowDown", Status: 503, Times: 4})
	box := c.create(t, events.CreateSandbox{Name: "hello", Owner: "ana", WAF: true})
	files := fstest.MapFS{
		"index.html":           {Data: []byte("<!-- one --> " + planted)},
		planted + ".html":      {Data: []byte(planted)},
		"assets/a.5ec7e7ff.js": {Data: []byte(planted)},
	}
	c.release(t, "hello", files)
	c.push(t, box.RepositoryURI, "v1", imageOf(t, exampleSite(t, planted)))
	c.becomes(t, box.URL, "<!-- "+planted+" -->")
	c.await(t, "hello", events.PhaseReady)
	document := "index.html"
	if err := c.api(t.Context(), "PATCH", "/v1/sandboxes/hello", events.UpdateSandbox{ErrorDocument: &document}, nil); err != nil {
		t.Fatal(err)
	}
	c.await(t, "hello", events.PhaseReady)
	if err := c.api(t.Context(), "DELETE", "/v1/sandboxes/hello", nil, nil); err != nil {
		t.Fatal(err)
	}
	eventually(t, "sandbox hello is gone", func() (bool, error) {
		err := c.api(t.Context(), "GET", "/v1/sandboxes/hello", nil, nil)
		return status(err) == 404, nil
	})
}

// readLog reads the lines of steps.
func readLog(t *testing.T, lines [][]byte) {
	t.Helper()
	seen := map[string]bool{}
	for _, line := range lines {
		if bytes.Contains(line, []byte(planted)) || bytes.Contains(line, []byte("X-Amz-")) || bytes.Contains(line, []byte("AWS4-HMAC")) {
			t.Errorf("a secret is logged: %s", line)
		}
		var run struct {
			Msg, Step, Sandbox, SandboxID, Execution, Event, RequestID string
			DurationMs                                                 *float64
		}
		if err := json.Unmarshal(line, &run); err != nil || run.Step == "" {
			continue // not of a step
		}
		seen[run.Step] = true
		further := run.Msg == "step measured" // a repository's metrics, after the run's line
		if run.DurationMs == nil && !further || run.RequestID == "" || run.Execution == "" && run.Event == "" {
			t.Errorf("the line does not find its run: %s", line)
		}
		if run.Event == "" && (run.Sandbox != "hello" || run.SandboxID == "") {
			t.Errorf("the line does not find its sandbox: %s", line)
		}
	}
	for _, machine := range []string{"provision", "release", "deploy", "update", "teardown"} {
		definition, err := statemachine.Get(machine)
		if err != nil {
			t.Fatal(err)
		}
		for _, step := range definition.Placeholders() {
			if _, err := statemachine.Get(step); err != nil && !seen[step] && !slices.Contains(unseen(), step) {
				t.Errorf("step %s of %s has no line", step, machine)
			}
		}
	}
}

// measures waits until CloudWatch has what steps measured.
func (c *cloud) measures(t *testing.T) {
	t.Helper()
	stage := dimension("Stage", "local")
	for _, metric := range []struct {
		name       string
		dimensions []types.Dimension
	}{
		{"StepDuration", []types.Dimension{stage, dimension("Step", "createbucket")}},
		{"Retries", []types.Dimension{stage}},
		{"ProvisionDuration", []types.Dimension{stage}},
		{"ReleaseDuration", []types.Dimension{stage}},
		{"TeardownDuration", []types.Dimension{stage}},
	} {
		eventually(t, metric.name+" in CloudWatch", func() (bool, error) {
			sum, err := c.sum("Mayfly", metric.name, metric.dimensions...)
			return sum > 0, err
		})
	}
}

// TestEveryFunctionTellsOfItsRuns: a main function that starts its step by
// anything but package invocation is silent, and one that asks the SDK's own
// loader for its configuration starts slowly.
func TestEveryFunctionTellsOfItsRuns(t *testing.T) {
	mains, err := filepath.Glob(filepath.Join("..", "functions", "*", "lambda", "main.go"))
	if err != nil || len(mains) == 0 {
		t.Fatalf("%d functions, %v", len(mains), err)
	}
	for _, path := range mains {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(text), "awsenv.Config(os.Getenv)") {
			t.Errorf("%s does not configure itself by package awsenv", path)
		}
		if api := strings.Contains(path, "/api/"); !api && !strings.Contains(string(text), "\tinvocation.Start(") {
			t.Errorf("%s does not start its step by package invocation", path)
		}
	}
}
