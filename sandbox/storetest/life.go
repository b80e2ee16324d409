package storetest

import (
	"testing"
	"time"

	"github.com/mayfly-dev/mayfly/sandbox"
)

// updateKeepsLife writes all that says how a sandbox lives, changes it, and
// takes it back.
func updateKeepsLife(t *testing.T, store sandbox.Store) {
	s := aSandbox("site", "ann", 1)
	s.Spec.IdleTime, s.Spec.WarnBefore, s.Spec.SleepFor = "3d", "12h", "never"
	must(t, store.Claim(t.Context(), s, claimedEvent))
	for _, change := range []func(*sandbox.Sandbox){
		func(s *sandbox.Sandbox) { s.Pinned, s.PinReason = true, "the demo" },
		func(s *sandbox.Sandbox) { s.KeptUntil, s.ExtendReason = start.Add(time.Hour), "the review" },
		func(s *sandbox.Sandbox) { s.WarnedAt, s.FailedNights = start.Add(2*time.Hour), 2 },
		func(s *sandbox.Sandbox) {
			s.Phase, s.SleepReason, s.AsleepSince = sandbox.PhaseSleeping, "nobody came", start.Add(3*time.Hour)
		},
		func(s *sandbox.Sandbox) {
			s.Pinned, s.PinReason, s.KeptUntil, s.ExtendReason = false, "", time.Time{}, ""
			s.WarnedAt, s.SleepReason, s.AsleepSince, s.FailedNights = time.Time{}, "", time.Time{}, 0
		},
	} {
		want := get(t, store, "site")
		change(&want)
		update(t, store, s.Ref(), func(s *sandbox.Sandbox) ([]sandbox.Event, error) { change(s); return nil, nil })
		got := get(t, store, "site")
		want.Version, want.UpdatedAt = got.Version, got.UpdatedAt
		same(t, "sandbox", got, want)
	}
	asleep, next, err := store.List(t.Context(), sandbox.Filter{Phase: sandbox.PhaseSleeping}, sandbox.Page{})
	must(t, err)
	same(t, "asleep", len(asleep), 1)
	same(t, "next page", next, sandbox.Cursor(""))
	audit, _, err := store.ListAudit(t.Context(), sandbox.AuditFilter{Sandbox: "site"}, sandbox.Page{})
	must(t, err)
	var actions []string
	for _, entry := range audit {
		actions = append(actions, entry.Action)
	}
	same(t, "audit, newest first", actions, []string{sandbox.ActionWake, sandbox.ActionSleep, sandbox.ActionWarn, sandbox.ActionExtend, sandbox.ActionPin, sandbox.ActionCreate})
}
