package cloudwatch_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/mayfly-dev/mayfly/local/cloudwatch"
)

// What is told of an old time depends on the period alone, not on whether the
// file was compacted; and compacting changes no sum.
func TestDataIsKeptAsLongAsCloudWatchKeepsIt(t *testing.T) {
	const day = 24 * time.Hour
	for _, compacted := range []bool{false, true} {
		w := newWorld(t, cloudwatch.Options{})
		first := start.Truncate(time.Hour)
		for i := range 120 { // two hours, one each minute
			fine := value("Fine", first.Add(time.Duration(i)*time.Second), 1)
			fine.StorageResolution = aws.Int32(1)
			w.put("App", value("Visits", first.Add(time.Duration(i)*time.Minute), 1), fine)
		}
		for _, tc := range []struct {
			after  time.Duration // since the one before
			period time.Duration
			points int
			name   string
		}{
			{0, time.Second, 120, "Fine"},
			{0, time.Minute, 2, "Fine"},
			{4 * time.Hour, time.Second, 0, "Fine"},
			{0, time.Minute, 2, "Fine"},
			{14 * day, time.Minute, 120, "Visits"},
			{day, time.Minute, 0, "Visits"},
			{0, 5 * time.Minute, 24, "Visits"},
			{47 * day, 5 * time.Minute, 24, "Visits"},
			{2 * day, 5 * time.Minute, 0, "Visits"},
			{0, time.Hour, 2, "Visits"},
			{0, day, 1, "Visits"},
			{380 * day, time.Hour, 2, "Visits"},
			{12 * day, time.Hour, 0, "Visits"},
		} {
			w.pass(tc.after)
			if compacted {
				if err := w.service.Compact(t.Context()); err != nil {
					t.Fatal(err)
				}
				w.restart()
			}
			got := w.get(first, first.Add(day), ask("a", "App", tc.name, "Sum", tc.period))["a"]
			sum := 0.0
			for _, v := range got {
				sum += v
			}
			want := 120.0
			if tc.points == 0 {
				want = 0
			}
			if len(got) != tc.points || sum != want {
				t.Errorf("compacted %t, %s by %s after %s: %d points with sum %g, want %d with %g", compacted, tc.name, tc.period, w.clock().Sub(start), len(got), sum, tc.points, want)
			}
		}
	}
}

// Periods begin at the start time, rounded down to what is kept of it.
func TestPeriodsBeginAtTheStartTime(t *testing.T) {
	w := newWorld(t, cloudwatch.Options{})
	w.put("App", value("Visits", start, 1), value("Visits", start.Add(7*time.Minute), 2))
	for _, tc := range []struct {
		later time.Duration
		from  time.Time
		want  map[string]float64
	}{
		{0, start.Add(-3*time.Minute + 20*time.Second), map[string]float64{"2026-07-01 12:07:00": 1, "2026-07-01 12:12:00": 0, "2026-07-01 12:17:00": 2}},
		{20 * 24 * time.Hour, start.Add(-3 * time.Minute), map[string]float64{"2026-07-01 12:05:00": 0, "2026-07-01 12:10:00": 1, "2026-07-01 12:15:00": 2}},
		{50 * 24 * time.Hour, start.Add(-3 * time.Minute), nil},
	} {
		w.pass(tc.later)
		got := w.get(tc.from, start.Add(time.Hour), ask("a", "App", "Visits", "Sum", 5*time.Minute))["a"]
		for at, v := range tc.want {
			if got[at] != v {
				t.Errorf("%s later: at %s got %g, want %g", tc.later, at, got[at], v)
			}
		}
		if tc.want == nil && len(got) > 0 {
			t.Errorf("%s later: got %v", tc.later, got)
		}
	}
}
