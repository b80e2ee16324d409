package settings

import (
	"fmt"
	"time"

	"github.com/mayfly-dev/mayfly/night"
)

// nightly reads when nights begin, in a zone, and returns when costs are
// estimated before that, too. It refuses a time that is not there every day:
// EventBridge Scheduler would leave out that night. now is when the next days
// begin that are looked at.
func (r *reader) nightly(zone string, now time.Time) (nightly, costs night.Hour) {
	if !isZone(zone) {
		zone = "UTC" // what is wrong with it is told by itself
	}
	h, err := night.ParseHour(r.text("nightly", night.DefaultHour)+" "+zone, now)
	if err != nil {
		r.errors = append(r.errors, fmt.Errorf("context %snightly in the zone %s: %w", Prefix, zone, err))
		return night.Hour{}, night.Hour{}
	}
	return h, h.Before(now)
}

// isZone reports whether a name is a time zone's, wherever the stack is made.
func isZone(name string) bool {
	_, err := time.LoadLocation(name)
	return err == nil && name != "Local"
}
