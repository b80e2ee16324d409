package lifecycle

import (
	"fmt"
	"time"

	"github.com/mayfly-dev/mayfly/activity"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// Case is all that a decision is made from.
type Case struct {
	Sandbox *sandbox.Sandbox
	// Used is its activity, looked at as far back as [LookBack] says.
	Used activity.Activity
	// OverBudget says that its owner has spent the month's budget: what is idle
	// sleeps at once.
	OverBudget bool
	// Now is when a night decides; nights that begin at the same time of the day
	// decide a whole number of days apart.
	Now time.Time
}

// LookBack returns since when the activity of a sandbox must be known to decide
// about it at a time.
func LookBack(s *sandbox.Sandbox, now time.Time) time.Time {
	life, err := sandbox.LifeOf(s.Spec)
	if err != nil {
		return now
	}
	// An hour for metrics that come late, and for the periods that they have.
	from := now.Add(-max(life.Idle, inUseAfterTTL) - time.Hour)
	if s.Phase == sandbox.PhaseSleeping && s.AsleepSince.Before(from) {
		from = s.AsleepSince
	}
	// A use since the warning takes it back, however long ago that is.
	if at := s.WarnedAt; !at.IsZero() && at.Before(from) {
		from = at
	}
	if s.CreatedAt.After(from) {
		return s.CreatedAt
	}
	return from
}

// InUse returns since when a use of a sandbox settles that it is kept at a time:
// when else it was used no longer matters.
func InUse(s *sandbox.Sandbox, now time.Time) time.Time {
	life, err := sandbox.LifeOf(s.Spec)
	if err != nil {
		return now
	}
	if s.Phase == sandbox.PhaseSleeping {
		return later(s.AsleepSince, now.Add(life.Warning-stays(life)))
	}
	within := life.Idle
	if within == 0 || within > inUseAfterTTL && !s.ExpiresAt.IsZero() {
		within = inUseAfterTTL
	}
	return now.Add(-within)
}

// stays is how long what was used in its sleep stays after that.
func stays(life sandbox.Life) time.Duration { return max(life.Sleep, life.Idle, inUseAfterTTL) }

// Decide decides about one sandbox. The rules, in their order:
//
//   - What a person asked to delete, or what failed, is torn down, [MaxFailedNights]
//     times at most; after that, a person must look.
//   - What ends with something else, such as a class, is torn down when that has
//     ended, in use or not.
//   - What is pinned, extended, under way or in use is kept. Of what is not
//     known it is kept, too.
//   - What was not used for its idle time is warned of; what was warned of as
//     long ago as its spec asks, and was not used since, sleeps. A time to live
//     that has ended, or will have by then, makes the idle time a day where it is
//     longer.
//   - What sleeps is torn down once it has slept long enough, was warned of as
//     above, and nobody used it in its sleep.
func Decide(c Case) Decision {
	s := c.Sandbox
	life, err := sandbox.LifeOf(s.Spec)
	d := &decider{Case: c, life: life}
	switch {
	case err != nil:
		return Decision{Act: Keep, Reason: "its spec can't be read: " + err.Error()}
	case s.Phase == sandbox.PhaseDeleting, s.Phase == sandbox.PhaseFailed && s.DeleteRequested:
		return d.unfinished()
	case !s.EndsAt.IsZero() && !c.Now.Before(s.EndsAt):
		return d.over()
	case s.Pinned:
		return d.kept(because("pinned", s.PinReason))
	case s.KeptUntil.After(c.Now):
		return d.kept(because("extended until "+d.when(s.KeptUntil), s.ExtendReason))
	}
	switch s.Phase {
	case sandbox.PhaseFailed, sandbox.PhaseProvisioning:
		return d.unfinished()
	case sandbox.PhaseSleeping:
		return d.asleep()
	case sandbox.PhaseReady:
		return d.awake()
	}
	switch quiet := c.Now.Sub(s.UpdatedAt); {
	case quiet < sandbox.Silent || s.ActiveRelease != "": // the reconcile machine ends releases
		return Decision{Act: Keep, Reason: "it is " + string(s.Phase)}
	case s.FallingAsleep():
		return Decision{Act: Sleep, Reason: "it was to sleep (" + s.SleepReason + "), and has been silent since " + d.when(s.UpdatedAt)}
	}
	return d.awake() // its update, or its waking, has died
}

type decider struct {
	Case
	life sandbox.Life
}

// kept returns that nothing is done, and that no warning holds.
func (d *decider) kept(reason string) Decision {
	return Decision{Act: Keep, Reason: reason, TakeBack: !d.Sandbox.WarnedAt.IsZero()}
}

// awake decides about a sandbox that is ready.
func (d *decider) awake() Decision {
	ended, ends := d.ttl(d.Now), d.ttl(d.Now.Add(d.life.Warning))
	idle, why := d.idle(ended)
	if !idle && ends && !ended {
		// Before its time ends it is warned of, so that it can sleep then.
		if soon, why := d.idle(true); soon && !d.warned() {
			return Decision{Act: Warn, Reason: why + ", " + d.ttlPhrase(), Next: Sleep, Due: d.Now.Add(d.life.Warning)}
		} else if soon {
			due := later(d.Sandbox.ExpiresAt, d.Sandbox.WarnedAt.Add(d.life.Warning))
			return Decision{Act: Keep, Reason: why + ", " + d.ttlPhrase() + ", " + d.warnedPhrase(), Next: Sleep, Due: due}
		}
	}
	if !idle {
		if d.unknown(ended) {
			return Decision{Act: Keep, Reason: why}
		}
		if ended {
			why += ", though its " + d.ttlPhrase()
		}
		return d.kept(why)
	}
	if ended {
		why += ", " + d.ttlPhrase()
	}
	switch {
	case d.Sandbox.FailedNights >= MaxFailedNights:
		return d.quarantined("it could not be put to sleep")
	case d.OverBudget:
		return Decision{Act: Sleep, Reason: why + ", and its owner has spent the month's budget", Next: Teardown, Due: d.wakeless()}
	case !d.warned():
		return Decision{Act: Warn, Reason: why, Next: Sleep, Due: d.Now.Add(d.life.Warning)}
	}
	why += ", " + d.warnedPhrase()
	due := d.Sandbox.WarnedAt.Add(d.life.Warning)
	if due.After(d.Now.Add(soon)) {
		return Decision{Act: Keep, Reason: why, Next: Sleep, Due: due}
	}
	return Decision{Act: Sleep, Reason: why, Next: Teardown, Due: d.wakeless(), NotBefore: d.notBefore(due)}
}

// notBefore is a time that is yet to come; zero for one that has come.
func (d *decider) notBefore(at time.Time) time.Time {
	if at.After(d.Now) {
		return at
	}
	return time.Time{}
}

// wakeless is when a sandbox that sleeps from now on is torn down; zero for
// never.
func (d *decider) wakeless() time.Time {
	if d.life.Sleep == 0 {
		return time.Time{}
	}
	return d.Now.Add(d.life.Sleep)
}

// asleep decides about a sandbox that sleeps.
func (d *decider) asleep() Decision {
	s := d.Sandbox
	since := s.AsleepSince
	switch {
	case since.IsZero() || since.After(d.Now.Add(skew)):
		// The clock was set back, or ran ahead when it fell asleep: its sleep begins anew.
		return Decision{Act: Sleep, Reason: "asleep since a time that is yet to come"}
	case d.life.Sleep == 0 && s.Failure == nil:
		return Decision{Act: Keep, Reason: "asleep since " + d.when(since) + ", until it is woken or deleted"}
	case d.unknown(d.ttl(d.Now)):
		return Decision{Act: Keep, Reason: "asleep since " + d.when(since) + "; " + d.unknownPhrase(d.ttl(d.Now))}
	case d.Used.Since.After(since) && d.Used.Last.At.Before(d.Used.Since):
		return Decision{Act: Keep, Reason: "asleep since " + d.when(since) + "; its use before " + d.when(d.Used.Since) + " was not looked at"}
	}
	why := "asleep since " + d.when(since)
	if s.SleepReason != "" {
		why += " (" + s.SleepReason + ")"
	}
	if last := d.Used.Last; last.At.After(since) {
		since = last.At
		why += ", used " + d.when(last.At) + " (" + string(last.Kind) + ")"
	}
	switch {
	case s.FailedNights >= MaxFailedNights:
		return d.quarantined("it could not be put to sleep or torn down")
	case s.Failure != nil && s.SleepReason != "" && since.Equal(s.AsleepSince):
		return Decision{Act: Sleep, Reason: "it may not sleep wholly" + d.failure() + ": " + s.SleepReason}
	case d.life.Sleep == 0:
		return Decision{Act: Keep, Reason: why + ", until it is woken or deleted"}
	}
	due := s.AsleepSince.Add(d.life.Sleep)
	if since.After(s.AsleepSince) {
		due = later(due, since.Add(stays(d.life)))
	}
	warnAt := due.Add(-d.life.Warning)
	if d.warned() {
		due = later(due, s.WarnedAt.Add(d.life.Warning))
	} else {
		due = later(due, d.Now.Add(d.life.Warning))
	}
	switch {
	case !d.warned() && !d.Now.Before(warnAt):
		return Decision{Act: Warn, Reason: why, Next: Teardown, Due: due}
	case d.warned() && !due.After(d.Now.Add(soon)):
		return Decision{Act: Teardown, Reason: why + ", " + d.warnedPhrase(), NotBefore: d.notBefore(due)}
	}
	return Decision{Act: Keep, Reason: why, Next: Teardown, Due: due, TakeBack: !s.WarnedAt.IsZero() && !d.warned()}
}

// over decides about a sandbox that ends with something that has ended.
func (d *decider) over() Decision {
	switch d.Sandbox.Phase {
	case sandbox.PhaseReady, sandbox.PhaseSleeping:
		if d.Sandbox.FailedNights >= MaxFailedNights {
			return d.quarantined("it could not be torn down")
		}
		return Decision{Act: Teardown, Reason: d.Sandbox.EndsWith + " ended " + d.when(d.Sandbox.EndsAt)}
	}
	return d.unfinished()
}

// unfinished decides about what is on its way out, or did not get there.
func (d *decider) unfinished() Decision {
	s := d.Sandbox
	quiet := d.Now.Sub(s.UpdatedAt)
	switch {
	case s.FailedNights >= MaxFailedNights:
		return d.quarantined("its teardown failed")
	case s.Phase == sandbox.PhaseFailed && len(s.Resources) > 0:
		return Decision{Act: Teardown, Reason: "it failed" + d.failure() + " and left something behind"}
	case s.Phase == sandbox.PhaseFailed:
		// Its record alone is left, for its owner to read why.
		keep := d.life.Sleep
		if keep == 0 {
			keep = sandbox.MaxLife
		}
		if quiet >= keep {
			return Decision{Act: Teardown, Reason: "it failed " + ago(quiet) + d.failure() + "; nothing is left but its record"}
		}
		return Decision{Act: Keep, Reason: "it failed" + d.failure() + "; its record is kept to be read", Next: Teardown, Due: s.UpdatedAt.Add(keep)}
	case quiet >= sandbox.Silent:
		return Decision{Act: Teardown, Reason: fmt.Sprintf("it is %s and has been silent since %s", s.Phase, d.when(s.UpdatedAt))}
	}
	return Decision{Act: Keep, Reason: "it is " + string(s.Phase)}
}

func (d *decider) quarantined(what string) Decision {
	return Decision{Act: Quarantine, Reason: fmt.Sprintf("%s %d nights in a row%s: a person must look", what, d.Sandbox.FailedNights, d.failure())}
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
