package expression

import "time"

// A wall clock's time is kept as the UTC time of the same figures.

// wallOf is what the clocks in a zone show.
func wallOf(t time.Time, zone *time.Location) time.Time {
	t = t.In(zone)
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
}

// first returns when the clocks in a zone first show a time, and false when
// they never do.
func first(wall time.Time, zone *time.Location) (time.Time, bool) {
	t := time.Date(wall.Year(), wall.Month(), wall.Day(), wall.Hour(), wall.Minute(), wall.Second(), 0, zone)
	if !wallOf(t, zone).Equal(wall) {
		return time.Time{}, false
	}
	// Of a time that comes twice Go gives either; the earlier one is in the time
	// before the clocks were put back.
	if since, _ := t.ZoneBounds(); !since.IsZero() {
		_, before := since.Add(-time.Second).Zone()
		_, now := t.Zone()
		if earlier := t.Add(time.Duration(now-before) * time.Second); earlier.Before(since) && wallOf(earlier, zone).Equal(wall) {
			return earlier, true
		}
	}
	return t, true
}

// gapEnd returns when the clocks jump over a time that they never show.
func gapEnd(wall time.Time, zone *time.Location) time.Time {
	t := time.Date(wall.Year(), wall.Month(), wall.Day(), wall.Hour(), wall.Minute(), wall.Second(), 0, zone)
	since, until := t.ZoneBounds()
	// Go takes the offset before the jump or the one after it.
	if wallOf(t, zone).After(wall) {
		return since
	}
	return until
}
