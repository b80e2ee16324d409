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

const ttlRule = `"never", or 5m to 365d, written like 90m, 36h or 14d`

// ParseTTL reads a time to live: a Go duration ("90m", "36h"), whole days
// ("14d"), or "" or "never" for none, which is 0. It returns a *FieldError
// for anything else and for what is shorter than MinTTL or longer than MaxTTL.
func ParseTTL(text string) (time.Duration, error) {
	if text == "" || text == "never" {
		return 0, nil
	}
	ttl, ok := parseDays(text)
	if !ok {
		var err error
		if ttl, err = time.ParseDuration(text); err != nil {
			return 0, &FieldError{Field: "ttl", Rule: ttlRule, Value: text}
		}
	}
	if ttl < MinTTL || ttl > MaxTTL {
		return 0, &FieldError{Field: "ttl", Rule: ttlRule, Value: text}
	}
	return ttl, nil
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
