package lifecycle

import (
	"fmt"
	"time"

	"github.com/mayfly-dev/mayfly/activity"
)

// when writes a time as people say it: the weekday within a week, else the date.
func (d *decider) when(t time.Time) string {
	format := "2006-01-02 15:04 MST"
	if away := d.Now.Sub(t).Abs(); away < 6*day {
		format = "Monday 15:04 MST"
	}
	return t.UTC().Format(format)
}

func (d *decider) ttlPhrase() string {
	if left := d.Sandbox.ExpiresAt.Sub(d.Now); left > 0 {
		return "TTL ends in " + span(left)
	}
	return "TTL ended " + ago(d.Now.Sub(d.Sandbox.ExpiresAt))
}

func (d *decider) warnedPhrase() string { return "warned " + ago(d.Now.Sub(d.Sandbox.WarnedAt)) }

func (d *decider) failure() string {
	if d.Sandbox.Failure == nil {
		return ""
	}
	return " (" + d.Sandbox.Failure.Error + ")"
}

// noun is what was not seen since the last use, which is of a kind.
func noun(last activity.Kind) string {
	switch last {
	case activity.Request, activity.Pull, activity.Push, activity.Release:
		return string(last)
	}
	return "use"
}

func ago(d time.Duration) string { return span(d) + " ago" }

// span writes a time in one unit, rounded down.
func span(d time.Duration) string {
	switch d = max(d, 0); {
	case d < time.Hour:
		return fmt.Sprintf("%d min", d/time.Minute)
	case d < 2*day:
		return fmt.Sprintf("%d h", d/time.Hour)
	}
	return fmt.Sprintf("%d days", d/day)
}

// because adds a person's reason.
func because(what, reason string) string {
	if reason == "" {
		return what
	}
	return what + ": " + reason
}
