package cloudwatch

import "time"

// minute is the span of what is measured with ordinary resolution.
const minute = time.Minute

// tier is how long what was measured in spans of some length is kept; then it
// is added up to the spans of the next tier.
type tier struct{ span, kept time.Duration }

// tiers are CloudWatch's.
func tiers() []tier {
	const day = 24 * time.Hour
	return []tier{{time.Second, 3 * time.Hour}, {minute, 15 * day}, {5 * minute, 63 * day}, {time.Hour, 455 * day}}
}

// keptFor returns how far back there is data for a period: it has to be made up
// of whole spans of what is kept.
func keptFor(period time.Duration) time.Duration {
	kept := time.Duration(0)
	for _, t := range tiers() {
		if period%t.span == 0 {
			kept = t.kept
		}
	}
	return kept
}

// rounded returns a time rounded down as CloudWatch rounds what is asked for:
// to the span of what is kept of it.
func rounded(at, now time.Time, period time.Duration) time.Time {
	age := now.Sub(at)
	for _, t := range tiers() {
		if t.span == time.Second && period%minute == 0 {
			continue
		}
		if age <= t.kept {
			return at.Truncate(t.span)
		}
	}
	return at.Truncate(time.Hour)
}
