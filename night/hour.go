package night

import (
	"fmt"
	"strings"
	"time"
)

// Hour is a time of the day in a time zone.
type Hour struct {
	Hour, Minute int
	Zone         *time.Location
}

// DefaultHour is when nights begin unless something else is asked for.
const DefaultHour = "03:00"

// ParseHour reads "03:00", which is in UTC, or "03:00 Europe/Berlin". It refuses
// a time that the clocks of its zone jump over within two years from now, since
// EventBridge Scheduler leaves out such a night.
func ParseHour(text string, now time.Time) (Hour, error) {
	clock, name, _ := strings.Cut(text, " ")
	at, err := time.Parse("15:04", clock)
	if err != nil || len(clock) != len("15:04") {
		return Hour{}, fmt.Errorf("%q is no time of the day such as 03:00, or 03:00 Europe/Berlin", text)
	}
	if name == "Local" || strings.TrimSpace(name) != name {
		return Hour{}, fmt.Errorf("%q is no time zone such as Europe/Berlin", name)
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return Hour{}, fmt.Errorf("%q is no time zone such as Europe/Berlin: %w", name, err)
	}
	h := Hour{Hour: at.Hour(), Minute: at.Minute(), Zone: zone}
	if day, missing := h.missing(now); missing {
		other := h.moved(1, now)
		return Hour{}, fmt.Errorf("there is no %s in %s on %s: the clocks jump over it, and that night would be left out; choose another time, such as %02d:%02d", clock, name, day.Format(time.DateOnly), other.Hour, other.Minute)
	}
	return h, nil
}

// years is how many days are looked at for one on which the clocks jump.
const years = 2 * 366

// Before returns the time an hour before h, or some hours more when the clocks
// jump over that one: it is there every day, too.
func (h Hour) Before(now time.Time) Hour { return h.moved(-1, now) }

// moved returns the next time in steps of some hours that is there every day.
func (h Hour) moved(hours int, now time.Time) Hour {
	for range 23 {
		h.Hour = (h.Hour + 24 + hours) % 24
		if _, missing := h.missing(now); !missing {
			break
		}
	}
	return h
}

// String returns h as ParseHour reads it.
func (h Hour) String() string { return fmt.Sprintf("%02d:%02d %s", h.Hour, h.Minute, h.ZoneName()) }

// missing returns the next day on which the clocks jump over h.
func (h Hour) missing(from time.Time) (time.Time, bool) {
	from = from.In(h.Zone)
	for i := range years {
		at := time.Date(from.Year(), from.Month(), from.Day()+i, h.Hour, h.Minute, 0, 0, h.Zone)
		if at.Hour() != h.Hour || at.Minute() != h.Minute {
			return time.Date(from.Year(), from.Month(), from.Day()+i, 0, 0, 0, 0, time.UTC), true
		}
	}
	return time.Time{}, false
}

// Cron is the schedule of every day at h, as EventBridge Scheduler has it; its
// zone is [Hour.ZoneName].
func (h Hour) Cron() string { return fmt.Sprintf("cron(%d %d * * ? *)", h.Minute, h.Hour) }

// ZoneName is the zone's name in the IANA database.
func (h Hour) ZoneName() string { return h.Zone.String() }
