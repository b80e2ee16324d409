package api_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"github.com/mayfly-dev/mayfly/functions/api"
	"github.com/mayfly-dev/mayfly/invocation"
	"github.com/mayfly-dev/mayfly/metric"
)

// TestEachRequestIsOneRun: its line has the sandbox, and the error by AWS's name
// when the answer is one of the API's own.
func TestEachRequestIsOneRun(t *testing.T) {
	var out bytes.Buffer
	var data []metric.Datum
	now := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	w := newWorld(t, func(o *api.Options) {
		o.Observe = invocation.Observer(invocation.Options{
			Log: slog.New(slog.NewJSONHandler(&out, nil)), Now: func() time.Time { return now }, Metrics: func(d []metric.Datum) { data = append(data, d...) },
		})
	})
	run := func() (line map[string]any, metrics map[string]float64) {
		t.Helper()
		if err := json.Unmarshal(out.Bytes(), &line); err != nil {
			t.Fatalf("%v: %s", err, out.Bytes())
		}
		metrics = map[string]float64{}
		for _, d := range data {
			metrics[d.Name] += d.Values[0]
		}
		out.Reset()
		data = nil
		for _, key := range []string{"time", "durationMs", "cold", "step"} {
			delete(line, key)
		}
		return line, metrics
	}
	for _, test := range []struct {
		name, method, path, body string
		fails                    error
		status                   int
		line                     map[string]any
		metrics                  map[string]float64
	}{
		{"a creation", "POST", "/v1/sandboxes", `{"name":"hello"}`, nil, http.StatusAccepted,
			map[string]any{"level": "INFO", "msg": "step succeeded"}, map[string]float64{"StepDuration": 0}},
		{"a read", "GET", "/v1/sandboxes/hello", "", nil, http.StatusOK,
			map[string]any{"level": "INFO", "msg": "step succeeded", "sandbox": "hello"}, map[string]float64{"StepDuration": 0}},
		{"what is not there", "GET", "/v1/sandboxes/nobody/releases", "", nil, http.StatusNotFound,
			map[string]any{"level": "INFO", "msg": "step succeeded", "sandbox": "nobody"}, map[string]float64{"StepDuration": 0}},
		{"a missing right", "POST", "/v1/sandboxes", `{"name":"second"}`, &smithy.GenericAPIError{Code: "AccessDeniedException", Message: "not authorized"}, http.StatusInternalServerError,
			map[string]any{"level": "ERROR", "msg": "step failed", "error": "AccessDeniedException"}, map[string]float64{"StepDuration": 0, "StepErrors": 1, "Faults": 1}},
		{"what nobody named", "POST", "/v1/sandboxes", `{"name":"third"}`, errors.New("odd"), http.StatusInternalServerError,
			map[string]any{"level": "ERROR", "msg": "step failed", "error": "Unclassified"}, map[string]float64{"StepDuration": 0, "StepErrors": 1, "Faults": 1}},
	} {
		t.Run(test.name, func(t *testing.T) {
			w.machines.fail = test.fails
			w.want(test.status, test.method, test.path, test.body)
			line, metrics := run()
			if cause, _ := line["cause"].(string); (cause != "") != (test.fails != nil) {
				t.Errorf("the cause is %q", cause)
			}
			delete(line, "cause")
			if diff := cmp.Diff(test.line, line); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(test.metrics, metrics); diff != "" {
				t.Error(diff)
			}
		})
	}
}
