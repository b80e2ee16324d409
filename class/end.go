package class

import (
	"fmt"
	"strings"
	"time"

	"github.com/mayfly-dev/mayfly/sandbox"
)

// ParseEnd reads when a class ends, as people say it: a weekday ("fri",
// "friday"), a date ("2026-12-04"), either with a time ("fri 18:00"), a time of
// its own ("2026-12-04T18:00:00Z"), or how long it lasts ("36h", "14d"). Days
// are those of now's time zone, and without a time it is their last minute. A
// weekday is the first whose end is [MinLife] away: late on a Friday, "fri" is
// the next one. It returns an error that says what
// can be written, also for what is past.
func ParseEnd(text string, now time.Time) (time.Time, error) {
	text = strings.ToLower(strings.TrimSpace(text))
	end, ok := parseEnd(text, now)
	if !ok {
		return end, fmt.Errorf("%q is no end of a class: write a weekday (fri), a date (2026-12-04), either with a time (fri 18:00), or how long it lasts (36h, 14d)", text)
	}
	if !end.After(now) {
		return end, fmt.Errorf("%s, which is %s, is past", text, end.Format("Mon 2 Jan 2006 15:04"))
	}
	return end, nil
}

func parseEnd(text string, now time.Time) (time.Time, bool) {
	if lasts, err := sandbox.ParseTTL(text); err == nil && lasts > 0 {
		return now.Add(lasts), true
	}
	if at, err := time.Parse(time.RFC3339, strings.ToUpper(text)); err == nil {
		return at, true
	}
	if isDate(text) {
		text = strings.Replace(text, "t", " ", 1)
	}
	day, clock, timed := strings.Cut(text, " ")
	hour, minute := 23, 59
	if timed {
		at, err := time.Parse("15:04", clock)
		if err != nil {
			return time.Time{}, false
		}
		hour, minute = at.Hour(), at.Minute()
	}
	on := func(year int, month time.Month, day int) time.Time {
		return time.Date(year, month, day, hour, minute, 0, 0, now.Location())
	}
	if date, err := time.Parse(time.DateOnly, day); err == nil {
		return on(date.Year(), date.Month(), date.Day()), true
	}
	weekday, ok := parseWeekday(day)
	if !ok {
		return time.Time{}, false
	}
	ahead := (int(weekday-now.Weekday()) + 7) % 7
	end := on(now.Year(), now.Month(), now.Day()+ahead)
	if end.Before(now.Add(MinLife)) {
		end = on(now.Year(), now.Month(), now.Day()+ahead+7)
	}
	return end, true
}

// isDate reports whether a text begins with a date, behind which a T may stand.
func isDate(text string) bool {
	_, err := time.Parse(time.DateOnly, text[:min(len(text), len(time.DateOnly))])
	return err == nil
}

func parseWeekday(text string) (time.Weekday, bool) {
	for day := time.Sunday; day <= time.Saturday; day++ {
		name := strings.ToLower(day.String())
		if text == name || len(text) == 3 && strings.HasPrefix(name, text) {
			return day, true
		}
	}
	return 0, false
}
