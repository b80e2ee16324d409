// Package expression reads the schedule expressions of EventBridge Scheduler,
// as its user guide has them under "Schedule types": cron(fields), rate(value
// unit) and at(yyyy-mm-ddThh:mm:ss), each in a time zone.
//
// Nights on which the clocks change are as AWS says: what falls into the hour
// that is left out does not happen, what falls into the hour that comes twice
// happens the first time.
package expression

import (
	"fmt"
	"strings"
	"time"
)

// Expression says when a schedule is due.
type Expression interface {
	// Next returns the first time after a moment, and false when there is none.
	Next(after time.Time) (time.Time, bool)
	// Once reports whether it is for one time alone.
	Once() bool
}

// Error says what is wrong with an expression.
type Error struct {
	// Text is the expression, Because what AWS has against it.
	Text, Because string
}

// Error says it for a person.
func (e *Error) Error() string { return fmt.Sprintf("schedule expression %q: %s", e.Text, e.Because) }

// Parse reads an expression whose times are in a zone. A rate counts from the
// anchor: the schedule's start date or, without one, when it was made. Its
// error is an *Error.
func Parse(text string, zone *time.Location, anchor time.Time) (Expression, error) {
	kind, rest, found := strings.Cut(text, "(")
	inner, closed := strings.CutSuffix(rest, ")")
	if !found || !closed || strings.ContainsAny(inner, "()") {
		return nil, &Error{text, "must be cron(…), rate(…) or at(…)"}
	}
	var (
		made    Expression
		because string
	)
	switch kind {
	case "cron":
		made, because = parseCron(inner, zone)
	case "rate":
		made, because = parseRate(inner, anchor)
	case "at":
		made, because = parseAt(inner, zone)
	default:
		because = "must be cron(…), rate(…) or at(…)"
	}
	if because != "" {
		return nil, &Error{text, because}
	}
	return made, nil
}

// LoadZone returns the time zone of a name of the IANA database; "" is UTC. It
// refuses "Local", which Go knows and AWS does not.
func LoadZone(name string) (*time.Location, error) {
	if name == "Local" || strings.TrimSpace(name) != name {
		return nil, fmt.Errorf("unknown time zone %q", name)
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("unknown time zone %q: %w", name, err)
	}
	return zone, nil
}
