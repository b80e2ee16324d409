package expression

import "time"

// once is due at one time.
type once struct{ at time.Time }

// parseAt reads "2026-12-31T23:59:59". A time that the clocks leave out is the
// moment that comes in its stead.
func parseAt(text string, zone *time.Location) (Expression, string) {
	const layout = "2006-01-02T15:04:05"
	wall, err := time.Parse(layout, text)
	if err != nil || wall.Format(layout) != text {
		return nil, "must be yyyy-mm-ddThh:mm:ss, without a time zone"
	}
	if at, there := first(wall, zone); there {
		return once{at}, ""
	}
	return once{gapEnd(wall, zone)}, ""
}

// Next returns the time while it is to come.
func (o once) Next(after time.Time) (time.Time, bool) { return o.at, o.at.After(after) }

// Once is true.
func (once) Once() bool { return true }
