package cloudwatch

import "math"

// A spread counts values in buckets whose bounds grow by one percent, so that a
// percentile is right to one percent, and the spreads of several minutes add up.

// growth is the logarithm of how much larger each bucket is than the one before.
var growth = math.Log(1.01)

// zeroBucket is the bucket of 0. Those of negative values are not told apart,
// since there are no percentiles of metrics that have some.
const zeroBucket = math.MinInt32

func bucketOf(v float64) int {
	if v <= 0 {
		return zeroBucket
	}
	return int(math.Floor(math.Log(v) / growth))
}

// middle returns the value that stands for a bucket.
func middle(bucket int) float64 {
	if bucket == zeroBucket {
		return 0
	}
	return math.Exp((float64(bucket) + 0.5) * growth)
}

// counted is how often values of a bucket came.
type counted struct {
	bucket int
	count  float64
}

// percentile returns the value that a share of all values (0 to 1) is not
// above. There is none when some values are not known one by one, or negative.
func percentile(spread []counted, share float64, of StatisticSet) (float64, bool) {
	known := 0.0
	for _, c := range spread {
		known += c.count
	}
	if of.Minimum < 0 || known < of.SampleCount*(1-1e-9) || known == 0 {
		return 0, false
	}
	if share <= 0 {
		return of.Minimum, true
	}
	seen := 0.0
	for _, c := range spread {
		if seen += c.count; seen >= share*known*(1-1e-12) {
			return min(max(middle(c.bucket), of.Minimum), of.Maximum), true
		}
	}
	return of.Maximum, true
}
