package edge

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// ttl bounds how long an answer is fresh.
type ttl struct{ least, standard, most time.Duration }

func seconds(least, standard, most int64) ttl {
	return ttl{time.Duration(least) * time.Second, time.Duration(standard) * time.Second, time.Duration(most) * time.Second}
}

// of returns how long an answer with these headers is fresh, by CloudFront's
// rules: s-maxage before max-age before Expires, between the least and the
// most; the least alone where the origin forbids caching; the standard time
// where it says nothing.
func (t ttl) of(h http.Header, now time.Time) time.Duration {
	asked, forbidden, said := originTTL(h, now)
	switch {
	case forbidden:
		return t.least
	case said:
		return min(max(asked, t.least), max(t.most, t.least))
	}
	return max(t.standard, t.least)
}

func originTTL(h http.Header, now time.Time) (asked time.Duration, forbidden, said bool) {
	maxAge, shared := time.Duration(-1), time.Duration(-1)
	for _, line := range h["Cache-Control"] {
		for directive := range strings.SplitSeq(line, ",") {
			name, value, _ := strings.Cut(strings.TrimSpace(directive), "=")
			switch strings.ToLower(name) {
			case "no-store", "no-cache", "private":
				forbidden = true
			case "max-age":
				maxAge = deltaSeconds(value, maxAge)
			case "s-maxage":
				shared = deltaSeconds(value, shared)
			}
		}
	}
	switch {
	case forbidden:
		return 0, true, true
	case shared >= 0:
		return shared, false, true
	case maxAge >= 0:
		return maxAge, false, true
	}
	if expires := h.Get("Expires"); expires != "" {
		at, err := http.ParseTime(expires)
		if err != nil {
			return 0, false, true // an invalid date means "in the past"
		}
		return max(at.Sub(now), 0), false, true
	}
	return 0, false, false
}

// deltaSeconds reads a number of seconds; what is none leaves it at otherwise.
func deltaSeconds(text string, otherwise time.Duration) time.Duration {
	n, err := strconv.ParseUint(strings.Trim(text, `" `), 10, 32)
	if err != nil {
		return otherwise
	}
	return time.Duration(n) * time.Second
}
