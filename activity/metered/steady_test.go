package metered_test

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/mayfly-dev/mayfly/activity"
)

// poisson returns how many of many independent things happen, of n on average.
func poisson(r *rand.Rand, n float64) (k float64) {
	for p := r.Float64(); p > math.Exp(-n); p *= r.Float64() {
		k++
	}
	return k
}

func hourly(i int) float64 {
	if i%12 == 0 {
		return 1
	}
	return 0
}

// TestHealthChecksAreNoUse: requests that are regular do not keep a sandbox, and
// visitors among them are seen.
func TestHealthChecksAreNoUse(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for name, tc := range map[string]struct {
		check func(i int) float64 // requests in the i-th five minutes of 48 hours
		idle  bool                // without a visitor
		page  float64             // requests of a visitor who is seen
	}{
		"none":                                   {func(int) float64 { return 0 }, true, 1},
		"one in five minutes":                    {func(int) float64 { return 1 }, true, 2},
		"one in five minutes, now and then late": {func(i int) float64 { return []float64{1, 1, 1, 1, 0, 2, 1, 1, 1, 1}[i%10] }, true, 3},
		"five in five minutes":                   {func(int) float64 { return 5 }, true, 2},
		"many checkers":                          {func(i int) float64 { return 150 + float64(i%3) }, true, 5},
		"once an hour, which might be anyone":    {hourly, false, 1},
		"few visitors":                           {func(int) float64 { return poisson(random, 0.5) }, false, 1},
		"some visitors":                          {func(int) float64 { return poisson(random, 3) }, false, 1},
		"a hundred visitors at all times":        {func(int) float64 { return poisson(random, 100) }, false, 1},
	} {
		t.Run(name, func(t *testing.T) {
			for round := range 20 {
				w, s := newWorld(), old()
				asked := make(map[time.Time]float64)
				for i := range 48 * 12 {
					if n := tc.check(i); n > 0 {
						asked[before(48).Add(time.Duration(i)*5*time.Minute)] = n
					}
				}
				w.global.points = map[string]map[time.Time]float64{requests: asked}
				got := w.reader.Read(t.Context(), []activity.Subject{s}, before(48))[0]
				if idle, why := got.Idle(day); idle != tc.idle {
					t.Fatalf("round %d: idle %t: %s", round, idle, why)
				}
				seen := before(float64(1+round%20) + 0.5)
				asked[seen] += tc.page
				got = w.reader.Read(t.Context(), []activity.Subject{s}, before(48))[0]
				if idle, why := got.Idle(day); idle {
					t.Fatalf("round %d: with a visitor of %g requests idle: %s", round, tc.page, why)
				}
				if tc.idle && !got.Last.At.Equal(seen.Add(5*time.Minute)) {
					t.Fatalf("round %d: the visitor of %s is seen at %s", round, seen, got.Last.At)
				}
			}
		})
	}
}

func TestQuietRequestsAreNoUse(t *testing.T) {
	w, s := newWorld(), old()
	w.reader.Quiet = 3
	for n, idle := range map[float64]bool{1: true, 3: true, 4: false} {
		w.global.points = map[string]map[time.Time]float64{requests: {before(2): n}}
		if got, why := w.reader.Read(t.Context(), []activity.Subject{s}, before(48))[0].Idle(day); got != idle {
			t.Errorf("%g requests: idle %t: %s", n, got, why)
		}
	}
}

// TestChecksAreToldByTheDay: whatever the window, what came before the checks is
// found, and no more.
func TestChecksAreToldByTheDay(t *testing.T) {
	for _, back := range []float64{24, 30, 47.9, 48, 24 * 14} {
		w, s := newWorld(), old()
		s.Known.At = before(24 * 20)
		asked := make(map[time.Time]float64)
		for i := range 150 * 12 {
			asked[now.Add(-time.Duration(i+1)*5*time.Minute)] = 5
		}
		w.global.points = map[string]map[time.Time]float64{requests: asked}
		got := w.reader.Read(t.Context(), []activity.Subject{s}, before(back))[0]
		if idle, why := got.Idle(day - activity.Late); !idle {
			t.Errorf("%g hours back: %s", back, why)
		}
		// The day on which they began had few of them: it is taken for a day of use.
		if want := (activity.Use{Kind: activity.Request, At: before(144)}); back > 150 && got.Last != want {
			t.Errorf("%g hours back: last used %v, want %v", back, got.Last, want)
		}
	}
}
