package main

import (
	"cmp"
	"fmt"

	"github.com/mayfly-dev/mayfly/events"
)

// lifeLines says how a sandbox ends by itself, and how far it is.
func (a *app) lifeLines(s *events.SandboxState, line func(label, value string)) {
	because := func(what, reason string) string {
		if reason == "" {
			return what
		}
		return what + ": " + reason
	}
	if s.Pinned {
		line("pinned", cmp.Or(s.PinReason, "yes"))
	}
	if s.KeptUntil.After(a.now()) {
		line("extended until", because(a.when(s.KeptUntil), s.ExtendReason))
	}
	if idle := s.Spec.IdleTime; idle != "" {
		line("idle after", fmt.Sprintf("%s, warned %s before it sleeps for %s", idle, s.Spec.WarnBefore, s.Spec.SleepFor))
	}
	line("warned", a.when(s.WarnedAt))
	if !s.AsleepSince.IsZero() {
		line("asleep since", because(a.when(s.AsleepSince), s.SleepReason))
	}
	if s.FailedNights > 0 {
		line("failed nights", fmt.Sprint(s.FailedNights))
	}
}
