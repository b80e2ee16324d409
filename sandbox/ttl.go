package sandbox

import (
	"strconv"
	"strings"
	"time"
)

// The shortest and the longest time to live of a sandbox.
const (
	MinTTL = 5 * time.Minute
	MaxTTL = 365 * 24 * time.Hour
)

// never is the time that does not end.
const never = "never"

const ttlRule = `"never", or 5m to 365d, written like 90m, 36h or 14d`

// ParseTTL reads a time to live: a Go duration ("90m", "36h"), whole days
// ("14d"), or "" or "never" for none, which is 0. It returns a *FieldError
// for anything else and for what is shorter than MinTTL or longer than MaxTTL.
func ParseTTL(text string) (time.Duration, error) {
	if text == "" || text == never {
		return 0, nil
	}
	ttl, ok := parseSpan(text)
	if !ok || ttl < MinTTL || ttl > MaxTTL {
		return 0, &FieldError{Field: "ttl", Rule: ttlRule, Value: text}
	}
	return ttl, nil
}

// ParseSpan reads a time that ends, as ParseTTL reads one; field is what a
// *FieldError names.
func ParseSpan(field, text string) (time.Duration, error) {
	span, ok := parseSpan(text)
	if !ok || span < MinTTL || span > MaxTTL {
		return 0, &FieldError{Field: field, Rule: "5m to 365d, written like 90m, 36h or 14d", Value: text}
	}
	return span, nil
}

// parseSpan reads a Go duration or whole days.
func parseSpan(text string) (time.Duration, bool) {
	if span, ok := parseDays(text); ok {
		return span, true
	}
	span, err := time.ParseDuration(text)
	return span, err == nil
}

// FormatSpan writes a time as people write it and ParseTTL reads it: "36h",
// "1h30m", from two whole days on "2d".
func FormatSpan(span time.Duration) string {
	const day = 24 * time.Hour
	if span%day == 0 && span >= 2*day {
		return strconv.FormatInt(int64(span/day), 10) + "d"
	}
	text := span.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

func parseDays(text string) (time.Duration, bool) {
	digits, ok := strings.CutSuffix(text, "d")
	if !ok {
		return 0, false
	}
	// Ten thousand days can't overflow, and are refused as too long after.
	days, err := strconv.ParseUint(digits, 10, 32)
	if err != nil || days > 10_000 {
		return 0, false
	}
	return time.Duration(days) * 24 * time.Hour, true
}
