package cost

import (
	"fmt"
	"time"
)

// Month is a month of AWS's bills, which are in UTC: "2026-11".
type Month string

const monthForm = "2006-01"

// MonthOf returns the month that a time is in.
func MonthOf(t time.Time) Month { return Month(t.UTC().Format(monthForm)) }

// ParseMonth reads a month.
func ParseMonth(text string) (Month, error) {
	if _, err := time.Parse(monthForm, text); err != nil {
		return "", fmt.Errorf("%q is no month: write it like %s", text, monthForm)
	}
	return Month(text), nil
}

// Start returns the month's first moment; the zero time of what is no month.
func (m Month) Start() time.Time {
	start, err := time.Parse(monthForm, string(m))
	if err != nil {
		return time.Time{}
	}
	return start
}

// End returns the first moment of the next month.
func (m Month) End() time.Time { return m.Start().AddDate(0, 1, 0) }

// Hours returns how many hours the month has, by which AWS divides what it
// bills by the month.
func (m Month) Hours() uint64 { return uint64(m.End().Sub(m.Start()) / time.Hour) }

// Before returns the month before.
func (m Month) Before() Month { return MonthOf(m.Start().AddDate(0, -1, 0)) }
