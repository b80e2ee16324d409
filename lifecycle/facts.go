package lifecycle

import (
	"slices"
	"strings"
	"time"
)

// ttl reports whether the sandbox's time to live has ended at a time. The end of
// what it ends with is none: nobody is told that a use would put it off.
func (d *decider) ttl(at time.Time) bool {
	ends, with := d.Sandbox.ExpiresAt, d.Sandbox.EndsAt
	if !with.IsZero() && !ends.Before(with) {
		return false
	}
	return !ends.IsZero() && !ends.After(at)
}

// idle reports whether nobody used the sandbox for its idle time, and why it is
// so. Once its time to live has ended, that time is a day at most, and what AWS
// never tells counts for nothing.
func (d *decider) idle(ended bool) (bool, string) {
	within := d.life.Idle
	used := d.Used
	if ended {
		if within == 0 || within > inUseAfterTTL {
			within = inUseAfterTTL
		}
		used.Untold = nil
	}
	if within == 0 {
		return false, "its idle time never ends"
	}
	if used.Last.At.After(d.Now.Add(skew)) {
		return false, "used " + d.when(used.Last.At) + ", which is yet to come (" + string(used.Last.Kind) + ")"
	}
	idle, why := used.Idle(within)
	switch {
	case idle:
		return true, "no " + noun(used.Last.Kind) + " since " + d.when(used.Last.At)
	case len(used.Unknown)+len(used.Untold) == 0 && used.Last.At.After(used.Until.Add(-within)):
		return false, "used " + d.when(used.Last.At) + " (" + string(used.Last.Kind) + ")"
	}
	return false, why
}

// unknown reports whether something is not known that may be use: tonight, or,
// while its time to live lasts, ever.
func (d *decider) unknown(ended bool) bool {
	return len(d.Used.Unknown) > 0 || !ended && len(d.Used.Untold) > 0
}

func (d *decider) unknownPhrase(ended bool) string {
	all := d.Used.Unknown
	if !ended {
		all = slices.Concat(all, d.Used.Untold)
	}
	return "not everything is known: " + strings.Join(all, "; ")
}

// warned reports whether a warning was given that still holds: nobody has used
// the sandbox since. One from the future is none: the clock was set back.
func (d *decider) warned() bool {
	at := d.Sandbox.WarnedAt
	return !at.IsZero() && !at.After(d.Now.Add(skew)) && !d.Used.Last.At.After(at)
}
