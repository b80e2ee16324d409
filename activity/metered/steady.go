package metered

import (
	"math"
	"slices"
	"time"
)

// leastPeriods is how many periods it takes to tell regular requests from
// others.
const leastPeriods = 24

// lastUse returns the beginning of the last period of a window in which
// somebody was there, and whether there is one. Requests that come as regularly
// as a clock, which are health checks', are nobody's; quiet is how many
// requests of a period are nobody's besides.
func lastUse(values map[int64]float64, start, end time.Time, period time.Duration, quiet float64) (time.Time, bool) {
	if len(values) == 0 {
		return time.Time{}, false
	}
	counts := make([]float64, 0, end.Sub(start)/period+1)
	for at := start; at.Before(end); at = at.Add(period) {
		counts = append(counts, values[at.Unix()])
	}
	// Day by day, so that it does not matter how far back the window goes: checks
	// that began yesterday are regular today.
	perDay := int(wholeDay / period)
	for end := len(counts); end > 0; {
		begin := end - perDay
		if begin < perDay/2 {
			begin = 0
		}
		above := regular(counts[begin:end]) + quiet
		for i := end - 1; i >= begin; i-- {
			if counts[i] > above {
				return start.Add(time.Duration(i) * period), true
			}
		}
		end = begin
	}
	return time.Time{}, false
}

// regular returns up to how many requests of a period are regular ones, and 0
// when there are none. That most periods have about the same count is not
// enough: by chance alone counts around n differ by the root of n. Regular are
// requests whose counts differ much less. Their level and their difference are
// medians, so that visitors now and then change neither.
func regular(counts []float64) float64 {
	if len(counts) < leastPeriods {
		return 0
	}
	level := median(counts)
	if level == 0 {
		return 0
	}
	away := make([]float64, len(counts))
	for i, n := range counts {
		away[i] = math.Abs(n - level)
	}
	spread := median(away)
	// Of counts by chance (Poisson's) half are further away than 2/3 of the root.
	if spread >= math.Sqrt(level)/4 {
		return 0
	}
	return level + max(1, 3*spread)
}

func median(of []float64) float64 {
	sorted := slices.Sorted(slices.Values(of))
	return sorted[len(sorted)/2]
}
