package expression

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// rate is due at its anchor, and again and again after the interval. A day is
// 24 hours, also where the clocks change.
type rate struct {
	anchor   time.Time
	interval time.Duration
}

// units are those of a rate, in the singular.
var units = map[string]time.Duration{"minute": time.Minute, "hour": time.Hour, "day": 24 * time.Hour}

// parseRate reads "5 minutes". AWS takes one or several of either.
func parseRate(text string, anchor time.Time) (Expression, string) {
	value, unit, found := strings.Cut(text, " ")
	interval, known := units[strings.TrimSuffix(unit, "s")]
	if !found || !known || strings.HasSuffix(unit, "ss") {
		return nil, "a rate is a number and one of minutes, hours and days"
	}
	n, err := strconv.ParseInt(value, 10, 64)
	if err != nil || n < 1 || value[0] == '+' {
		return nil, fmt.Sprintf("%q is no positive number", value)
	}
	if n > math.MaxInt64/int64(interval) {
		return nil, fmt.Sprintf("%s %s are too many", value, unit)
	}
	return rate{anchor, time.Duration(n) * interval}, ""
}

// Next counts from the anchor, so that a run that is late delays no other.
func (r rate) Next(after time.Time) (time.Time, bool) {
	if after.Before(r.anchor) {
		return r.anchor, true
	}
	passed := after.Sub(r.anchor) / r.interval
	if passed >= math.MaxInt64/r.interval { // centuries from the anchor
		return time.Time{}, false
	}
	return r.anchor.Add((passed + 1) * r.interval), true
}

// Once is false.
func (rate) Once() bool { return false }
