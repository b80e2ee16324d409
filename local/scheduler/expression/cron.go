package expression

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// cron is due at minutes that all its fields allow.
type cron struct {
	minutes, hours, months, years set
	days                          func(year int, month time.Month, day int) bool
	zone                          *time.Location
}

// set has the values of a field.
type set map[int]bool

// names of months and days, as AWS takes them, in upper or lower case.
var (
	monthNames = []string{"JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"}
	dayNames   = []string{"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"}
)

// The fields of a cron expression, in their order.
var (
	minuteField = field{name: "minutes", low: 0, high: 59, steps: true}
	hourField   = field{name: "hours", low: 0, high: 23, steps: true}
	dayField    = field{name: "day-of-month", low: 1, high: 31, steps: true}
	monthField  = field{name: "month", low: 1, high: 12, names: monthNames, steps: true}
	weekField   = field{name: "day-of-week", low: 1, high: 7, names: dayNames}
	yearField   = field{name: "year", low: firstYear, high: lastYear, steps: true}
)

// The years that AWS takes.
const (
	firstYear = 1970
	lastYear  = 2199
)

// parseCron reads the six fields; one of the two for days is "?".
func parseCron(text string, zone *time.Location) (Expression, string) {
	fields := strings.Fields(text)
	if len(fields) != 6 {
		return nil, fmt.Sprintf("has %d fields, and must have 6: minutes, hours, day-of-month, month, day-of-week, year", len(fields))
	}
	c := cron{zone: zone}
	for i, f := range []struct {
		field field
		to    *set
	}{0: {minuteField, &c.minutes}, 1: {hourField, &c.hours}, 3: {monthField, &c.months}, 5: {yearField, &c.years}} {
		if f.to == nil {
			continue
		}
		var because string
		if *f.to, because = f.field.values(fields[i]); because != "" {
			return nil, because
		}
	}
	ofMonth, ofWeek := fields[2], fields[4]
	var because string
	switch {
	case (ofMonth == "?") == (ofWeek == "?"):
		return nil, "one of day-of-month and day-of-week must be ?, and the other not"
	case ofWeek == "?":
		c.days, because = parseDaysOfMonth(ofMonth)
	default:
		c.days, because = parseDaysOfWeek(ofWeek)
	}
	return c, because
}

// Next looks at each day that the fields allow.
func (c cron) Next(after time.Time) (time.Time, bool) {
	now := wallOf(after, c.zone)
	hours, minutes := c.hours.sorted(), c.minutes.sorted()
	for day := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, time.UTC); day.Year() <= lastYear; {
		switch {
		case !c.years[day.Year()]:
			day = time.Date(day.Year()+1, time.January, 1, 0, 0, 0, 0, time.UTC)
			continue
		case !c.months[int(day.Month())]:
			day = time.Date(day.Year(), day.Month()+1, 1, 0, 0, 0, 0, time.UTC)
			continue
		case c.days(day.Date()):
			for _, hour := range hours {
				for _, minute := range minutes {
					wall := day.Add(time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute)
					if !wall.After(now) {
						continue
					}
					if at, there := first(wall, c.zone); there && at.After(after) {
						return at, true
					}
				}
			}
		}
		day = day.AddDate(0, 0, 1)
	}
	return time.Time{}, false
}

// Once is false.
func (cron) Once() bool { return false }

func (s set) sorted() []int {
	all := make([]int, 0, len(s))
	for value := range s {
		all = append(all, value)
	}
	slices.Sort(all)
	return all
}
