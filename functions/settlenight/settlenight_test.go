package settlenight_test

import (
	"testing"
	"time"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/functions/settlenight"
	"github.com/mayfly-dev/mayfly/lifecycle"
	"github.com/mayfly-dev/mayfly/night"
	"github.com/mayfly-dev/mayfly/sandbox"
	"github.com/mayfly-dev/mayfly/steptest"
)

func TestWhatComesOfEach(t *testing.T) {
	failure := &events.Failure{Error: "BucketNotEmpty", Cause: "a late write"}
	left := map[sandbox.Kind]sandbox.Resource{sandbox.KindBucket: {Kind: sandbox.KindBucket, ID: "b", Status: sandbox.StatusMade}}
	for name, tc := range map[string]struct {
		act    lifecycle.Act
		set    func(*sandbox.Sandbox) // nil is that it is gone
		want   night.Outcome
		nights int
	}{
		"gone":                     {lifecycle.Teardown, nil, night.Ended, 0},
		"its name has a successor": {lifecycle.Teardown, func(s *sandbox.Sandbox) { s.ID = "another" }, night.Ended, 0},
		"still going":              {lifecycle.Teardown, func(s *sandbox.Sandbox) { s.Phase = sandbox.PhaseDeleting }, night.Started, 0},
		"something is left":        {lifecycle.Teardown, func(s *sandbox.Sandbox) { s.Phase, s.Failure, s.Resources = sandbox.PhaseFailed, failure, left }, night.Failed, 1},
		"its record alone is kept": {lifecycle.Teardown, func(s *sandbox.Sandbox) { s.Phase, s.Failure = sandbox.PhaseFailed, failure }, night.Ended, 0},
		"asleep":                   {lifecycle.Sleep, func(s *sandbox.Sandbox) { s.Phase = sandbox.PhaseSleeping }, night.Ended, 0},
		"falling asleep":           {lifecycle.Sleep, func(s *sandbox.Sandbox) { s.Phase, s.SleepReason = sandbox.PhaseUpdating, "idle" }, night.Started, 0},
		"not wholly asleep":        {lifecycle.Sleep, func(s *sandbox.Sandbox) { s.Phase, s.Failure = sandbox.PhaseSleeping, failure }, night.Failed, 1},
		"woken":                    {lifecycle.Sleep, func(s *sandbox.Sandbox) { s.Phase = sandbox.PhaseReady }, night.Ended, 0},
		"deleted instead":          {lifecycle.Sleep, func(s *sandbox.Sandbox) { s.Phase = sandbox.PhaseDeleting }, night.Ended, 0},
	} {
		t.Run(name, func(t *testing.T) {
			box := steptest.New(steptest.Start)
			box.ID, box.Name, box.Resources = "one", "docs", nil
			clock, nights := &steptest.Clock{}, steptest.NewNights()
			store := steptest.NewStore(clock.Now)
			if tc.set != nil {
				tc.set(&box)
				store = steptest.NewStore(clock.Now, box)
			}
			n, _, err := nights.ClaimNight(t.Context(), night.Night{ID: night.IDAt(clock.Now()), StartedAt: clock.Now(), Status: night.Settling}, "")
			steptest.WantError(t, err, "")
			steptest.WantError(t, nights.PutItems(t.Context(), n.ID, []night.Item{
				{Name: "docs", ID: "one", Outcome: night.Started, Decision: lifecycle.Decision{Act: tc.act}}, {Name: "other", ID: "two", Outcome: night.Noted},
			}), "")
			step := settlenight.New(store, nights, settlenight.Options{Every: 20 * time.Second, GiveUp: 2 * time.Hour, Margin: time.Second, Now: clock.Now})
			for range 2 { // a second look changes nothing
				out, err := step.Handle(t.Context(), events.NightFlow{Night: n.ID})
				steptest.WantError(t, err, "")
				if out.Done != (tc.want != night.Started) || out.WaitSeconds != 20 {
					t.Errorf("got %+v", out)
				}
			}
			check := func(want night.Outcome) {
				t.Helper()
				items, _, err := nights.ListItems(t.Context(), n.ID, sandbox.Page{Limit: 10})
				steptest.WantError(t, err, "")
				if items[0].Outcome != want || (items[0].Failure != "") != (want == night.Failed) || items[1].Outcome != night.Noted {
					t.Errorf("items %+v", items)
				}
			}
			check(tc.want)
			if after, err := store.Get(t.Context(), "docs"); err == nil && after.FailedNights != tc.nights {
				t.Errorf("%d failed nights", after.FailedNights)
			}
			if tc.want == night.Started {
				clock.Passed = 2*time.Hour + time.Second
				out, err := step.Handle(t.Context(), events.NightFlow{Night: n.ID})
				steptest.WantError(t, err, "")
				if !out.Done {
					t.Errorf("still waits: %+v", out)
				}
				check(night.Open)
			}
		})
	}
}
