package sandbox

import (
	"math"
	"slices"
	"time"
)

// The names under which durations are remembered.
const (
	// DurationProvision is from the claim of a name to phase ready.
	DurationProvision = "provision"
	// DurationUpdate is from phase updating to phase ready.
	DurationUpdate = "update"
	// DurationRelease is from the start of a release to its being live.
	DurationRelease = "release"
	// DurationRollout is the same of a release to a service, before the kind of
	// the service.
	DurationRollout = "rollout-"
	// DurationTeardown is from phase deleting to nothing left.
	DurationTeardown = "teardown"
	// DurationPropagation is from a change of a distribution to Deployed.
	DurationPropagation = "propagation"
)

// DurationName returns the name under which it is remembered how long releases
// like r take.
func (r *Release) DurationName() string {
	if r.Rollout != nil {
		return DurationRollout + string(r.Rollout.Target)
	}
	return DurationRelease
}

// The longest waits, in seconds. The first is longer than CloudFront has
// taken since 2021.
const (
	maxFirstWait = 600
	maxNextWait  = 30
)

// Median returns the middle of durations, 0 when there is none. The order of
// durations does not matter.
func Median(durations []time.Duration) time.Duration { return Percentile(durations, 50) }

// Percentile returns the duration that p percent of durations do not exceed,
// by nearest rank: always one that was measured, 0 when there is none.
func Percentile(durations []time.Duration, p float64) time.Duration {
	if len(durations) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(durations))
	rank := int(math.Ceil(p / 100 * float64(len(sorted))))
	return sorted[min(max(rank, 1), len(sorted))-1]
}

// FirstWait returns how many whole seconds to wait before asking for the first
// time whether a change of a distribution has propagated. Each question costs
// transitions of a state machine, so the first wait is long: what three of
// four have exceeded (the 25th percentile), less 5 percent. Without history it
// is what the installation expects, less 3 percent. It is never over 600, and
// always 0 when the installation expects no propagation at all.
func FirstWait(durations []time.Duration, expected time.Duration) int {
	if expected <= 0 {
		return 0
	}
	if len(durations) == 0 {
		return clamp(math.Round(expected.Seconds()*0.97), 0, maxFirstWait)
	}
	return clamp(math.Floor(Percentile(durations, 25).Seconds()*0.95), 0, maxFirstWait)
}

// NextWait returns how many whole seconds to wait before asking again: about
// a seventeenth of what it typically takes, 1 to 30.
func NextWait(durations []time.Duration, expected time.Duration) int {
	typical := expected
	if len(durations) > 0 {
		typical = Median(durations)
	}
	return clamp(math.Round(typical.Seconds()/17), 1, maxNextWait)
}

// ETA returns when what began at since will probably end, judging by how long
// it took before; false without history. What is already late for the median
// is held against the 90th percentile, then against the longest; what is later
// than all of those is expected to need a tenth more than it has taken so far.
func ETA(since time.Time, durations []time.Duration, now time.Time) (time.Time, bool) {
	if len(durations) == 0 || since.IsZero() {
		return time.Time{}, false
	}
	for _, p := range []float64{50, 90, 100} {
		if end := since.Add(Percentile(durations, p)); end.After(now) {
			return end, true
		}
	}
	return now.Add(now.Sub(since) / 10), true
}

func clamp(seconds float64, low, high int) int {
	return int(min(max(seconds, float64(low)), float64(high)))
}
