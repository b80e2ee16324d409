package metric_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/mayfly-dev/mayfly/metric"
)

var at = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// logged is what a JSON handler makes of the set's lines.
func logged(s *metric.Set, source metric.Source) [][]byte {
	var lines [][]byte
	for _, attrs := range s.Lines(source, at) {
		var out bytes.Buffer
		record := slog.NewRecord(at, slog.LevelInfo, "step ended", 0)
		record.AddAttrs(attrs...)
		_ = slog.NewJSONHandler(&out, nil).Handle(context.Background(), record)
		lines = append(lines, bytes.TrimSpace(out.Bytes()))
	}
	return lines
}

// TestALineIsInTheEmbeddedMetricFormat compares with a line written by AWS's
// specification of the format.
func TestALineIsInTheEmbeddedMetricFormat(t *testing.T) {
	var s metric.Set
	s.Add(metric.StepDuration, 12.5)
	s.Add(metric.StepErrors, 1)
	s.Add(metric.Retries, 2)
	s.Add(metric.Retries, 3)
	lines := logged(&s, metric.Source{Stage: "dev", Step: "createbucket"})
	if len(lines) != 1 {
		t.Fatalf("%d lines", len(lines))
	}
	want := `{
		"time": "2026-03-01T12:00:00Z", "level": "INFO", "msg": "step ended",
		"_aws": {
			"Timestamp": 1772366400000,
			"CloudWatchMetrics": [
				{"Namespace": "Mayfly", "Dimensions": [["Stage", "Step"]], "Metrics": [
					{"Name": "StepDuration", "Unit": "Milliseconds"}, {"Name": "StepErrors", "Unit": "Count"}]},
				{"Namespace": "Mayfly", "Dimensions": [["Stage"]], "Metrics": [{"Name": "Retries", "Unit": "Count"}]}
			]
		},
		"Stage": "dev", "Step": "createbucket", "StepDuration": 12.5, "StepErrors": 1, "Retries": 5
	}`
	var a, b any
	if err := json.Unmarshal(lines[0], &a); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(want), &b); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(b, a); diff != "" {
		t.Error(diff)
	}
}

func TestEachRepositoryHasItsLine(t *testing.T) {
	var s metric.Set
	ctx := metric.With(t.Context(), &s)
	metric.AddOf(ctx, "one", metric.Pushes, 1)
	metric.Took(ctx, metric.ReleaseDuration, 1500*time.Millisecond)
	metric.AddOf(ctx, "two", metric.ImageBytes, 1<<20)
	metric.AddOf(ctx, "one", metric.Pushes, 1)
	metric.Add(t.Context(), metric.Faults, 1) // nobody collects here
	source := metric.Source{Stage: "dev", Step: "verifyimage"}
	var got []string
	var extracted []metric.Datum
	for _, line := range logged(&s, source) {
		data, err := metric.Decode(line)
		if err != nil {
			t.Error(err)
		}
		extracted = append(extracted, data...)
		for _, d := range data {
			got = append(got, fmt.Sprintf("%s/%s %s %v %v %v", d.Namespace, d.Name, d.Unit, d.Dimensions, d.Values, d.At.Equal(at)))
		}
	}
	want := []string{
		"Mayfly/ReleaseDuration Milliseconds map[Stage:dev] [1500] true",
		"Mayfly/Pushes Count map[RepositoryName:one Stage:dev] [2] true",
		"Mayfly/ImageBytes Bytes map[RepositoryName:two Stage:dev] [1.048576e+06] true",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	byName := cmpopts.SortSlices(func(a, b metric.Datum) bool { return a.Name < b.Name })
	if diff := cmp.Diff(extracted, s.Data(source, at), byName); diff != "" {
		t.Errorf("the data are not what CloudWatch extracts of the lines (-lines +data):\n%s", diff)
	}
}

// TestCloudWatchsLimitsHold: 100 values a metric, 100 metrics a directive, 30
// dimensions, and no empty dimension.
func TestCloudWatchsLimitsHold(t *testing.T) {
	var s metric.Set
	for i := range 250 {
		s.Add(metric.StepDuration, float64(i))
		s.AddOf(strings.Repeat("r", 2000), metric.ImageBytes, float64(i))
	}
	s.Add(metric.Faults, 1)
	counts := map[string][]int{}
	for _, line := range logged(&s, metric.Source{}) {
		data, err := metric.Decode(line)
		if err != nil {
			t.Error(err)
		}
		for _, d := range data {
			counts[d.Name] = append(counts[d.Name], len(d.Values))
			for name, value := range d.Dimensions {
				if value == "" || len(value) > 1024 {
					t.Errorf("%s: dimension %s has %d bytes", d.Name, name, len(value))
				}
			}
		}
	}
	want := map[string][]int{"StepDuration": {100, 100, 50}, "ImageBytes": {100, 100, 50}, "Faults": {1}}
	if diff := cmp.Diff(want, counts); diff != "" {
		t.Error(diff)
	}
	if n := len(metric.Names()); n > 100 {
		t.Errorf("%d metrics", n)
	}
	for _, name := range metric.Names() {
		if n := len(name.Dimensions()); n < 1 || n > 30 || name.Dimensions()[0] != metric.Stage {
			t.Errorf("%s has the dimensions %q", name, name.Dimensions())
		}
	}
}

func TestAnEmptySetWritesNothing(t *testing.T) {
	if lines := new(metric.Set).Lines(metric.Source{Stage: "dev"}, at); len(lines) != 0 {
		t.Errorf("%d lines", len(lines))
	}
}
