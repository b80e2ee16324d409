package endnight_test

import (
	"strings"
	"testing"
	"time"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/functions/endnight"
	"github.com/mayfly-dev/mayfly/night"
	"github.com/mayfly-dev/mayfly/notice"
	"github.com/mayfly-dev/mayfly/steptest"
)

func TestANightEnds(t *testing.T) {
	for name, tc := range map[string]struct {
		err  *events.Failure
		want night.Status
	}{
		"well":  {nil, night.Done},
		"badly": {&events.Failure{Error: "States.Timeout", Cause: "too slow"}, night.Broken},
	} {
		t.Run(name, func(t *testing.T) {
			clock, nights := &steptest.Clock{}, steptest.NewNights()
			n, _, err := nights.ClaimNight(t.Context(), night.Night{ID: night.IDAt(clock.Now()), StartedAt: clock.Now(), Status: night.Settling, Execution: "one"}, "")
			steptest.WantError(t, err, "")
			steptest.WantError(t, nights.PutItems(t.Context(), n.ID, []night.Item{
				{Name: "a", Outcome: night.Ended}, {Name: "b", Outcome: night.Ended}, {Name: "c", Outcome: night.Failed}, {Name: "d", Outcome: night.Open}, {Name: "e", Outcome: night.Noted},
			}), "")
			step := endnight.New(nights, notice.Teller{}, clock.Now)
			for range 2 {
				clock.Passed += time.Hour
				out, err := step.Handle(t.Context(), events.NightFlow{Night: n.ID, Error: tc.err})
				steptest.WantError(t, err, "")
				if out.Status != string(tc.want) {
					t.Errorf("ended %s", out.Status)
				}
			}
			got, err := nights.GetNight(t.Context(), n.ID)
			steptest.WantError(t, err, "")
			if got.Counts.Ended != 2 || got.Counts.Failed != 1 || got.Counts.Open != 1 || !got.EndedAt.Equal(steptest.Start.Add(time.Hour)) {
				t.Errorf("the night is %+v", got)
			}
			if broken := strings.Join(got.Troubles, ""); (broken != "") != (tc.err != nil) {
				t.Errorf("troubles %q", broken)
			}
			if _, mine, err := nights.ClaimNight(t.Context(), night.Night{ID: "next", Execution: "two"}, ""); !mine || err != nil {
				t.Errorf("the next night could not begin: %v", err)
			}
		})
	}
}

func TestANightTellsOfOrphans(t *testing.T) {
	for name, tc := range map[string]struct {
		flow    events.NightFlow
		orphans int
		trouble string
	}{
		"none of ours":     {events.NightFlow{Orphans: &events.FoundOrphans{Orphans: 3}}, 3, ""},
		"some that stayed": {events.NightFlow{Orphans: &events.FoundOrphans{Orphans: 3, Proven: 2, Gone: 4}}, 3, "2 resources of sandboxes that are gone could not be removed"},
		"nobody looked":    {events.NightFlow{NotLooked: &events.Failure{Error: "States.Timeout"}}, -1, "was not compared with the records: States.Timeout"},
	} {
		t.Run(name, func(t *testing.T) {
			clock, nights := &steptest.Clock{}, steptest.NewNights()
			n, _, err := nights.ClaimNight(t.Context(), night.Night{ID: night.IDAt(clock.Now()), StartedAt: clock.Now(), Status: night.Settling, Execution: "one"}, "")
			steptest.WantError(t, err, "")
			tc.flow.Night = n.ID
			_, err = endnight.New(nights, notice.Teller{}, clock.Now).Handle(t.Context(), tc.flow)
			steptest.WantError(t, err, "")
			got, err := nights.GetNight(t.Context(), n.ID)
			steptest.WantError(t, err, "")
			if told := strings.Join(got.Troubles, ""); got.Status != night.Done || !strings.Contains(told, tc.trouble) || (told == "") != (tc.trouble == "") {
				t.Errorf("%s, troubles %q", got.Status, told)
			}
			if (got.Orphans == nil) != (tc.orphans < 0) || got.Orphans != nil && *got.Orphans != tc.orphans {
				t.Errorf("orphans %v", got.Orphans)
			}
		})
	}
}
