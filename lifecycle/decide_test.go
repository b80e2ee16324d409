package lifecycle_test

import (
	"testing"
	"time"

	"github.com/mayfly-dev/mayfly/activity"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/lifecycle"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// now is a Wednesday, 03:00.
var now = time.Date(2026, 7, 1, 3, 0, 0, 0, time.UTC)

// hours is so many hours ago.
func hours(n float64) time.Time { return now.Add(-time.Duration(n * float64(time.Hour))) }

// ready is a sandbox that was made a month ago, with the usual life.
func ready() sandbox.Sandbox {
	return sandbox.Sandbox{ID: "a", Name: "a", Phase: sandbox.PhaseReady, CreatedAt: hours(30 * 24), UpdatedAt: hours(30), Spec: sandbox.Defaults(events.Spec{})}
}

// lastUsed is an activity of which all is known.
func lastUsed(kind activity.Kind, at time.Time) activity.Activity {
	return activity.Activity{Last: activity.Use{Kind: kind, At: at}, Since: hours(20 * 24), Until: now.Add(-activity.Late)}
}

func TestEachDecisionHasItsReason(t *testing.T) {
	request := func(ago float64) activity.Activity { return lastUsed(activity.Request, hours(ago)) }
	unknown := request(60)
	unknown.Unknown = []string{"Rate exceeded"}
	public := lastUsed(activity.Created, hours(20*24))
	public.Untold = []string{"AWS does not tell who pulls from the public repository p"}
	short := request(60)
	short.Since = hours(1)
	asleep := func(s *sandbox.Sandbox, ago float64) {
		s.Phase, s.AsleepSince, s.WarnedAt = sandbox.PhaseSleeping, hours(ago), hours(ago+24)
	}
	for name, tc := range map[string]struct {
		set    func(*sandbox.Sandbox)
		used   activity.Activity
		budget bool
		act    lifecycle.Act
		reason string
		next   lifecycle.Act
		due    time.Time
		back   bool
		not    time.Time
	}{
		"in use":           {used: request(5), act: lifecycle.Keep, reason: "used Tuesday 22:00 UTC (request)"},
		"idle":             {used: request(60), act: lifecycle.Warn, reason: "no request since Sunday 15:00 UTC", next: lifecycle.Sleep, due: hours(-24)},
		"idle for a month": {used: lastUsed(activity.Created, hours(30*24)), act: lifecycle.Warn, reason: "no use since 2026-06-01 03:00 UTC", next: lifecycle.Sleep, due: hours(-24)},
		"what comes late is waited for": {
			used: request(24.1), act: lifecycle.Keep, reason: "used Tuesday 02:54 UTC (request)",
		},
		"warned yesterday": {
			set:  func(s *sandbox.Sandbox) { s.WarnedAt = hours(24) },
			used: request(60), act: lifecycle.Sleep, reason: "no request since Sunday 15:00 UTC, warned 24 h ago", next: lifecycle.Teardown, due: hours(-7 * 24),
		},
		"warned a moment short of its time": {
			set:  func(s *sandbox.Sandbox) { s.WarnedAt = hours(24).Add(time.Second) },
			used: request(60), act: lifecycle.Sleep, reason: "no request since Sunday 15:00 UTC, warned 23 h ago", next: lifecycle.Teardown, due: hours(-7 * 24), not: now.Add(time.Second),
		},
		"warned not long enough ago": {
			set:  func(s *sandbox.Sandbox) { s.WarnedAt = hours(23) },
			used: request(60), act: lifecycle.Keep, reason: "no request since Sunday 15:00 UTC, warned 23 h ago", next: lifecycle.Sleep, due: hours(-1),
		},
		"asleep a moment short of long enough": {
			set:  func(s *sandbox.Sandbox) { asleep(s, 7*24); s.AsleepSince = s.AsleepSince.Add(time.Minute) },
			used: request(300), act: lifecycle.Teardown, reason: "asleep since 2026-06-24 03:01 UTC, warned 8 days ago", not: now.Add(time.Minute),
		},
		"used in its sleep, within a long idle time": {
			set:  func(s *sandbox.Sandbox) { asleep(s, 8*24); s.Spec.SleepFor, s.Spec.IdleTime = "24h", "3d" },
			used: lastUsed(activity.Pull, hours(30)), act: lifecycle.Keep, reason: "asleep since 2026-06-23 03:00 UTC, used Monday 21:00 UTC (pull)", next: lifecycle.Teardown, due: hours(30 - 3*24), back: true,
		},
		"its sleep has died": {
			set:  func(s *sandbox.Sandbox) { s.Phase, s.SleepReason = sandbox.PhaseUpdating, "nobody came" },
			used: request(60), act: lifecycle.Sleep, reason: "it was to sleep (nobody came), and has been silent since Monday 21:00 UTC",
		},
		"its update has died": {
			set:  func(s *sandbox.Sandbox) { s.Phase = sandbox.PhaseUpdating },
			used: request(60), act: lifecycle.Warn, reason: "no request since Sunday 15:00 UTC", next: lifecycle.Sleep, due: hours(-24),
		},
		"a release is under way": {
			set:  func(s *sandbox.Sandbox) { s.Phase, s.ActiveRelease = sandbox.PhaseUpdating, "r-1" },
			used: request(60), act: lifecycle.Keep, reason: "it is updating",
		},
		"used since the warning": {
			set:  func(s *sandbox.Sandbox) { s.WarnedAt = hours(24) },
			used: request(5), act: lifecycle.Keep, reason: "used Tuesday 22:00 UTC (request)", back: true,
		},
		"used since the warning, and idle again": {
			set:  func(s *sandbox.Sandbox) { s.WarnedAt = hours(72) },
			used: request(60), act: lifecycle.Warn, reason: "no request since Sunday 15:00 UTC", next: lifecycle.Sleep, due: hours(-24),
		},
		"a warning from the future": {
			set:  func(s *sandbox.Sandbox) { s.WarnedAt = hours(-400) },
			used: request(60), act: lifecycle.Warn, reason: "no request since Sunday 15:00 UTC", next: lifecycle.Sleep, due: hours(-24),
		},
		"a use in the future": {used: request(-100), act: lifecycle.Keep, reason: "used Sunday 07:00 UTC, which is yet to come (request)"},
		"unknown": {
			set:  func(s *sandbox.Sandbox) { s.WarnedAt = hours(24) },
			used: unknown, act: lifecycle.Keep, reason: "not everything is known: Rate exceeded",
		},
		"unknown, and its time has ended": {
			set:  func(s *sandbox.Sandbox) { s.WarnedAt, s.ExpiresAt = hours(24), hours(6) },
			used: unknown, act: lifecycle.Keep, reason: "not everything is known: Rate exceeded",
		},
		"not looked at as far": {used: short, act: lifecycle.Keep, reason: "its use before Wednesday 2026-07-01 02:00 was not looked at"},
		"a public repository":  {used: public, act: lifecycle.Keep, reason: "not everything is known: AWS does not tell who pulls from the public repository p"},
		"a public repository whose time has ended": {
			set:  func(s *sandbox.Sandbox) { s.ExpiresAt = hours(6) },
			used: public, act: lifecycle.Warn, reason: "no use since 2026-06-11 03:00 UTC, TTL ended 6 h ago", next: lifecycle.Sleep, due: hours(-24),
		},
		"its time has ended, and it is in use": {
			set:  func(s *sandbox.Sandbox) { s.ExpiresAt = hours(6) },
			used: request(5), act: lifecycle.Keep, reason: "used Tuesday 22:00 UTC (request), though its TTL ended 6 h ago",
		},
		"its time has ended, and it may be idle for a week": {
			set:  func(s *sandbox.Sandbox) { s.Spec.IdleTime, s.ExpiresAt, s.WarnedAt = "7d", hours(6), hours(25) },
			used: request(60), act: lifecycle.Sleep, reason: "no request since Sunday 15:00 UTC, TTL ended 6 h ago, warned 25 h ago", next: lifecycle.Teardown, due: hours(-7 * 24),
		},
		"its time ends tomorrow": {
			set:  func(s *sandbox.Sandbox) { s.Spec.IdleTime, s.ExpiresAt = "never", hours(-20) },
			used: request(60), act: lifecycle.Warn, reason: "no request since Sunday 15:00 UTC, TTL ends in 20 h", next: lifecycle.Sleep, due: hours(-24),
		},
		"its time ends soon, and it was warned": {
			set:  func(s *sandbox.Sandbox) { s.Spec.IdleTime, s.ExpiresAt, s.WarnedAt = "never", hours(-5), hours(2) },
			used: request(60), act: lifecycle.Keep, reason: "no request since Sunday 15:00 UTC, TTL ends in 5 h, warned 2 h ago", next: lifecycle.Sleep, due: hours(-22),
		},
		"its time ends tomorrow, and it is in use": {
			set:  func(s *sandbox.Sandbox) { s.Spec.IdleTime, s.ExpiresAt = "never", hours(-20) },
			used: request(5), act: lifecycle.Keep, reason: "its idle time never ends",
		},
		"never idle": {set: func(s *sandbox.Sandbox) { s.Spec.IdleTime = "never" }, used: request(600), act: lifecycle.Keep, reason: "its idle time never ends"},
		"pinned": {
			set:  func(s *sandbox.Sandbox) { s.Pinned, s.PinReason, s.WarnedAt = true, "the demo", hours(24) },
			used: request(600), act: lifecycle.Keep, reason: "pinned: the demo", back: true,
		},
		"its class has ended, and it is in use": {
			set: func(s *sandbox.Sandbox) {
				s.EndsAt, s.EndsWith, s.Pinned, s.KeptUntil, s.Spec.IdleTime = hours(3), "class cs101", true, hours(-9), "never"
			},
			used: request(5), act: lifecycle.Teardown, reason: "class cs101 ended Wednesday 00:00 UTC",
		},
		"its class has ended, and it sleeps": {
			set:  func(s *sandbox.Sandbox) { asleep(s, 60); s.EndsAt, s.EndsWith = now, "class cs101" },
			used: request(100), act: lifecycle.Teardown, reason: "class cs101 ended Wednesday 03:00 UTC",
		},
		"its class has ended, and it is being changed": {
			set:  func(s *sandbox.Sandbox) { s.Phase, s.UpdatedAt, s.EndsAt = sandbox.PhaseUpdating, hours(1), hours(3) },
			used: request(5), act: lifecycle.Keep, reason: "it is updating",
		},
		"its class has ended, and it could not be torn down": {
			set:  func(s *sandbox.Sandbox) { s.FailedNights, s.EndsAt, s.EndsWith = 3, hours(3), "class cs101" },
			used: request(5), act: lifecycle.Quarantine, reason: "it could not be torn down 3 nights in a row: a person must look",
		},
		"its class ends tomorrow, and nobody uses it": {
			set: func(s *sandbox.Sandbox) {
				s.ExpiresAt, s.EndsAt, s.EndsWith, s.Spec.IdleTime = hours(-20), hours(-20), "class cs101", "never"
			},
			used: request(60), act: lifecycle.Keep, reason: "its idle time never ends",
		},
		"its time ends before its class does": {
			set: func(s *sandbox.Sandbox) {
				s.ExpiresAt, s.EndsAt, s.EndsWith, s.Spec.IdleTime = hours(-20), hours(-90), "class cs101", "never"
			},
			used: request(60), act: lifecycle.Warn, reason: "no request since Sunday 15:00 UTC, TTL ends in 20 h", next: lifecycle.Sleep, due: hours(-24),
		},
		"its class ends later": {
			set:  func(s *sandbox.Sandbox) { s.EndsAt, s.EndsWith, s.Spec.IdleTime = hours(-1), "class cs101", "never" },
			used: request(600), act: lifecycle.Keep, reason: "its idle time never ends",
		},
		"extended": {
			set:  func(s *sandbox.Sandbox) { s.KeptUntil, s.ExtendReason = hours(-9), "review on Wednesday" },
			used: request(600), act: lifecycle.Keep, reason: "extended until Wednesday 12:00 UTC: review on Wednesday",
		},
		"no longer extended": {set: func(s *sandbox.Sandbox) { s.KeptUntil = now }, used: request(60), act: lifecycle.Warn, reason: "no request since Sunday 15:00 UTC", next: lifecycle.Sleep, due: hours(-24)},
		"over budget, idle":  {used: request(60), budget: true, act: lifecycle.Sleep, reason: "no request since Sunday 15:00 UTC, and its owner has spent the month's budget", next: lifecycle.Teardown, due: hours(-7 * 24)},
		"over budget, used":  {used: request(6), budget: true, act: lifecycle.Keep, reason: "used Tuesday 21:00 UTC (request)"},
		"over budget, pinned": {
			set:  func(s *sandbox.Sandbox) { s.Pinned = true },
			used: request(60), budget: true, act: lifecycle.Keep, reason: "pinned",
		},
		"could not sleep": {
			set: func(s *sandbox.Sandbox) {
				s.FailedNights, s.WarnedAt, s.Failure = 3, hours(100), &events.Failure{Error: "AccessDenied"}
			},
			used: request(160), act: lifecycle.Quarantine, reason: "it could not be put to sleep 3 nights in a row (AccessDenied): a person must look",
		},
		"could not sleep, and is used": {
			set:  func(s *sandbox.Sandbox) { s.FailedNights = 3 },
			used: request(1), act: lifecycle.Keep, reason: "used Wednesday 02:00 UTC (request)",
		},
		"asleep": {
			set:  func(s *sandbox.Sandbox) { asleep(s, 48); s.SleepReason = "no request since Friday" },
			used: request(100), act: lifecycle.Keep, reason: "asleep since Monday 03:00 UTC (no request since Friday)", next: lifecycle.Teardown, due: hours(-5 * 24),
		},
		"asleep long enough": {
			set:  func(s *sandbox.Sandbox) { asleep(s, 7*24) },
			used: request(300), act: lifecycle.Teardown, reason: "asleep since 2026-06-24 03:00 UTC, warned 8 days ago",
		},
		"asleep long enough, without a warning": {
			set:  func(s *sandbox.Sandbox) { asleep(s, 7*24); s.WarnedAt = time.Time{} },
			used: request(300), act: lifecycle.Warn, reason: "asleep since 2026-06-24 03:00 UTC", next: lifecycle.Teardown, due: hours(-24),
		},
		"asleep for six days, without a warning": {
			set:  func(s *sandbox.Sandbox) { asleep(s, 6*24); s.WarnedAt = time.Time{} },
			used: request(300), act: lifecycle.Warn, reason: "asleep since 2026-06-25 03:00 UTC", next: lifecycle.Teardown, due: hours(-24),
		},
		"used in its sleep": {
			set:  func(s *sandbox.Sandbox) { asleep(s, 8*24) },
			used: lastUsed(activity.Pull, hours(30)), act: lifecycle.Keep, reason: "asleep since 2026-06-23 03:00 UTC, used Monday 21:00 UTC (pull)", next: lifecycle.Teardown, due: hours(30 - 7*24), back: true,
		},
		"asleep, unknown": {
			set:  func(s *sandbox.Sandbox) { asleep(s, 8*24) },
			used: unknown, act: lifecycle.Keep, reason: "asleep since 2026-06-23 03:00 UTC; not everything is known: Rate exceeded",
		},
		"asleep, not looked at as far": {
			set:  func(s *sandbox.Sandbox) { asleep(s, 8*24) },
			used: short, act: lifecycle.Keep, reason: "asleep since 2026-06-23 03:00 UTC; its use before Wednesday 02:00 UTC was not looked at",
		},
		"asleep for ever": {
			set:  func(s *sandbox.Sandbox) { asleep(s, 9*24); s.Spec.SleepFor = "never" },
			used: request(300), act: lifecycle.Keep, reason: "asleep since 2026-06-22 03:00 UTC, until it is woken or deleted",
		},
		"asleep, pinned": {
			set:  func(s *sandbox.Sandbox) { asleep(s, 9*24); s.Pinned = true },
			used: request(300), act: lifecycle.Keep, reason: "pinned", back: true,
		},
		"asleep since tomorrow": {
			set:  func(s *sandbox.Sandbox) { asleep(s, -24) },
			used: request(300), act: lifecycle.Sleep, reason: "asleep since a time that is yet to come",
		},
		"does not sleep wholly": {
			set: func(s *sandbox.Sandbox) {
				asleep(s, 24)
				s.SleepReason, s.Failure = "no request since Friday", &events.Failure{Error: "PropagationTimeout"}
			},
			used: request(300), act: lifecycle.Sleep, reason: "it may not sleep wholly (PropagationTimeout): no request since Friday",
		},
		"does not sleep wholly, and is used": {
			set: func(s *sandbox.Sandbox) {
				asleep(s, 24)
				s.SleepReason, s.Failure, s.Spec.SleepFor = "by hand", &events.Failure{Error: "AccessDenied"}, "never"
			},
			used: request(10), act: lifecycle.Keep, reason: "asleep since Tuesday 03:00 UTC (by hand), used Tuesday 17:00 UTC (request), until it is woken or deleted",
		},
		"could not be woken": {
			set: func(s *sandbox.Sandbox) {
				asleep(s, 24)
				s.Failure = &events.Failure{Error: "AccessDenied"}
			},
			used: lastUsed(activity.Changed, hours(10)), act: lifecycle.Keep, reason: "asleep since Tuesday 03:00 UTC, used Tuesday 17:00 UTC (changed)", next: lifecycle.Teardown, due: hours(10 - 7*24), back: true,
		},
		"could not be torn down from its sleep": {
			set:  func(s *sandbox.Sandbox) { asleep(s, 11*24); s.FailedNights = 4 },
			used: request(600), act: lifecycle.Quarantine, reason: "it could not be put to sleep or torn down 4 nights in a row: a person must look",
		},
		"updating":     {set: func(s *sandbox.Sandbox) { s.Phase, s.UpdatedAt = sandbox.PhaseUpdating, hours(1) }, used: request(600), act: lifecycle.Keep, reason: "it is updating"},
		"provisioning": {set: func(s *sandbox.Sandbox) { s.Phase, s.UpdatedAt = sandbox.PhaseProvisioning, hours(1) }, used: request(600), act: lifecycle.Keep, reason: "it is provisioning"},
		"a provision that says nothing": {
			set:  func(s *sandbox.Sandbox) { s.Phase = sandbox.PhaseProvisioning },
			used: unknown, act: lifecycle.Teardown, reason: "it is provisioning and has been silent since Monday 21:00 UTC",
		},
		"deleting": {set: func(s *sandbox.Sandbox) { s.Phase, s.UpdatedAt, s.Pinned = sandbox.PhaseDeleting, hours(1), true }, used: request(600), act: lifecycle.Keep, reason: "it is deleting"},
		"a deletion that says nothing": {
			set:  func(s *sandbox.Sandbox) { s.Phase, s.Pinned = sandbox.PhaseDeleting, true },
			used: unknown, act: lifecycle.Teardown, reason: "it is deleting and has been silent since Monday 21:00 UTC",
		},
		"failed and left something": {
			set: func(s *sandbox.Sandbox) {
				s.Phase, s.Failure = sandbox.PhaseFailed, &events.Failure{Error: "NotOurs"}
				s.Resources = map[sandbox.Kind]sandbox.Resource{sandbox.KindBucket: {ID: "b"}}
			},
			used: unknown, act: lifecycle.Teardown, reason: "it failed (NotOurs) and left something behind",
		},
		"failed three nights": {
			set: func(s *sandbox.Sandbox) {
				s.Phase, s.DeleteRequested, s.FailedNights = sandbox.PhaseFailed, true, 3
				s.Resources = map[sandbox.Kind]sandbox.Resource{sandbox.KindBucket: {ID: "b"}}
			},
			used: unknown, act: lifecycle.Quarantine, reason: "its teardown failed 3 nights in a row: a person must look",
		},
		"failed and left nothing": {
			set:  func(s *sandbox.Sandbox) { s.Phase = sandbox.PhaseFailed },
			used: unknown, act: lifecycle.Keep, reason: "it failed; its record is kept to be read", next: lifecycle.Teardown, due: hours(30 - 7*24),
		},
		"failed and left nothing, a week ago": {
			set:  func(s *sandbox.Sandbox) { s.Phase, s.UpdatedAt = sandbox.PhaseFailed, hours(200) },
			used: unknown, act: lifecycle.Teardown, reason: "it failed 8 days ago; nothing is left but its record",
		},
		"failed, pinned": {
			set:  func(s *sandbox.Sandbox) { s.Phase, s.UpdatedAt, s.Pinned = sandbox.PhaseFailed, hours(200), true },
			used: unknown, act: lifecycle.Keep, reason: "pinned",
		},
		"no spec that there is": {set: func(s *sandbox.Sandbox) { s.Spec.IdleTime = "0" }, used: request(600), act: lifecycle.Keep, reason: `its spec can't be read: idleTime "0": must be "never", or 5m to 365d, written like 90m, 36h or 14d`},
		"a record from before":  {set: func(s *sandbox.Sandbox) { s.Spec = events.Spec{} }, used: request(60), act: lifecycle.Warn, reason: "no request since Sunday 15:00 UTC", next: lifecycle.Sleep, due: hours(-24)},
	} {
		t.Run(name, func(t *testing.T) {
			s := ready()
			if tc.set != nil {
				tc.set(&s)
			}
			got := lifecycle.Decide(lifecycle.Case{Sandbox: &s, Used: tc.used, OverBudget: tc.budget, Now: now})
			want := lifecycle.Decision{Act: tc.act, Reason: tc.reason, Next: tc.next, Due: tc.due, TakeBack: tc.back, NotBefore: tc.not}
			if got != want {
				t.Errorf("got  %+v\nwant %+v", got, want)
			}
		})
	}
}

func TestItIsLookedBackFarEnough(t *testing.T) {
	for name, tc := range map[string]struct {
		set  func(*sandbox.Sandbox)
		want time.Time
	}{
		"the usual life":            {func(*sandbox.Sandbox) {}, hours(25)},
		"a short one":               {func(s *sandbox.Sandbox) { s.Spec.IdleTime = "1h" }, hours(25)},
		"a long one":                {func(s *sandbox.Sandbox) { s.Spec.IdleTime = "7d" }, hours(7*24 + 1)},
		"made yesterday":            {func(s *sandbox.Sandbox) { s.CreatedAt = hours(20) }, hours(20)},
		"asleep":                    {func(s *sandbox.Sandbox) { s.Phase, s.AsleepSince = sandbox.PhaseSleeping, hours(90) }, hours(90)},
		"asleep for an hour":        {func(s *sandbox.Sandbox) { s.Phase, s.AsleepSince = sandbox.PhaseSleeping, hours(1) }, hours(25)},
		"warned, and long ago":      {func(s *sandbox.Sandbox) { s.WarnedAt = hours(70) }, hours(70)},
		"with what is no idle time": {func(s *sandbox.Sandbox) { s.Spec.IdleTime = "soon" }, now},
	} {
		s := ready()
		if tc.set(&s); !lifecycle.LookBack(&s, now).Equal(tc.want) {
			t.Errorf("%s: %s, want %s", name, lifecycle.LookBack(&s, now), tc.want)
		}
	}
}

// TestAUseSettlesIt: whoever was used after that time is kept, whatever else
// there is to find out.
func TestAUseSettlesIt(t *testing.T) {
	for name, tc := range map[string]struct {
		set  func(*sandbox.Sandbox)
		want time.Time
	}{
		"the usual life":       {func(*sandbox.Sandbox) {}, hours(24)},
		"a long idle time":     {func(s *sandbox.Sandbox) { s.Spec.IdleTime = "3d" }, hours(72)},
		"and a time to live":   {func(s *sandbox.Sandbox) { s.Spec.IdleTime, s.ExpiresAt = "3d", hours(-99) }, hours(24)},
		"never idle":           {func(s *sandbox.Sandbox) { s.Spec.IdleTime = "never" }, hours(24)},
		"asleep":               {func(s *sandbox.Sandbox) { s.Phase, s.AsleepSince = sandbox.PhaseSleeping, hours(50) }, hours(50)},
		"asleep for long":      {func(s *sandbox.Sandbox) { s.Phase, s.AsleepSince = sandbox.PhaseSleeping, hours(500) }, hours(6 * 24)},
		"with what is no spec": {func(s *sandbox.Sandbox) { s.Spec.IdleTime = "soon" }, now},
	} {
		s := ready()
		tc.set(&s)
		from := lifecycle.InUse(&s, now)
		if !from.Equal(tc.want) {
			t.Errorf("%s: %s, want %s", name, from, tc.want)
		}
		s.WarnedAt, s.SleepReason = hours(9000), "nobody came"
		if d := lifecycle.Decide(lifecycle.Case{Sandbox: &s, Used: lastUsed(activity.Request, from.Add(time.Minute)), Now: now}); d.Act != lifecycle.Keep {
			t.Errorf("%s: used a minute later, it is to %s: %s", name, d.Act, d.Reason)
		}
	}
}
