package endnight_test

import (
	"context"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/smithy-go"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/functions/endnight"
	"github.com/mayfly-dev/mayfly/night"
	"github.com/mayfly-dev/mayfly/notice"
	"github.com/mayfly-dev/mayfly/steptest"
)

// bus is an event bus that keeps what is put on it, or refuses it.
type bus struct {
	told  []string
	fails error
}

func (b *bus) PutEvents(_ context.Context, in *eventbridge.PutEventsInput, _ ...func(*eventbridge.Options)) (*eventbridge.PutEventsOutput, error) {
	if b.fails != nil {
		return nil, b.fails
	}
	for _, entry := range in.Entries {
		b.told = append(b.told, *entry.DetailType+" "+*entry.Detail)
	}
	return &eventbridge.PutEventsOutput{}, nil
}

// TestANightTellsOfWhatItLeaves to a person, and of nothing else; and ends,
// though nobody could be told.
func TestANightTellsOfWhatItLeaves(t *testing.T) {
	refused := &smithy.GenericAPIError{Code: "AccessDeniedException", Message: "not authorized to perform: events:PutEvents"}
	for name, tc := range map[string]struct {
		quarantined int
		orphans     *events.FoundOrphans
		fails       error
		told        string
		trouble     string
	}{
		"nothing":            {0, &events.FoundOrphans{Orphans: 5}, nil, "", ""},
		"nobody looked":      {0, nil, nil, "", ""},
		"a sandbox":          {1, nil, nil, `"quarantined":1,"orphans":0,"message":"the night NIGHT left to a person: 1 sandbox failed too many nights to be tried again (mayfly nights NIGHT)"}`, ""},
		"sandboxes, orphans": {2, &events.FoundOrphans{Orphans: 9, Proven: 3}, nil, `"quarantined":2,"orphans":3,"message":"the night NIGHT left to a person: 2 sandboxes failed too many nights to be tried again (mayfly nights NIGHT); 3 resources of sandboxes that are gone could not be removed (mayfly orphans --last)"}`, "could not be removed"},
		"nobody to be told":  {1, nil, refused, "", "nobody could be told of what it left: put the event Mayfly Night: api error AccessDeniedException: not authorized"},
	} {
		t.Run(name, func(t *testing.T) {
			clock, nights, to := &steptest.Clock{}, steptest.NewNights(), &bus{fails: tc.fails}
			n, _, err := nights.ClaimNight(t.Context(), night.Night{ID: night.IDAt(clock.Now()), StartedAt: clock.Now(), Status: night.Settling, Execution: "one", Counts: night.Counts{Quarantined: tc.quarantined}}, "")
			steptest.WantError(t, err, "")
			step := endnight.New(nights, notice.Teller{Bus: to, Stage: "dev", Now: clock.Now}, clock.Now)
			_, err = step.Handle(t.Context(), events.NightFlow{Night: n.ID, Orphans: tc.orphans})
			steptest.WantError(t, err, "")
			want := tc.told
			if want != "" {
				want = strings.ReplaceAll(`Mayfly Night {"stage":"dev","night":"NIGHT",`+want, "NIGHT", n.ID)
			}
			if got := strings.Join(to.told, "\n"); got != want {
				t.Errorf("told %s, want %s", got, want)
			}
			got, err := nights.GetNight(t.Context(), n.ID)
			steptest.WantError(t, err, "")
			if trouble := strings.Join(got.Troubles, "\n"); got.Status != night.Done || !strings.Contains(trouble, tc.trouble) || (trouble == "") != (tc.trouble == "") {
				t.Errorf("%s, troubles %q", got.Status, trouble)
			}
		})
	}
}
