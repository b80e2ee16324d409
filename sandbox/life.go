package sandbox

import (
	"cmp"
	"time"

	"github.com/mayfly-dev/mayfly/events"
)

// How a sandbox lives unless its spec says otherwise.
const (
	DefaultIdleTime   = "24h"
	DefaultWarnBefore = "24h"
	DefaultSleepFor   = "7d"
)

// The bounds of a sandbox's life. The shortest time is that of CloudWatch's
// metrics; a longer idle time than the longest could not be looked back at,
// since CloudWatch keeps metrics for 455 days.
const (
	MinLife    = 5 * time.Minute
	MaxLife    = 365 * 24 * time.Hour
	MaxWarning = 30 * 24 * time.Hour
)

// Life is how a sandbox ends by itself.
type Life struct {
	// Idle is for how long nobody uses an idle sandbox; 0 for one that never is.
	Idle time.Duration
	// Warning is how long before anything happens its people are told.
	Warning time.Duration
	// Sleep is how long it sleeps before it is torn down; 0 for ever.
	Sleep time.Duration
}

// LifeOf returns the life that a spec asks for; what is empty is the default.
// It returns a FieldErrors for what is out of bounds.
func LifeOf(spec events.Spec) (Life, error) {
	life, broken := lifeOf(spec)
	return life, broken.orNil()
}

func lifeOf(spec events.Spec) (Life, FieldErrors) {
	var life Life
	var broken FieldErrors
	read := func(into *time.Duration, field, text, standard, rule string, longest time.Duration, mayNever bool) {
		if mayNever && text == never {
			return
		}
		span, ok := parseSpan(cmp.Or(text, standard))
		if !ok || span < MinLife || span > longest {
			broken = append(broken, &FieldError{Field: field, Rule: rule, Value: text})
			return
		}
		*into = span
	}
	read(&life.Idle, "idleTime", spec.IdleTime, DefaultIdleTime, ttlRule, MaxLife, true)
	read(&life.Warning, "warnBefore", spec.WarnBefore, DefaultWarnBefore, "5m to 30d, written like 90m, 36h or 14d", MaxWarning, false)
	read(&life.Sleep, "sleepFor", spec.SleepFor, DefaultSleepFor, ttlRule, MaxLife, true)
	return life, broken
}

// lifeDefaults fills in what is empty, and writes each time in one way, so that
// 24h and 1d are the same request.
func lifeDefaults(spec events.Spec) events.Spec {
	for _, one := range []struct {
		text     *string
		standard string
	}{{&spec.IdleTime, DefaultIdleTime}, {&spec.WarnBefore, DefaultWarnBefore}, {&spec.SleepFor, DefaultSleepFor}} {
		if *one.text == "" {
			*one.text = one.standard
		}
		if span, ok := parseSpan(*one.text); ok && span >= MinLife && span <= MaxLife {
			*one.text = FormatSpan(span)
		}
	}
	return spec
}

// withoutDefaultLife takes the defaults out again: the digest of a request that
// says nothing about its life stays what it was before there was anything to
// say.
func withoutDefaultLife(spec events.Spec) events.Spec {
	standard := lifeDefaults(events.Spec{})
	if spec.IdleTime == standard.IdleTime {
		spec.IdleTime = ""
	}
	if spec.WarnBefore == standard.WarnBefore {
		spec.WarnBefore = ""
	}
	if spec.SleepFor == standard.SleepFor {
		spec.SleepFor = ""
	}
	return spec
}
