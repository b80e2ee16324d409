package sandbox_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/mayfly-dev/mayfly/sandbox"
)

func seconds(values ...float64) []time.Duration {
	all := make([]time.Duration, len(values))
	for i, v := range values {
		all[i] = time.Duration(v * float64(time.Second))
	}
	return all
}

func TestWaitsAreLearntFromThePast(t *testing.T) {
	for _, c := range []struct {
		name        string
		durations   []time.Duration
		expected    time.Duration
		first, next int
	}{
		{"no history, CloudFront's usual time", nil, 170 * time.Second, 165, 10},
		{"no history, one machine", nil, 3 * time.Second, 3, 1},
		{"no propagation at all", nil, 0, 0, 1},
		{"no propagation any more", seconds(170, 170), 0, 0, 10},
		{"less than a second", nil, 400 * time.Millisecond, 0, 1},
		{"always the same", seconds(170, 170, 170), 170 * time.Second, 161, 10},
		{"the quick quarter decides", seconds(300, 100, 200, 400), 170 * time.Second, 95, 12},
		{"one outlier changes nothing", seconds(2000, 160, 160, 160, 160), 170 * time.Second, 152, 9},
		{"never over ten minutes", seconds(4000, 4000), 170 * time.Second, 600, 30},
		{"never over ten minutes without history", nil, time.Hour, 600, 30},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := sandbox.FirstWait(c.durations, c.expected); got != c.first {
				t.Errorf("first wait %d, want %d", got, c.first)
			}
			if got := sandbox.NextWait(c.durations, c.expected); got != c.next {
				t.Errorf("next wait %d, want %d", got, c.next)
			}
		})
	}
}

func TestPercentileIsOneThatWasMeasured(t *testing.T) {
	durations := seconds(5, 1, 4, 2, 3)
	for p, want := range map[float64]time.Duration{0: 1, 1: 1, 20: 1, 25: 2, 50: 3, 90: 5, 100: 5} {
		if got := sandbox.Percentile(durations, p); got != want*time.Second {
			t.Errorf("percentile %v is %v, want %vs", p, got, int(want))
		}
	}
	if durations[0] != 5*time.Second {
		t.Error("the durations were sorted in place")
	}
	if got := sandbox.Median(nil); got != 0 {
		t.Errorf("the median of nothing is %v", got)
	}
}

func TestETA(t *testing.T) {
	since := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	history := seconds(100, 110, 120, 130, 140, 150, 160, 170, 180, 300)
	for _, c := range []struct {
		name    string
		elapsed float64
		want    float64 // after since
	}{
		{"at the start it is the median", 0, 140},
		{"just before the median", 139, 140},
		{"after the median it is the 90th percentile", 140, 180},
		{"after that the longest", 200, 300},
		{"after the longest a tenth more", 400, 440},
	} {
		now := since.Add(time.Duration(c.elapsed * float64(time.Second)))
		got, known := sandbox.ETA(since, history, now)
		if want := since.Add(time.Duration(c.want * float64(time.Second))); !known || !got.Equal(want) {
			t.Errorf("%s: got %v %v, want %v", c.name, got, known, want)
		}
	}
	if _, known := sandbox.ETA(since, nil, since); known {
		t.Error("without history an end is known")
	}
	if _, known := sandbox.ETA(time.Time{}, history, since); known {
		t.Error("without a beginning an end is known")
	}
}

func TestEstimatesStayWithinTheirLimits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		some := rapid.SliceOfN(rapid.Map(rapid.Int64Range(0, int64(2*time.Hour)), func(n int64) time.Duration { return time.Duration(n) }), 0, 40)
		durations := some.Draw(t, "durations")
		expected := time.Duration(rapid.Int64Range(0, int64(time.Hour)).Draw(t, "expected"))
		first, next := sandbox.FirstWait(durations, expected), sandbox.NextWait(durations, expected)
		if first < 0 || first > 600 || next < 1 || next > 30 {
			t.Fatalf("waits %d and %d", first, next)
		}
		since := time.Unix(1_800_000_000, 0)
		now := since.Add(time.Duration(rapid.Int64Range(0, int64(5*time.Hour)).Draw(t, "elapsed")))
		if end, known := sandbox.ETA(since, durations, now); known && end.Before(now) {
			t.Fatalf("ETA %v is before now %v", end, now)
		}
	})
}
