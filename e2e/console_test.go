package e2e_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/mayfly-dev/mayfly/console"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/local"
)

// withConsole shows the console, as `mayfly local` does.
func withConsole(config *local.Config) {
	config.Console = func(uploads string) (local.Pages, error) {
		return console.New(console.Options{Uploads: []string{uploads}})
	}
}

// TestTheConsoleAndTheAPIShareAnAddress: pages at those paths that they have,
// the API at all others.
func TestTheConsoleAndTheAPIShareAnAddress(t *testing.T) {
	c := start(t, withConsole)
	for path, want := range map[string]string{"/": "text/html; charset=utf-8", "/main.js": "text/javascript; charset=utf-8", "/v1/health": "application/json", "/openapi.yaml": "application/yaml", "/nothing": "application/problem+json"} {
		_, header, body := c.get(t, c.apiURL+path)
		if header.Get("Content-Type") != want || body == "" {
			t.Errorf("%s is %s with %d bytes", path, header.Get("Content-Type"), len(body))
		}
	}
	if _, header, _ := c.get(t, c.apiURL+"/"); !strings.Contains(header.Get("Content-Security-Policy"), c.awsURL) {
		t.Errorf("archives can't be uploaded to %s: %s", c.awsURL, header.Get("Content-Security-Policy"))
	}
}

// TestWhatTheConsoleAsks asks the routes that nothing but the console needs, of
// a real sandbox.
func TestWhatTheConsoleAsks(t *testing.T) {
	c := start(t, nil)
	box := c.create(t, events.CreateSandbox{Name: "hello", Owner: "ana"})
	digest := c.push(t, box.RepositoryURI, "v1", imageOf(t, exampleSite(t, "one")))
	c.becomes(t, box.URL, "<!-- one -->")
	c.await(t, "hello", events.PhaseReady) // a release ends a moment after what it shows
	ask := func(path string, into any) {
		t.Helper()
		if err := c.api(t.Context(), http.MethodGet, path, nil, into); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
	}
	var machines events.MachineList
	ask("/v1/machines", &machines)
	var defined []string
	for _, m := range machines.Machines {
		var one events.MachineState
		ask("/v1/machines/"+m.Name, &one)
		if len(one.Definition) > 0 {
			defined = append(defined, m.Name)
		}
	}
	if all := strings.Join(defined, " "); !strings.Contains(all, "provision") || !strings.Contains(all, "teardown") {
		t.Errorf("machines %s", all)
	}
	var runs events.ExecutionPage
	ask("/v1/machines/provision/executions", &runs)
	if len(runs.Executions) != 1 || !strings.HasSuffix(box.Execution, runs.Executions[0].Name) {
		t.Fatalf("executions %+v", runs)
	}
	name := runs.Executions[0].Name
	var run events.ExecutionState
	ask("/v1/executions/provision/"+name, &run)
	if run.Sandbox != "hello" || len(run.Definition) == 0 {
		t.Errorf("execution %+v", run)
	}
	var history events.HistoryPage
	ask(fmt.Sprintf("/v1/executions/provision/%s/history?limit=2", name), &history)
	if len(history.Events) != 2 || history.Events[0].Type != "ExecutionStarted" || history.Next == "" {
		t.Fatalf("history %+v", history)
	}
	first := history
	ask(fmt.Sprintf("/v1/executions/provision/%s/history?limit=2&cursor=%s", name, first.Next), &history)
	if len(history.Events) != 2 || history.Events[0].ID != 3 {
		t.Errorf("the second page of the history: %+v", history)
	}
	var objects events.ObjectPage
	ask("/v1/sandboxes/hello/objects?prefix=index", &objects)
	if len(objects.Objects) != 1 || objects.Objects[0].Key != "index.html" || objects.Objects[0].Versions != 1 {
		t.Errorf("objects %+v", objects)
	}
	var images events.ImagePage
	ask("/v1/sandboxes/hello/images", &images)
	if len(images.Images) != 1 || images.Images[0].Digest != digest || !images.Images[0].Live || len(images.Images[0].Tags) != 1 {
		t.Errorf("images %+v", images)
	}
}
