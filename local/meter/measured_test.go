package meter_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/mayfly-dev/mayfly/local/meter"
	"github.com/mayfly-dev/mayfly/metric"
)

func TestWhatFunctionsMeasureIsTold(t *testing.T) {
	at := time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
	cloud := &told{sums: map[string]float64{}, at: map[time.Time]bool{}}
	m := meter.New(cloud, func() time.Time { return at })
	push := []metric.Datum{{Namespace: metric.Namespace, Name: "Pushes", Unit: "Count", At: at, Values: []float64{1}, Dimensions: map[string]string{"Stage": "local", "RepositoryName": "web"}}}
	m.Measured(push)
	cloud.err = errors.New("disk full")
	if err := m.Flush(t.Context()); !errors.Is(err, cloud.err) {
		t.Fatalf("got %v", err)
	}
	m.Measured(push)
	cloud.err = nil
	for range 2 { // nothing is told twice
		if err := m.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if got := cloud.sums["Mayfly Pushes RepositoryName=web Stage=local"]; got != 2 {
		t.Errorf("told %v", cloud.sums)
	}
}

func TestWhatWaitsForCloudWatchIsBounded(t *testing.T) {
	cloud := &told{sums: map[string]float64{}, at: map[time.Time]bool{}}
	m := meter.New(cloud, time.Now)
	many := make([]metric.Datum, 6_000)
	for i := range many {
		many[i] = metric.Datum{Namespace: metric.Namespace, Name: "Retries", Values: []float64{1}}
	}
	m.Measured(many)
	m.Measured(many)
	if err := m.Flush(t.Context()); err == nil || !strings.Contains(err.Error(), "2000 data") {
		t.Errorf("got %v", err)
	}
	if got := cloud.sums["Mayfly Retries"]; got != 10_000 {
		t.Errorf("told of %g", got)
	}
}
